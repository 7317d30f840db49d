//! One event of a streamed chat reply, as policy sees it.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;
use ferro_wire::{offset_of, splice, sse};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{Delta, Finish, Malformed, Usage};

/// One event of a streamed chat reply: the bytes as they will be written, read on demand.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChatEvent {
    raw: Bytes,
    /// The event's data, joined; empty for a comment.
    data: Bytes,
}

impl ChatEvent {
    /// What the event says: a chunk's JSON, `[DONE]`, or nothing where it is a comment.
    pub fn data(&self) -> &Bytes {
        &self.data
    }

    /// The chunk as a type of the caller's choosing.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.data)
    }
}

impl Delta for ChatEvent {
    fn read(event: Bytes) -> Result<Self, Malformed> {
        let data = sse::events(&event)
            .next()
            .map(|event| Bytes::from(event.data().into_owned()))
            .ok_or_else(|| Malformed("an event without an end".to_owned()))?;
        Ok(Self { raw: event, data })
    }

    fn write(self) -> Bytes {
        self.raw
    }

    fn texts(&self, see: &mut dyn FnMut(u32, &str)) {
        see_choices(&self.data, see);
    }

    fn edit_texts(&mut self, edit: &mut dyn FnMut(u32, &str) -> Option<String>) {
        if let Some(edited) = edit_choices(&self.data, edit) {
            let mut raw = Vec::with_capacity(edited.len() + 8);
            sse::write(&mut raw, None, &edited);
            (self.raw, self.data) = (raw.into(), edited);
        }
    }

    fn usage(&self) -> Option<Usage> {
        #[derive(Deserialize)]
        struct Counted {
            usage: Option<Usage>,
        }
        serde_json::from_slice::<Counted>(&self.data).ok()?.usage
    }

    fn finish(&self, choice: u32) -> Option<Finish> {
        let chunk: Choices<'_> = serde_json::from_slice(&self.data).ok()?;
        chunk.choices.into_iter().find(|c| c.index == choice)?.finish_reason
    }
}

/// The part of a chunk, or of a whole reply, in which text stands.
#[derive(Deserialize)]
pub(super) struct Choices<'a> {
    #[serde(default, borrow)]
    pub(super) choices: Vec<Choice<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(default)]
    pub(super) index: u32,
    #[serde(default, borrow)]
    delta: Option<Said<'a>>,
    #[serde(default, borrow)]
    message: Option<Said<'a>>,
    #[serde(default)]
    pub(super) finish_reason: Option<Finish>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(default, borrow)]
    content: Option<&'a RawValue>,
    #[serde(default, borrow)]
    reasoning_content: Option<&'a RawValue>,
    #[serde(default, borrow)]
    refusal: Option<&'a RawValue>,
    #[serde(default, borrow)]
    tool_calls: Option<Vec<Called<'a>>>,
}

#[derive(Deserialize)]
struct Called<'a> {
    #[serde(default, borrow)]
    function: Option<Arguments<'a>>,
}

#[derive(Deserialize)]
struct Arguments<'a> {
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
}

pub(super) fn see_choices(data: &[u8], see: &mut dyn FnMut(u32, &str)) {
    visit(data, &mut |choice, text, _| see(choice, text));
}

/// Replaces texts; `None` if nothing changed.
pub(super) fn edit_choices(
    data: &[u8],
    edit: &mut dyn FnMut(u32, &str) -> Option<String>,
) -> Option<Bytes> {
    let mut edits = Vec::new();
    visit(data, &mut |choice, text, range| {
        if let Some(new) = edit(choice, text) {
            let json = serde_json::to_vec(&new).expect("a string is JSON");
            edits.push((range, Bytes::from(json)));
        }
    });
    (!edits.is_empty()).then(|| splice(data, edits))
}

fn visit(data: &[u8], see: &mut dyn FnMut(u32, &str, Range<usize>)) {
    let Ok(reply) = serde_json::from_slice::<Choices<'_>>(data) else { return };
    for choice in reply.choices {
        let Some(said) = choice.delta.or(choice.message) else { continue };
        let calls = said.tool_calls.into_iter().flatten();
        let arguments = calls.filter_map(|call| call.function?.arguments);
        let words = [said.content, said.reasoning_content, said.refusal].into_iter().flatten();
        for value in words.chain(arguments) {
            if let Ok(text) = serde_json::from_str::<Cow<'_, str>>(value.get()) {
                see(choice.index, &text, offset_of(data, value.get().as_bytes()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK: &[u8] =
        b"data: {\"x\":1e2,\"choices\":[{\"index\":1,\"delta\":{\"content\":\"hey\"}}]}\n\n";

    #[test]
    fn an_event_nobody_edits_keeps_its_bytes() {
        let mut event = ChatEvent::read(Bytes::from_static(CHUNK)).unwrap();
        let mut seen = Vec::new();
        event.texts(&mut |choice, text| seen.push((choice, text.to_owned())));
        event.edit_texts(&mut |_, _| None);
        assert_eq!(seen, [(1, "hey".to_owned())]);
        assert_eq!(event.write(), CHUNK);
    }

    #[test]
    fn an_edit_changes_only_the_text() {
        let mut event = ChatEvent::read(Bytes::from_static(CHUNK)).unwrap();
        event.edit_texts(&mut |_, _| Some("you".to_owned()));
        let expected = String::from_utf8_lossy(CHUNK).replace("hey", "you");
        assert_eq!(event.write(), expected.as_bytes());
    }
}
