//! What must not be seen of a file when a line of it is shown.

use crate::{
    document::{Entry, Kind, Node, Span},
    opaque::sounds_secret,
    secret_ref::only_refers,
    url_ref::secret_parts,
};

/// What stands where something is covered.
const COVER: char = '*';

/// What a file that was read holds that must not be seen.
pub(crate) fn of(entries: &[Entry], text: &str) -> Vec<Span> {
    let mut masks = Vec::new();
    for entry in entries {
        section(&entry.key, &entry.value, text, &mut masks);
    }
    masks
}

/// Every scalar below a value, but for those that only refer to variables.
pub(crate) fn all(node: &Node, masks: &mut Vec<Span>) {
    match &node.kind {
        Kind::Map(entries) => entries.iter().for_each(|entry| all(&entry.value, masks)),
        Kind::List(items) => items.iter().for_each(|(_, item)| all(item, masks)),
        Kind::Text(typed) if only_refers(typed) => {}
        _ => masks.push(node.span.clone()),
    }
}

fn section(key: &str, node: &Node, text: &str, masks: &mut Vec<Span>) {
    match (key, &node.kind) {
        ("headers" | "env" | "args" | "api_key", _) => all(node, masks),
        ("keys", Kind::List(items)) => items.iter().for_each(|(_, item)| one_key(item, masks)),
        ("keys", _) => all(node, masks),
        // A rule of a strategy compares the key with a name: no secret, unless a header is one.
        ("conditions" | "when", Kind::List(items)) => {
            items.iter().for_each(|(_, item)| condition(item, masks));
        }
        ("conditions" | "when", _) => {}
        ("config" | "settings", Kind::Map(entries)) => {
            entries.iter().for_each(|entry| opaque(&entry.key, &entry.value, text, masks));
        }
        (_, Kind::Map(entries)) => {
            entries.iter().for_each(|entry| section(&entry.key, &entry.value, text, masks));
        }
        (_, Kind::List(items)) => {
            items.iter().for_each(|(_, item)| section("", item, text, masks));
        }
        (_, Kind::Text(typed)) if typed.contains("://") => url(&node.span, text, masks),
        _ => {}
    }
}

/// What a condition compares with, where it looks at what may be a secret.
fn condition(item: &Node, masks: &mut Vec<Span>) {
    let Kind::Map(entries) = &item.kind else { return };
    let value = |name: &str| entries.iter().find(|entry| entry.key == name).map(|e| &e.value);
    let Some(Kind::Text(key)) = value("key").map(|node| &node.kind) else { return };
    let named = key.split_once(':').map_or("", |(_, name)| name);
    if let Some(value) = value("value").filter(|_| sounds_secret(named)) {
        all(value, masks);
    }
}

/// One of several keys: all of it but its weight.
fn one_key(item: &Node, masks: &mut Vec<Span>) {
    match &item.kind {
        Kind::Map(entries) => {
            let secret = entries.iter().filter(|entry| entry.key != "weight");
            secret.for_each(|entry| all(&entry.value, masks));
        }
        _ => all(item, masks),
    }
}

fn opaque(key: &str, node: &Node, text: &str, masks: &mut Vec<Span>) {
    match &node.kind {
        Kind::Map(entries) => {
            entries.iter().for_each(|entry| opaque(&entry.key, &entry.value, text, masks));
        }
        Kind::List(items) => items.iter().for_each(|(_, item)| opaque(key, item, text, masks)),
        Kind::Text(_) if sounds_secret(key) => all(node, masks),
        Kind::Text(typed) if typed.contains("://") => url(&node.span, text, masks),
        _ => {}
    }
}

fn url(span: &Span, text: &str, masks: &mut Vec<Span>) {
    let typed = text.get(span.clone()).unwrap_or_default();
    let parts = secret_parts(typed).into_iter();
    masks.extend(parts.map(|part| span.start + part.start..span.start + part.end));
}

/// What may be secret in a text that cannot be read: what stands behind a key that sounds like it,
/// and words that mix many letters and digits.
pub(crate) fn guess(text: &str) -> Vec<Span> {
    let mut masks = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        for word in words(line) {
            let place = start + word.start..start + word.end;
            let behind = line[word.end..].trim_start_matches(['"', '\'']).strip_prefix(':');
            let word = &line[word];
            if let Some(value) = behind.filter(|_| sounds_secret(word)) {
                let end = start + line.len();
                masks.push(end - value.len()..end);
            }
            let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
            if word.len() >= 16 && has(char::is_ascii_digit) && has(char::is_ascii_alphabetic) {
                masks.push(place);
            }
        }
        start += line.len();
    }
    masks
}

/// Where the words of a line stand.
fn words(line: &str) -> Vec<Span> {
    let mut words = Vec::new();
    let mut begun = None;
    let ends = |c: char| c.is_whitespace() || "\"',:{}[]".contains(c);
    for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
        match begun {
            None if !ends(c) => begun = Some(at),
            Some(start) if ends(c) => {
                words.push(start..at);
                begun = None;
            }
            _ => {}
        }
    }
    words
}

/// The line with what is secret covered, letter by letter, so that columns stay where they are. A
/// comment behind it is left out: it may say what the secret was.
pub(crate) fn cover(text: &str, line: Span, masks: &[Span]) -> String {
    let within = |mask: &&Span| mask.start < line.end && line.start < mask.end;
    let last = masks.iter().filter(within).map(|mask| mask.end.min(line.end)).max();
    let comment = last.and_then(|end| text[end..line.end].find(" #").map(|found| end + found));
    let is_covered = |at: usize| masks.iter().any(|mask| mask.contains(&at));
    let shown = text[line.start..comment.unwrap_or(line.end)].char_indices();
    let letters = shown
        .map(|(at, c)| if !c.is_whitespace() && is_covered(line.start + at) { COVER } else { c });
    letters.collect()
}
