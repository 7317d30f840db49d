//! Content as a list of parts, said as the wire says it: text in `content`, thoughts in
//! `reasoning_content`.
//!
//! Only that member is written anew; the bytes around it stay. What has no place on the wire stands
//! beside it in `content_parts`, as it came: a part that is neither, a reference for one, and a thought
//! with a signature.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;
use ferro_wire::{offset_of, splice, sse};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

type Edit = (Range<usize>, Bytes);

const KEY: &[u8] = b"\"content\"";

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(default, borrow)]
    choices: Vec<Said<'a>>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(default, borrow)]
    message: Option<Message<'a>>,
    #[serde(default, borrow)]
    delta: Option<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default, borrow)]
    content: Option<&'a RawValue>,
    #[serde(default, borrow)]
    reasoning_content: Option<&'a RawValue>,
}

/// A whole reply whose lists are strings; `None` if it has no list.
pub(super) fn in_reply(body: &[u8]) -> Option<Bytes> {
    let edits = edits(body);
    (!edits.is_empty()).then(|| splice(body, edits))
}

/// An event whose lists are strings; `None` if it has no list.
pub(super) fn in_event(event: sse::Event<'_>) -> Option<Bytes> {
    let data = event.data();
    let mut edits = edits(&data);
    if edits.is_empty() {
        return None;
    }
    match data {
        Cow::Borrowed(data) => {
            let start = offset_of(event.raw, data).start;
            for (range, _) in &mut edits {
                *range = range.start + start..range.end + start;
            }
            Some(splice(event.raw, edits))
        }
        // Data on several lines has no text of its own among the event's bytes.
        Cow::Owned(data) => {
            let mut out = Vec::with_capacity(event.raw.len());
            let name = event.name().and_then(|name| std::str::from_utf8(name).ok());
            sse::write(&mut out, name, &splice(&data, edits));
            Some(out.into())
        }
    }
}

fn edits(text: &[u8]) -> Vec<Edit> {
    let Ok(reply) = serde_json::from_slice::<Reply<'_>>(text) else { return Vec::new() };
    let mut edits = Vec::new();
    for said in &reply.choices {
        if let Some(message) = &said.message {
            message.edit(text, false, &mut edits);
        }
        if let Some(delta) = &said.delta {
            delta.edit(text, true, &mut edits);
        }
    }
    edits
}

impl Message<'_> {
    /// A whole message has content even if it is empty; a delta says what is new only.
    fn edit(&self, text: &[u8], is_delta: bool, edits: &mut Vec<Edit>) {
        let Some(content) = self.content.filter(|raw| raw.get().starts_with('[')) else { return };
        let Ok(parts) = serde_json::from_str::<Vec<&RawValue>>(content.get()) else { return };
        let Parts { words, mut thoughts, others } = Parts::read(&parts);
        let others = match &others[..] {
            [] => String::new(),
            others => format!(",\"content_parts\":[{}]", others.join(",")),
        };
        let mut place = offset_of(text, content.get().as_bytes());
        if self.reasoning_content.is_some() {
            thoughts = None; // It says its thoughts where they belong.
        }
        let Some(thoughts) = thoughts.map(|thoughts| json(&thoughts)) else {
            let words = json(&words.unwrap_or_default());
            edits.push((place, format!("{words}{others}").into()));
            return;
        };
        let member = format!("\"reasoning_content\":{thoughts}");
        let new = match (words, key_before(text, place.start)) {
            (None, Some(key)) if is_delta => {
                place.start = key;
                format!("{member}{others}")
            }
            (words, _) => format!("{},{member}{others}", json(&words.unwrap_or_default())),
        };
        edits.push((place, new.into()));
    }
}

/// What a list says; `None` where no part says anything of that kind.
#[derive(Default)]
struct Parts<'a> {
    words: Option<String>,
    thoughts: Option<String>,
    /// What has no place on the wire, as it came.
    others: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    fn read(parts: &[&'a RawValue]) -> Self {
        let mut read = Self::default();
        for raw in parts {
            // A number that no reader of trees can hold makes no text either.
            let part: Value = serde_json::from_str(raw.get()).unwrap_or_default();
            let into = match part.get("type").and_then(Value::as_str) {
                Some("thinking" | "reasoning") => {
                    read.others.extend(is_sealed(&part).then(|| raw.get()));
                    &mut read.thoughts
                }
                Some("text") => &mut read.words,
                None if part.is_object() || part.is_string() => &mut read.words,
                _ => {
                    read.others.push(raw.get());
                    continue;
                }
            };
            say(&part, into.get_or_insert_default());
        }
        read
    }
}

/// Where a part has its words: a string, or a list of parts of its own.
const WORDS: &[&str] = &["thinking", "reasoning", "summary", "text"];

fn say(value: &Value, into: &mut String) {
    match value {
        Value::String(words) => into.push_str(words),
        Value::Array(parts) => parts.iter().for_each(|part| say(part, into)),
        Value::Object(part) => {
            if let Some(words) = WORDS.iter().find_map(|name| part.get(*name)) {
                say(words, into);
            }
        }
        _ => {}
    }
}

