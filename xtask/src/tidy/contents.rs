//! A crate's `lib.rs` is its table of contents: documentation, modules, what they offer.

use syn::{Item, spanned::Spanned};

use crate::{finding::Finding, source::Source, tree::Tree};

/// Lines of a `lib.rs` beyond its documentation.
const MAX_LINES: usize = 120;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.sources().iter().filter(|source| is_lib(&source.path)).flat_map(judge).collect()
}

/// A crate with one family or one policy is a single thing: its items may stand in `lib.rs`.
fn is_single(path: &str) -> bool {
    path.starts_with("providers/") || path.starts_with("plugins/")
}

fn is_lib(path: &str) -> bool {
    path.ends_with("/src/lib.rs") && !path.contains("/out-of-tree/")
}

fn judge(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    let items = source.items.iter().flat_map(|file| &file.items);
    let is_entry = |item: &Item| match item {
        Item::Use(_) | Item::ExternCrate(_) => true,
        Item::Mod(module) => module.content.is_none(),
        _ => is_single(&source.path),
    };
    for item in items.filter(|item| !is_entry(item)) {
        let line = item.span().start().line;
        if !source.is_test_line(line) {
            let message = "lib.rs lists modules and what they offer: move this into a module";
            found.push(Finding::new(&source.path, line, message));
        }
    }
    let lines = source.lines().filter(|(_, line)| !line.starts_with("//!")).count();
    if lines > MAX_LINES {
        let message = format!("{lines} lines besides documentation; {MAX_LINES} are enough");
        found.push(Finding::new(&source.path, 1, message));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logic_in_lib_is_found() {
        let logic = "//! A.\nmod a;\npub use a::A;\npub fn run() {}\n#[cfg(test)]\nmod tests {}\n";
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", logic),
            ("crates/a/src/a.rs", logic),
            ("providers/a/src/lib.rs", logic),
        ]);
        let found = check(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].to_string().starts_with("crates/a/src/lib.rs:4: lib.rs lists"));
    }
}
