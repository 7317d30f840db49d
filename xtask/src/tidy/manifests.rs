//! Every manifest takes from the workspace what is the same for all.

use toml::Value;

use crate::{finding::Finding, manifest::Crate, tree::Tree};

/// Keys of `[package]` that the workspace decides.
const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.crates().iter().filter(|member| member.error.is_none()).flat_map(judge).collect()
}

fn judge(member: &Crate) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |needle: &str, message: String| {
        found.push(Finding::at(&member.path, &member.text, needle, message));
    };
    let is_inherited = |value: Option<&Value>| {
        value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
    };
    let package = member.table.get("package");
    for key in INHERITED {
        if !is_inherited(package.and_then(|package| package.get(key))) {
            say(key, format!("write `{key}.workspace = true`: the workspace decides it"));
        }
    }
    if !is_inherited(member.table.get("lints")) {
        say("[lints]", "write `[lints]` with `workspace = true`".to_owned());
    }
    if member.description.is_empty() {
        say("[package]", "say in `description` what the crate is for".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_workspace_decides_is_inherited() {
        let good = "[package]\nname = \"ferro-a\"\ndescription = \"A\"\nversion.workspace = true\n\
                    edition.workspace = true\nrust-version.workspace = true\n\
                    license.workspace = true\npublish.workspace = true\n[lints]\nworkspace = true\n";
        let bad = good.replace("edition.workspace = true", "edition = \"2021\"");
        let bad = bad.replace("[lints]\nworkspace = true\n", "");
        let tree = Tree::of(&[("crates/a/Cargo.toml", good), ("crates/b/Cargo.toml", &bad)]);
        let found: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found[0].starts_with("crates/b/Cargo.toml:5: write `edition.workspace = true`"));
        assert!(found[1].contains("[lints]"));
    }
}
