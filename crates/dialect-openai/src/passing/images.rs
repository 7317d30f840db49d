//! Images made of words: in one piece, or as events that show how far they are.

use std::{borrow::Cow, ops::ControlFlow};

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, Finish, Frame, ProviderError, Subject,
    chat::Picked,
    document::{DocumentReply, DocumentRequest, Images},
};
use ferro_wire::{Framing, sse};
use http::response::Parts;

use super::{Passed, plain::PlainDecoder};
use crate::{Usages, Vendor, drawn::Drawn, media::Event, refusal};

impl Passed for Images {
    const PATH: &'static str = "/images/generations";

    fn decoder(vendor: &Vendor, request: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>> {
        let said = |name| request.doc().get::<String>(name).ok().flatten().map(Cow::Owned);
        let drawn = Drawn::asked(said("quality"), said("size"));
        let plain = PlainDecoder::new(vendor, "data").drawing(drawn.clone());
        if !request.wants_stream() {
            return Box::new(plain);
        }
        let missing = request.doc().get("n").ok().flatten().unwrap_or(1);
        let (codes, convention) = (vendor.codes, vendor.profile.usage);
        Box::new(Progress { plain, codes, convention, drawn, missing, says_done: false })
    }
}

/// Reads events: each image comes in parts, and then as a whole.
struct Progress {
    /// For a vendor that answers in one piece all the same.
    plain: PlainDecoder<Images>,
    codes: refusal::Codes,
    convention: Usages,
    drawn: Drawn,
    /// The images that have not come as a whole.
    missing: u32,
    says_done: bool,
}

impl Progress {
    /// Notes what an event says, unless it says an error.
    fn note(&mut self, event: sse::Event<'_>, out: &mut Frame) -> Result<(), ProviderError> {
        let data = event.data();
        if data.trim_ascii_end() == b"[DONE]" {
            self.says_done = true;
            return Ok(());
        }
        let read = Event::of(&data).ok();
        let is_error = event.name() == Some(b"error") || read.as_ref().is_some_and(Event::is_error);
        if is_error {
            return Err(refusal::in_band(Bytes::copy_from_slice(&data), self.codes));
        }
        let Some(read) = read else { return Ok(()) };
        let is_last = read.ends(".completed");
        let counted = self.drawn.event(read.usage, (&data, is_last), self.convention);
        out.usage = counted.or(out.usage.take());
        if is_last {
            self.missing = self.missing.saturating_sub(1);
            out.finish = Some(Finish::Stop);
        }
        Ok(())
    }
}

impl Decoder<Images> for Progress {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, head: &Parts, body: Bytes) -> Result<DocumentReply<Images>, ProviderError> {
        self.plain.whole(head, body)
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        out.pass(events, |event, out| {
            if !event.is_silent() {
                self.note(event, out)?;
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    fn is_finished(&self) -> bool {
        self.says_done || self.missing == 0
    }

    /// An error may come in one piece, under a stream's type.
    fn end(&mut self, tail: Bytes, _: &mut Frame) -> Result<(), ProviderError> {
        if Event::of_any(&tail).is_error() {
            return Err(refusal::in_band(tail, self.codes));
        }
        let message = "the upstream's stream ended before the last image was whole";
        Err(ProviderError::new(ErrorKind::Interrupted).with_message(message))
    }
}
