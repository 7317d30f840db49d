//! A Rust file: its text, its items, and which of its lines are tests.

use std::ops::RangeInclusive;

use syn::{Attribute, Item, spanned::Spanned};

/// A Rust file.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    /// `None` if it does not parse: the compiler will say so.
    pub(crate) items: Option<syn::File>,
    tests: Vec<RangeInclusive<usize>>,
}

impl Source {
    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let items = syn::parse_file(text).ok();
        let tests = items.as_ref().map(|file| test_lines(&file.items)).unwrap_or_default();
        Self { path: path.to_owned(), text: text.to_owned(), items, tests }
    }

    /// Whether the whole file is a test, a benchmark or an example.
    pub(crate) fn is_test(&self) -> bool {
        is_test_path(&self.path)
    }

    /// Its lines with their numbers, without those of its tests.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let all = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        all.filter(|(number, _)| !self.is_test_line(*number))
    }

    pub(crate) fn is_test_line(&self, number: usize) -> bool {
        self.is_test() || self.tests.iter().any(|lines| lines.contains(&number))
    }
}

fn is_test_path(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.contains("/out-of-tree/")
        || path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples"))
}

fn test_lines(items: &[Item]) -> Vec<RangeInclusive<usize>> {
    let mut lines = Vec::new();
    for item in items {
        let attributes = attributes(item);
        if attributes.iter().any(is_cfg_test) {
            lines.push(item.span().start().line..=item.span().end().line);
        }
    }
    lines
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.meta.require_list().is_ok_and(|list| {
            list.tokens.to_string().split(|c: char| !c.is_alphanumeric()).any(|word| word == "test")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_tests_are_told_from_the_rest() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        let source = Source::parse("crates/a/src/a.rs", text);
        let lines: Vec<_> = source.lines().map(|(number, _)| number).collect();
        assert_eq!(lines, [1, 6]);
        assert!(Source::parse("crates/a/tests/a.rs", text).lines().next().is_none());
    }
}
