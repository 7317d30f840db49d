//! A vendor's or a client's name stays in the rooms that are about it, so that the rest works for
//! anybody.
//!
//! The names are the kinds of the providers plus `xtask/names.txt`. Tests, and examples in
//! documentation, may name whom they like.

use std::collections::BTreeSet;

use crate::{finding::Finding, source::Source, tree::Tree};

/// Rooms that are about a vendor, a client or a dialect.
const ROOMS: &[&str] = &[
    "bins/",
    "crates/bridges/",
    "crates/builtins/",
    "crates/catalog/",
    "crates/cli/src/clients",
    "crates/cli/src/migrate",
    "crates/dialect-",
    "crates/scripted/",
    "crates/testkit/",
    "providers/",
    "xtask/",
];

/// Names that were looked at where they stand: where, which, why.
const REVIEWED: &[Reviewed] = &[(
    "crates/core/",
    &["anthropic", "gemini", "openai"],
    "a surface is the request of one dialect, and says whose",
)];

type Reviewed = (&'static str, &'static [&'static str], &'static str);

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    judge(tree, REVIEWED)
}

fn judge(tree: &Tree, reviewed: &[Reviewed]) -> Vec<Finding> {
    let names = Names::of(tree);
    let strict =
        tree.sources().iter().filter(|s| !ROOMS.iter().any(|room| s.path.starts_with(room)));
    let said: Vec<_> = strict.flat_map(|source| names.said_in(source)).collect();
    let is_reviewed = |(path, _, name): &Said<'_>| {
        reviewed.iter().any(|(place, names, _)| path.starts_with(place) && names.contains(name))
    };
    let new = said.iter().filter(|said| !is_reviewed(said));
    let mut found: Vec<_> = new
        .map(|(path, line, name)| {
            let message = format!(
                "`{name}` is a vendor's or client's name: say what is meant, or move it to the \
                 room that is about it"
            );
            Finding::new(path, *line, message)
        })
        .collect();
    for (place, names, _) in reviewed {
        let is_said = |name: &str| said.iter().any(|s| s.0.starts_with(place) && s.2 == name);
        let stale = names.iter().filter(|name| !is_said(name));
        found.extend(stale.map(|name| {
            let message =
                format!("{place} does not say `{name}` any more: take it out of `REVIEWED`");
            Finding::new("xtask/src/tidy/names.rs", 1, message)
        }));
    }
    found
}

/// A path, a line, and the name that it says.
type Said<'a> = (&'a str, usize, &'a str);

/// What must not be said.
struct Names {
    /// Anywhere.
    words: BTreeSet<String>,
    /// As a whole string only, because the word is also an ordinary one.
    ordinary: BTreeSet<String>,
}

impl Names {
    fn of(tree: &Tree) -> Self {
        let listed = tree.text("xtask/names.txt").unwrap_or_default().lines();
        let listed = listed.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (ordinary, words): (Vec<_>, Vec<_>) = listed.partition(|line| line.starts_with('~'));
        let ordinary: BTreeSet<_> =
            ordinary.iter().map(|line| line.trim_start_matches('~').to_owned()).collect();
        let providers = tree.sources().iter().filter(|s| s.path.starts_with("providers/"));
        let kinds = providers.flat_map(|source| kinds(&source.text));
        let words = words.into_iter().map(str::to_owned).chain(kinds);
        let words = words.filter(|word| !ordinary.contains(word)).collect();
        Self { words, ordinary }
    }

    /// The lines of a file that say a name; examples in documentation may.
    fn said_in<'a>(&'a self, source: &'a Source) -> Vec<Said<'a>> {
        let mut found = Vec::new();
        let mut is_example = false;
        for (number, line) in source.lines() {
            let is_comment = line.trim_start().starts_with("//");
            if is_comment && line.contains("```") {
                is_example = !is_example;
            }
            is_example &= is_comment;
            if !is_example {
                found.extend(self.said(line).map(|name| (source.path.as_str(), number, name)));
            }
        }
        found
    }

    /// The first name that a line says.
    fn said(&self, line: &str) -> Option<&str> {
        let line = line.to_ascii_lowercase();
        let stands = |name: &str, is_edge: &dyn Fn(Option<char>) -> bool| {
            line.match_indices(name).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                is_edge(before) && is_edge(line[at + name.len()..].chars().next())
            })
        };
        let word_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let quote = |c: Option<char>| c == Some('"');
        let word = self.words.iter().rev().find(|name| stands(name, &word_edge));
        let word = word.or_else(|| self.ordinary.iter().find(|name| stands(name, &quote)));
        word.map(String::as_str)
    }
}

/// The kinds that a provider's source declares: in a row, or in a constant.
fn kinds(text: &str) -> impl Iterator<Item = String> {
    let declared =
        ["kind: \"", "KIND: &str = \""].into_iter().flat_map(|mark| text.split(mark).skip(1));
    let kinds = declared.filter_map(|rest| rest.split('"').next());
    kinds.filter(|kind| !kind.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_outside_its_room_is_found() {
        let engine = "//! An engine.\n//! ```\n//! ask(\"acme\");\n//! ```\n// as Acme's do\n\
                      fn together() {}\nconst KIND: &str = \"together\";\nconst ROBOT: u8 = 1;\n\
                      #[cfg(test)]\nmod tests {\n    const A: &str = \"acme\";\n}\n";
        let tree = Tree::of(&[
            ("xtask/names.txt", "# Clients.\nrobo-client\n~together\n"),
            (
                "providers/acme/src/lib.rs",
                "const KIND: &str = \"acme\";\nVendor { kind: \"together\" }",
            ),
            ("crates/engine/src/a.rs", engine),
            ("crates/dialect-openai/src/a.rs", engine),
        ]);
        let found = judge(&tree, &[]);
        let lines: Vec<_> = found.iter().map(|f| (f.path.as_str(), f.line)).collect();
        assert_eq!(
            lines,
            [("crates/engine/src/a.rs", 5), ("crates/engine/src/a.rs", 7)],
            "{found:#?}"
        );
        let reviewed = ("crates/engine/", &["acme", "together", "gone"][..], "a test");
        let found = judge(&tree, &[reviewed]);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].message.contains("does not say `gone` any more"), "{found:#?}");
    }
}
