//! A reply that comes in one piece and passes as it came.

use std::marker::PhantomData;

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, Frame, ProviderError,
    chat::Members,
    document::{DocumentReply, Form},
};
use ferro_wire::{Framing, Walk, sse};
use http::response::Parts;

use crate::{Usages, Vendor, drawn::Drawn, refusal, usage};

/// Reads a reply that comes in one piece and passes as it came.
pub(super) struct PlainDecoder<F> {
    codes: refusal::Codes,
    convention: Usages,
    /// The member without which it is no reply.
    result: &'static str,
    /// What is done to a reply that is one.
    finish: fn(Bytes) -> Result<Bytes, ProviderError>,
    /// The pictures that are asked for, if it is those.
    drawn: Option<Drawn>,
    form: PhantomData<fn() -> F>,
}

impl<F> PlainDecoder<F> {
    pub(super) fn new(vendor: &Vendor, result: &'static str) -> Self {
        let (codes, convention) = (vendor.codes, vendor.profile.usage);
        Self { codes, convention, result, finish: Ok, drawn: None, form: PhantomData }
    }

    /// The same, where these pictures are asked for.
    pub(super) fn drawing(self, drawn: Drawn) -> Self {
        Self { drawn: Some(drawn), ..self }
    }

    /// The same, where replies are edited.
    pub(super) fn with_edit(self, finish: fn(Bytes) -> Result<Bytes, ProviderError>) -> Self {
        Self { finish, ..self }
    }
}

impl<F: Form> Decoder<F> for PlainDecoder<F> {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<DocumentReply<F>, ProviderError> {
        let reply = Reply::read(&body, self.result).map_err(|source| {
            let shape = "the upstream's reply is not the JSON object that it should be";
            ProviderError::new(ErrorKind::Malformed).with_message(shape).with_source(source)
        })?;
        reply.check(&body, self.result, self.codes)?;
        let usage = match &self.drawn {
            Some(drawn) => drawn.whole(reply.usage, &body, self.convention),
            None => reply.usage.and_then(|said| usage::read(said, self.convention)),
        };
        Ok(DocumentReply::new((self.finish)(body)?, usage))
    }

    fn read(&mut self, _: Bytes, _: &mut Frame) -> Result<(), ProviderError> {
        let message = "the upstream answered with a stream, which was not asked for";
        Err(ProviderError::new(ErrorKind::Malformed).with_message(message))
    }

    fn is_finished(&self) -> bool {
        false
    }
}

/// The members of a reply that are read.
#[derive(Debug, Default)]
pub(crate) struct Reply<'a> {
    error: Option<&'a [u8]>,
    pub(crate) usage: Option<&'a [u8]>,
    has_result: bool,
}

impl<'a> Reply<'a> {
    pub(crate) fn read(body: &'a [u8], result: &str) -> serde_json::Result<Self> {
        Self::walked(body, result).map_or_else(|| Self::parsed(body, result), Ok)
    }

    /// Reads what is written as usual; `None` leaves it to serde.
    fn walked(body: &'a [u8], result: &str) -> Option<Self> {
        let (mut reply, mut walk) = (Self::default(), Walk::new(body));
        walk.object(|name, walk| {
            match name {
                b"error" => walk.say(&mut reply.error)?,
                b"usage" => walk.say(&mut reply.usage)?,
                name if name == result.as_bytes() => {
                    reply.has_result = true;
                    walk.skip()?;
                }
                _ => walk.skip()?,
            }
            Some(())
        })?;
        walk.is_over().then_some(reply)
    }

    fn parsed(body: &'a [u8], result: &str) -> serde_json::Result<Self> {
        let members: Members<'a> = serde_json::from_slice(body)?;
        let get = |name: &str| members.get(name).map(str::as_bytes).filter(|said| *said != b"null");
        Ok(Self { error: get("error"), usage: get("usage"), has_result: get(result).is_some() })
    }

    /// Refuses a reply that is an error, or lacks its result.
    pub(crate) fn check(
        &self,
        body: &Bytes,
        result: &str,
        codes: refusal::Codes,
    ) -> Result<(), ProviderError> {
        if !self.says_error() && self.has_result {
            return Ok(());
        }
        let error = refusal::in_band(body.clone(), codes);
        if self.says_error() || error.message().is_some() {
            return Err(error);
        }
        let message = format!("the upstream's reply has no {result}");
        Err(ProviderError::new(ErrorKind::Malformed).with_message(message))
    }

    /// Some say with every reply that there is no error.
    fn says_error(&self) -> bool {
        self.error.is_some_and(|error| !matches!(error, b"\"\"" | b"{}" | b"[]" | b"0" | b"false"))
    }
}
