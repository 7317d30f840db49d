//! Edits of a request's messages. A conversation that none concerns is not taken apart; of one that
//! is, only the messages concerned are opened.
//!
//! Whether a message is concerned is seen by the names in it, written as everybody writes them: a
//! name that hides behind escapes is left for the vendor to refuse.

use std::borrow::Cow;

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError, Unsaid, chat::CallIds};
use ferro_wire::{JsonDoc, needle, offset_of, splice};
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Doc, fields::says_something, invalid};
use crate::MessageEdit;

/// Nine letters and digits.
const NINE: CallIds =
    CallIds { shortest: 9, longest: 9, takes: |byte| byte.is_ascii_alphanumeric() };

pub(super) fn edit(edits: &[MessageEdit], doc: &mut Doc<'_>) -> Result<(), ProviderError> {
    let Some(text) = concerned(edits, doc) else { return Ok(()) };
    let mut changed = Vec::new();
    for (index, raw) in listed(&text)?.into_iter().enumerate() {
        let raw = raw.get().as_bytes();
        if !edits.iter().any(|edit| edit.concerns(raw)) {
            continue;
        }
        let mut message = JsonDoc::parse(text.slice_ref(raw))
            .map_err(|error| invalid(format!("messages[{index}]: {error}")))?;
        let mut is_changed = false;
        for edit in edits {
            is_changed |= edit.apply(&mut message, index)?;
        }
        if is_changed {
            changed.push((offset_of(&text, raw), message.to_rope().to_bytes()));
        }
    }
    if !changed.is_empty() {
        doc.to_mut().set_text("messages", splice(&text, changed));
    }
    Ok(())
}

/// The members that are left out although they say something, each once.
pub(super) fn left_out(edits: &[MessageEdit], doc: &JsonDoc) -> Vec<Unsaid> {
    let mut found = Vec::new();
    for edit in edits {
        let MessageEdit::Without(names) = edit else { continue };
        let Some(text) = concerned(std::slice::from_ref(edit), doc) else { continue };
        for raw in listed(&text).into_iter().flatten() {
            let raw = raw.get().as_bytes();
            if !edit.concerns(raw) {
                continue;
            }
            let Ok(message) = JsonDoc::parse(text.slice_ref(raw)) else { continue };
            for name in *names {
                if says_something(&message, name) && !found.contains(name) {
                    found.push(*name);
                }
            }
        }
    }
    found.into_iter().map(|name| Unsaid(format!("messages[].{name}").into())).collect()
}

fn concerned(edits: &[MessageEdit], doc: &JsonDoc) -> Option<Bytes> {
    if edits.is_empty() {
        return None;
    }
    let text = doc.text("messages")?;
    let is_concerned = edits.iter().any(|edit| edit.concerns(&text));
    is_concerned.then(|| Bytes::from(text.into_owned()))
}

fn listed(text: &[u8]) -> Result<Vec<&RawValue>, ProviderError> {
    serde_json::from_slice(text).map_err(|error| invalid(format!("messages: {error}")))
}

impl MessageEdit {
    /// Whether a message, or one of several, may hold what this is about.
    fn concerns(&self, text: &[u8]) -> bool {
        match self {
            Self::Without(names) => names.iter().any(|name| holds(text, name)),
            Self::DeveloperIsSystem => holds(text, "developer"),
            Self::EmptyContentIsText => holds(text, "tool_calls"),
            Self::TextOnly | Self::TextJoined => needle(text, b"\"content\"", b'[').is_some(),
            Self::NineCharacterCalls => holds(text, "tool_calls") || holds(text, "tool_call_id"),
        }
    }

