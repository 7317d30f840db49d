//! A streamed reply, event by event.

use bytes::Bytes;
use ferro_core::{
    ErrorKind, Frame, ProviderError,
    chat::{Chunks, Said, SaidCall, Text, Thought},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Asked, begin, citations,
    citations::{Citation, Lengths},
    logprobs, malformed,
    usage::Counts,
    whole::{Call, Function},
};
use crate::{
    FORMAT_PLAN, FORMAT_THINKING,
    finish::{self, Ending},
    refusal,
};

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    id: Option<Text<'a>>,
    #[serde(default)]
    index: Option<u64>,
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
    #[serde(borrow, default)]
    logprobs: Option<logprobs::Likely<'a>>,
    // The words of an error that has no type.
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    /// Its members are lists where a message begins, and objects later.
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    finish_reason: Option<Text<'a>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    content: Option<Piece<'a>>,
    #[serde(borrow, default)]
    tool_plan: Option<Text<'a>>,
    #[serde(borrow, default)]
    tool_calls: Option<Call<'a>>,
    #[serde(borrow, default)]
    citations: Option<Citation<'a>>,
}

#[derive(Deserialize)]
struct Piece<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(borrow, default)]
    thinking: Option<Text<'a>>,
}

/// What a stream has said so far.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) asked: Asked,
    chunks: Option<Chunks>,
    /// The vendor's numbers of the calls, in the order in which they began.
    calls: Vec<u64>,
    /// What each thought is a part of: the plan, or a part of the content.
    thoughts: Vec<Option<u64>>,
    lengths: Lengths,
    is_over: bool,
}

/// Where what is read goes.
struct To<'o> {
    out: &'o mut Vec<u8>,
    chunks: &'o Chunks,
}

