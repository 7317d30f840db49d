//! A reply in one piece.

use ferro_core::{
    ProviderError,
    chat::{ChatResponse, Choice, ReplyHead, Said, SaidCall, Thought, arguments},
};
use serde_json::value::RawValue;

use super::{
    Expected, FORMAT,
    annotations::Annotations,
    finish::{self, Beside},
    malformed,
    own::{self, Behind, Later},
    wire::{Block, Ending, Message},
};
use crate::refusal;

/// What a reply says, put together.
#[derive(Default)]
struct Whole<'a> {
    content: String,
    /// How many characters of the content there are.
    length: usize,
    thoughts: Vec<Thought<'a>>,
    reasoning: String,
    calls: Vec<SaidCall<'a>>,
    annotations: Annotations,
    /// Blocks for which the wire has no word.
    own: Vec<String>,
    has_content: bool,
}

pub(super) fn read(body: &[u8], expected: &Expected) -> Result<ChatResponse, ProviderError> {
    let mut message: Message<'_> = serde_json::from_slice(body)
        .map_err(|error| malformed("the reply is no message").with_source(error))?;
    if message.error.is_some() {
        return Err(refusal::in_band(body.to_vec().into()));
    }
    let content = message.content.as_ref();
    let content = content.ok_or_else(|| malformed("the reply has no content"))?;
    let blocks = content.iter().map(|json| Ok((serde_json::from_str(json.get())?, *json)));
    let blocks: Vec<(Block<'_>, &RawValue)> = blocks
        .collect::<serde_json::Result<_>>()
        .map_err(|error| malformed("a block of the reply is none").with_source(error))?;
    let called: Vec<_> = blocks.iter().map(|(block, _)| (input(block), block.extra())).collect();
    let mut whole = Whole::default();
    for ((block, json), (arguments, extra)) in blocks.iter().zip(&called) {
        whole.add((block, json), (arguments, extra.as_deref()), expected);
    }
    let ending = message.take_end();
    let mut beside = Beside::default();
    beside.take(&message.beside());
    let counts = message.usage.unwrap_or_default();
    let model = message.model.as_deref().unwrap_or(&expected.model);
    let id = message.id.as_deref().unwrap_or_default();
    let head = ReplyHead::new(id, expected.created, model);
    let extra = beside.list(&ending, &counts);
    Ok(whole.reply(&ending, |choice| head.whole(&[choice], counts.usage(), &extra)))
}

/// What a tool is called with.
fn input<'a>(block: &Block<'a>) -> std::borrow::Cow<'a, str> {
    arguments::from_object(block.input.map_or("{}", RawValue::get))
}

impl<'a> Whole<'a> {
    fn add(
        &mut self,
        (block, json): (&'a Block<'a>, &'a RawValue),
        (arguments, extra_content): (&'a str, Option<&'a RawValue>),
        expected: &'a Expected,
    ) {
        let index = u32::try_from(self.thoughts.len()).unwrap_or(u32::MAX);
        match &*block.named {
            "text" => {
                let start = self.length;
                self.say(block.text.as_deref().unwrap_or_default());
                for citation in block.citations.iter().flatten() {
                    self.annotations.add(citation, (start, self.length), false);
                }
            }
            "thinking" => {
                let text = block.thinking.as_deref().unwrap_or_default();
                self.reasoning.push_str(text);
                let signature = block.signature.as_deref().filter(|seal| !seal.is_empty());
                self.thoughts.push(Thought::text(index, FORMAT, Some(text)).sealed(signature));
            }
            "redacted_thinking" => {
                let data = block.data.as_deref().unwrap_or_default();
                self.thoughts.push(Thought::encrypted(index, FORMAT, data));
            }
            "tool_use" => {
                let name = block.name.as_deref().unwrap_or_default();
                if expected.is_form(name) {
                    return self.say(arguments);
                }
                self.calls.push(SaidCall {
                    id: Some(block.id.as_deref().unwrap_or_default()),
                    name: Some(expected.renamed.original(name)),
                    arguments,
                    extra_content,
                    ..SaidCall::default()
                });
            }
            _ => {
                let (thoughts, calls) = (self.thoughts.len(), self.calls.len());
                let behind = Behind { thoughts, characters: self.length, calls };
                self.own.push(own::placed(json.get(), None, behind, &Later::new()));
            }
        }
    }

    fn say(&mut self, text: &str) {
        self.content.push_str(text);
        self.length += text.chars().count();
        self.has_content = true;
    }

    fn reply(
        mut self,
        ending: &Ending<'_>,
        write: impl FnOnce(Choice<'_>) -> ChatResponse,
    ) -> ChatResponse {
        let annotations = self.annotations.take();
        let own = (!self.own.is_empty()).then(|| own::list(&self.own));
        let refusal = finish::refusal(ending);
        let said = Said {
            content: self.has_content.then_some(&self.content),
            refusal: refusal.as_deref(),
            reasoning_content: Some(&*self.reasoning).filter(|text| !text.is_empty()),
            reasoning_details: &self.thoughts,
            tool_calls: &self.calls,
            annotations: annotations.as_deref(),
            content_blocks: own.as_deref(),
            ..Said::default()
        };
        let native_finish = ending.stop_reason.as_deref();
        let finish = native_finish.map(|word| finish::of(word, !self.calls.is_empty()));
        write(Choice { said, finish, native_finish, ..Choice::default() })
    }
}
