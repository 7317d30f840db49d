//! A chat reply as it passes: needles find what the gateway must know, the bytes stay.

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, Finish, Frame, ProviderError,
    chat::{Chat, ChatResponse},
};
use ferro_wire::{Framing, last_needle, needle, sse};
use http::response::Parts;
use memchr::memmem;
use serde::{Deserialize, de::IgnoredAny};

use crate::{Usages, refusal, usage};

/// Reads one chat reply.
pub(crate) struct ChatDecoder {
    convention: Usages,
    /// The client did not ask for the usage event that we asked for.
    hides_usage: bool,
    is_done: bool,
}

impl ChatDecoder {
    pub(crate) fn new(convention: Usages, hides_usage: bool) -> Self {
        Self { convention, hides_usage, is_done: false }
    }

    /// Looks at the events one by one: an error may be among them, or the usage nobody asked for.
    fn sift(&mut self, events: &[u8], out: &mut Vec<u8>) -> Result<(), ProviderError> {
        for event in sse::events(events) {
            let data = event.data();
            if let Ok(chunk) = serde_json::from_slice::<Chunk>(&data) {
                if chunk.error.is_some() {
                    return Err(refusal::in_band(Bytes::from(data.into_owned())));
                }
                let is_usage_only =
                    chunk.usage.is_some() && chunk.choices.is_some_and(|c| c.is_empty());
                if is_usage_only && self.hides_usage {
                    continue;
                }
            }
            out.extend_from_slice(event.raw);
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    error: Option<IgnoredAny>,
    #[serde(default)]
    usage: Option<IgnoredAny>,
    #[serde(default)]
    choices: Option<Vec<IgnoredAny>>,
}

impl Decoder<Chat> for ChatDecoder {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<ChatResponse, ProviderError> {
        let is_object =
            body.trim_ascii_start().starts_with(b"{") && body.trim_ascii_end().ends_with(b"}");
        if !is_object {
            let message = "the upstream's reply is not a JSON object";
            return Err(ProviderError::new(ErrorKind::Malformed).with_message(message));
        }
        if needle(&body, b"\"error\"", b'{').is_some()
            && serde_json::from_slice::<Chunk>(&body).is_ok_and(|reply| reply.error.is_some())
        {
            return Err(refusal::in_band(body));
        }
        let usage =
            last_needle(&body, b"\"usage\"", b'{').and_then(|t| usage::read(t, self.convention));
        let finish = finish(needle(&body, b"\"finish_reason\"", b'"'));
        Ok(ChatResponse::new(body, usage, finish))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let counted = last_needle(&events, b"\"usage\"", b'{');
        if let Some(usage) = counted.and_then(|text| usage::read(text, self.convention)) {
            out.usage = Some(usage);
        }
        out.finish = finish(last_needle(&events, b"\"finish_reason\"", b'"')).or(out.finish);
        let is_suspect = needle(&events, b"\"error\"", b'{').is_some()
            || needle(&events, b"\"error\"", b'"').is_some();
        let has_hidden = self.hides_usage && counted.is_some();
        self.is_done |= says_done(&events);
        if !is_suspect && !has_hidden {
            out.bytes = events;
            return Ok(());
        }
        let mut kept = Vec::with_capacity(events.len());
        let sifted = self.sift(&events, &mut kept);
        out.bytes = kept.into();
        sifted
    }

    fn is_finished(&self) -> bool {
        self.is_done
    }

    /// Some end without the blank line behind the last event.
    fn end(&mut self, tail: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let mut completed = tail.to_vec();
        completed.extend_from_slice(b"\n\n");
        if says_done(&completed) {
            let before = std::mem::take(&mut out.bytes);
            self.read(completed.into(), out)?;
            out.bytes = [&before[..], &out.bytes].concat().into();
            return Ok(());
        }
        let message = "the upstream's stream ended before it said that it was finished";
        Err(ProviderError::new(ErrorKind::Interrupted).with_message(message))
    }
}

fn finish(text: Option<&[u8]>) -> Option<Finish> {
    serde_json::Deserializer::from_slice(text?).into_iter().next()?.ok()
}

/// `data: [DONE]` as an event of its own: the same characters inside a chunk's text are not.
fn says_done(events: &[u8]) -> bool {
    memmem::rfind_iter(events, b"[DONE]").any(|at| {
        let before = events[..at].trim_ascii_end();
        let line = before.iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(0, |end| end + 1);
        &before[line..] == b"data:" && matches!(events.get(at + 6), Some(b'\n' | b'\r'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = concat!(
        ": hello\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"say data: [DONE]\"},\"finish_reason\":null}]}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
        "data: [DONE]\n\n",
    );

    fn read(decoder: &mut ChatDecoder, text: &str) -> (Frame, Result<(), ProviderError>) {
        let mut frame = Frame::default();
        let read = decoder.read(Bytes::copy_from_slice(text.as_bytes()), &mut frame);
        (frame, read)
    }

    #[test]
    fn bytes_pass_and_facts_are_found() {
        let mut decoder = ChatDecoder::new(Usages::Standard, false);
        let (frame, result) = read(&mut decoder, STREAM);
        result.unwrap();
        assert_eq!(frame.bytes, STREAM.as_bytes());
        assert_eq!(frame.usage.unwrap().completion_tokens, 4);
        assert_eq!(frame.finish, Some(Finish::Stop));
        assert!(decoder.is_finished());
    }

    #[test]
    fn only_the_usage_nobody_asked_for_is_taken_out() {
        let mut decoder = ChatDecoder::new(Usages::Standard, true);
        let (frame, result) = read(&mut decoder, STREAM);
        result.unwrap();
        let usage =
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n";
        assert_eq!(frame.bytes, STREAM.replace(usage, "").as_bytes());
        assert!(frame.usage.is_some(), "hidden, not lost");
    }

    #[test]
    fn a_text_that_says_done_is_not_the_end() {
        let mut decoder = ChatDecoder::new(Usages::Standard, false);
        let first_two: String = STREAM.split_inclusive("\n\n").take(2).collect();
        read(&mut decoder, &first_two).1.unwrap();
        assert!(!decoder.is_finished());
        let error = decoder.end(Bytes::new(), &mut Frame::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted);
    }

    #[test]
    fn an_end_without_its_blank_line_is_an_end() {
        for tail in ["data: [DONE]", "data: [DONE]\n", "data:[DONE]\r\n"] {
            let mut decoder = ChatDecoder::new(Usages::Standard, false);
            decoder.end(Bytes::from_static(tail.as_bytes()), &mut Frame::default()).unwrap();
            assert!(decoder.is_finished(), "{tail:?}");
        }
    }

    #[test]
    fn an_error_among_events_ends_the_stream_after_what_came_before_it() {
        let text = concat!(
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n",
            "data: {\"error\":{\"message\":\"boom\",\"type\":\"server_error\",\"code\":500}}\n\n",
        );
        let (frame, result) = read(&mut ChatDecoder::new(Usages::Standard, true), text);
        assert!(frame.bytes.ends_with(b"\"a\"}}]}\n\n"));
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Unavailable, Some("boom")));
    }
}
