//! Where text stands in documents, found without trusting their shape.

use std::ops::Range;

use bytes::Bytes;
use ferro_wire::{JsonDoc, offset_of, splice};
use serde_json::value::RawValue;

use crate::{
    Speaker,
    chat::walk::{items, members, text},
};

/// Whoever is shown a text of a request: who says it, the text, and where its JSON stands.
type See<'a> = dyn FnMut(Speaker, &str, Range<usize>) + 'a;

/// Members that hold names, addresses, seals and the bytes of media, and nothing that a model reads.
/// Any other string is taken for text, because a text that policy does not see is worse than a word
/// that it sees for nothing.
pub(super) const SILENT: &[&str] = &[
    "type",
    "id",
    "role",
    "status",
    "model",
    "url",
    "image_url",
    "file_url",
    "file_id",
    "file_data",
    "data",
    "media_type",
    "mime_type",
    "format",
    "detail",
    "call_id",
    "tool_use_id",
    "tool_call_id",
    "encrypted_content",
    "signature",
    "cache_control",
];

/// How deep a document is followed. What lies deeper is deeper than any dialect goes, and than a
/// thread's stack should.
const DEEPEST: usize = 64;

/// The members of a document in which a model finds something to read, with who says it.
type Reads = [(&'static str, Speaker)];

/// Shows every text of a request.
pub(crate) fn see_all(doc: &JsonDoc, reads: &Reads, see: &mut dyn FnMut(Speaker, &str)) {
    for (name, speaker) in reads {
        let member = doc.text(name).unwrap_or_default();
        asked(*speaker, &member, &mut |speaker, text, _| see(speaker, text));
    }
}

/// Replaces texts of a request by what `edit` returns. Returns whether anything has changed.
pub(crate) fn edit_all(
    doc: &mut JsonDoc,
    reads: &Reads,
    edit: &mut dyn FnMut(Speaker, &str) -> Option<String>,
) -> bool {
    let mut has_changed = false;
    for (name, speaker) in reads {
        let member = doc.text(name).unwrap_or_default().into_owned();
        let mut edits = Vec::new();
        asked(*speaker, &member, &mut |speaker, text, range| {
            edits.extend(edit(speaker, text).map(|new| (range, quoted(&new))));
        });
        if !edits.is_empty() {
            doc.set_text(name, splice(&member, edits));
            has_changed = true;
        }
    }
    has_changed
}

/// Shows every text of a document of which nobody knows the members.
pub(crate) fn see_whole(doc: &JsonDoc, see: &mut dyn FnMut(Speaker, &str)) {
    let body = doc.to_rope().to_bytes();
    asked(Speaker::User, &body, &mut |speaker, text, _| see(speaker, text));
}

/// The document with texts replaced by what `edit` returns; `None` if nothing has changed.
pub(crate) fn edited_whole(
    doc: &JsonDoc,
    edit: &mut dyn FnMut(Speaker, &str) -> Option<String>,
) -> Option<Bytes> {
    let (body, mut edits) = (doc.to_rope().to_bytes(), Vec::new());
    asked(Speaker::User, &body, &mut |speaker, text, range| {
        edits.extend(edit(speaker, text).map(|new| (range, quoted(&new))));
    });
    (!edits.is_empty()).then(|| splice(&body, edits))
}

/// Shows every text in a member of a request.
fn asked(speaker: Speaker, member: &[u8], see: &mut See<'_>) {
    let Ok(json) = std::str::from_utf8(member) else { return };
    walk(member, speaker, json, DEEPEST, see);
}

fn walk(whole: &[u8], speaker: Speaker, json: &str, depth: usize, see: &mut See<'_>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match json.trim_start().as_bytes().first() {
        Some(b'"') => {
            if let Some(words) = text(json.trim_start()) {
                see(speaker, &words, offset_of(whole, json.trim().as_bytes()));
            }
        }
        Some(b'[') => {
            let Ok(list) = serde_json::from_str::<&RawValue>(json) else { return };
            items(list).for_each(|item| walk(whole, speaker, item.get(), depth, see));
        }
        Some(b'{') => {
            let speaker = speaker_of(json).unwrap_or(speaker);
            for (name, value) in members(json) {
                if !SILENT.contains(&&*name) {
                    walk(whole, speaker, value.get(), depth, see);
                }
            }
        }
        _ => {}
    }
}

/// Who says what is in an object, where it tells.
fn speaker_of(object: &str) -> Option<Speaker> {
    let word = |wanted: &str| {
        members(object)
            .filter(|(name, _)| name == wanted)
            .find_map(|(_, value)| Some(text(value.get())?.into_owned()))
    };
    let by_kind = match word("type").as_deref() {
        Some("tool_use" | "function_call" | "custom_tool_call" | "mcp_call") => {
            Some(Speaker::ToolDefinition)
        }
        Some("tool_result" | "function_call_output" | "custom_tool_call_output") => {
            Some(Speaker::Tool)
        }
        Some("reasoning" | "thinking") => Some(Speaker::Assistant),
        _ => None,
    };
    by_kind.or_else(|| match word("role")?.as_str() {
        "system" | "developer" => Some(Speaker::System),
        "assistant" => Some(Speaker::Assistant),
        "tool" => Some(Speaker::Tool),
        "user" => Some(Speaker::User),
        _ => None,
    })
}

/// Shows every text of a reply, or of one of its events: what stands under one of these names, and
/// of which choice it is.
pub(super) fn told(names: &[&str], data: &str, see: &mut dyn FnMut(u32, &str, Range<usize>)) {
    if !names.is_empty() {
        heard((data, names), (0, false), data, DEEPEST, see);
    }
}

fn heard(
    of: (&str, &[&str]),
    (choice, is_said): (u32, bool),
    json: &str,
    depth: usize,
    see: &mut dyn FnMut(u32, &str, Range<usize>),
) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let json = json.trim();
    match json.as_bytes().first() {
        Some(b'"') if is_said => {
            if let Some(words) = text(json) {
                see(choice, &words, offset_of(of.0.as_bytes(), json.as_bytes()));
            }
        }
        Some(b'[') => {
            let Ok(list) = serde_json::from_str::<&RawValue>(json) else { return };
            items(list).for_each(|item| heard(of, (choice, is_said), item.get(), depth, see));
        }
        Some(b'{') => {
            let index = members(json).find(|(name, _)| name == "index");
            let index = index.and_then(|(_, value)| value.get().parse().ok());
            let choice = index.unwrap_or(choice);
            for (name, value) in members(json) {
                let is_said = is_said && !SILENT.contains(&&*name) || of.1.contains(&&*name);
                heard(of, (choice, is_said), value.get(), depth, see);
            }
        }
        _ => {}
    }
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> Bytes {
    let mut json = Vec::with_capacity(text.len() + 2);
    ferro_wire::write_string(&mut json, text);
    json.into()
}