/// Whether a thought carries a signature, without which it is not taken back.
fn is_sealed(value: &Value) -> bool {
    match value {
        Value::Array(parts) => parts.iter().any(is_sealed),
        Value::Object(part) => part.iter().any(|(name, value)| {
            let is_seal =
                name == "signature" && value.as_str().is_some_and(|seal| !seal.is_empty());
            is_seal || is_sealed(value)
        }),
        _ => false,
    }
}

/// Where the key of the value that starts at `at` stands.
fn key_before(text: &[u8], at: usize) -> Option<usize> {
    let before = text[..at].trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
    Some(before.strip_suffix(KEY)?.len())
}

fn json(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const THOUGHT: &str = r#"{"type":"thinking","thinking":[{"type":"text","text":"Two\n"},{"type":"text","text":"and"}]}"#;

    fn whole(message: &str) -> Option<String> {
        let edited = in_reply(format!(r#"{{"choices":[{{"message":{message}}}]}}"#).as_bytes())?;
        let text = std::str::from_utf8(&edited).unwrap();
        let message = text.strip_prefix(r#"{"choices":[{"message":"#).unwrap();
        Some(message.strip_suffix("}]}").unwrap().to_owned())
    }

    fn event(before: &str, data: &str) -> Option<String> {
        let raw = format!("{before}data: {data}\n\n");
        let edited = in_event(sse::Event { raw: raw.as_bytes() })?;
        Some(String::from_utf8(edited.to_vec()).unwrap())
    }

    #[test]
    fn text_and_thoughts_go_where_the_wire_has_them() {
        let message = format!(
            r#"{{ "role":"assistant", "content" : [{THOUGHT},{{"type":"text","text":"\"Four\""}},{{"type":"reference","reference_ids":[1]}},{{"type":"text","text":"."}}], "x":1.0 }}"#
        );
        assert_eq!(
            whole(&message).unwrap(),
            r#"{ "role":"assistant", "content" : "\"Four\".","reasoning_content":"Two\nand","content_parts":[{"type":"reference","reference_ids":[1]}], "x":1.0 }"#
        );
        let summary = r#"{"content":[{"type":"reasoning","summary":[{"type":"summary_text","text":"Hm","signature":"s"}]}]}"#;
        let sealed = r#"{"type":"reasoning","summary":[{"type":"summary_text","text":"Hm","signature":"s"}]}"#;
        assert_eq!(
            whole(summary).unwrap(),
            format!(r#"{{"content":"","reasoning_content":"Hm","content_parts":[{sealed}]}}"#)
        );
        assert_eq!(
            whole(r#"{"content":["a",7]}"#).unwrap(),
            r#"{"content":"a","content_parts":[7]}"#
        );
        assert_eq!(whole(r#"{"content":[]}"#).unwrap(), r#"{"content":""}"#);
    }

    #[test]
    fn thoughts_that_are_said_already_are_not_said_twice() {
        let message = format!(r#"{{"reasoning_content":"own","content":[{THOUGHT}]}}"#);
        assert_eq!(whole(&message).unwrap(), r#"{"reasoning_content":"own","content":""}"#);
    }

    #[test]
    fn a_delta_says_only_what_is_new() {
        let delta = |content: &str| format!(r#"{{"choices":[{{"delta":{{{content}}}}}]}}"#);
        let thought = delta(&format!(r#""role":"assistant", "content": [{THOUGHT}]"#));
        let thinks = delta(r#""role":"assistant", "reasoning_content":"Two\nand""#);
        assert_eq!(event("id: 7\n", &thought).unwrap(), format!("id: 7\ndata: {thinks}\n\n"));
        let text = delta(r#""content":[{"type":"text","text":"é"}]"#);
        let says = delta(r#""content":"é""#);
        assert_eq!(event("", &text).unwrap(), format!("data: {says}\n\n"));
        assert_eq!(event("", &says), None);
        let lines = text.replace("\"content\":", "\"content\":\ndata: ");
        let read = event("", &lines).unwrap();
        let joined = sse::Event { raw: read.as_bytes() }.data().into_owned();
        let (joined, says): (Value, Value) =
            (serde_json::from_slice(&joined).unwrap(), serde_json::from_str(&says).unwrap());
        assert_eq!(joined, says);
    }

    #[test]
    fn a_list_elsewhere_is_not_content() {
        let list = r#""content":[{"type":"text","text":"x"}]"#;
        let logprobs =
            format!(r#"{{"choices":[{{"message":{{}},"logprobs":{{{list}}}}}],{list}}}"#);
        assert_eq!(in_reply(logprobs.as_bytes()), None);
        assert_eq!(whole(r#"{"content":"[]"}"#), None);
        assert_eq!(whole(r#"{"content":null}"#), None);
    }
}
