//! Compiles the rows below `data` into the table that the crate holds.

use std::{env, fs, path::Path};

use format::blob::{self, Contents};

#[path = "src/format/mod.rs"]
#[expect(dead_code, unreachable_pub, reason = "the crate's own module: it uses the rest")]
mod format;

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=data");
    println!("cargo::rerun-if-changed=src/format");
    let blob = blob::compile(&contents(Path::new("data"))?)?;
    let folder = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    fs::write(Path::new(&folder).join("catalog.bin"), blob).map_err(|error| error.to_string())
}

fn contents(data: &Path) -> Result<Contents, String> {
    let mut contents = Contents {
        aliases: pairs(&data.join("aliases.tsv"))?,
        sources: pairs(&data.join("sources.tsv"))?,
        ..Contents::default()
    };
    let models = data.join("models");
    let entries = fs::read_dir(&models).map_err(|error| said(&models, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| said(&models, &error))?.path();
        let text = fs::read_to_string(&path).map_err(|error| said(&path, &error))?;
        let rows = format::line::read(&text).map_err(|error| said(&path, &error))?;
        let known = |source: &String| contents.sources.contains_key(source);
        if let Some(row) = rows.iter().find(|row| !row.sources.iter().all(known)) {
            return Err(said(&path, &format!("a source of `{}` is not in sources.tsv", row.id)));
        }
        let kind = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        contents.kinds.insert(kind, rows);
    }
    Ok(contents)
}

/// Two columns, the first of them unique.
fn pairs(path: &Path) -> Result<std::collections::BTreeMap<String, String>, String> {
    let text = fs::read_to_string(path).map_err(|error| said(path, &error))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.map(|line| {
        let pair = line.split_once('\t').ok_or_else(|| said(path, &format!("`{line}`")))?;
        Ok((pair.0.to_owned(), pair.1.to_owned()))
    });
    pairs.collect()
}

fn said(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}
