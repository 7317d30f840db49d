//! What a server answers, as a chat reply: one object, or one on each line.

use std::time::SystemTime;

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, Finish, Frame, ProviderError, Usage,
    chat::{Chat, ChatResponse, Choice, Chunks, ReplyHead, Said, SaidCall, Text, arguments},
    retry_after,
};
use ferro_wire::{Framing, ndjson};
use http::response::Parts;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::refusal;

/// A reply, or a piece of one: the last says that it is done. Texts are read where they are needed.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default, borrow)]
    model: Option<&'a RawValue>,
    #[serde(default, borrow)]
    created_at: Option<&'a RawValue>,
    #[serde(default, borrow)]
    message: Option<Message<'a>>,
    #[serde(default)]
    done: bool,
    #[serde(default, borrow)]
    done_reason: Option<&'a RawValue>,
    #[serde(default)]
    prompt_eval_count: Option<u64>,
    #[serde(default)]
    eval_count: Option<u64>,
    #[serde(default, borrow)]
    logprobs: Option<&'a RawValue>,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default, borrow)]
    content: Option<&'a RawValue>,
    #[serde(default, borrow)]
    thinking: Option<&'a RawValue>,
    #[serde(default, borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

#[derive(Deserialize)]
struct ToolCall<'a> {
    /// Newer servers name their calls.
    #[serde(default, borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    function: Function<'a>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    name: &'a RawValue,
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
}

/// Reads one reply.
pub(crate) struct ChatDecoder {
    model: String,
    now: SystemTime,
    wants_usage: bool,
    /// What was made of the first line.
    begun: Option<Begun>,
    is_finished: bool,
}

/// What is the same in all of a reply.
struct Begun {
    /// When the reply was made, as far as names go.
    stamp: String,
    chunks: Chunks,
    /// How many calls there have been.
    calls: u32,
}

impl ChatDecoder {
    pub(crate) fn new(call: &Call<'_>, wants_usage: bool) -> Self {
        let model = call.model.to_owned();
        Self { model, now: call.now, wants_usage, begun: None, is_finished: false }
    }

    /// Who made a reply and when, and what its calls are named after: its instant, which servers tell
    /// to the nanosecond.
    fn head(&self, line: &Line<'_>) -> (ReplyHead, String) {
        let said = text(line.created_at);
        let made = said.as_deref().and_then(retry_after::instant).unwrap_or(self.now);
        let made = made.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let stamp = match said.as_deref().unwrap_or_default() {
            "" => made.as_nanos().to_string(),
            said => said.chars().filter(char::is_ascii_alphanumeric).take(64).collect(),
        };
        let model = text(line.model).filter(|model| !model.is_empty());
        let model = model.map_or_else(|| self.model.clone(), |model| model.0.into_owned());
        (ReplyHead::new(format!("chatcmpl-{stamp}"), made.as_secs(), model), stamp)
    }

    fn line(
        &mut self,
        json: &[u8],
        bytes: &mut Vec<u8>,
        out: &mut Frame,
    ) -> Result<(), ProviderError> {
        let line = read(json)?;
        let is_first = self.begun.is_none();
        if is_first {
            let (head, stamp) = self.head(&line);
            self.begun = Some(Begun { stamp, chunks: Chunks::new(&head), calls: 0 });
        }
        let begun = self.begun.as_mut().expect("it has begun just now, if not before");
        let spoken = Spoken::of(&line, &begun.stamp, begun.calls);
        let calls = spoken.calls(true);
        begun.calls += u32::try_from(calls.len()).unwrap_or(u32::MAX);
        let said = Said { begins: is_first, ..spoken.said(&calls) };
        if is_first || spoken.says_something() {
            match likelihoods(&line) {
                Some(logprobs) => begun.chunks.say_likely(bytes, 0, &said, &logprobs),
                None => begun.chunks.say(bytes, 0, &said),
            }
        }
        if !line.done {
            return Ok(());
        }
        let (finish, native) = finish(&line, begun.calls > 0);
        begun.chunks.stop(bytes, 0, finish, &native);
        (out.finish, out.usage) = (Some(finish), usage(&line));
        if let Some(usage) = out.usage.as_ref().filter(|_| self.wants_usage) {
            begun.chunks.usage(bytes, usage);
        }
        begun.chunks.done(bytes);
        self.is_finished = true;
        Ok(())
    }

    fn lines(&mut self, lines: &[u8], out: &mut Frame) -> Result<(), ProviderError> {
        let mut bytes = std::mem::take(&mut out.bytes).to_vec();
        let mut read = Ok(());
        for line in ndjson::lines(lines) {
            read = self.line(line, &mut bytes, out);
            if read.is_err() || self.is_finished {
                break;
            }
        }
        // What was said before an error still goes to the client.
        out.bytes = bytes.into();
        read
    }
}

