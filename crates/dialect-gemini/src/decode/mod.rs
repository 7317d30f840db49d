//! What the vendor answers, as a chat reply.

mod annotations;
mod beside;
mod finish;
mod likely;
mod piece;
mod usage;
mod whole;
mod wire;

use std::time::UNIX_EPOCH;

use bytes::Bytes;
use ferro_core::{
    Call, Comes, Decoder, ErrorKind, Finish, Frame, ProviderError, Usage,
    chat::{Chat, ChatRequest, ChatResponse, Chunks, ReplyHead, Said},
};
use ferro_wire::{Framing, json_array, sse};
use http::response::Parts;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::{encode, names::Renamed, refusal};
use piece::{Reading, State};
use whole::Gathered;
use wire::{Feedback, Reply};

/// What a reply without answers lacks.
const NOTHING: &str = "the reply has neither candidates nor a reason why not";

/// Reads one reply.
pub(crate) struct GenerateDecoder {
    model: String,
    created: u64,
    renamed: Renamed,
    wants_usage: bool,
    /// Made when the reply's name is known.
    stream: Option<Stream>,
    states: Vec<State>,
    usage: Option<Usage>,
    /// In which tier it is answered, where the head says so.
    tier: Option<Box<str>>,
    form: Form,
    is_finished: bool,
}

/// How a stream comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    /// As server-sent events.
    Events,
    /// As JSON: one reply, or an array that has not begun.
    Json,
    /// As an array of replies: without `alt=sse`, and from some proxies with it.
    Array,
}

/// What is the same in all chunks of a stream.
struct Stream {
    chunks: Chunks,
    id: String,
}

impl GenerateDecoder {
    pub(crate) fn new(call: &Call<'_>, request: &ChatRequest, said: &encode::Said) -> Self {
        let created = call.now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self {
            model: call.model.to_owned(),
            created,
            renamed: said.renamed.clone(),
            wants_usage: request.wants_usage(),
            stream: None,
            states: Vec::new(),
            usage: None,
            tier: None,
            form: Form::Events,
            is_finished: false,
        }
    }

    fn head(&self, reply: &Reply<'_>) -> ReplyHead {
        let own = |text: &Option<ferro_core::chat::Text<'_>>| {
            text.as_deref().filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let id = own(&reply.response_id).unwrap_or_else(|| format!("gemini-{}", self.created));
        let model = own(&reply.model_version).unwrap_or_else(|| self.model.clone());
        ReplyHead::new(id, self.created, model)
    }

    /// Reads one event of a stream. Some models say `STOP` in each, with the counts so far, and go on:
    /// only the end of the stream is one.
    fn event(&mut self, data: &[u8], out: &mut Out<'_>) -> Result<(), ProviderError> {
        // Not this vendor's; but proxies say it.
        if data == b"[DONE]" {
            return self.over(out);
        }
        let reply = read(data)?;
        let stream = self.stream.take();
        let stream = stream.unwrap_or_else(|| Stream::new(self.head(&reply)));
        let counted = reply.usage_metadata.as_ref().and_then(usage::read);
        if let Some(usage) = counted.map(|usage| usage::served(usage, self.tier.as_deref())) {
            self.usage = Some(usage.clone());
            out.frame.usage = Some(usage);
        }
        for candidate in reply.candidates.iter().flatten() {
            let index = candidate.index.unwrap_or_default();
            let reading = Reading { renamed: &self.renamed, reply: &stream.id };
            let state = find(&mut self.states, index, |state| state.index, || State::new(index));
            state.read(candidate, &reading, &mut |said, seal| {
                let detail = seal.map(piece::Seal::detail);
                let said = Said { reasoning_details: detail.as_slice(), ..*said };
                stream.chunks.say(&mut out.bytes, index, &said);
            });
            if let Some(entries) = candidate.logprobs_result.as_ref().and_then(likely::read) {
                let list = likely::list(&entries);
                stream.chunks.say_likely(&mut out.bytes, index, &Said::default(), &list);
            }
        }
        if let Some((reason, words)) = reply.prompt_feedback.as_ref().and_then(blocked) {
            if self.states.is_empty() {
                self.states.push(State::new(0));
            }
            self.states.iter_mut().for_each(|state| state.block(reason, &words));
        }
        self.stream = Some(stream);
        Ok(())
    }

    /// Nothing more comes.
    fn over(&mut self, out: &mut Out<'_>) -> Result<(), ProviderError> {
        if self.is_finished {
            return Ok(());
        }
        let has_ended =
            !self.states.is_empty() && self.states.iter().all(|state| state.native.is_some());
        let stream = self.stream.take().filter(|_| has_ended).ok_or_else(|| self.cut_short())?;
        self.conclude(&stream, out);
        Ok(())
    }

