//! A reply in one piece.

use bytes::Bytes;
use ferro_core::{
    ErrorKind, ProviderError,
    chat::{ChatResponse, Choice, Said, SaidCall, Text, Thought},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Asked, citations, citations::Citation, logprobs, malformed, usage::Counts};
use crate::{
    FORMAT_PLAN, FORMAT_THINKING,
    finish::{self, Ending},
    refusal,
};

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow, default)]
    id: Option<Text<'a>>,
    /// An object; or the words of an error that came with a success.
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    finish_reason: Option<Text<'a>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    logprobs: Option<Vec<logprobs::Likely<'a>>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    content: Option<Vec<Item<'a>>>,
    #[serde(borrow, default)]
    tool_plan: Option<Text<'a>>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<Call<'a>>>,
    #[serde(borrow, default)]
    citations: Option<Vec<Citation<'a>>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(borrow, default)]
    thinking: Option<Text<'a>>,
}

/// A tool's call.
#[derive(Deserialize)]
pub(super) struct Call<'a> {
    #[serde(borrow, default)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) function: Option<Function<'a>>,
}

/// What is called, or more of what it is called with.
#[derive(Default, Deserialize)]
pub(super) struct Function<'a> {
    #[serde(borrow, default)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) arguments: Option<Text<'a>>,
}

/// Reads a reply in one piece.
pub(super) fn read(asked: &Asked, body: &Bytes) -> Result<ChatResponse, ProviderError> {
    let reply: Reply<'_> = serde_json::from_slice(body)
        .map_err(|error| malformed("the reply is not one").with_source(error))?;
    let is_failure = |raw: &RawValue| raw.get().starts_with('"');
    if reply.error.is_some() || reply.message.is_some_and(is_failure) {
        return Err(refusal::in_band(body.clone(), ErrorKind::Unavailable));
    }
    let message = reply.message.ok_or_else(|| malformed("the reply has no message"))?;
    let message: Message<'_> = serde_json::from_str(message.get())
        .map_err(|error| malformed("the reply's message is not one").with_source(error))?;
    let has_calls = message.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty());
    let native = reply.finish_reason.as_deref();
    let finish = match native.map(|word| finish::read(word, has_calls)) {
        Some(Ending::Failed(kind)) => return Err(failed(body, kind)),
        Some(Ending::Finish(finish)) => Some(finish),
        None => None,
    };
    let parts = Told::of(&message, asked);
    let logprobs = reply.logprobs.as_deref().map(logprobs::told);
    let choice = Choice {
        index: 0,
        said: parts.said(&message),
        logprobs: logprobs.as_deref(),
        finish,
        native_finish: native,
    };
    let usage = reply.usage.as_ref().and_then(Counts::usage);
    Ok(asked.head(reply.id.as_deref().unwrap_or_default()).whole(&[choice], usage, &[]))
}

/// A reply that says of itself that it failed.
fn failed(body: &Bytes, kind: ErrorKind) -> ProviderError {
    let message = "the upstream says that the reply failed";
    ProviderError::new(kind).with_message(message).with_body(body.clone())
}

/// An error in one piece where a stream should be.
pub(super) fn failure(body: &Bytes) -> Option<ProviderError> {
    let reply: Reply<'_> = serde_json::from_slice(body).ok()?;
    let is_failure = |raw: &RawValue| raw.get().starts_with('"');
    let is_failure = reply.error.is_some() || reply.message.is_some_and(is_failure);
    is_failure.then(|| refusal::in_band(body.clone(), ErrorKind::Unavailable))
}

/// What a message comes to, held so that what is said can borrow.
struct Told<'a> {
    text: Option<String>,
    reasoning: String,
    thoughts: Vec<Thought<'a>>,
    calls: Vec<SaidCall<'a>>,
    annotations: Option<Box<RawValue>>,
}

impl<'a> Told<'a> {
    fn of(message: &'a Message<'_>, asked: &Asked) -> Self {
        let (mut text, mut reasoning) = (None::<String>, String::new());
        let (mut thoughts, mut lengths) = (Vec::new(), citations::Lengths::default());
        let plan = message.tool_plan.as_deref().filter(|plan| !plan.is_empty());
        let plans = plan.map(|plan| (FORMAT_PLAN, plan));
        let items = message.content.iter().flatten();
        let thinking = items.clone().filter_map(|item| item.thinking.as_deref());
        let thinking = thinking.map(|thought| (FORMAT_THINKING, thought));
        for (index, (format, thought)) in (0..).zip(plans.into_iter().chain(thinking)) {
            reasoning.push_str(thought);
            thoughts.push(Thought::text(index, format, Some(thought)));
        }
        for (index, item) in (0..).zip(items) {
            if let Some(said) = &item.text {
                lengths.add(index, said);
                text.get_or_insert_default().push_str(said);
            }
        }
        let call = |call: &'a Call<'_>| SaidCall {
            index: None,
            id: Some(call.id.as_deref().unwrap_or_default()),
            name: call.function.as_ref().and_then(|function| function.name.as_deref()),
            arguments: call
                .function
                .as_ref()
                .and_then(|function| function.arguments.as_deref())
                .unwrap_or_default(),
            extra_content: None,
        };
        let calls: Vec<_> = message.tool_calls.iter().flatten().map(call).collect();
        let cited = message.citations.as_deref().unwrap_or_default();
        let annotations = citations::told(cited, &lengths, asked);
        Self { text, reasoning, thoughts, calls, annotations }
    }

    fn said<'t>(&'t self, message: &Message<'_>) -> Said<'t> {
        // Where nothing is said and no tool is called, the text is empty, and not missing.
        let is_silent = self.calls.is_empty() && message.content.is_some();
        Said {
            content: self.text.as_deref().or(is_silent.then_some("")),
            reasoning_content: Some(&*self.reasoning).filter(|text| !text.is_empty()),
            reasoning_details: &self.thoughts,
            tool_calls: &self.calls,
            annotations: self.annotations.as_deref(),
            ..Said::default()
        }
    }
}
