//! A chat reply as it passes: needles find what the gateway must know, the bytes stay.

mod finish;
mod scan;
mod sift;

use std::borrow::Cow;

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, Finish, Frame, ProviderError,
    chat::{Chat, ChatResponse},
};
use ferro_wire::{Framing, sse};
use http::response::Parts;

use crate::{Ends, Usages, refusal::Codes, usage};
use finish::Ending;

/// Reads one chat reply.
pub(crate) struct ChatDecoder {
    usage: Usages,
    ends: Ends,
    codes: Codes,
    /// The client did not ask for the usage event that we asked for.
    hides_usage: bool,
    /// How many choices were asked for.
    choices: usize,
    /// The choices that have said why they stopped; kept only where that is the end.
    stopped: Vec<u32>,
    is_done: bool,
}

/// What a decoder must know of its request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Asked {
    /// The client did not ask for the usage event that we asked for.
    pub(crate) hides_usage: bool,
    /// How many choices were asked for.
    pub(crate) choices: usize,
}

impl ChatDecoder {
    pub(crate) fn new(vendor: &crate::Vendor, asked: Asked) -> Self {
        Self {
            usage: vendor.profile.usage,
            ends: vendor.profile.ends,
            codes: vendor.codes,
            hides_usage: asked.hides_usage,
            choices: asked.choices,
            stopped: Vec::new(),
            is_done: false,
        }
    }

    fn usage(&self, bytes: &[u8]) -> Option<ferro_core::Usage> {
        scan::values(bytes, b"\"usage\"", b'{').find_map(|text| usage::read(text, self.usage))
    }

    fn has_stopped(&self) -> bool {
        self.ends == Ends::WithChoices && self.stopped.len() >= self.choices
    }
}

impl Decoder<Chat> for ChatDecoder {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<ChatResponse, ProviderError> {
        let is_object =
            body.trim_ascii_start().starts_with(b"{") && body.trim_ascii_end().ends_with(b"}");
        if !is_object {
            return Err(malformed("the upstream's reply is not a JSON object"));
        }
        // The wire puts the first choice's before everything else that has such a member.
        let ending = ferro_wire::needle(&body, b"\"finish_reason\"", b'"').and_then(ending);
        let has_choices = ferro_wire::needle(&body, b"\"choices\"", b'[').is_some();
        let is_suspect = !has_choices
            || matches!(ending, Some(Ending::Failed(_)))
            || scan::may_hold_error(&body);
        if is_suspect {
            self.refuse_failure(&body)?;
        }
        let usage = self.usage(&body);
        Ok(ChatResponse::new(body, usage, ending.and_then(Ending::finish)))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let usage = self.usage(&events);
        let ending = scan::values(&events, b"\"finish_reason\"", b'"').find_map(ending);
        self.is_done |= scan::says_done(&events);
        let is_suspect = matches!(ending, Some(Ending::Failed(_)))
            || scan::may_hold_error(&events)
            || (!self.is_done && scan::ends_without_choices(&events));
        let has_hidden = self.hides_usage && usage.is_some();
        let counts_choices = self.ends == Ends::WithChoices && ending.is_some();
        out.usage = usage.or(out.usage);
        out.finish = ending.and_then(Ending::finish).or(out.finish);
        if is_suspect || has_hidden || counts_choices {
            return self.sift(events, out);
        }
        out.bytes = events;
        Ok(())
    }

    fn is_finished(&self) -> bool {
        self.is_done
    }

    /// Some end without the blank line behind the last event, and some without the last event.
    fn end(&mut self, tail: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        if let Some(last) = completed(&tail) {
            let before = std::mem::take(&mut out.bytes);
            let read = self.read(last, out);
            out.bytes = [&before[..], &out.bytes].concat().into();
            read?;
        }
        if !self.is_done && self.has_stopped() {
            self.is_done = true;
            out.bytes = [&out.bytes[..], b"data: [DONE]\n\n"].concat().into();
        }
        if self.is_done {
            return Ok(());
        }
        // Some answer with an error in one piece where a stream was asked for, under a stream's type.
        if tail.trim_ascii_start().starts_with(b"{") {
            self.refuse_failure(&tail)?;
        }
        let message = "the upstream's stream ended before it said that it was finished";
        Err(ProviderError::new(ErrorKind::Interrupted).with_message(message))
    }
}

impl Ending {
    fn finish(self) -> Option<Finish> {
        match self {
            Self::Finish(finish) => Some(finish),
            Self::Failed(_) => None,
        }
    }
}

fn ending(text: &[u8]) -> Option<Ending> {
    let mut words = serde_json::Deserializer::from_slice(text).into_iter::<Cow<'_, str>>();
    finish::read(&words.next()?.ok()?)
}

/// The bytes after the last whole event, if they are an event that only lacks its end.
fn completed(tail: &[u8]) -> Option<Bytes> {
    let mut completed = tail.to_vec();
    completed.extend_from_slice(b"\n\n");
    let event = sse::events(&completed).find(|event| !event.is_silent())?;
    let data = event.data();
    let is_whole =
        *data == *b"[DONE]" || serde_json::from_slice::<serde::de::IgnoredAny>(&data).is_ok();
    is_whole.then(|| completed.into())
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

#[cfg(test)]
mod tests;
