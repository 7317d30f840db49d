//! How long models live, as vendors announce it: `crates/catalog/data/lives.tsv`, kept by hand.

use super::{
    Made,
    format::{date::Date, row::Stage},
};

/// Says it in the rows that it is about. A line is about one id of a kind, or with a `*` behind it
/// about all that begin so.
pub(super) fn read(text: &str, made: &mut Made) -> Result<(), String> {
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let wrong = |what: &str| format!("lives.tsv: `{line}` {what}");
        let columns: Vec<_> = line.split('\t').collect();
        let &[kind, id, since, sunset, successor, page] = columns.as_slice() else {
            return Err(wrong("has not six columns"));
        };
        let day = |text: &str| match text {
            "-" => Ok(None),
            day => Date::parse(day).map(Some),
        };
        let (deprecated, sunset) = (day(since)?, day(sunset)?);
        let key = format!("lives/{kind}");
        for row in made.meant(kind, id).map_err(wrong)? {
            row.lifecycle.stage = Stage::Deprecated;
            row.lifecycle.deprecated = deprecated;
            row.lifecycle.sunset = sunset;
            let successor = if successor == "-" { "" } else { successor };
            successor.clone_into(&mut row.lifecycle.successor);
            if !row.sources.contains(&key) {
                row.sources.push(key.clone());
            }
        }
        made.sources.insert(key, page.to_owned());
    }
    Ok(())
}
