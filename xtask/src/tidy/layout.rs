//! Where things stand and what they are called.

use crate::{finding::Finding, manifest::Crate, tree::Tree};

/// What may stand at the top besides dot-files.
const TOP: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "bins",
    "clippy.toml",
    "config",
    "crates",
    "deny.toml",
    "deploy",
    "plugins",
    "providers",
    "rustfmt.toml",
    "xtask",
];

/// Module names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["common", "helpers", "misc", "types", "util", "utils"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = strangers(tree);
    for member in tree.crates() {
        if let Some(error) = &member.error {
            found.push(Finding::new(&member.path, 1, format!("does not parse: {error}")));
            continue;
        }
        let expected = expected_name(member);
        if member.name != expected {
            let message = format!("a crate in this folder is called `{expected}`");
            found.push(Finding::at(&member.path, &member.text, "name =", message));
        }
    }
    for source in tree.sources() {
        let mut parts = source.path.trim_end_matches(".rs").rsplit('/');
        if parts.any(|part| EMPTY_NAMES.contains(&part)) {
            let message = "a module's name says what is inside: give it a noun of the domain";
            found.push(Finding::new(&source.path, 1, message));
        }
    }
    found
}

fn strangers(tree: &Tree) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for (path, _) in tree.files() {
        let top = path.split('/').next().unwrap_or_default();
        let is_known = top.starts_with('.') || TOP.contains(&top);
        if !is_known && found.last().is_none_or(|finding| finding.path != top) {
            let message = "nothing else stands at the top: move it to the folder that it is about, \
                           or let .gitignore name it";
            found.push(Finding::new(top, 1, message));
        }
        if path.starts_with("rust-toolchain") {
            let message = "remove it: `rust-version` says what is needed, and a toolchain file \
                           makes every build fetch another";
            found.push(Finding::new(path, 1, message));
        }
    }
    found
}

fn expected_name(member: &Crate) -> String {
    match (member.room(), member.stem()) {
        ("crates", stem) => format!("ferro-{stem}"),
        ("providers", stem) => format!("ferro-provider-{stem}"),
        ("plugins", stem) => format!("ferro-plugin-{stem}"),
        ("xtask", "xtask") | ("bins", _) => member.stem().to_owned(),
        (room, stem) => format!("{room}-{stem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_and_wrong_names_are_found() {
        let tree = Tree::of(&[
            ("Cargo.toml", ""),
            (".github/ci.yml", ""),
            ("docs/a.md", ""),
            ("docs/b.md", ""),
            ("crates/core/Cargo.toml", "[package]\nname = \"core\"\n"),
            ("providers/acme/Cargo.toml", "[package]\nname = \"ferro-provider-acme\"\n"),
            ("providers/acme/src/utils.rs", ""),
            ("xtask/bench/Cargo.toml", "[package]\nname = \"xtask-bench\"\n"),
        ]);
        let found: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 3, "{found:#?}");
        assert!(found[0].starts_with("docs:1: nothing else"));
        assert_eq!(
            found[1],
            "crates/core/Cargo.toml:2: a crate in this folder is called `ferro-core`"
        );
        assert!(found[2].starts_with("providers/acme/src/utils.rs:1:"));
    }
}
