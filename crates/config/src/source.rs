//! Where a configuration was read, so that whatever is found later is shown at its line.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    Diagnostic, Position,
    document::{Entry, Kind, Node, Span},
    finding::Finding,
    masks,
    paths::{at, join, parent},
};

/// Where a configuration was read: the text, and where each key stands in it. A configuration that
/// a program puts together has the default, which knows no text.
///
/// Two sources are always equal: where a configuration comes from is no part of what it says.
#[derive(Clone, Default)]
pub struct Source(Option<Arc<Inner>>);

#[derive(Clone)]
struct Inner {
    name: String,
    text: String,
    places: BTreeMap<String, Place>,
    masks: Vec<Span>,
    warnings: Vec<Finding>,
}

/// Where a key and its value stand.
#[derive(Clone)]
struct Place {
    key: Option<Span>,
    value: Span,
}

/// A line to be shown, with what is secret in it covered, and what is pointed at.
pub(crate) struct Excerpt<'a> {
    pub(crate) name: &'a str,
    pub(crate) line: String,
    pub(crate) number: usize,
    pub(crate) span: Span,
}

impl Source {
    /// Notes where everything stands.
    pub(crate) fn new(name: &str, text: &str, entries: &[Entry]) -> Self {
        let mut places = BTreeMap::new();
        note(entries, "", &mut places);
        let masks = masks::of(entries, text);
        Self::from_parts(name, text, places, masks)
    }

    /// The source of a text that cannot be read as a whole.
    pub(crate) fn broken(name: &str, text: &str) -> Self {
        Self::from_parts(name, text, BTreeMap::new(), masks::guess(text))
    }

    fn from_parts(
        name: &str,
        text: &str,
        places: BTreeMap<String, Place>,
        masks: Vec<Span>,
    ) -> Self {
        let (name, text) = (name.to_owned(), text.to_owned());
        Self(Some(Arc::new(Inner { name, text, places, masks, warnings: Vec::new() })))
    }

    /// Notes what reading it has found.
    pub(crate) fn note(&mut self, warnings: Vec<Finding>, covered: Vec<Span>) {
        if let Some(inner) = self.0.as_mut().map(Arc::make_mut) {
            inner.masks.extend(covered);
            inner.warnings = warnings;
        }
    }

    pub(crate) fn warnings(&self) -> &[Finding] {
        self.0.as_deref().map_or(&[], |inner| &inner.warnings)
    }

    /// What must not be seen of the text.
    pub(crate) fn masks(&self) -> &[Span] {
        self.0.as_deref().map_or(&[], |inner| &inner.masks)
    }

    /// Where a value stands.
    pub(crate) fn value(&self, path: &str) -> Option<Span> {
        self.place(path).map(|place| place.value.clone())
    }

    /// Where a key stands.
    pub(crate) fn key(&self, path: &str) -> Option<Span> {
        self.place(path).and_then(|place| place.key.clone())
    }

    /// Where a value stands, or what it would stand in.
    pub(crate) fn nearest(&self, path: &str) -> Option<Span> {
        let mut path = path;
        loop {
            match self.place(path) {
                Some(place) => return Some(place.value.clone()),
                None => path = parent(path)?,
            }
        }
    }

    fn place(&self, path: &str) -> Option<&Place> {
        self.0.as_deref()?.places.get(path)
    }

    /// The byte at a line and a column, both from 1.
    pub(crate) fn byte(&self, line: usize, column: usize) -> Option<usize> {
        let text = &self.0.as_deref()?.text;
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let chars = text[start..].chars().take_while(|c| *c != '\n').take(column - 1);
        Some(start + chars.map(char::len_utf8).sum::<usize>())
    }

    /// The line and the column of a byte.
    pub(crate) fn position(&self, byte: usize) -> Option<Position> {
        let before = self.0.as_deref()?.text.get(..byte)?;
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.matches('\n').count() + 1;
        Some(Position { line, column: before[start..].chars().count() + 1 })
    }

    /// The line in which a span begins.
    pub(crate) fn excerpt(&self, span: &Span) -> Option<Excerpt<'_>> {
        let inner = self.0.as_deref()?;
        let text = inner.text.as_str();
        let start = text.get(..span.start)?.rfind('\n').map_or(0, |end| end + 1);
        let end = text[span.start..].find('\n').map_or(text.len(), |end| span.start + end);
        let end = start + text[start..end].trim_end().len();
        let line = masks::cover(text, start..end, &inner.masks);
        // What is covered has as many characters as before, not as many bytes.
        let byte = |chars| line.char_indices().nth(chars).map_or(line.len(), |(at, _)| at);
        let from = text.get(start..span.start.min(end))?.chars().count();
        let within = text.get(span.start..span.end.min(end)).unwrap_or_default().chars().count();
        // At least one character, so that there is something to point at.
        let pointed_at = byte(from)..byte(from + within.max(1));
        let number = text[..start].matches('\n').count() + 1;
        Some(Excerpt { name: &inner.name, line, number, span: pointed_at })
    }

    pub(crate) fn diagnose(&self, finding: &Finding) -> Diagnostic {
        Diagnostic::new(finding.clone(), self.clone())
    }
}

/// Notes where the keys of a section, and all below them, stand.
fn note(entries: &[Entry], path: &str, places: &mut BTreeMap<String, Place>) {
    for entry in entries {
        let below = join(path, &entry.key);
        let place = Place { key: Some(entry.key_span.clone()), value: entry.value.span.clone() };
        note_below(&entry.value, &below, places);
        places.insert(below, place);
    }
}

fn note_below(node: &Node, path: &str, places: &mut BTreeMap<String, Place>) {
    match &node.kind {
        Kind::Map(entries) => note(entries, path, places),
        Kind::List(items) => {
            for (index, item) in items {
                let below = at(path, *index);
                note_below(item, &below, places);
                places.insert(below, Place { key: None, value: item.span.clone() });
            }
        }
        _ => {}
    }
}

impl PartialEq for Source {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the text, which may hold secrets.
        f.debug_tuple("Source").field(&self.0.as_deref().map(|inner| &inner.name)).finish()
    }
}
