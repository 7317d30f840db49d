//! What vendors said, kept in files: which fixtures there are, and where each says it comes from.

use std::collections::BTreeSet;

use crate::tree::Tree;

/// Where a fixture may come from, by the first word of its `source`.
pub(crate) const SOURCES: [&str; 4] = ["document", "sdk", "recorded", "constructed"];

/// A folder that holds a fixture.
#[derive(Debug)]
pub(crate) struct Fixture<'a> {
    pub(crate) folder: &'a str,
    /// The stem of the crate that it belongs to.
    pub(crate) provider: &'a str,
    /// The kind that it is about; empty if that is every kind of the crate.
    pub(crate) kind: &'a str,
    /// The first line of its `source`.
    pub(crate) source: Option<&'a str>,
}

impl Fixture<'_> {
    /// The first word of its source, without a colon.
    pub(crate) fn origin(&self) -> &str {
        let word = self.source.unwrap_or_default().split_whitespace().next().unwrap_or_default();
        word.trim_end_matches(':')
    }
}

/// The fixtures of all providers, in the order of their folders.
pub(crate) fn all(tree: &Tree) -> Vec<Fixture<'_>> {
    // What a vendor cannot have stands beside its cases, and is none.
    let paths =
        tree.files().map(|(path, _)| path).filter(|path| !path.ends_with("/impossible.txt"));
    let folders: BTreeSet<&str> = paths.filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
    let read = |folder: &'_ str| {
        let source = tree.text(&format!("{folder}/source"));
        source.map(|text| text.lines().next().unwrap_or_default())
    };
    let fixture = |folder| {
        let (provider, below) = place(folder)?;
        let kind = below.split('/').next().unwrap_or_default();
        let kind = if kind.starts_with('_') { "" } else { kind };
        Some(Fixture { folder, provider, kind, source: read(folder) })
    };
    folders.into_iter().filter_map(fixture).collect()
}

/// The crate that a folder of fixtures belongs to, and where it stands below.
fn place(folder: &str) -> Option<(&str, &str)> {
    let (provider, below) = folder.strip_prefix("providers/")?.split_once('/')?;
    Some((provider, below.strip_prefix("tests/fixtures/")?))
}