impl Stream {
    pub(super) fn new(asked: Asked) -> Self {
        let (calls, thoughts, lengths) = (Vec::new(), Vec::new(), Lengths::default());
        Self { asked, chunks: None, calls, thoughts, lengths, is_over: false }
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Reads one event.
    pub(super) fn read(
        &mut self,
        json: &[u8],
        out: &mut Vec<u8>,
        frame: &mut Frame,
    ) -> Result<(), ProviderError> {
        let event: Event<'_> = serde_json::from_slice(json)
            .map_err(|error| malformed("an event is not one").with_source(error))?;
        let Some(kind) = event.kind.as_deref() else {
            let is_failure = event.error.is_some() || event.message.is_some();
            let body = Bytes::copy_from_slice(json);
            return if is_failure {
                Err(refusal::in_band(body, ErrorKind::Unavailable))
            } else {
                Err(malformed("an event has no type"))
            };
        };
        if kind == "error" {
            let body = Bytes::copy_from_slice(json);
            return Err(refusal::in_band(body, ErrorKind::Unavailable));
        }
        if self.chunks.is_none() && is_known(kind) {
            let chunks = Chunks::new(&self.asked.head(event.id.as_deref().unwrap_or_default()));
            begin(&chunks, out);
            self.chunks = Some(chunks);
        }
        match kind {
            "message-end" => {
                let delta = event.delta.ok_or_else(|| malformed("the end says nothing"))?;
                let failed = |kind| refusal::in_band(Bytes::copy_from_slice(json), kind);
                self.end(&delta, out, frame).map_err(failed)
            }
            "message-start" | "content-end" | "tool-call-end" | "citation-end" => Ok(()),
            kind if is_known(kind) => self.said(&event, out),
            _ => Ok(()),
        }
    }

    /// What is said next, of whatever kind.
    fn said(&mut self, event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), ProviderError> {
        let raw = event.delta.as_ref().and_then(|delta| delta.message);
        let message: Message<'_> = raw
            .map_or(Ok(Message::default()), |raw| serde_json::from_str(raw.get()))
            .map_err(|error| malformed("an event's message is not one").with_source(error))?;
        // Taken out for a moment: the rest of what is known changes beside it.
        let Some(chunks) = self.chunks.take() else { return Ok(()) };
        self.told(event, &message, To { out, chunks: &chunks });
        self.chunks = Some(chunks);
        Ok(())
    }

    fn told(&mut self, event: &Event<'_>, message: &Message<'_>, mut to: To<'_>) {
        let index = event.index.unwrap_or_default();
        if let Some(plan) = message.tool_plan.as_deref() {
            self.thought(&mut to, None, plan);
        }
        if let Some(piece) = &message.content {
            if let Some(thought) = piece.thinking.as_deref() {
                self.thought(&mut to, Some(index), thought);
            }
            if let Some(text) = piece.text.as_deref() {
                self.lengths.add(index, text);
                to.text(text, event.logprobs.as_ref());
            }
        }
        if let Some(call) = &message.tool_calls {
            self.call(&mut to, index, call);
        }
        if let Some(citation) = &message.citations {
            let cited = std::slice::from_ref(citation);
            if let Some(annotations) = citations::told(cited, &self.lengths, &self.asked) {
                let annotations = Some(&*annotations);
                to.say(&Said { annotations, ..Said::default() });
            }
        }
    }

    fn thought(&mut self, to: &mut To<'_>, of: Option<u64>, text: &str) {
        if text.is_empty() {
            return;
        }
        let place = self.thoughts.iter().position(|own| *own == of).unwrap_or_else(|| {
            self.thoughts.push(of);
            self.thoughts.len() - 1
        });
        let index = u32::try_from(place).unwrap_or(u32::MAX);
        let format = if of.is_some() { FORMAT_THINKING } else { FORMAT_PLAN };
        let details = [Thought::text(index, format, Some(text))];
        let said =
            Said { reasoning_content: Some(text), reasoning_details: &details, ..Said::default() };
        to.say(&said);
    }

    /// A call that begins, or more of its arguments. Clients count calls; the vendor's numbers may
    /// begin anywhere.
    fn call(&mut self, to: &mut To<'_>, number: u64, call: &Call<'_>) {
        let nothing = Function::default();
        let function = call.function.as_ref().unwrap_or(&nothing);
        let id = call.id.as_deref();
        if id.is_some() {
            self.calls.push(number);
        }
        let place = self.calls.iter().rposition(|own| *own == number).unwrap_or_default();
        let arguments = function.arguments.as_deref().unwrap_or_default();
        if id.is_none() && arguments.is_empty() {
            return;
        }
        let calls = [SaidCall {
            index: Some(u32::try_from(place).unwrap_or(u32::MAX)),
            id,
            name: function.name.as_deref(),
            arguments,
            extra_content: None,
        }];
        to.say(&Said { tool_calls: &calls, ..Said::default() });
    }

    /// The end: why, and what it took; or that it is none, but a failure.
    fn end(
        &mut self,
        delta: &Delta<'_>,
        out: &mut Vec<u8>,
        frame: &mut Frame,
    ) -> Result<(), ErrorKind> {
        let usage = delta.usage.as_ref().and_then(Counts::usage);
        frame.usage = usage.clone().or(frame.usage.take());
        let word = delta.finish_reason.as_deref().unwrap_or_default();
        let finish = match finish::read(word, !self.calls.is_empty()) {
            Ending::Failed(kind) => return Err(kind),
            Ending::Finish(_) if delta.error.is_some() => return Err(ErrorKind::Unavailable),
            Ending::Finish(finish) => finish,
        };
        if let Some(chunks) = &self.chunks {
            chunks.stop(out, 0, finish, word);
            if let Some(usage) = usage.filter(|_| self.asked.wants_usage) {
                chunks.usage(out, &usage);
            }
            chunks.done(out);
        }
        frame.finish = Some(finish);
        self.is_over = true;
        Ok(())
    }
}

impl To<'_> {
    fn say(&mut self, said: &Said<'_>) {
        self.chunks.say(self.out, 0, said);
    }

    fn text(&mut self, text: &str, likely: Option<&logprobs::Likely<'_>>) {
        let said = Said { content: Some(text), ..Said::default() };
        match likely {
            Some(likely) => {
                let logprobs = logprobs::told(std::slice::from_ref(likely));
                self.chunks.say_likely(self.out, 0, &said, &logprobs);
            }
            None if text.is_empty() => {}
            None => self.say(&said),
        }
    }
}

/// The kinds of events that are part of a reply. Others (`debug`, and what is yet to come) say nothing
/// to a client.
fn is_known(kind: &str) -> bool {
    matches!(
        kind,
        "message-start"
            | "content-start"
            | "content-delta"
            | "content-end"
            | "tool-plan-delta"
            | "tool-call-start"
            | "tool-call-delta"
            | "tool-call-end"
            | "citation-start"
            | "citation-end"
            | "message-end"
    )
}
