//! A reply event by event.

use ferro_core::{
    Frame, ProviderError,
    chat::{Said, SaidCall, Text, Thought},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    ConverseDecoder,
    blocks::{Source, Tier, picture},
    counts::Counts,
    malformed,
    stop::finish,
};
use crate::{
    annotations::{self, Citation},
    encode::BEDROCK,
};

/// How far a stream has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Whether the client was told that the assistant speaks.
    has_begun: bool,
    /// The block that is being said.
    block: Option<Open>,
    /// Calls that the client knows of.
    calls: u32,
    /// Thoughts that are over, or begun.
    thoughts: u32,
    pub(super) is_finished: bool,
}

/// A block of which the end has not come yet.
#[derive(Clone, Debug)]
struct Open {
    index: u64,
    is: Kind,
    /// Whether anything of it has come.
    has_said: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Words,
    /// The call of this number.
    Call(u32),
    /// The tool that stands for the answer.
    Answer,
    /// The thought of this number.
    Thought(u32),
    /// A picture of this format.
    Picture(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Start<'a> {
    content_block_index: u64,
    #[serde(borrow)]
    start: Started<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Started<'a> {
    #[serde(borrow, default)]
    tool_use: Option<Called<'a>>,
    #[serde(borrow, default)]
    image: Option<Pictured<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Called<'a> {
    #[serde(borrow)]
    tool_use_id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
}

#[derive(Deserialize)]
struct Pictured<'a> {
    #[serde(borrow)]
    format: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Piece<'a> {
    content_block_index: u64,
    #[serde(borrow)]
    delta: Delta<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delta<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(borrow, default)]
    tool_use: Option<Input<'a>>,
    #[serde(borrow, default)]
    reasoning_content: Option<Mused<'a>>,
    #[serde(borrow, default)]
    citation: Option<Citation<'a>>,
    #[serde(borrow, default)]
    image: Option<Painted<'a>>,
}

#[derive(Deserialize)]
struct Input<'a> {
    #[serde(borrow, default)]
    input: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mused<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(borrow, default)]
    signature: Option<Text<'a>>,
    #[serde(borrow, default)]
    redacted_content: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Painted<'a> {
    #[serde(borrow, default)]
    source: Source<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stop<'a> {
    #[serde(borrow)]
    stop_reason: Text<'a>,
    #[serde(borrow, default)]
    additional_model_response_fields: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    trace: Option<&'a RawValue>,
    #[serde(borrow, default)]
    service_tier: Option<Tier<'a>>,
}

fn read<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, ProviderError> {
    serde_json::from_slice(payload).map_err(|error| malformed("an event is none", error))
}

impl ConverseDecoder {
    /// Takes in one event; those that nobody knows say nothing.
    pub(super) fn event(
        &mut self,
        name: &str,
        payload: &[u8],
        bytes: &mut Vec<u8>,
        out: &mut Frame,
    ) -> Result<(), ProviderError> {
        match name {
            "contentBlockDelta" => self.piece(&read(payload)?, bytes),
            "messageStart" => self.say(bytes, &Said::default()),
            "contentBlockStart" => self.start(&read(payload)?, bytes),
            "contentBlockStop" => self.end_block(bytes),
            "messageStop" => self.stop(&read(payload)?, bytes, out),
            "metadata" => self.finish(&read(payload)?, bytes, out),
            _ => {}
        }
        Ok(())
    }

    /// Says something, and who speaks where that was not said yet.
    fn say(&mut self, bytes: &mut Vec<u8>, said: &Said<'_>) {
        let begins = !std::mem::replace(&mut self.progress.has_begun, true);
        self.chunks.say(bytes, 0, &Said { begins, ..*said });
    }

    fn start(&mut self, start: &Start<'_>, bytes: &mut Vec<u8>) {
        let is = if let Some(call) = &start.start.tool_use {
            if self.asked.answer_tool.as_deref() == Some(&*call.name) {
                Kind::Answer
            } else {
                Kind::Call(self.call(call, bytes))
            }
        } else if let Some(image) = &start.start.image {
            Kind::Picture(image.format.0.clone().into_owned())
        } else {
            Kind::Words
        };
        self.progress.block = Some(Open { index: start.content_block_index, is, has_said: false });
    }

    fn call(&mut self, call: &Called<'_>, bytes: &mut Vec<u8>) -> u32 {
        let number = self.progress.calls;
        self.progress.calls += 1;
        let name = self.asked.names.own(&call.name).to_owned();
        let said = SaidCall {
            index: Some(number),
            id: Some(&call.tool_use_id),
            name: Some(&name),
            ..SaidCall::default()
        };
        self.say(bytes, &Said { tool_calls: &[said], ..Said::default() });
        number
    }

