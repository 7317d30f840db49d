//! A reply as it passes: what the gateway must know is read, the bytes stay.

use std::ops::ControlFlow;

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, Frame, ProviderError,
    chat::Picked,
    document::{CountTokens, DocumentReply, Form, Messages},
};
use ferro_wire::{Framing, sse};
use http::response::Parts;

use crate::{refusal, usage::Counts};

/// Reads a message, whole or event by event.
#[derive(Debug, Default)]
pub struct MessagesDecoder {
    counts: Counts,
    is_finished: bool,
}

impl MessagesDecoder {
    /// Reads one event of a stream, for a host that frames them otherwise: what is learnt from it goes
    /// into `frame`.
    ///
    /// # Errors
    ///
    /// An error that the vendor reports.
    pub fn event(&mut self, json: &[u8], frame: &mut Frame) -> Result<(), ProviderError> {
        let said = Said::of_any(json);
        match said.kind.unwrap_or_default() {
            b"\"message_start\"" => {
                let message = said.message.map(Said::of_any).unwrap_or_default();
                self.count(message.usage, frame);
            }
            b"\"message_delta\"" => {
                self.count(said.usage, frame);
                frame.finish = Messages::finish(json, 0).or(frame.finish);
            }
            b"\"message_stop\"" => self.is_finished = true,
            b"\"error\"" => return Err(refusal::in_band(Bytes::copy_from_slice(json))),
            b"" if said.error.is_some() => {
                return Err(refusal::in_band(Bytes::copy_from_slice(json)));
            }
            _ => {}
        }
        Ok(())
    }

    /// The name under which an event goes that has none of its own: what it says it is.
    pub fn name(json: &[u8]) -> Option<&str> {
        let quoted = std::str::from_utf8(Said::of_any(json).kind?).ok()?;
        quoted.strip_prefix('"')?.strip_suffix('"')
    }

    /// Counts are cumulative: later ones replace earlier ones.
    fn count(&mut self, usage: Option<&[u8]>, frame: &mut Frame) {
        let counts = usage.and_then(|json| serde_json::from_slice::<Counts>(json).ok());
        if let Some(counts) = counts {
            self.counts.overwrite(counts);
            frame.usage = self.counts.usage().or(frame.usage.take());
        }
    }
}

impl Decoder<Messages> for MessagesDecoder {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<DocumentReply<Messages>, ProviderError> {
        let said = whole(&body, |said| said.content.is_some())?;
        let counts = said.usage.and_then(|json| serde_json::from_slice::<Counts>(json).ok());
        let usage = counts.and_then(|counts| counts.usage());
        let finish = Messages::finish(&body, 0);
        Ok(DocumentReply::new(body, usage).with_finish(finish))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        out.pass(events, |event, out| {
            let data = event.data();
            if !data.is_empty() {
                self.event(&data, out)?;
            }
            Ok(if self.is_finished { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
    }

    fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Something between us and the vendor may answer with an error in one piece where a stream was
    /// asked for.
    fn end(&mut self, tail: Bytes, _: &mut Frame) -> Result<(), ProviderError> {
        if Said::of_any(&tail).error.is_some() {
            return Err(refusal::in_band(tail));
        }
        let message = "the upstream's stream ended before it said that it was finished";
        Err(ProviderError::new(ErrorKind::Interrupted).with_message(message))
    }
}

/// Reads a count of tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountDecoder;

impl Decoder<CountTokens> for CountDecoder {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    /// What is counted here is not used, so there is no usage.
    fn whole(
        &mut self,
        _: &Parts,
        body: Bytes,
    ) -> Result<DocumentReply<CountTokens>, ProviderError> {
        whole(&body, |said| said.input_tokens.is_some())?;
        Ok(DocumentReply::new(body, None))
    }

    fn read(&mut self, _: Bytes, _: &mut Frame) -> Result<(), ProviderError> {
        let message = "the upstream answered with a stream, which was not asked for";
        Err(ProviderError::new(ErrorKind::Malformed).with_message(message))
    }

    fn is_finished(&self) -> bool {
        false
    }
}

/// The members of a reply in one piece, unless it is an error or lacks what makes it one.
fn whole(body: &Bytes, is_one: fn(&Said<'_>) -> bool) -> Result<Said<'_>, ProviderError> {
    let malformed = |what| ProviderError::new(ErrorKind::Malformed).with_message(what);
    let said = Said::of(body).map_err(|source| {
        malformed("the upstream's reply is not the JSON object that it should be")
            .with_source(source)
    })?;
    if said.error.is_some() {
        return Err(refusal::in_band(body.clone()));
    }
    if !is_one(&said) {
        return Err(malformed("the upstream's reply lacks what was asked for"));
    }
    Ok(said)
}

/// The members that are read of a reply or of an event, as they are written; what is null is not there.
#[derive(Debug, Default)]
struct Said<'a> {
    kind: Option<&'a [u8]>,
    message: Option<&'a [u8]>,
    content: Option<&'a [u8]>,
    usage: Option<&'a [u8]>,
    error: Option<&'a [u8]>,
    input_tokens: Option<&'a [u8]>,
}

impl<'a> Picked<'a> for Said<'a> {
    fn place(&mut self, name: &[u8]) -> Option<&mut Option<&'a [u8]>> {
        Some(match name {
            b"type" => &mut self.kind,
            b"message" => &mut self.message,
            b"content" => &mut self.content,
            b"usage" => &mut self.usage,
            b"error" => &mut self.error,
            b"input_tokens" => &mut self.input_tokens,
            _ => return None,
        })
    }
}
