//! `cargo xtask catalog`: makes the project's catalogue of models from public collections of facts,
//! and asks whether the pages that it names are still there.

mod check;
mod facts;
#[path = "../../../crates/catalog/src/format/mod.rs"]
#[expect(dead_code, unreachable_pub, reason = "the catalogue's own module: it uses the rest")]
mod format;
mod genai;
mod json;
mod kinds;
mod limits;
mod lives;
mod merge;
mod portkey;
mod report;
mod traits;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use facts::{Disagreement, Tally};
use format::{date::Date, line, row::Row};
use genai::Collection;
use kinds::Kind;

/// The crate's rows, below the project's root.
const DATA: &str = "crates/catalog/data";

/// Makes the catalogue, or checks its sources.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let data = crate::root().join(DATA);
    match arguments {
        ["check", options @ ..] => check::run(&data, options),
        ["--from", from] => make(Path::new(from), &data, today()?),
        ["--from", from, "--date", day] => make(Path::new(from), &data, Date::parse(day)?),
        _ => Err("catalog takes `--from DIR [--date YYYY-MM-DD]` or `check [--at-once N]`".into()),
    }
}

/// What is made, before it is written.
#[derive(Default)]
struct Made {
    /// Rows by kind.
    rows: BTreeMap<String, Vec<Row>>,
    disagreements: Vec<Disagreement>,
    /// What was left out, and how often.
    left_out: Tally,
    /// Addresses by the keys that rows name.
    sources: BTreeMap<String, String>,
}

impl Made {
    /// The rows that a line of a table kept by hand is about: one id of a kind, or with a `*` before or
    /// behind it all that end or begin so, or have it in them.
    fn meant(&mut self, kind: &str, id: &str) -> Result<Vec<&mut Row>, &'static str> {
        let rows = self.rows.get_mut(kind).ok_or("is of no kind")?;
        let is_meant = |known: &str| match (id.strip_prefix('*'), id.strip_suffix('*')) {
            (Some(_), Some(_)) => known.contains(id.trim_matches('*')),
            (None, Some(start)) => known.starts_with(start),
            (Some(end), None) => known.ends_with(end),
            (None, None) => known == id,
        };
        let meant: Vec<_> = rows.iter_mut().filter(|row| is_meant(&row.id)).collect();
        if meant.is_empty() { Err("is about no model that is known") } else { Ok(meant) }
    }
}

fn make(from: &Path, data: &Path, today: Date) -> Result<(), String> {
    let table = read(&data.join("kinds.tsv"))?;
    let collection = Collection::read(from, today)?;
    let mut made = Made { sources: report::sources(&collection), ..Made::default() };
    for kind in Kind::read(&table)? {
        let files = (kind.pricing.as_slice(), kind.general.as_slice());
        let by_file = portkey::read(from, files, &mut made.left_out)?;
        let providers: Vec<_> = collection.providers.iter().filter(|p| kind.is(p)).collect();
        let notes = (&mut made.disagreements, &mut made.left_out);
        let rows = merge::merge(&kind, by_file, &providers, notes);
        made.rows.insert(kind.name.clone(), rows);
    }
    lives::read(&read(&data.join("lives.tsv"))?, &mut made)?;
    limits::read(&read(&data.join("limits.tsv"))?, &mut made)?;
    let by_hour = "hours of a price that changes with the hour: the dearer is taken";
    made.left_out.insert(by_hour.to_owned(), collection.by_hour());
    write(&mut made, data, today)
}

fn write(made: &mut Made, data: &Path, today: Date) -> Result<(), String> {
    let models = data.join("models");
    fs::create_dir_all(&models).map_err(|error| said(&models, &error))?;
    let mut written = Vec::new();
    for (kind, rows) in &mut made.rows {
        let path = models.join(format!("{kind}.tsv"));
        let known = fs::read_to_string(&path).unwrap_or_default();
        let known = line::read(&known).unwrap_or_default();
        rows.iter_mut().for_each(|row| keep_day(row, &known, today));
        written.push(path.clone());
        fs::write(&path, line::write(rows)).map_err(|error| said(&path, &error))?;
    }
    remove_others(&models, &written)?;
    report::files(made);
    let named = made.rows.values().flatten().flat_map(|row| &row.sources);
    let named: std::collections::BTreeSet<&String> = named.collect();
    made.sources.retain(|key, _| named.contains(key) || key.contains('#'));
    if let Some(missing) = named.iter().find(|key| !made.sources.contains_key(**key)) {
        return Err(format!("no address is known for the source `{missing}`"));
    }
    report::write(made, data)?;
    report::print(made);
    Ok(())
}

/// A row that says what it said keeps the day on which it began to.
fn keep_day(row: &mut Row, known: &[Row], today: Date) {
    let before = known.iter().find(|before| before.id == row.id);
    let same = before.filter(|before| Row { updated: None, ..(*before).clone() } == *row);
    row.updated = same.and_then(|before| before.updated).or(Some(today));
}

/// Removes files of kinds that there are no more.
fn remove_others(folder: &Path, written: &[PathBuf]) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| said(folder, &error))? {
        let path = entry.map_err(|error| said(folder, &error))?.path();
        if !written.contains(&path) {
            fs::remove_file(&path).map_err(|error| said(&path, &error))?;
        }
    }
    Ok(())
}

/// The day on which this runs, in UTC.
fn today() -> Result<Date, String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    let days = u32::try_from(since.as_secs() / 86_400).map_err(|error| error.to_string())?;
    let mut year = 1970;
    let mut left = days;
    let length = |year| if Date::of(year, 2, 29).is_some() { 366 } else { 365 };
    while left >= length(year) {
        left -= length(year);
        year += 1;
    }
    let days = (1..=12).flat_map(|month| (1..=31).filter_map(move |d| Date::of(year, month, d)));
    days.into_iter().nth(left as usize).ok_or_else(|| "no such day".to_owned())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| said(path, &error))
}

fn said(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}