    /// Edits the message at `index`; whether anything changed.
    fn apply(&self, message: &mut JsonDoc, index: usize) -> Result<bool, ProviderError> {
        match self {
            Self::Without(names) => Ok(leave_out(message, names)),
            Self::DeveloperIsSystem => {
                let is_developer = message.text("role").is_some_and(|r| *r == *b"\"developer\"");
                if is_developer {
                    message.set("role", "system");
                }
                Ok(is_developer)
            }
            Self::EmptyContentIsText => {
                let calls = says_something(message, "tool_calls");
                let is_empty = message.text("content").is_none_or(|content| *content == *b"null");
                if calls && is_empty {
                    message.set("content", "");
                }
                Ok(calls && is_empty)
            }
            Self::TextOnly => match joined_text(message) {
                Joined::Text(text) => Ok(put(message, "content", &text)),
                Joined::Not => Ok(false),
                Joined::Other(part, kind) => Err(unsayable(index, part, &kind)),
            },
            Self::TextJoined => match joined_text(message) {
                Joined::Text(text) => Ok(put(message, "content", &text)),
                Joined::Not | Joined::Other(..) => Ok(false),
            },
            Self::NineCharacterCalls => Ok(rename_calls(message)),
        }
    }
}

/// Whether `name` stands there as a whole JSON string.
fn holds(text: &[u8], name: &str) -> bool {
    memmem::find_iter(text, name.as_bytes())
        .any(|at| at > 0 && text[at - 1] == b'"' && text.get(at + name.len()) == Some(&b'"'))
}

fn leave_out(message: &mut JsonDoc, names: &[&str]) -> bool {
    let mut is_changed = false;
    for name in names {
        if message.contains(name) {
            message.remove(name);
            is_changed = true;
        }
    }
    is_changed
}

fn put(message: &mut JsonDoc, name: &str, value: &str) -> bool {
    message.set(name, value);
    true
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(rename = "type", default, borrow)]
    kind: Cow<'a, str>,
    #[serde(default, borrow)]
    text: Option<Cow<'a, str>>,
}

enum Joined {
    /// The content is parts of text: this one.
    Text(String),
    /// The content is no list of parts.
    Not,
    /// The part at this place is of this other kind.
    Other(usize, String),
}

fn joined_text(message: &JsonDoc) -> Joined {
    let content = message.text("content").unwrap_or_default();
    if !content.starts_with(b"[") {
        return Joined::Not;
    }
    let Ok(parts) = serde_json::from_slice::<Vec<Part<'_>>>(&content) else { return Joined::Not };
    let mut joined = String::new();
    for (place, part) in parts.into_iter().enumerate() {
        let (true, Some(text)) = (part.kind == "text", part.text) else {
            return Joined::Other(place, part.kind.into_owned());
        };
        if place > 0 {
            joined.push('\n');
        }
        joined.push_str(&text);
    }
    Joined::Text(joined)
}

fn unsayable(message: usize, part: usize, kind: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Unsupported).with_message(format!(
        "messages[{message}].content[{part}] is of type `{kind}`, and this vendor takes text only"
    ))
}

#[derive(Deserialize)]
struct Called<'a> {
    #[serde(default, borrow)]
    id: Option<&'a RawValue>,
}

fn rename_calls(message: &mut JsonDoc) -> bool {
    let answered = message.get::<String>("tool_call_id").ok().flatten();
    let answered = answered.and_then(|id| renamed(&id));
    if let Some(id) = &answered {
        message.set("tool_call_id", id);
    }
    let calls = message.text("tool_calls").unwrap_or_default().into_owned();
    let mut edits = Vec::new();
    for call in serde_json::from_slice::<Vec<Called<'_>>>(&calls).into_iter().flatten() {
        let Some(raw) = call.id else { continue };
        let id = serde_json::from_str::<Cow<'_, str>>(raw.get()).ok();
        if let Some(id) = id.and_then(|id| renamed(&id)) {
            edits.push((offset_of(&calls, raw.get().as_bytes()), format!("\"{id}\"").into()));
        }
    }
    let is_renamed = !edits.is_empty();
    if is_renamed {
        message.set_text("tool_calls", splice(&calls, edits));
    }
    is_renamed || answered.is_some()
}

