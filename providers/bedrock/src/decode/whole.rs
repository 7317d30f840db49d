//! A reply in one piece.

use std::borrow::Cow;

use ferro_core::{
    ErrorKind, ProviderError,
    chat::{ChatResponse, Choice, Said, SaidCall, Text, Thought, arguments},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Asked,
    blocks::{Block, Tier, picture},
    counts::Counts,
    malformed,
    stop::finish,
};
use crate::{annotations, encode::BEDROCK, refusal};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    #[serde(borrow, default)]
    output: Option<Output<'a>>,
    #[serde(borrow, default)]
    stop_reason: Option<Text<'a>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    trace: Option<&'a RawValue>,
    #[serde(borrow, default)]
    additional_model_response_fields: Option<&'a RawValue>,
    #[serde(borrow, default)]
    service_tier: Option<Tier<'a>>,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    content: Vec<Block<'a>>,
}

/// What the blocks say, gathered.
#[derive(Default)]
struct Gathered<'a> {
    text: Cow<'a, str>,
    thought: Cow<'a, str>,
    thoughts: Vec<Thought<'a>>,
    calls: Vec<(&'a str, &'a str, Cow<'a, str>)>,
    images: Vec<serde_json::Value>,
}

/// Reads it.
pub(super) fn read(asked: &Asked, body: &bytes::Bytes) -> Result<ChatResponse, ProviderError> {
    let reply: Reply<'_> =
        serde_json::from_slice(body).map_err(|error| malformed("the reply is none", error))?;
    let Some(message) = reply.output.as_ref().and_then(|output| output.message.as_ref()) else {
        return Err(refusal::in_success(body).unwrap_or_else(|| {
            ProviderError::new(ErrorKind::Malformed).with_message("the reply holds no message")
        }));
    };
    let gathered = Gathered::of(asked, &message.content);
    let calls: Vec<_> = gathered.calls.iter().map(said_call).collect();
    let cited = message.content.iter().filter_map(|block| block.citations_content.as_ref());
    let annotations = cited.flat_map(|cited| &cited.citations);
    let annotations = annotations::of(annotations);
    let images = (!gathered.images.is_empty())
        .then(|| serde_json::value::to_raw_value(&gathered.images).ok())
        .flatten();
    let said = Said {
        content: Some(&*gathered.text).filter(|text| !text.is_empty()),
        reasoning_content: Some(&*gathered.thought).filter(|text| !text.is_empty()),
        reasoning_details: &gathered.thoughts,
        tool_calls: &calls,
        annotations: annotations.as_deref(),
        images: images.as_deref(),
        ..Said::default()
    };
    let native = reply.stop_reason.as_deref();
    let finish = native.map(|native| finish(native, !calls.is_empty()));
    let choice = Choice { said, finish, native_finish: native, ..Choice::default() };
    let extra = [
        ("service_tier", reply.service_tier.as_ref().map(|tier| tier.named)),
        ("trace", reply.trace),
        ("additionalModelResponseFields", reply.additional_model_response_fields),
    ];
    let extra: Vec<_> = extra.into_iter().filter_map(|(name, json)| Some((name, json?))).collect();
    let usage = reply.usage.as_ref().map(|counts| counts.usage(reply.service_tier.as_ref()));
    Ok(asked.head.whole(&[choice], usage, &extra))
}

fn said_call<'a>((id, name, arguments): &'a (&str, &str, Cow<'_, str>)) -> SaidCall<'a> {
    SaidCall { id: Some(id), name: Some(name), arguments, ..SaidCall::default() }
}

impl<'a> Gathered<'a> {
    fn of(asked: &'a Asked, blocks: &'a [Block<'a>]) -> Self {
        let mut gathered = Self::default();
        for block in blocks {
            gathered.block(asked, block);
        }
        gathered
    }

    fn block(&mut self, asked: &'a Asked, block: &'a Block<'a>) {
        if let Some(text) = block.text.as_deref() {
            append(&mut self.text, text);
        }
        let cited = block.citations_content.iter().flat_map(|cited| &cited.content);
        for text in cited.filter_map(|words| words.text.as_deref()) {
            append(&mut self.text, text);
        }
        if let Some(call) = &block.tool_use {
            let input = call.input.map_or("{}", |input| input.get());
            if asked.answer_tool.as_deref() == Some(&*call.name) {
                append(&mut self.text, input);
            } else {
                let name = asked.names.own(&call.name);
                self.calls.push((&call.tool_use_id, name, arguments::from_object(input)));
            }
        }
        if let Some(image) = &block.image
            && let Some(bytes) = image.source.bytes.as_deref()
        {
            self.images.push(picture(&image.format, bytes));
        }
        let Some(reasoning) = &block.reasoning_content else { return };
        let index = u32::try_from(self.thoughts.len()).unwrap_or(u32::MAX);
        if let Some(thought) = &reasoning.reasoning_text {
            append(&mut self.thought, &thought.text);
            let said = Thought::text(index, asked.format, Some(&thought.text));
            self.thoughts.push(said.sealed(thought.signature.as_deref()));
        } else if let Some(data) = reasoning.redacted_content.as_deref() {
            self.thoughts.push(Thought::encrypted(index, BEDROCK, data));
        }
    }
}

/// Adds to a text; the only one is not copied.
fn append<'a>(text: &mut Cow<'a, str>, more: &'a str) {
    if text.is_empty() {
        *text = Cow::Borrowed(more);
    } else {
        text.to_mut().push_str(more);
    }
}
