//! Replies: whole, and as frames of events.

mod blocks;
mod counts;
mod stop;
mod stream;
mod whole;

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, Frame, ProviderError, Subject,
    chat::{Chat, ChatRequest, ChatResponse, Chunks, ReplyHead},
};
use ferro_wire::{Framing, event_stream};
use http::response::Parts;

use self::stream::Progress;
use crate::{
    encode::{BEDROCK, CLAUDE, Names},
    model::Model,
    refusal,
};

/// What of a request its reply is read with.
#[derive(Debug)]
pub(crate) struct Asked {
    head: ReplyHead,
    wants_usage: bool,
    names: Names,
    /// The tool that stands for an answer of a given form.
    answer_tool: Option<String>,
    /// Whose words the thoughts are.
    format: &'static str,
}

impl Asked {
    pub(crate) fn new(
        call: &Call<'_>,
        model: &Model<'_>,
        request: &ChatRequest,
        names: Names,
        answer_tool: Option<String>,
    ) -> Self {
        let format = if model.is_claude() { CLAUDE } else { BEDROCK };
        let since = call.now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let head = ReplyHead::new(id(call.now, request), since.as_secs(), call.model);
        Self { head, wants_usage: request.wants_usage(), names, answer_tool, format }
    }
}

/// A name for a reply, because Converse gives none that a stream's decoder sees: made of when and what
/// was asked.
fn id(now: SystemTime, request: &ChatRequest) -> String {
    const BASIS: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let nanos = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
    let length = request.doc().text("messages").map_or(0, |text| text.len());
    let asked = request.model().bytes().chain(length.to_le_bytes());
    let mark = asked.fold(BASIS, |mark, byte| (mark ^ u32::from(byte)).wrapping_mul(PRIME));
    format!("bedrock-{nanos:016x}{mark:08x}")
}

/// Reads one reply of Converse's.
#[derive(Debug)]
pub(crate) struct ConverseDecoder {
    asked: Asked,
    chunks: Chunks,
    progress: Progress,
}

impl ConverseDecoder {
    pub(crate) fn new(asked: Asked) -> Self {
        let chunks = Chunks::new(&asked.head);
        Self { asked, chunks, progress: Progress::default() }
    }
}

impl Decoder<Chat> for ConverseDecoder {
    fn framing(&self) -> Framing {
        event_stream::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<ChatResponse, ProviderError> {
        whole::read(&self.asked, &body)
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let mut bytes = Vec::with_capacity(events.len() + events.len() / 2);
        let result = self.frames(&events, &mut bytes, out);
        // What was said before an error still goes to the client.
        out.bytes = bytes.into();
        result
    }

    fn is_finished(&self) -> bool {
        self.progress.is_finished
    }
}

impl ConverseDecoder {
    fn frames(
        &mut self,
        events: &[u8],
        bytes: &mut Vec<u8>,
        out: &mut Frame,
    ) -> Result<(), ProviderError> {
        for frame in event_stream::frames(events) {
            let frame = frame.map_err(|error| malformed("an event is damaged", error))?;
            failed(&frame)?;
            let name = frame.text(":event-type").unwrap_or_default();
            self.event(name, frame.payload(), bytes, out)?;
            if self.progress.is_finished {
                break;
            }
        }
        Ok(())
    }
}

/// The error that a frame tells, if it is one's.
pub(crate) fn failed(frame: &event_stream::Frame<'_>) -> Result<(), ProviderError> {
    match frame.text(":message-type") {
        Some("exception") => {
            let name = frame.text(":exception-type").unwrap_or_default();
            Err(refusal::exception(name, frame.payload()))
        }
        Some("error") => {
            let name = frame.text(":error-code").unwrap_or_default();
            let words = frame.text(":error-message").unwrap_or(name);
            Err(refusal::exception(name, frame.payload()).with_message(words))
        }
        _ => Ok(()),
    }
}

pub(crate) fn malformed(
    message: &str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message).with_source(source)
}