/// The name that stands for a call's, unless it fits.
fn renamed(id: &str) -> Option<String> {
    match NINE.fit(id) {
        Cow::Borrowed(_) => None,
        Cow::Owned(made) => Some(made),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(edits: &[MessageEdit], messages: &str) -> Result<String, ProviderError> {
        let body = format!(r#"{{"messages":{messages}}}"#);
        let doc = JsonDoc::parse(body.into_bytes()).unwrap();
        let mut doc = Cow::Borrowed(&doc);
        edit(edits, &mut doc)?;
        let sent = doc.text("messages").unwrap().into_owned();
        Ok(String::from_utf8(sent).unwrap())
    }

    #[test]
    fn a_conversation_that_no_edit_concerns_is_not_taken_apart() {
        let edits = [MessageEdit::Without(&["name"]), MessageEdit::DeveloperIsSystem];
        // Not a list of objects, which taking it apart would find out.
        let odd = r#"[ {"role":"user","content":"my name is developer"}, 5 ]"#;
        assert_eq!(edited(&edits, odd).unwrap(), odd);
    }

    #[test]
    fn members_go_and_the_bytes_around_them_stay() {
        let edits = [MessageEdit::Without(&["name", "reasoning_content"])];
        let messages = r#"[ {"role": "user", "name":"n", "content":"x" },{"reasoning_content":"r","role":"assistant","tool_calls":[{"function":{"name":"f"}}]}]"#;
        let sent = r#"[ {"role": "user", "content":"x" },{"role":"assistant","tool_calls":[{"function":{"name":"f"}}]}]"#;
        assert_eq!(edited(&edits, messages).unwrap(), sent);
        let doc = JsonDoc::parse(format!(r#"{{"messages":{messages}}}"#).into_bytes()).unwrap();
        let missed: Vec<_> = left_out(&edits, &doc).into_iter().map(|unsaid| unsaid.0).collect();
        assert_eq!(missed, ["messages[].name", "messages[].reasoning_content"]);
    }

    #[test]
    fn a_developer_is_called_system() {
        let edits = [MessageEdit::DeveloperIsSystem];
        let sent = edited(&edits, r#"[{"role":"developer","content":"\"developer\""}]"#).unwrap();
        assert_eq!(sent, r#"[{"role":"system","content":"\"developer\""}]"#);
    }

    #[test]
    fn content_beside_tool_calls_is_text() {
        let edits = [MessageEdit::EmptyContentIsText];
        let sent = edited(
            &edits,
            r#"[{"content":null,"tool_calls":[{}]},{"tool_calls":[{}]},{"content":null},{"content":"a","tool_calls":[{}]}]"#,
        );
        assert_eq!(
            sent.unwrap(),
            r#"[{"content":"","tool_calls":[{}]},{"tool_calls":[{}],"content":""},{"content":null},{"content":"a","tool_calls":[{}]}]"#
        );
    }

    #[test]
    fn parts_of_text_are_joined_and_another_part_is_named() {
        let texts =
            r#"[{"content":[{"type":"text","text":"a\n"},{"type":"text","text":"\"b\""}]}]"#;
        let joined = r#"[{"content":"a\n\n\"b\""}]"#;
        for edit in [MessageEdit::TextOnly, MessageEdit::TextJoined] {
            assert_eq!(edited(&[edit], texts).unwrap(), joined, "{edit:?}");
        }
        let image =
            r#"[{},{"content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{}}]}]"#;
        let error = edited(&[MessageEdit::TextOnly], image).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let words = error.message().unwrap();
        assert!(words.contains("messages[1].content[1]") && words.contains("image_url"), "{words}");
        assert_eq!(edited(&[MessageEdit::TextJoined], image).unwrap(), image);
    }

    #[test]
    fn a_call_and_its_result_are_renamed_alike() {
        let edits = [MessageEdit::NineCharacterCalls];
        let messages = r#"[{"tool_calls":[{"id":"call_1","function":{"arguments":"{\"id\":\"call_1\"}"}},{"id":"abcdefgh9"}]},{"role":"tool","tool_call_id":"call_1"}]"#;
        let id = NINE.fit("call_1");
        let sent = messages
            .replace(r#"[{"id":"call_1""#, &format!(r#"[{{"id":"{id}""#))
            .replace(r#"_id":"call_1""#, &format!(r#"_id":"{id}""#));
        assert_eq!(edited(&edits, messages).unwrap(), sent);
    }

    #[test]
    fn a_message_that_says_a_member_twice_is_refused() {
        let error = edited(&[MessageEdit::Without(&["name"])], r#"[{"name":"a","name":"b"}]"#);
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.message().unwrap().starts_with("messages[0]: "), "{error}");
    }
}
