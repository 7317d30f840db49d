//! Finding a value by figment's path, and taking it out so that what is beside it can be read.

use super::{Entry, Kind, Node};
use crate::paths::{at, join};

/// Sections whose keys are not ours: nothing in them is taken for a comment or for absent.
const FREE_FORM: &[&str] = &["config", "settings"];

/// Names that people give, with values of one kind.
const NAMED: &[&str] = &["aliases", "context_fallback", "env", "headers"];

/// Takes out what says nothing: keys that begin with `_`, which are comments where a format has
/// none, and keys without a value.
pub(crate) fn strip(entries: &mut Vec<Entry>) {
    entries.retain(|entry| !entry.key.starts_with('_') && !matches!(entry.value.kind, Kind::Null));
    for entry in entries.iter_mut() {
        let key = entry.key.as_str();
        match &mut entry.value.kind {
            _ if FREE_FORM.contains(&key) => {}
            Kind::Map(named) if NAMED.contains(&key) => {
                named.retain(|entry| !matches!(entry.value.kind, Kind::Null));
            }
            Kind::Map(below) => strip(below),
            Kind::List(items) => strip_list(items),
            _ => {}
        }
    }
}

fn strip_list(items: &mut [(usize, Node)]) {
    for (_, item) in items {
        if let Kind::Map(below) = &mut item.kind {
            strip(below);
        }
    }
}

/// The value that figment's path leads to, with its path in the file.
pub(crate) fn locate<'a>(
    entries: &'a mut [Entry],
    steps: &[String],
) -> Option<(String, &'a mut Node)> {
    let (first, rest) = steps.split_first()?;
    let entry = entries.iter_mut().find(|entry| entry.key == *first)?;
    let mut path = first.clone();
    let mut node = &mut entry.value;
    for step in rest {
        node = match &mut node.kind {
            Kind::Map(entries) => {
                path = join(&path, step);
                &mut entries.iter_mut().find(|entry| entry.key == *step)?.value
            }
            Kind::List(items) => {
                let (index, item) = items.get_mut(step.parse::<usize>().ok()?)?;
                path = at(&path, *index);
                item
            }
            _ => return None,
        };
    }
    Some((path, node))
}

/// Takes out the value that figment's path leads to.
pub(crate) fn remove(entries: &mut Vec<Entry>, steps: &[String]) {
    let Some((last, above)) = steps.split_last() else { return };
    if above.is_empty() {
        return entries.retain(|entry| entry.key != *last);
    }
    let Some((_, node)) = locate(entries, above) else { return };
    match &mut node.kind {
        Kind::Map(entries) => entries.retain(|entry| entry.key != *last),
        Kind::List(items) => {
            if let Some(index) = last.parse::<usize>().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}
