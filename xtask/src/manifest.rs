//! A crate as its manifest describes it.

use toml::{Table, Value};

/// A member of the workspace.
pub(crate) struct Crate {
    /// `crates/core`.
    pub(crate) folder: String,
    /// `crates/core/Cargo.toml`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) floor: Floor,
    pub(crate) dependencies: Vec<Dependency>,
    /// Empty if the manifest could not be read, which `error` then says.
    pub(crate) table: Table,
    pub(crate) error: Option<String>,
}

/// Where a crate stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Floor {
    Number(i64),
    Beside,
    Undeclared,
}

/// One line of a dependency table.
pub(crate) struct Dependency {
    /// The key in the table.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) is_inherited: bool,
    pub(crate) is_optional: bool,
    pub(crate) default_features: Option<bool>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Normal,
    Dev,
    Build,
}

impl Crate {
    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let (table, error) = match text.parse::<Table>() {
            Ok(table) => (table, None),
            Err(error) => (Table::new(), Some(error.message().to_owned())),
        };
        let package = |key: &str| table.get("package")?.get(key)?.as_str().map(str::to_owned);
        Self {
            folder: path.trim_end_matches("/Cargo.toml").to_owned(),
            path: path.to_owned(),
            text: text.to_owned(),
            name: package("name").unwrap_or_default(),
            description: package("description").unwrap_or_default(),
            floor: floor(&table),
            dependencies: dependencies(&table),
            table,
            error,
        }
    }

    /// The last part of the folder: `core`.
    pub(crate) fn stem(&self) -> &str {
        self.folder.rsplit('/').next().unwrap_or_default()
    }

    /// The first part of the folder: `crates`.
    pub(crate) fn room(&self) -> &str {
        self.folder.split('/').next().unwrap_or_default()
    }

    /// The words of `[features]`, without `default`.
    pub(crate) fn features(&self) -> Vec<&str> {
        let features = self.table.get("features").and_then(Value::as_table);
        let names = features.into_iter().flat_map(Table::keys).map(String::as_str);
        names.filter(|name| *name != "default").collect()
    }

    /// A word under `[package.metadata.ferro]`.
    pub(crate) fn metadata(&self, key: &str) -> Option<&Value> {
        metadata(&self.table, key)
    }
}

fn metadata<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    table.get("package")?.get("metadata")?.get("ferro")?.get(key)
}

fn floor(table: &Table) -> Floor {
    match metadata(table, "floor") {
        Some(Value::Integer(floor)) => Floor::Number(*floor),
        Some(Value::String(word)) if word == "beside" => Floor::Beside,
        _ => Floor::Undeclared,
    }
}

fn dependencies(table: &Table) -> Vec<Dependency> {
    let targets = table.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let mut found = Vec::new();
    for table in std::iter::once(table).chain(targets) {
        for (section, kind) in [
            ("dependencies", Kind::Normal),
            ("dev-dependencies", Kind::Dev),
            ("build-dependencies", Kind::Build),
        ] {
            let lines = table.get(section).and_then(Value::as_table);
            found.extend(lines.into_iter().flatten().map(|(name, line)| {
                let says = |key: &str| line.get(key).and_then(Value::as_bool);
                Dependency {
                    name: name.clone(),
                    kind,
                    is_inherited: says("workspace") == Some(true),
                    is_optional: says("optional") == Some(true),
                    default_features: says("default-features"),
                }
            }));
        }
    }
    found
}