impl Decoder<Chat> for ChatDecoder {
    fn framing(&self) -> Framing {
        ndjson::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<ChatResponse, ProviderError> {
        let line = read(&body)?;
        if !line.done {
            return Err(malformed("the reply does not say that it is done"));
        }
        let (head, stamp) = self.head(&line);
        let spoken = Spoken::of(&line, &stamp, 0);
        let calls = spoken.calls(false);
        let (finish, native) = finish(&line, !calls.is_empty());
        let logprobs = likelihoods(&line);
        let choice = Choice {
            index: 0,
            said: Said { content: spoken.whole(), ..spoken.said(&calls) },
            logprobs: logprobs.as_deref(),
            finish: Some(finish),
            native_finish: Some(&native),
        };
        Ok(head.whole(&[choice], usage(&line), &[]))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        self.lines(&events, out)
    }

    fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// The last line may lack its end. Half a line was cut off.
    fn end(&mut self, tail: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        if serde_json::from_slice::<serde::de::IgnoredAny>(&tail).is_ok() {
            self.lines(&tail, out)?;
        }
        if self.is_finished {
            return Ok(());
        }
        let message = "the upstream's stream ended before it said that it was done";
        Err(ProviderError::new(ErrorKind::Interrupted).with_message(message))
    }
}

/// What a line says, as texts.
struct Spoken<'a> {
    content: Option<Text<'a>>,
    thinking: Option<Text<'a>>,
    calls: Vec<SpokenCall<'a>>,
    /// How many calls there were before.
    before: u32,
}

struct SpokenCall<'a> {
    id: String,
    name: Text<'a>,
    arguments: std::borrow::Cow<'a, str>,
}

impl<'a> Spoken<'a> {
    fn of(line: &Line<'a>, stamp: &str, before: u32) -> Self {
        let Some(message) = &line.message else {
            return Self { content: None, thinking: None, calls: Vec::new(), before };
        };
        let calls = message.tool_calls.iter().flatten().zip(before..).map(|(call, place)| {
            let own = text(call.id).filter(|id| !id.is_empty());
            let object = call.function.arguments.map_or("", RawValue::get);
            SpokenCall {
                id: own.map_or_else(|| format!("call_{stamp}_{place}"), |id| id.0.into_owned()),
                name: text(Some(call.function.name)).unwrap_or_default(),
                arguments: arguments::from_object(object),
            }
        });
        let thinking = text(message.thinking).filter(|thought| !thought.is_empty());
        Self { content: text(message.content), thinking, calls: calls.collect(), before }
    }

    fn calls(&self, is_stream: bool) -> Vec<SaidCall<'_>> {
        let each = self.calls.iter().zip(self.before..);
        let said = each.map(|(call, place)| SaidCall {
            index: is_stream.then_some(place),
            id: Some(&call.id),
            name: Some(&call.name),
            arguments: &call.arguments,
            extra_content: None,
        });
        said.collect()
    }

    /// What is said in one piece: nothing beside calls is no text, and nothing at all an empty one.
    fn whole(&self) -> Option<&str> {
        self.content.as_deref().filter(|content| !content.is_empty() || self.calls.is_empty())
    }

    fn says_something(&self) -> bool {
        let has_words = self.content.as_deref().is_some_and(|content| !content.is_empty());
        has_words || self.thinking.is_some() || !self.calls.is_empty()
    }

    fn said<'s>(&'s self, calls: &'s [SaidCall<'s>]) -> Said<'s> {
        Said {
            content: self.content.as_deref().filter(|content| !content.is_empty()),
            reasoning_content: self.thinking.as_deref(),
            tool_calls: calls,
            ..Said::default()
        }
    }
}

fn read(json: &[u8]) -> Result<Line<'_>, ProviderError> {
    let line: Line<'_> = serde_json::from_slice(json)
        .map_err(|error| malformed("what the server says is not its wire").with_source(error))?;
    match line.error {
        Some(_) => Err(refusal::in_band(Bytes::copy_from_slice(json))),
        None => Ok(line),
    }
}

fn text(json: Option<&RawValue>) -> Option<Text<'_>> {
    serde_json::from_str(json?.get()).ok()
}

/// Why it stopped. A model that calls tools says no more than that it stopped, and older servers do
/// not say even that; one that was only loaded, or unloaded, has nothing to say.
fn finish(line: &Line<'_>, calls: bool) -> (Finish, String) {
    let native = text(line.done_reason).filter(|reason| !reason.is_empty());
    let native = native.map_or_else(|| "done".to_owned(), |reason| reason.0.into_owned());
    let finish = match native.as_str() {
        "stop" | "done" if calls => Finish::ToolCalls,
        "stop" | "done" | "load" | "unload" => Finish::Stop,
        "length" => Finish::Length,
        _ => Finish::Other,
    };
    (finish, native)
}

/// A count that is nothing is left out.
fn usage(line: &Line<'_>) -> Option<Usage> {
    let (prompt, completion) = (line.prompt_eval_count, line.eval_count);
    let is_counted = prompt.is_some() || completion.is_some();
    is_counted.then(|| Usage::new(prompt.unwrap_or_default(), completion.unwrap_or_default()))
}

/// The probabilities of the words, in the wire's frame.
fn likelihoods(line: &Line<'_>) -> Option<Box<RawValue>> {
    let list = line.logprobs.filter(|list| list.get() != "[]")?;
    RawValue::from_string(format!("{{\"content\":{},\"refusal\":null}}", list.get())).ok()
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

#[cfg(test)]
mod tests;
