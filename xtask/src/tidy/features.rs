//! A feature says what it adds, in a `##` line above it.

use crate::{finding::Finding, tree::Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in tree.crates() {
        for feature in member.features() {
            let lines: Vec<_> = member.text.lines().collect();
            // A dependency may have the same name.
            let begin = lines.iter().position(|line| *line == "[features]").unwrap_or_default();
            let is_it = |line: &&str| line.starts_with(&format!("{feature} ="));
            let line = lines[begin..].iter().position(is_it).map(|line| begin + line);
            let above = line.and_then(|line| lines.get(line.checked_sub(1)?));
            if !above.is_some_and(|above| above.starts_with("## ")) {
                let message = format!("say in a `## ` line above what `{feature}` adds");
                found.push(Finding::new(&member.path, line.map_or(1, |line| line + 1), message));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_without_a_word_is_found() {
        let text =
            "[package]\nname = \"ferro-a\"\n[features]\ndefault = [\"x\"]\n## X.\nx = []\ny = []\n";
        let found = check(&Tree::of(&[("crates/a/Cargo.toml", text)]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].to_string().starts_with("crates/a/Cargo.toml:7: say in a `## ` line"));
    }
}
