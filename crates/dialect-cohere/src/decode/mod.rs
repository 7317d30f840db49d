//! A reply of Cohere's in the words of the chat wire.

mod citations;
mod event;
mod logprobs;
mod usage;
mod whole;

use std::time::UNIX_EPOCH;

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, Frame, ProviderError,
    chat::{Chat, ChatRequest, ChatResponse, Chunks, ReplyHead, Said},
};
use ferro_wire::{Framing, sse};
use http::response::Parts;

use event::Stream;

/// What a decoder knows of its request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    model: Box<str>,
    /// When it was asked, in seconds since 1970: Cohere does not date its replies.
    created: u64,
    wants_usage: bool,
    /// The calls that the vendor knows by another name, and the client's.
    renamed: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn of(
        call: &Call<'_>,
        request: &ChatRequest,
        renamed: Vec<(String, String)>,
    ) -> Self {
        Self {
            model: call.model.into(),
            created: call.now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            wants_usage: request.wants_usage(),
            renamed,
        }
    }

    fn head(&self, id: &str) -> ReplyHead {
        ReplyHead::new(id, self.created, &*self.model)
    }
}

/// Reads one reply, whole or streamed.
#[derive(Debug)]
pub struct ChatDecoder {
    stream: Stream,
}

impl ChatDecoder {
    pub(crate) fn new(asked: Asked) -> Self {
        Self { stream: Stream::new(asked) }
    }

    /// Reads one event's JSON, whatever it came in, and adds to `out` what it means.
    ///
    /// # Errors
    ///
    /// Of kind `Malformed` where it is none of this wire's, and what the vendor says where it reports
    /// a failure.
    pub fn event(&mut self, json: &[u8], out: &mut Frame) -> Result<(), ProviderError> {
        let mut bytes = Vec::new();
        let read = self.stream.read(json, &mut bytes, out);
        out.bytes = joined(&out.bytes, bytes);
        read
    }
}

impl Decoder<Chat> for ChatDecoder {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<ChatResponse, ProviderError> {
        whole::read(&self.stream.asked, &body)
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let mut bytes = Vec::with_capacity(events.len() + events.len() / 2);
        let mut read = Ok(());
        for event in sse::events(&events) {
            let data = event.data();
            // What comes behind the end is not listened to.
            if self.stream.is_over() || read.is_err() {
                break;
            }
            if !event.is_silent() && !data.is_empty() && *data != *b"[DONE]" {
                read = self.stream.read(&data, &mut bytes, out);
            }
        }
        out.bytes = joined(&out.bytes, bytes);
        read
    }

    fn is_finished(&self) -> bool {
        self.stream.is_over()
    }

    /// The last event may lack the blank line behind it; and some answer with an error in one piece
    /// under a stream's type.
    fn end(&mut self, tail: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        if let Some(failed) = whole::failure(&tail) {
            return Err(failed);
        }
        let completed = Bytes::from([&tail[..], b"\n\n"].concat());
        if is_whole(&completed) {
            self.read(completed, out)?;
        }
        if self.is_finished() {
            return Ok(());
        }
        let message = "the upstream's stream ended before it said that it was finished";
        Err(ProviderError::new(ErrorKind::Interrupted).with_message(message))
    }
}

/// Whether an event that only lacked its end says something whole.
fn is_whole(event: &[u8]) -> bool {
    sse::events(event)
        .any(|event| serde_json::from_slice::<serde::de::IgnoredAny>(&event.data()).is_ok())
}

fn joined(before: &Bytes, more: Vec<u8>) -> Bytes {
    if before.is_empty() { more.into() } else { [&before[..], &more].concat().into() }
}

fn malformed(what: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(what)
}

/// The first chunk: that the assistant speaks.
fn begin(chunks: &Chunks, out: &mut Vec<u8>) {
    chunks.say(out, 0, &Said { begins: true, content: Some(""), ..Said::default() });
}

#[cfg(test)]
mod tests;
