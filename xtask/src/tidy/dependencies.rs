//! Dependencies are named once, at the root, and nothing is named that nobody uses.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::{
    finding::Finding,
    manifest::{Crate, Dependency, Kind},
    tree::Tree,
};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let text = tree.text("Cargo.toml").unwrap_or_default();
    let root: Table = text.parse().unwrap_or_default();
    let shared =
        root.get("workspace").and_then(|w| w.get("dependencies")).and_then(Value::as_table);
    let shared = shared.cloned().unwrap_or_default();
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for member in tree.crates() {
        for dependency in &member.dependencies {
            used.insert(dependency.name.as_str());
            let wrong = judge(dependency, shared.get(&dependency.name));
            let wrong = wrong.or_else(|| unnamed(tree, member, dependency));
            found.extend(
                wrong.map(|message| {
                    Finding::at(&member.path, &member.text, &dependency.name, message)
                }),
            );
        }
    }
    let unused = shared.keys().filter(|name| !used.contains(name.as_str()));
    found.extend(unused.map(|name| {
        let message = format!("no crate uses `{name}`: take the line out");
        Finding::at("Cargo.toml", text, &format!("{name} ="), message)
    }));
    found
}

fn judge(dependency: &Dependency, shared: Option<&Value>) -> Option<String> {
    let name = &dependency.name;
    if !dependency.is_inherited {
        return Some(format!(
            "write `{name}.workspace = true`, and the version in the root's \
             `[workspace.dependencies]`"
        ));
    }
    let is_bare = shared.and_then(|line| line.get("default-features")).and_then(Value::as_bool)
        == Some(false);
    (is_bare && dependency.default_features == Some(true)).then(|| {
        format!("`{name}` comes without its default features: name the ones that are needed")
    })
}

/// A dependency is used if its name stands in the crate's code.
fn unnamed(tree: &Tree, member: &Crate, dependency: &Dependency) -> Option<String> {
    let ident = dependency.name.replace('-', "_");
    let folder = format!("{}/", member.folder);
    let mut own = tree.sources().iter().filter(|source| source.path.starts_with(&folder));
    let is_named = own.any(|source| {
        let mut lines = source.text.lines();
        lines.any(|line| {
            line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|w| w == ident)
        })
    });
    let what = if dependency.kind == Kind::Dev { "no test" } else { "no code" };
    (!is_named).then(|| format!("{what} here names `{ident}`: take the dependency out"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_inherited_and_used() {
        let root = "[workspace.dependencies]\nbytes = \"1\"\nhttp = \"1\"\n\
                    rustls = { version = \"0.23\", default-features = false }\n";
        let member = "[package]\nname = \"ferro-a\"\n[dependencies]\nbytes = \"1\"\n\
                      rustls = { workspace = true, default-features = true }\nlog.workspace = true\n";
        let tree = Tree::of(&[
            ("Cargo.toml", root),
            ("crates/a/Cargo.toml", member),
            ("crates/a/src/lib.rs", "use bytes::Bytes;\nuse rustls::X;\n"),
        ]);
        let found: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[0].starts_with("crates/a/Cargo.toml:4: write `bytes.workspace = true`"));
        assert!(found[1].contains("no code here names `log`"));
        assert!(found[2].contains("`rustls` comes without its default features"));
        assert_eq!(found[3], "Cargo.toml:3: no crate uses `http`: take the line out");
    }
}
