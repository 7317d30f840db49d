//! A message as a body or as events. Serialised from typed values: no tree is built on the way.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;

use super::{
    Content,
    content::ToolCall,
    wire::{
        Bill, Call, ChunkChoice, Delta, Envelope, Function, Logprob, Logprobs, Message,
        TokenLogprob, Usage, WholeChoice,
    },
};
use crate::asked::Asked;

/// The body of a reply in one piece.
pub(crate) fn whole(asked: &Asked<'_>, content: &Content) -> Vec<u8> {
    let choice = |index| WholeChoice {
        index,
        message: Message {
            role: "assistant",
            content: joined(&content.text),
            refusal: joined(&content.refusal),
            reasoning_content: joined(&content.reasoning),
            tool_calls: content.calls.iter().map(whole_call).collect(),
            annotations: [],
        },
        logprobs: asked.logprobs().then(|| logprobs(content.text.iter().map(AsRef::as_ref))),
        finish_reason: content.finish(),
    };
    let choices: Vec<_> = (0..asked.choices()).map(choice).collect();
    let usage = Bill::Given(usage(asked, content));
    json(&envelope("chat.completion", &asked.model, &choices, usage))
}

/// The events of a streamed reply, `[DONE]` included.
pub(crate) fn chunks(asked: &Asked<'_>, content: &Content) -> Vec<Bytes> {
    let mut deltas = vec![Delta { role: Some("assistant"), content: Some(""), ..Delta::default() }];
    let reasoning = content.reasoning.iter();
    deltas.extend(reasoning.map(|t| Delta { reasoning_content: Some(t), ..Delta::default() }));
    deltas.extend(content.text.iter().map(|t| Delta { content: Some(t), ..Delta::default() }));
    deltas.extend(content.refusal.iter().map(|t| Delta { refusal: Some(t), ..Delta::default() }));
    let mut stream = Chunks { asked, events: Vec::new() };
    for delta in deltas {
        stream.say_in_every_choice(|| delta.clone(), None);
    }
    for (index, call) in content.calls.iter().enumerate() {
        stream.say_in_every_choice(|| call_begins(index, call), None);
        for piece in call.arguments {
            stream.say_in_every_choice(|| call_goes_on(index, piece), None);
        }
    }
    stream.say_in_every_choice(Delta::default, Some(content.finish()));
    if asked.usage() {
        stream.push(&[], Bill::Given(usage(asked, content)));
    }
    stream.events.push(Bytes::from_static(b"data: [DONE]\n\n"));
    stream.events
}

/// The events of an answer that says `text` to nobody in particular.
pub(crate) fn events_of_text(text: &[&str]) -> Vec<Bytes> {
    let asked = Asked::of_model("scripted");
    let pieces = text.iter().map(|text| Cow::Owned((*text).to_owned())).collect();
    chunks(&asked, &Content::said(pieces))
}

struct Chunks<'a> {
    asked: &'a Asked<'a>,
    events: Vec<Bytes>,
}

impl<'a> Chunks<'a> {
    fn say_in_every_choice(
        &mut self,
        delta: impl Fn() -> Delta<'a>,
        finish_reason: Option<&'static str>,
    ) {
        for index in 0..self.asked.choices() {
            let delta = delta();
            let said = delta.content.filter(|text| !text.is_empty() && self.asked.logprobs());
            let logprobs = said.map(|text| logprobs([text]));
            let choice = ChunkChoice { index, delta, logprobs, finish_reason };
            // Whoever asks for usage finds it mentioned in every chunk, and given in the last.
            let usage = if self.asked.usage() { Bill::Later } else { Bill::Unmentioned };
            self.push(&[choice], usage);
        }
    }

    fn push(&mut self, choices: &[ChunkChoice<'_>], usage: Bill) {
        let mut event = b"data: ".to_vec();
        event.extend(json(&envelope("chat.completion.chunk", &self.asked.model, choices, usage)));
        event.extend_from_slice(b"\n\n");
        self.events.push(event.into());
    }
}

fn envelope<'a, Choice>(
    object: &'static str,
    model: &'a str,
    choices: &'a [Choice],
    usage: Bill,
) -> Envelope<'a, Choice> {
    Envelope {
        id: "chatcmpl-scripted",
        object,
        created: 1,
        model,
        choices,
        usage,
        service_tier: "default",
        system_fingerprint: "fp_scripted",
    }
}

/// A token a piece, for every choice.
fn usage(asked: &Asked<'_>, content: &Content) -> Usage {
    let arguments: usize = content.calls.iter().map(|call| call.arguments.len()).sum();
    let reasoning = content.reasoning.len();
    let said = content.text.len() + content.refusal.len() + arguments + 1;
    Usage::of(asked.choices() * (said + reasoning), asked.choices() * reasoning)
}

fn joined(pieces: &[Cow<'_, str>]) -> Option<String> {
    (!pieces.is_empty()).then(|| pieces.concat())
}

fn whole_call(call: &ToolCall) -> Call<'_> {
    let function = Function { name: Some(&call.name), arguments: call.arguments.concat() };
    Call { index: None, id: Some(&call.id), kind: Some("function"), function }
}

fn call_begins(index: usize, call: &ToolCall) -> Delta<'_> {
    let function = Function { name: Some(&call.name), arguments: String::new() };
    let call = Call { index: Some(index), id: Some(&call.id), kind: Some("function"), function };
    Delta { tool_calls: Some([call]), ..Delta::default() }
}

fn call_goes_on(index: usize, piece: &str) -> Delta<'static> {
    let function = Function { name: None, arguments: piece.to_owned() };
    let call = Call { index: Some(index), id: None, kind: None, function };
    Delta { tool_calls: Some([call]), ..Delta::default() }
}

fn logprobs<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Logprobs<'a> {
    let rated = |token: &'a str| {
        let (logprob, bytes) = (-0.25, token.as_bytes());
        let top_logprobs = [Logprob { token, logprob, bytes }];
        TokenLogprob { token, logprob, bytes, top_logprobs }
    };
    Logprobs { content: tokens.into_iter().map(rated).collect(), refusal: None }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("strings, numbers and lists are JSON")
}
