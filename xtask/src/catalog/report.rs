//! What a person reads of the making: where the sources differ, what was left out, and the addresses.

use std::{collections::BTreeMap, fs, path::Path};

use super::{Made, genai::Collection, said};

/// Where the files of the collection by vendor are.
const FILES: &str = "https://github.com/Portkey-AI/models/blob/main";

/// Addresses by key: a page of the vendor for the collection of rules (others of them behind `#`), the
/// file itself for the collection by vendor.
pub(super) fn sources(collection: &Collection) -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    for provider in &collection.providers {
        for (index, page) in provider.pages.iter().enumerate() {
            let key = match index {
                0 => format!("genai/{}", provider.id),
                more => format!("genai/{}#{}", provider.id, more + 1),
            };
            sources.insert(key, page.clone());
        }
    }
    sources
}

/// Adds the addresses of files that rows name.
pub(super) fn files(made: &mut Made) {
    let rows = made.rows.values().flatten();
    let keys: Vec<_> = rows.flat_map(|row| row.sources.clone()).collect();
    for key in keys {
        let Some((folder, file)) = key.split_once('/') else { continue };
        if let Some(folder) = folder.strip_prefix("portkey-") {
            made.sources.insert(key.clone(), format!("{FILES}/{folder}/{file}.json"));
        }
    }
}

/// Writes `sources.tsv`, `disagreements.tsv` and `left-out.tsv`.
pub(super) fn write(made: &mut Made, data: &Path) -> Result<(), String> {
    made.disagreements.sort();
    let mut lines = vec!["kind\tid\tprice\tfirst\tsecond\ttaken\twhy".to_owned()];
    lines.extend(made.disagreements.iter().map(|d| {
        let columns = [&d.kind, &d.id, &d.key, &d.one, &d.other, &d.taken].map(String::as_str);
        format!("{}\t{}", columns.join("\t"), d.why)
    }));
    let text = lines.join("\n") + "\n";
    let sources = made.sources.iter().map(|(key, url)| format!("{key}\t{url}\n"));
    let left_out = made.left_out.iter().map(|(what, times)| format!("{times}\t{what}\n"));
    for (name, text) in [
        ("disagreements.tsv", text),
        ("sources.tsv", sources.collect()),
        ("left-out.tsv", left_out.collect()),
    ] {
        let path = data.join(name);
        fs::write(&path, text).map_err(|error| said(&path, &error))?;
    }
    Ok(())
}

/// Says what was made.
pub(super) fn print(made: &Made) {
    let models = made.rows.values().map(Vec::len).sum::<usize>();
    let rows = || made.rows.values().flatten();
    let priced = rows().filter(|row| !row.prices.is_empty()).count();
    let both = |row: &&super::format::row::Row| {
        let of = |start: &str| row.sources.iter().any(|source| source.starts_with(start));
        of("genai/") && of("portkey-")
    };
    let both = rows().filter(both).count();
    println!("{models} models of {} kinds; {priced} with prices", made.rows.len());
    println!("{both} are in both sources");
    let mut by_reason: BTreeMap<&str, usize> = BTreeMap::new();
    made.disagreements.iter().for_each(|d| *by_reason.entry(d.why).or_default() += 1);
    println!("{} facts on which sources differ, in disagreements.tsv:", made.disagreements.len());
    by_reason.iter().for_each(|(why, times)| println!("  {times:>5}  {why}"));
    println!("left out, in left-out.tsv:");
    made.left_out.iter().for_each(|(what, times)| println!("  {times:>5}  {what}"));
}
