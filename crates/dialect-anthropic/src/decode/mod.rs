//! A reply of the vendor's read as chat: in one piece, or event by event.

mod annotations;
mod finish;
mod own;
mod stream;
mod whole;
mod wire;

use std::time::UNIX_EPOCH;

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, Frame, ProviderError,
    chat::{Chat, ChatRequest, ChatResponse},
};
use ferro_wire::{Framing, sse};
use http::response::Parts;

pub(crate) use self::own::{Behind, OURS};
use self::stream::Stream;
use crate::{names::Renamed, refusal};

/// Whose seals are on the thoughts.
pub(crate) const FORMAT: &str = "anthropic-claude-v1";

/// Whose members stand under `extra_content` of a call.
pub(crate) const VENDOR: &str = "anthropic";

/// What a decoder must know of its request.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    /// When the reply was asked for, in seconds since 1970: the vendor does not say when it was made.
    created: u64,
    /// Who was asked, where the reply does not say who answers.
    model: String,
    wants_usage: bool,
    renamed: Renamed,
    /// The tool whose input is the reply.
    form_tool: Option<String>,
}

impl Expected {
    pub(crate) fn of(
        request: &ChatRequest,
        call: &Call<'_>,
        renamed: Renamed,
        form_tool: Option<String>,
    ) -> Self {
        let created = call.now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let wants_usage = request.wants_usage();
        Self { created, model: call.model.to_owned(), wants_usage, renamed, form_tool }
    }

    fn is_form(&self, tool: &str) -> bool {
        self.form_tool.as_deref() == Some(tool)
    }
}

/// Reads one reply.
#[derive(Debug)]
pub struct ChatDecoder {
    expected: Expected,
    stream: Stream,
}

impl ChatDecoder {
    pub(crate) fn new(expected: Expected) -> Self {
        Self { expected, stream: Stream::default() }
    }

    /// Reads one event of a stream, for a host that frames them otherwise, and adds to `out` what it
    /// means and to `frame` what is learnt from it.
    ///
    /// # Errors
    ///
    /// An error that the vendor reports, or `Malformed`.
    pub fn event(
        &mut self,
        json: &[u8],
        out: &mut Vec<u8>,
        frame: &mut Frame,
    ) -> Result<(), ProviderError> {
        self.stream.read(json, &self.expected, (out, frame))
    }
}

impl Decoder<Chat> for ChatDecoder {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<ChatResponse, ProviderError> {
        whole::read(&body, &self.expected)
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let mut bytes = Vec::with_capacity(events.len() * 2);
        let mut read = Ok(());
        for event in sse::events(&events) {
            let data = event.data();
            if self.stream.is_finished || data.is_empty() {
                continue;
            }
            read = self.event(&data, &mut bytes, out);
            if read.is_err() {
                break;
            }
        }
        out.bytes = bytes.into();
        read
    }

    fn is_finished(&self) -> bool {
        self.stream.is_finished
    }

    /// Something between us and the vendor may answer with an error in one piece where a stream was
    /// asked for.
    fn end(&mut self, tail: Bytes, _: &mut Frame) -> Result<(), ProviderError> {
        if let Ok(wire::Event { error: Some(_), .. }) = serde_json::from_slice(&tail) {
            return Err(refusal::in_band(tail));
        }
        let message = "the upstream's stream ended before it said that it was finished";
        Err(ProviderError::new(ErrorKind::Interrupted).with_message(message))
    }
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

#[cfg(test)]
mod tests;
