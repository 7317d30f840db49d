//! A row as a line of text, made for diffs: one model a line, its columns between tabs.

use super::{
    date::Date,
    names::{CAPABILITIES, MODALITIES, SURFACES},
    price::Price,
    row::{Lifecycle, Row, Stage},
};

/// The first line of a file of rows.
pub const HEAD: &str =
    "id\tsurfaces\tcontext\toutput\tmodalities\tcapabilities\tlifecycle\tprices\tsources\tupdated";

/// Reads a file of rows; the error names the line.
///
/// # Errors
/// When the first line is not [`HEAD`], a line is no row, or an id stands twice.
pub fn read(text: &str) -> Result<Vec<Row>, String> {
    let mut lines = text.lines().enumerate();
    if lines.next().map(|(_, line)| line) != Some(HEAD) {
        return Err("line 1: not the head of a file of models".to_owned());
    }
    let mut rows: Vec<Row> = Vec::new();
    for (index, line) in lines {
        let row = parse(line).map_err(|error| format!("line {}: {error}", index + 1))?;
        let last = rows.last().map(|last| last.id.to_ascii_lowercase());
        if last.is_some_and(|last| last >= row.id.to_ascii_lowercase()) {
            return Err(format!("line {}: `{}` is out of order, or twice", index + 1, row.id));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Writes a file of rows in the order of their ids.
pub fn write(rows: &[Row]) -> String {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|row| row.id.to_ascii_lowercase());
    let mut text = format!("{HEAD}\n");
    for row in rows {
        text.push_str(&line(row));
        text.push('\n');
    }
    text
}

/// Reads a line.
///
/// # Errors
/// When it is no row.
pub fn parse(line: &str) -> Result<Row, String> {
    let columns: Vec<_> = line.split('\t').collect();
    let &[id, surfaces, context, output, modalities, capabilities, stage, prices, sources, updated] =
        columns.as_slice()
    else {
        return Err(format!("{} columns, not 10", columns.len()));
    };
    if id.is_empty() {
        return Err("no id".to_owned());
    }
    let (takes, gives) = modalities.split_once('>').unwrap_or((modalities, "-"));
    let mut row = Row {
        id: id.to_owned(),
        surfaces: SURFACES.parse(surfaces)?,
        context_window: count(context)?,
        max_output_tokens: count(output)?,
        takes: MODALITIES.parse(takes)?,
        gives: MODALITIES.parse(gives)?,
        capabilities: CAPABILITIES.parse(capabilities)?,
        lifecycle: lifecycle(stage)?,
        prices: words(prices, ' ').map(Price::parse).collect::<Result<_, _>>()?,
        sources: words(sources, ',').map(str::to_owned).collect(),
        updated: words(updated, ' ').next().map(Date::parse).transpose()?,
    };
    let written = row.prices.len();
    row.sort_prices();
    if row.prices.len() < written {
        return Err("two prices for the same".to_owned());
    }
    Ok(row)
}

/// Writes a line.
pub fn line(row: &Row) -> String {
    let Row { id, surfaces, context_window, max_output_tokens, takes, gives, .. } = row;
    let prices = row.prices.iter().map(Price::text).collect::<Vec<_>>().join(" ");
    let columns = [
        id.clone(),
        SURFACES.text(*surfaces),
        shown(*context_window),
        shown(*max_output_tokens),
        format!("{}>{}", MODALITIES.text(*takes), MODALITIES.text(*gives)),
        CAPABILITIES.text(row.capabilities),
        life(&row.lifecycle),
        or_dash(prices),
        or_dash(row.sources.join(",")),
        row.updated.map_or_else(|| "-".to_owned(), |day| day.to_string()),
    ];
    columns.join("\t")
}

fn lifecycle(text: &str) -> Result<Lifecycle, String> {
    let mut words = words(text, ' ');
    let stage = words.next().unwrap_or("ga");
    let stage = Stage::of(stage).ok_or_else(|| format!("`{stage}` is no stage of a life"))?;
    let mut life = Lifecycle { stage, ..Lifecycle::default() };
    for word in words {
        match word.split_once('=') {
            Some(("since", day)) => life.deprecated = Some(Date::parse(day)?),
            Some(("sunset", day)) => life.sunset = Some(Date::parse(day)?),
            Some(("successor", id)) => id.clone_into(&mut life.successor),
            _ => return Err(format!("`{word}` is none of since=, sunset=, successor=")),
        }
    }
    Ok(life)
}

fn life(life: &Lifecycle) -> String {
    let mut text = life.stage.name().to_owned();
    if let Some(day) = life.deprecated {
        text = format!("{text} since={day}");
    }
    if let Some(day) = life.sunset {
        text = format!("{text} sunset={day}");
    }
    if !life.successor.is_empty() {
        text = format!("{text} successor={}", life.successor);
    }
    text
}

fn count(text: &str) -> Result<u32, String> {
    if text == "-" {
        return Ok(0);
    }
    text.parse().map_err(|_| format!("`{text}` is not a number of tokens"))
}

fn shown(count: u32) -> String {
    if count == 0 { "-".to_owned() } else { count.to_string() }
}

fn words(text: &str, between: char) -> impl Iterator<Item = &str> {
    text.split(between).filter(|word| !word.is_empty() && *word != "-")
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}