    /// Says why each answer stopped, and what all of it took.
    fn conclude(&mut self, stream: &Stream, out: &mut Out<'_>) {
        let (chunks, bytes) = (&stream.chunks, &mut out.bytes);
        for state in &self.states {
            let (refusal, annotations) = (state.refusal(), state.annotations());
            let last = Said {
                begins: !state.has_begun,
                content: (!state.has_begun && refusal.is_none()).then_some(""),
                refusal,
                annotations: annotations.as_deref(),
                ..Said::default()
            };
            if last.begins || last.refusal.is_some() || last.annotations.is_some() {
                chunks.say(bytes, state.index, &last);
            }
            let native = state.native.as_deref().unwrap_or_default();
            let finish = state.finish().unwrap_or(Finish::Stop);
            chunks.stop(bytes, state.index, finish, native);
            if state.index == 0 {
                out.frame.finish = Some(finish);
            }
        }
        if let Some(beside) = beside::of(self.states.iter()) {
            chunks.beside(bytes, &[(beside::NAME, &beside)]);
        }
        if let Some(usage) = self.usage.as_ref().filter(|_| self.wants_usage) {
            chunks.usage(bytes, usage);
        }
        chunks.done(bytes);
        self.is_finished = true;
    }
}

/// What goes to the client.
struct Out<'f> {
    bytes: Vec<u8>,
    frame: &'f mut Frame,
}

impl Out<'_> {
    /// Hands over what was written, also before an error.
    fn end(self) {
        self.frame.bytes = self.bytes.into();
    }
}

impl Stream {
    fn new(head: ReplyHead) -> Self {
        Self { chunks: Chunks::new(&head), id: head.id }
    }
}

impl Decoder<Chat> for GenerateDecoder {
    fn framing(&self) -> Framing {
        if self.form == Form::Events { sse::FRAMING } else { json_array::FRAMING }
    }

    /// A stream's tier stands in its head, as that of a reply in one piece does.
    fn comes(&mut self, head: &Parts) -> Option<Comes> {
        self.tier = usage::tier_in(head).map(Into::into);
        None
    }

    fn turns_to_json(&mut self) -> bool {
        self.form = Form::Json;
        true
    }

    fn whole(&mut self, head: &Parts, body: Bytes) -> Result<ChatResponse, ProviderError> {
        // What was asked for in one piece comes as a stream's list from some proxies.
        let is_list = body.trim_ascii_start().starts_with(b"[");
        let pieces = if is_list { listed(&body)? } else { vec![read(&body)?] };
        let mut answers: Vec<Gathered> = Vec::new();
        let first = pieces.first().ok_or_else(|| malformed("the reply is an empty list"))?;
        let own = self.head(first);
        let reading = Reading { renamed: &self.renamed, reply: &own.id };
        for candidate in pieces.iter().flat_map(|piece| piece.candidates.iter().flatten()) {
            let index = candidate.index.unwrap_or_default();
            let answer = find(&mut answers, index, Gathered::index, || Gathered::new(index));
            answer.add(candidate, &reading);
        }
        let feedback = pieces.iter().find_map(|piece| blocked(piece.prompt_feedback.as_ref()?));
        if let Some((reason, words)) = feedback {
            if answers.is_empty() {
                answers.push(Gathered::new(0));
            }
            answers.iter_mut().for_each(|answer| answer.block(reason, &words));
        }
        if answers.is_empty() {
            return Err(malformed(NOTHING));
        }
        let counts = pieces.iter().filter_map(|piece| piece.usage_metadata.as_ref());
        let usage = counts.filter_map(usage::read).next_back();
        let tier = usage::tier_in(head);
        let usage = usage.map(|usage| usage::served(usage, tier));
        let tier = tier.and_then(|tier| serde_json::value::to_raw_value(tier).ok());
        let beside = beside::of(answers.iter().map(Gathered::state));
        let extra = [("service_tier", &tier), (beside::NAME, &beside)];
        let extra = extra.iter().filter_map(|(name, json)| Some((*name, json.as_deref()?)));
        let extra: Vec<(&str, &RawValue)> = extra.collect();
        Ok(whole::reply(&own, &answers, usage, &extra))
    }