    fn piece(&mut self, piece: &Piece<'_>, bytes: &mut Vec<u8>) {
        let (index, delta) = (piece.content_block_index, &piece.delta);
        if let Some(text) = delta.text.as_deref().filter(|text| !text.is_empty()) {
            self.say(bytes, &Said { content: Some(text), ..Said::default() });
        }
        if let Some(input) = delta.tool_use.as_ref().filter(|input| !input.input.is_empty()) {
            self.input(index, &input.input, bytes);
        }
        if let Some(mused) = &delta.reasoning_content {
            self.muse(index, mused, bytes);
        }
        if let Some(citation) = &delta.citation {
            let annotations = annotations::of(std::iter::once(citation));
            self.say(bytes, &Said { annotations: annotations.as_deref(), ..Said::default() });
        }
        if let Some(data) = delta.image.as_ref().and_then(|image| image.source.bytes.as_deref())
            && let Some(Open { is: Kind::Picture(format), .. }) = &self.progress.block
        {
            let images = serde_json::value::to_raw_value(&[picture(format, data)]).ok();
            self.say(bytes, &Said { images: images.as_deref(), ..Said::default() });
        }
    }

    fn input(&mut self, index: u64, input: &str, bytes: &mut Vec<u8>) {
        let open = self.progress.block.as_mut().filter(|open| open.index == index);
        let Some(open) = open else { return };
        open.has_said = true;
        match open.is {
            Kind::Call(number) => self.arguments(number, input, bytes),
            Kind::Answer => self.say(bytes, &Said { content: Some(input), ..Said::default() }),
            _ => {}
        }
    }

    fn arguments(&mut self, number: u32, arguments: &str, bytes: &mut Vec<u8>) {
        let call = SaidCall { index: Some(number), arguments, ..SaidCall::default() };
        self.say(bytes, &Said { tool_calls: &[call], ..Said::default() });
    }

    /// Thoughts have no beginning of their own: the first piece of a block is one.
    fn muse(&mut self, index: u64, mused: &Mused<'_>, bytes: &mut Vec<u8>) {
        let number = match &self.progress.block {
            Some(Open { index: open, is: Kind::Thought(number), .. }) if *open == index => *number,
            _ => {
                let number = self.progress.thoughts;
                self.progress.thoughts += 1;
                let is = Kind::Thought(number);
                self.progress.block = Some(Open { index, is, has_said: true });
                number
            }
        };
        let text = mused.text.as_deref().filter(|text| !text.is_empty());
        let thought = match (&mused.redacted_content, &mused.signature) {
            (Some(data), _) => Thought::encrypted(number, BEDROCK, data),
            (None, None) if text.is_none() => return,
            (None, signature) => {
                Thought::text(number, self.asked.format, text).sealed(signature.as_deref())
            }
        };
        let said =
            Said { reasoning_content: text, reasoning_details: &[thought], ..Said::default() };
        self.say(bytes, &said);
    }

    /// A call that came without arguments has none, which is an object too.
    fn end_block(&mut self, bytes: &mut Vec<u8>) {
        let Some(open) = self.progress.block.take().filter(|open| !open.has_said) else { return };
        match open.is {
            Kind::Call(number) => self.arguments(number, "{}", bytes),
            Kind::Answer => self.say(bytes, &Said { content: Some("{}"), ..Said::default() }),
            _ => {}
        }
    }

    fn stop(&mut self, stop: &Stop<'_>, bytes: &mut Vec<u8>, out: &mut Frame) {
        let native = &*stop.stop_reason;
        let finish = finish(native, self.progress.calls > 0);
        if !self.progress.has_begun {
            self.say(bytes, &Said::default());
        }
        if let Some(fields) = stop.additional_model_response_fields {
            self.chunks.beside(bytes, &[("additionalModelResponseFields", fields)]);
        }
        self.chunks.stop(bytes, 0, finish, native);
        out.finish = Some(finish);
    }

    fn finish(&mut self, metadata: &Metadata<'_>, bytes: &mut Vec<u8>, out: &mut Frame) {
        let beside = [
            ("trace", metadata.trace),
            ("service_tier", metadata.service_tier.as_ref().map(|tier| tier.named)),
        ];
        let beside: Vec<_> =
            beside.into_iter().filter_map(|(name, json)| Some((name, json?))).collect();
        if !beside.is_empty() {
            self.chunks.beside(bytes, &beside);
        }
        if let Some(counts) = &metadata.usage {
            let usage = counts.usage(metadata.service_tier.as_ref());
            if self.asked.wants_usage {
                self.chunks.usage(bytes, &usage);
            }
            out.usage = Some(usage);
        }
        self.chunks.done(bytes);
        self.progress.is_finished = true;
    }
}
