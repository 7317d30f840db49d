//! A chat reply as it passes: needles find what the gateway must know, the bytes stay.

mod chunk;
mod contents;
mod finish;
mod scan;
mod sift;

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, Finish, Frame, ProviderError,
    chat::{Chat, ChatResponse},
};
use ferro_wire::{Framing, sse};
use http::response::Parts;

use crate::{Contents, Ends, Usages, refusal::Codes};
use chunk::Choice;
use finish::Ending;
use scan::Looked;

/// Reads one chat reply.
pub(crate) struct ChatDecoder {
    usage: Usages,
    ends: Ends,
    contents: Contents,
    codes: Codes,
    /// The client did not ask for the usage event that we asked for.
    hides_usage: bool,
    /// How many choices were asked for.
    choices: usize,
    /// The choices that have said why they stopped; kept only where that is the end.
    stopped: Vec<u32>,
    /// Whether the choice that the wire puts first has said why it stopped.
    has_first_finished: bool,
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
            contents: vendor.profile.contents,
            codes: vendor.codes,
            hides_usage: asked.hides_usage,
            choices: asked.choices,
            stopped: Vec::new(),
            has_first_finished: false,
            is_done: false,
        }
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
        let reply = self.reply(&body)?;
        let mut endings = reply.choices().iter().filter_map(Choice::ending);
        let finish = endings.find_map(Ending::finish);
        let usage = reply.usage(self.usage);
        let has_list = self.contents == Contents::Parts && Looked::over(&body).may_hold_list;
        let edited = if has_list { contents::in_reply(&body) } else { None };
        let names_provider = reply.names_provider;
        drop(reply);
        let reply = ChatResponse::new(edited.unwrap_or(body), usage, finish);
        Ok(reply.with_provider_named(names_provider))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let looked = Looked::over(&events);
        self.is_done |= looked.says_done;
        let has_list = self.contents == Contents::Parts && looked.may_hold_list;
        if has_list || looked.is_telling(&events) {
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
        // What is cut off before its end was interrupted all the same.
        match self.reply(&tail) {
            Err(error) if error.kind() != ErrorKind::Malformed => return Err(error),
            _ => {}
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

    fn failure(self) -> Option<ErrorKind> {
        match self {
            Self::Finish(_) => None,
            Self::Failed(kind) => Some(kind),
        }
    }
}

/// The bytes after the last whole event, if they are an event that only lacks its end.
pub(crate) fn completed(tail: &[u8]) -> Option<Bytes> {
    // Half of its end may be there: with a whole one behind it, the rest of that would be no event.
    let half = tail.iter().rev().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    let completed = [&tail[..tail.len() - half], b"\n\n"].concat();
    let event = sse::events(&completed).find(|event| !event.is_silent())?;
    let data = event.data();
    let is_whole = data.trim_ascii_end() == b"[DONE]"
        || serde_json::from_slice::<serde::de::IgnoredAny>(&data).is_ok();
    is_whole.then(|| completed.into())
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

#[cfg(test)]
mod tests;