    fn read(&mut self, events: Bytes, frame: &mut Frame) -> Result<(), ProviderError> {
        let mut out = Out { bytes: Vec::with_capacity(events.len() + 256), frame };
        let result = match self.form {
            Form::Events => self.events(&events, &mut out),
            Form::Json | Form::Array => self.elements(&events, &mut out),
        };
        out.end();
        result
    }

    fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// The end of the body is the end of the stream, if each answer has said why it stopped. Some end
    /// without the blank line behind the last event, and one that breaks off says why in a list that is
    /// no event.
    fn end(&mut self, tail: Bytes, frame: &mut Frame) -> Result<(), ProviderError> {
        if let Some(error) = refusal::in_band(&tail) {
            return Err(error);
        }
        // What came together with the end is there already.
        let mut out = Out { bytes: std::mem::take(&mut frame.bytes).into(), frame };
        let result = self.tail(&tail, &mut out);
        out.end();
        result
    }
}

impl GenerateDecoder {
    fn events(&mut self, events: &[u8], out: &mut Out<'_>) -> Result<(), ProviderError> {
        for data in sse::events(events).map(|event| event.data()).filter(|data| !data.is_empty()) {
            if self.is_finished {
                break;
            }
            self.event(&data, out)?;
        }
        Ok(())
    }

    fn elements(&mut self, events: &[u8], out: &mut Out<'_>) -> Result<(), ProviderError> {
        if events.trim_ascii_start().starts_with(b"[") {
            self.form = Form::Array;
        }
        for event in json_array::events(events) {
            if self.is_finished {
                break;
            }
            match event {
                json_array::Event::Element(json) => self.event(json, out)?,
                json_array::Event::End => self.over(out)?,
            }
        }
        Ok(())
    }

    /// What has no end. JSON in which nobody has said anything is no stream either.
    fn cut_short(&self) -> ProviderError {
        if self.form != Form::Events && self.states.is_empty() {
            return malformed(NOTHING);
        }
        ProviderError::new(ErrorKind::Interrupted)
            .with_message("the stream ended before it said why it was over")
    }

    /// What is left when the body is over. An array has an end of its own.
    fn tail(&mut self, tail: &[u8], out: &mut Out<'_>) -> Result<(), ProviderError> {
        let is_blank = tail.trim_ascii().is_empty();
        if self.form == Form::Array || self.form == Form::Json && !is_blank {
            return Err(self.cut_short());
        }
        if !is_blank {
            let completed = [tail, b"\n\n"].concat();
            let event = sse::events(&completed).next();
            let data = event.map(|event| event.data()).unwrap_or_default();
            // Half an event is none.
            serde_json::from_slice::<IgnoredAny>(&data).map_err(|_| self.cut_short())?;
            self.event(&data, out)?;
        }
        self.over(out)
    }
}

/// The one with that index, made if it is new: replies have few.
fn find<T>(
    all: &mut Vec<T>,
    index: u32,
    of: impl Fn(&T) -> u32,
    new: impl FnOnce() -> T,
) -> &mut T {
    let at = all.iter().position(|one| of(one) == index).unwrap_or_else(|| {
        all.push(new());
        all.len() - 1
    });
    &mut all[at]
}

/// Why a prompt was not let through: the vendor's word, and words for a person.
fn blocked<'a>(feedback: &'a Feedback<'_>) -> Option<(&'a str, String)> {
    let reason = feedback.block_reason.as_deref()?;
    let message = feedback.block_reason_message.as_deref();
    let said = || format!("The prompt was blocked: {reason}");
    Some((reason, message.map_or_else(said, str::to_owned)))
}

/// Reads a reply, or a piece of one; an error in its place is one.
fn read(data: &[u8]) -> Result<Reply<'_>, ProviderError> {
    // Text is known to be text once, and not string by string.
    let text = std::str::from_utf8(data);
    let read = match text {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(data),
    };
    let reply: Reply<'_> = match read {
        Ok(reply) => reply,
        Err(error) => {
            let told = refusal::in_band(data);
            return Err(told.unwrap_or_else(|| {
                malformed("the upstream's reply is not what it should be").with_source(error)
            }));
        }
    };
    if reply.error.is_some()
        && let Some(error) = refusal::in_band(data)
    {
        return Err(error);
    }
    Ok(reply)
}

/// Reads a reply that came as a list.
fn listed(body: &[u8]) -> Result<Vec<Reply<'_>>, ProviderError> {
    if let Some(error) = refusal::in_band(body) {
        return Err(error);
    }
    serde_json::from_slice(body)
        .map_err(|error| malformed("the upstream's list is not a reply").with_source(error))
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

#[cfg(test)]
mod tests;
