//! One event of a streamed chat reply, as policy sees it.

use bytes::Bytes;
use ferro_wire::sse;
use serde::Deserialize;

use super::choices::{edit_choices, finish_of, see_choices};
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
            let raw = sse::Event { raw: &self.raw }.with_data(&edited);
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
        finish_of(&self.data, choice)
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

    fn edited(event: &'static str, edit: fn(&str) -> Option<String>) -> (Vec<String>, String) {
        let mut event = ChatEvent::read(Bytes::from(event)).unwrap();
        let mut seen = Vec::new();
        event.edit_texts(&mut |_, text| {
            seen.push(text.to_owned());
            edit(text)
        });
        let mut again = Vec::new();
        event.texts(&mut |_, text| again.push(text.to_owned()));
        let expected: Vec<_> =
            seen.iter().map(|text| edit(text).unwrap_or_else(|| text.clone())).collect();
        assert_eq!(again, expected, "facts and bytes agree");
        (seen, String::from_utf8(event.write().to_vec()).unwrap())
    }

    #[test]
    fn an_edit_keeps_the_events_name_and_id() {
        let event = "event: x\nid: 7\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
        let (_, written) = edited(event, |_| Some("b".to_owned()));
        assert_eq!(written, event.replace("\"a\"", "\"b\""));
    }

    #[test]
    fn no_odd_shape_hides_a_text_from_policy() {
        let deltas = [
            r#"{"content":"bad","content":"bad"}"#,
            r#"{"con\u0074ent":"bad"}"#,
            r#"{"content":"b\u0061d"}"#,
            r#"{"reasoning":"bad"}"#,
            r#"{"reasoning_content":"bad","role":5}"#,
            r#"{"content":null,"refusal":"bad"}"#,
            r#"{"content":[{"type":"text","text":"bad"}]}"#,
            r#"{"tool_calls":[{"index":0,"function":{"arguments":"bad"}}]}"#,
            r#"{"tool_calls":{},"content":"bad"}"#,
            r#"{"function_call":{"arguments":"bad"}}"#,
            r#"{"\ud800":1,"content":"bad"}"#,
            r#"{"audio":{"transcript":"bad"}}"#,
            r#"{"content_parts":[{"x":1,"summary":[{"text":"bad"}]}]}"#,
            r#"{"content_blocks":[{"x":1,"content":[{"text":"bad"}]}]}"#,
        ];
        let shapes = [
            r#"{"choices":[{"index":0,"delta":@}]}"#,
            r#"{"choices":[{"index":"0","delta":@,"finish_reason":{}}]}"#,
            r#"{"choices":[{"delta":{},"message":@}]}"#,
            r#"{"choices":[],"choices":[{"delta":@}],"usage":5}"#,
            r#"{"choices":[7,null,{"delta":@}]}"#,
        ];
        for (delta, shape) in deltas.iter().flat_map(|d| shapes.iter().map(move |s| (d, s))) {
            let event = format!("data: {}\n\n", shape.replace('@', delta));
            let (seen, written) = edited(event.clone().leak(), |_| Some("good".to_owned()));
            assert!(!seen.is_empty() && seen.iter().all(|text| text == "bad"), "{event} {seen:?}");
            assert!(!written.contains("bad") && written.contains("good"), "{written}");
        }
    }

    #[test]
    fn half_a_character_hides_nothing() {
        let event = "data: {\"choices\":[{\"delta\":{\"content\":\"bad \\ud83d\"}}]}\n\n";
        let (seen, written) = edited(event, |text| Some(text.replace("bad", "good")));
        assert!(seen[0].starts_with("bad \u{fffd}"), "{seen:?}");
        assert!(written.contains("good"), "{written}");
        assert_eq!(edited(event, |_| None).1, event, "and stays where nobody edits");
    }

    #[test]
    fn an_answer_that_has_only_begun_says_nothing_yet() {
        use crate::Surface;
        let silent =
            |data: &str| crate::surface::Chat::is_silent(format!("data: {data}\n\n").as_bytes());
        let delta = |delta: &str| {
            silent(&format!(
                r#"{{"id":"1","choices":[{{"index":0,"delta":{delta},"finish_reason":null}}],"usage":null}}"#
            ))
        };
        assert!(delta(r#"{"role":"assistant","content":"","refusal":null}"#));
        assert!(delta("{}"));
        assert!(silent(r#"{"choices":[],"prompt_filter_results":[{"prompt_index":0}]}"#));
        assert!(!delta(r#"{"role":"assistant","content":"a"}"#));
        assert!(!delta(r#"{"reasoning":"a"}"#));
        assert!(!delta(r#"{"tool_calls":[{}]}"#));
        let others = ["[DONE]", r#"{"error":{"message":"x"}}"#, r#"{"choices":[],"error":"x"}"#];
        assert!(!others.iter().any(|data| silent(data)));
        assert!(!silent(r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#));
        assert!(!silent(r#"{"choices":[],"usage":{"prompt_tokens":1}}"#));
    }
}
