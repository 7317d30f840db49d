//! Files and functions that fit in a head; those that do not are listed here, with a reason.

use syn::{ImplItemFn, ItemFn, TraitItemFn, spanned::Spanned, visit::Visit};

use crate::{finding::Finding, source::Source, tree::Tree};

const MAX_FILE: usize = 400;
const MAX_FUNCTION: usize = 60;
/// A file whose functions are all this short is a table: it may be as long as it likes.
const MAX_FUNCTION_OF_TABLE: usize = 15;

/// What was looked at and found right as it is: a file, or a file and a function (`path#name`).
const REVIEWED: &[(&str, &str)] = &[];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    judge(tree, REVIEWED)
}

fn judge(tree: &Tree, reviewed: &[(&str, &str)]) -> Vec<Finding> {
    let loud: Vec<_> = tree.sources().iter().flat_map(loud).collect();
    let mut found: Vec<_> = loud
        .iter()
        .filter(|(name, _)| reviewed.iter().all(|(known, _)| known != name))
        .map(|(_, finding)| finding.clone())
        .collect();
    let stale = reviewed.iter().filter(|(known, _)| loud.iter().all(|(name, _)| name != known));
    found.extend(stale.map(|(known, _)| {
        let message = format!("`{known}` is not large any more: take it out of `REVIEWED`");
        Finding::new("xtask/src/tidy/sizes.rs", 1, message)
    }));
    found
}

fn loud(source: &Source) -> Vec<(String, Finding)> {
    if source.is_test() {
        return Vec::new();
    }
    let mut functions = Functions::default();
    if let Some(file) = &source.items {
        functions.visit_file(file);
    }
    functions.found.retain(|(_, line, _)| !source.is_test_line(*line));
    let longest = functions.found.iter().map(|(_, _, lines)| *lines).max().unwrap_or_default();
    let lines = source.lines().count();
    let mut loud = Vec::new();
    if lines > MAX_FILE && longest > MAX_FUNCTION_OF_TABLE {
        let message =
            format!("{lines} lines without tests, more than {MAX_FILE}: split it by idea");
        loud.push((source.path.clone(), Finding::new(&source.path, 1, message)));
    }
    for (name, line, lines) in functions.found.into_iter().filter(|f| f.2 > MAX_FUNCTION) {
        let message = format!("`{name}` has {lines} lines, more than {MAX_FUNCTION}: split it");
        let key = format!("{}#{name}", source.path);
        loud.push((key, Finding::new(&source.path, line, message)));
    }
    loud
}

/// Functions by name, first line and length.
#[derive(Default)]
struct Functions {
    found: Vec<(String, usize, usize)>,
}

impl Functions {
    fn add(&mut self, name: &syn::Ident, body: proc_macro2::Span) {
        let (start, end) = (body.start().line, body.end().line);
        self.found.push((name.to_string(), start, end - start + 1));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.add(&function.sig.ident, function.block.span());
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.add(&function.sig.ident, function.block.span());
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(body) = &function.default {
            self.add(&function.sig.ident, body.span());
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_body(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    step();\n".repeat(lines))
    }

    #[test]
    fn a_long_function_is_found_and_a_reviewed_one_is_not() {
        let long = with_body(70);
        let tree = Tree::of(&[("crates/a/src/a.rs", &long), ("crates/a/tests/a.rs", &long)]);
        let found = judge(&tree, &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].to_string().starts_with("crates/a/src/a.rs:1: `long` has 72 lines"));
        assert!(judge(&tree, &[("crates/a/src/a.rs#long", "a table")]).is_empty());
    }

    #[test]
    fn a_long_file_is_found_unless_it_is_a_table() {
        let table = format!("//! A.\n{}", "const A: u8 = 1;\n".repeat(500));
        let code = table.clone() + &with_body(20);
        let tree = Tree::of(&[("crates/a/src/table.rs", &table), ("crates/a/src/code.rs", &code)]);
        let found: Vec<_> = judge(&tree, &[]).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["crates/a/src/code.rs"]);
    }

    #[test]
    fn a_reviewed_entry_that_is_not_needed_is_found() {
        let found = judge(&Tree::of(&[]), &[("crates/a/src/a.rs", "it was long once")]);
        assert!(found[0].message.contains("not large any more"), "{found:?}");
    }
}
