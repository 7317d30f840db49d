//! Events and replies that a needle has pointed at, read closely: what they count, why they end, and
//! whether they are an error whatever their status says.

use std::borrow::Cow;

use bytes::Bytes;
use ferro_core::{ErrorKind, Frame, ProviderError};
use ferro_wire::sse;
use serde::de::IgnoredAny;

use super::{
    ChatDecoder, Ending,
    chunk::{Choice, Chunk},
    contents, malformed,
    scan::Looked,
};
use crate::{Contents, Ends, refusal};

/// How an event goes on.
enum Passage {
    AsItCame,
    Edited(Bytes),
    Hidden,
}

impl ChatDecoder {
    /// Looks at events one by one; what is not to pass is taken out, the others pass as they came.
    pub(super) fn sift(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let mut kept = Vec::with_capacity(events.len());
        let (mut is_edited, mut is_over) = (false, false);
        for event in sse::events(&events) {
            let looked = Looked::over(event.raw);
            match self.sift_one(event, looked, out) {
                Ok(Passage::AsItCame) => kept.extend_from_slice(event.raw),
                Ok(Passage::Edited(edited)) => {
                    kept.extend_from_slice(&edited);
                    is_edited = true;
                }
                Ok(Passage::Hidden) => is_edited = true,
                // Had it not arrived with the end, nobody would have heard it.
                Err(_) if is_over => kept.extend_from_slice(event.raw),
                Err(error) => {
                    out.bytes = kept.into();
                    return Err(error);
                }
            }
            is_over |= looked.says_done;
        }
        // Line ends behind the last event go with it: alone they would be a frame without an event.
        out.bytes = if is_edited { kept.into() } else { events };
        Ok(())
    }

    fn sift_one(
        &mut self,
        event: sse::Event<'_>,
        looked: Looked,
        out: &mut Frame,
    ) -> Result<Passage, ProviderError> {
        if looked.is_telling(event.raw) && self.is_hidden(event, out)? {
            return Ok(Passage::Hidden);
        }
        if self.contents == Contents::Parts && looked.may_hold_list {
            return Ok(contents::in_event(event).map_or(Passage::AsItCame, Passage::Edited));
        }
        Ok(Passage::AsItCame)
    }

    /// Notes what an event says, unless it says an error; whether the client is not to see it.
    fn is_hidden(&mut self, event: sse::Event<'_>, out: &mut Frame) -> Result<bool, ProviderError> {
        let (data, is_error) = (said(event), event.name() == Some(b"error"));
        let Ok(chunk) = Chunk::read(&data) else {
            if is_error {
                return Err(self.stopped_by(&data, ErrorKind::Unavailable));
            }
            // Some wrap an error in an array.
            let told = if is_array(&data) { self.words_of_error(&data) } else { None };
            return told.map_or(Ok(false), Err);
        };
        if let Some(error) = self.failure(&chunk, &data) {
            return Err(error);
        }
        if is_error && chunk.choices().is_empty() {
            return Err(self.stopped_by(&data, ErrorKind::Unavailable));
        }
        self.note(&chunk, out);
        Ok(self.hides_usage && chunk.is_usage_only())
    }

    /// A whole reply, which is neither an error whatever its status says nor something else.
    pub(super) fn reply<'a>(&self, body: &'a Bytes) -> Result<Chunk<'a>, ProviderError> {
        let reply = Chunk::read(body).map_err(|source| {
            let is_json = serde_json::from_slice::<IgnoredAny>(body).is_ok();
            let is_envelope = body.trim_ascii_start().starts_with(b"{") || is_array(body);
            let told = (is_json && is_envelope).then(|| self.words_of_error(body)).flatten();
            let shape = "the upstream's reply is not the JSON object that it should be";
            told.unwrap_or_else(|| malformed(shape).with_source(source))
        })?;
        if let Some(error) = self.failure(&reply, body) {
            return Err(error);
        }
        match reply.choices {
            Some(_) => Ok(reply),
            None => Err(malformed("the upstream's reply has no choices")),
        }
    }

    fn failure(&self, chunk: &Chunk<'_>, data: &[u8]) -> Option<ProviderError> {
        if chunk.says_error() {
            return Some(self.in_band(data));
        }
        if chunk.choices.is_none() && !chunk.has_usage() {
            return self.words_of_error(data);
        }
        let mut endings = chunk.choices().iter().filter_map(Choice::ending);
        let kind = endings.find_map(Ending::failure)?;
        Some(self.stopped_by(data, kind))
    }

    fn in_band(&self, data: &[u8]) -> ProviderError {
        refusal::in_band(Bytes::copy_from_slice(data), self.codes)
    }

    /// An error, if there are words that tell of one.
    fn words_of_error(&self, data: &[u8]) -> Option<ProviderError> {
        Some(self.in_band(data)).filter(|error| error.message().is_some())
    }

    /// An error, whose words may be missing.
    fn stopped_by(&self, data: &[u8], kind: ErrorKind) -> ProviderError {
        const STOPPED: &str = "the upstream stopped in the middle of its reply because of an error";
        self.words_of_error(data)
            .unwrap_or_else(|| self.in_band(data).with_kind(kind).with_message(STOPPED))
    }

    fn note(&mut self, chunk: &Chunk<'_>, out: &mut Frame) {
        out.usage = chunk.usage(self.usage).or(out.usage.take());
        for choice in chunk.choices() {
            let Some(finish) = choice.ending().and_then(Ending::finish) else { continue };
            let index = choice.index();
            // The first choice's counts, however late it comes.
            if index == 0 || !self.has_first_finished {
                out.finish = Some(finish);
            }
            self.has_first_finished |= index == 0;
            let is_kept = self.ends == Ends::WithChoices && !self.has_stopped();
            if is_kept && !self.stopped.contains(&index) {
                self.stopped.push(index);
            }
        }
    }
}

fn is_array(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"[{")
}

/// What an event says; or, where an error came in one piece under a stream's type and ends like an
/// event, that piece.
fn said(event: sse::Event<'_>) -> Cow<'_, [u8]> {
    let data = event.data();
    let is_bare = data.is_empty() && event.raw.trim_ascii_start().starts_with(b"{");
    if is_bare { Cow::Borrowed(event.raw) } else { data }
}
