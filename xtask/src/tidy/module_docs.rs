//! Every file begins with a sentence of purpose.

use crate::{finding::Finding, tree::Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let silent = tree.sources().iter().filter(|source| {
        let first = source.text.lines().next().unwrap_or_default();
        first.strip_prefix("//! ").is_none_or(|words| words.trim().is_empty())
    });
    let message = "begin with `//! ` and one sentence that says what the file is for";
    silent.map(|source| Finding::new(&source.path, 1, message)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_purpose_is_found() {
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", "//! A.\n"),
            ("crates/a/src/b.rs", "use a::B;\n"),
            ("crates/a/tests/c.rs", "//!\n"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["crates/a/src/b.rs", "crates/a/tests/c.rs"]);
    }
}
