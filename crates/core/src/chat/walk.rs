//! A reply's JSON taken apart without trusting its shape, so that policy sees every text that a
//! client might: members that stand there twice, halves of characters, values of the wrong type.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{Members, Text};

/// The members of a JSON object; none if it is something else.
pub(crate) fn members(json: &str) -> impl Iterator<Item = (Cow<'_, str>, &RawValue)> {
    let members = Members::of(json).unwrap_or_default();
    members.0.into_iter().map(|(name, value)| (name.0, value))
}

/// The values of a JSON array; none if it is something else.
pub(crate) fn items(json: &RawValue) -> impl Iterator<Item = &RawValue> {
    serde_json::from_str::<Vec<&RawValue>>(json.get()).unwrap_or_default().into_iter()
}

/// The text of a JSON string; `None` if it is something else.
pub(crate) fn text(json: &str) -> Option<Cow<'_, str>> {
    let text = json.starts_with('"').then(|| serde_json::from_str::<Text<'_>>(json).ok());
    Some(text??.0)
}

/// Every string in some JSON that is no member's name, as written: found in one pass.
pub(crate) fn strings(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        loop {
            let begin = &rest[rest.find('"')?..];
            let end = string_end(begin, 1)?;
            let (string, after) = begin.split_at(end);
            rest = after;
            if !after.trim_ascii_start().starts_with(':') {
                return Some(string);
            }
        }
    })
}

/// Where a string has ended of which this is the rest, from `at` on: behind its quote.
pub(crate) fn string_end(json: &str, mut at: usize) -> Option<usize> {
    let bytes = json.as_bytes();
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Whether a value says nothing.
pub(crate) fn is_nothing(json: &RawValue) -> bool {
    matches!(json.get(), "null" | "\"\"" | "[]" | "{}")
}
