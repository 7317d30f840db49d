//! A response as it passes: what the gateway must know is read, the bytes stay.

use std::ops::ControlFlow;

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, Frame, Kept, ProviderError, Thing,
    chat::{Picked, Text},
    document::{DocumentReply, DocumentRequest, Form, Responses},
};
use ferro_wire::{Framing, sse};
use http::response::Parts;

use super::Passed;
use crate::{
    Profile, Usages, Vendor,
    refusal::{self, Codes},
    usage,
};

impl Passed for Responses {
    const PATH: &'static str = "/responses";

    fn decoder(vendor: &Vendor, _: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>> {
        Box::new(ResponsesDecoder::new(vendor))
    }
}

/// Reads a response, whole or event by event.
#[derive(Debug)]
struct ResponsesDecoder {
    codes: Codes,
    /// The surface's own, whatever the vendor's is elsewhere.
    convention: Usages,
    is_finished: bool,
}

impl ResponsesDecoder {
    fn new(vendor: &Vendor) -> Self {
        Self { codes: vendor.codes, convention: Profile::STANDARD.usage, is_finished: false }
    }

    /// An error in the words of an event or of a response, which stand where each has them; the body is
    /// all of it, as it came.
    fn failure(&self, body: Bytes, said: &Said<'_>) -> ProviderError {
        let words = match said.error {
            Some(error) => [b"{\"error\":", error, b"}"].concat().into(),
            None => body.clone(),
        };
        refusal::in_band(words, self.codes).with_body(body)
    }

    /// Reads one event.
    fn event(&mut self, json: &[u8], out: &mut Frame) -> Result<(), ProviderError> {
        let said = Said::of_any(json);
        let kind = said.kind.unwrap_or_default();
        let inner = said.response.map(Said::of_any).unwrap_or_default();
        match kind {
            b"\"response.completed\"" | b"\"response.incomplete\"" => {
                self.is_finished = true;
                let usage = inner.usage.and_then(|said| usage::read(said, self.convention));
                out.usage = usage.or(out.usage.take());
                out.finish = Responses::finish(json, 0).or(out.finish);
            }
            b"\"response.created\"" => out.made.extend(inner.made()),
            b"\"response.failed\"" => {
                return Err(self.failure(Bytes::copy_from_slice(json), &inner));
            }
            b"\"error\"" => return Err(self.failure(Bytes::copy_from_slice(json), &said)),
            b"" if said.error.is_some() => {
                return Err(self.failure(Bytes::copy_from_slice(json), &said));
            }
            _ => {}
        }
        Ok(())
    }
}

impl Decoder<Responses> for ResponsesDecoder {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<DocumentReply<Responses>, ProviderError> {
        let malformed = |what| ProviderError::new(ErrorKind::Malformed).with_message(what);
        let said = Said::of(&body).map_err(|source| {
            malformed("the upstream's reply is not the JSON object that it should be")
                .with_source(source)
        })?;
        if said.error.is_some() {
            return Err(self.failure(body.clone(), &said));
        }
        if said.output.is_none() && said.status.is_none() {
            return Err(malformed("the upstream's reply has neither output nor status"));
        }
        let usage = said.usage.and_then(|said| usage::read(said, self.convention));
        let finish = Responses::finish(&body, 0);
        let made = said.made();
        Ok(DocumentReply::new(body, usage).with_finish(finish).with_made(made))
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

    /// Some end without the blank line behind the last event, and some answer with an error in one
    /// piece where a stream was asked for.
    fn end(&mut self, tail: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let said = Said::of_any(&tail);
        if said.error.is_some() {
            return Err(self.failure(tail.clone(), &said));
        }
        let mut last = tail.to_vec();
        last.extend_from_slice(b"\n\n");
        let before = std::mem::take(&mut out.bytes);
        let read = self.read(last.into(), out);
        if read.is_ok() && self.is_finished {
            out.bytes = [&before[..], &out.bytes].concat().into();
            return Ok(());
        }
        out.bytes = before;
        read?;
        let message = "the upstream's stream ended before it said that it was finished";
        Err(ProviderError::new(ErrorKind::Interrupted).with_message(message))
    }
}

/// The members that are read of a response or of an event, as they are written; what is null is not
/// there.
#[derive(Debug, Default)]
struct Said<'a> {
    kind: Option<&'a [u8]>,
    response: Option<&'a [u8]>,
    output: Option<&'a [u8]>,
    status: Option<&'a [u8]>,
    usage: Option<&'a [u8]>,
    error: Option<&'a [u8]>,
    id: Option<&'a [u8]>,
}

impl Said<'_> {
    /// The response that was made.
    fn made(&self) -> Option<Thing> {
        let id: Text<'_> = serde_json::from_slice(self.id?).ok()?;
        Thing::new(Kept::Response, &id)
    }
}

impl<'a> Picked<'a> for Said<'a> {
    fn place(&mut self, name: &[u8]) -> Option<&mut Option<&'a [u8]>> {
        Some(match name {
            b"type" => &mut self.kind,
            b"response" => &mut self.response,
            b"output" => &mut self.output,
            b"status" => &mut self.status,
            b"usage" => &mut self.usage,
            b"error" => &mut self.error,
            b"id" => &mut self.id,
            _ => return None,
        })
    }
}
