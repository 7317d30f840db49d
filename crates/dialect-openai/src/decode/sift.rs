//! Replies that may not be what their status says, read closely: an error may be among the events,
//! or the usage nobody asked for.

use std::borrow::Cow;

use bytes::Bytes;
use ferro_core::{Frame, ProviderError};
use ferro_wire::sse;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{ChatDecoder, Ending, finish, malformed};
use crate::{Ends, refusal};

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    usage: Option<IgnoredAny>,
    #[serde(default, borrow)]
    choices: Option<Vec<Choice<'a>>>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(default)]
    index: u32,
    #[serde(default, borrow)]
    finish_reason: Option<Cow<'a, str>>,
}

impl Chunk<'_> {
    fn choices(&self) -> &[Choice<'_>] {
        self.choices.as_deref().unwrap_or_default()
    }

    /// Some say with every chunk that there is no error.
    fn says_error(&self) -> bool {
        self.error.is_some_and(|error| !matches!(error.get(), "\"\"" | "{}" | "false"))
    }

    fn is_usage_only(&self) -> bool {
        self.usage.is_some() && self.choices().is_empty()
    }
}

impl Choice<'_> {
    fn ending(&self) -> Option<Ending> {
        finish::read(self.finish_reason.as_deref()?)
    }
}

impl ChatDecoder {
    /// Looks at events one by one; what is not to pass is taken out, the others pass as they came.
    pub(super) fn sift(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let mut kept = Vec::with_capacity(events.len());
        let mut sifted = Ok(());
        for event in sse::events(&events) {
            let data = event.data();
            if let Ok(chunk) = serde_json::from_slice::<Chunk<'_>>(&data) {
                sifted = self.failure(&chunk, &data).map_or(Ok(()), Err);
                if sifted.is_err() {
                    break;
                }
                self.note_stopped(&chunk);
                if self.hides_usage && chunk.is_usage_only() {
                    continue;
                }
            }
            kept.extend_from_slice(event.raw);
        }
        out.bytes = if kept.len() == events.len() { events } else { kept.into() };
        sifted
    }

    /// Refuses a whole reply that is an error whatever its status says, or no reply at all.
    pub(super) fn refuse_failure(&self, body: &Bytes) -> Result<(), ProviderError> {
        let Ok(reply) = serde_json::from_slice::<Chunk<'_>>(body) else {
            return match serde_json::from_slice::<IgnoredAny>(body) {
                Ok(_) => Ok(()),
                Err(error) => Err(malformed("the upstream's reply is not JSON").with_source(error)),
            };
        };
        if let Some(error) = self.failure(&reply, body) {
            return Err(error);
        }
        match reply.choices {
            Some(_) => Ok(()),
            None => Err(malformed("the upstream's reply has no choices")),
        }
    }

    fn failure(&self, chunk: &Chunk<'_>, data: &[u8]) -> Option<ProviderError> {
        let in_band = || refusal::in_band(Bytes::copy_from_slice(data), self.codes);
        if chunk.says_error() {
            return Some(in_band());
        }
        if chunk.choices.is_none() && chunk.usage.is_none() {
            return Some(in_band()).filter(|error| error.message().is_some());
        }
        match chunk.choices().iter().find_map(Choice::ending)? {
            Ending::Failed(kind) => {
                let error = in_band();
                let is_vague = error.message().is_none();
                Some(if is_vague { error.with_kind(kind).with_message(STOPPED) } else { error })
            }
            Ending::Finish(_) => None,
        }
    }

    fn note_stopped(&mut self, chunk: &Chunk<'_>) {
        if self.ends == Ends::WithDone {
            return;
        }
        for choice in chunk.choices().iter().filter(|choice| choice.ending().is_some()) {
            if !self.has_stopped() && !self.stopped.contains(&choice.index) {
                self.stopped.push(choice.index);
            }
        }
    }
}

const STOPPED: &str = "the upstream stopped in the middle of its reply because of an error";
