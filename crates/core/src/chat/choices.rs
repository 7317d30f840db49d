//! Where text stands in a chat reply: in a chunk's deltas, or in a whole reply's messages.

use std::ops::Range;

use bytes::Bytes;
use ferro_wire::{offset_of, splice};
use serde_json::value::RawValue;

use super::walk::{self, is_nothing, items, members, text};
use crate::Finish;

/// Whoever is shown a text: which choice it belongs to, the text, and where its JSON stands.
type See<'a> = dyn FnMut(u32, &str, Range<usize>) + 'a;

pub(super) fn see_choices(data: &[u8], see: &mut dyn FnMut(u32, &str)) {
    visit(&String::from_utf8_lossy(data), &mut |choice, text, _| see(choice, text));
}

/// Replaces texts; `None` if nothing changed.
pub(super) fn edit_choices(
    data: &[u8],
    edit: &mut dyn FnMut(u32, &str) -> Option<String>,
) -> Option<Bytes> {
    let mut edits = Vec::new();
    let data = String::from_utf8_lossy(data);
    visit(&data, &mut |choice, text, range| {
        if let Some(new) = edit(choice, text) {
            let json = serde_json::to_vec(&new).expect("a string is JSON");
            edits.push((range, Bytes::from(json)));
        }
    });
    (!edits.is_empty()).then(|| splice(data.as_bytes(), edits))
}

/// Why a choice stopped.
pub(crate) fn finish_of(data: &[u8], choice: u32) -> Option<Finish> {
    let data = String::from_utf8_lossy(data);
    choices(&data).filter(|c| index(c) == choice).find_map(|choice| {
        let mut reasons = members(choice.get()).filter(|(name, _)| name == "finish_reason");
        reasons.find_map(|(_, reason)| serde_json::from_str::<Option<Finish>>(reason.get()).ok()?)
    })
}

/// Whether a chunk only says that an answer begins: who speaks, and not a word of it.
pub(crate) fn says_nothing(data: &[u8]) -> bool {
    let Ok(data) = std::str::from_utf8(data) else { return false };
    let mut has_choices = false;
    let is_nothing = members(data).all(|(name, value)| match &*name {
        "choices" => {
            has_choices = true;
            items(value).all(is_silent)
        }
        "usage" | "error" => is_nothing(value),
        _ => true,
    });
    has_choices && is_nothing
}

fn is_silent(choice: &RawValue) -> bool {
    members(choice.get()).all(|(name, value)| match &*name {
        "index" => true,
        "delta" => members(value.get()).all(|(name, said)| name == "role" || is_nothing(said)),
        _ => is_nothing(value),
    })
}

fn choices(data: &str) -> impl Iterator<Item = &RawValue> {
    members(data).filter(|(name, _)| name == "choices").flat_map(|(_, choices)| items(choices))
}

fn index(choice: &RawValue) -> u32 {
    let index = members(choice.get()).filter(|(name, _)| name == "index").last();
    index.and_then(|(_, index)| index.get().parse().ok()).unwrap_or_default()
}

fn visit(data: &str, see: &mut See<'_>) {
    for choice in choices(data) {
        let index = index(choice);
        let mut show = |value: &RawValue| {
            if let Some(text) = text(value.get()) {
                see(index, &text, offset_of(data.as_bytes(), value.get().as_bytes()));
            }
        };
        for (name, value) in members(choice.get()) {
            if matches!(&*name, "delta" | "message") {
                members(value.get()).for_each(|(name, value)| said(&name, value, &mut show));
            }
        }
    }
}

/// One member of a delta or a message: what is said, thought, refused, spoken, or asked of a tool.
fn said(name: &str, value: &RawValue, show: &mut dyn FnMut(&RawValue)) {
    let named = |value: &RawValue, names: &[&str], show: &mut dyn FnMut(&RawValue)| {
        let found = members(value.get()).filter(|(name, _)| names.contains(&&**name));
        found.for_each(|(_, value)| show(value));
    };
    match name {
        "content" | "reasoning_content" | "reasoning" | "refusal" | "reasoning_details" => {
            show(value);
            let parts = ["text", "refusal", "summary"];
            items(value).for_each(|part| named(part, &parts, show));
        }
        // What a vendor says that the wire has no place for: its texts may stand anywhere.
        "content_parts" | "content_blocks" => {
            let each = walk::strings(value.get()).map(serde_json::from_str);
            each.filter_map(Result::ok).for_each(show);
        }
        "function_call" => named(value, &["arguments"], show),
        "audio" => named(value, &["transcript"], show),
        "tool_calls" => {
            for call in items(value) {
                for (name, value) in members(call.get()) {
                    match &*name {
                        "function" => named(value, &["arguments"], show),
                        "custom" => named(value, &["input"], show),
                        _ => {}
                    }
                }
            }
        }
        _ => {}
    }
}
