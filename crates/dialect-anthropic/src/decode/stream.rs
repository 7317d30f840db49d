//! A reply event by event.

use ferro_core::{
    Finish, Frame, ProviderError,
    chat::{Chunks, ReplyHead, Said, SaidCall, Thought},
};
use serde_json::value::RawValue;

use super::{
    Expected, FORMAT,
    annotations::Annotations,
    finish, malformed,
    wire::{Block, Delta, Event, Message},
};
use crate::{refusal, usage::Counts};

/// Where events go: the client's bytes, and what is learnt.
type Out<'o> = (&'o mut Vec<u8>, &'o mut Frame);

/// What has come so far.
#[derive(Debug, Default)]
pub(super) struct Stream {
    chunks: Option<Chunks>,
    block: Open,
    counts: Counts,
    thoughts: u32,
    calls: u32,
    /// How many characters of the content there are.
    length: usize,
    annotations: Annotations,
    own: u32,
    has_stopped: bool,
    container: Option<Box<RawValue>>,
    pub(super) is_finished: bool,
}

/// The block that is open.
#[derive(Debug, Default)]
enum Open {
    /// None, or one that says nothing.
    #[default]
    None,
    /// A text that began at this character, and what it rests on.
    Text { start: usize, citations: Vec<Box<RawValue>> },
    /// A thought, and whether it was said whose it is.
    Thought { index: u32, is_named: bool },
    /// A call; what the vendor says at once that it is called with, and whether it said more.
    Call { index: u32, input: String, has_more: bool },
    /// The call that stands for the reply.
    Form { input: String, has_more: bool },
    /// One for which the wire has no word, and the pieces of its input.
    Own { json: String, input: String },
}

impl Stream {
    pub(super) fn read(
        &mut self,
        json: &[u8],
        expected: &Expected,
        out: Out<'_>,
    ) -> Result<(), ProviderError> {
        let event: Event<'_> = serde_json::from_slice(json)
            .map_err(|error| malformed("an event is none").with_source(error))?;
        match &*event.named {
            "content_block_delta" => self.delta(&event.delta.unwrap_or_default(), out),
            "content_block_start" => self.start(event.content_block, expected, out),
            "content_block_stop" => self.stop(out),
            "message_start" => self.begin(event.message, expected, out),
            "message_delta" => self.end(event, out),
            "message_stop" => self.finish(expected, out),
            "ping" => {
                out.0.extend_from_slice(b": ping\n\n");
                Ok(())
            }
            "error" => Err(refusal::in_band(json.to_vec().into())),
            "" if event.error.is_some() => Err(refusal::in_band(json.to_vec().into())),
            "" => Err(malformed("an event does not say what it is")),
            // A later version of the wire may have others, which the vendor asks to pass over.
            _ => Ok(()),
        }
    }

    fn begin(
        &mut self,
        message: Option<&RawValue>,
        expected: &Expected,
        (out, frame): Out<'_>,
    ) -> Result<(), ProviderError> {
        let message = message.and_then(|json| serde_json::from_str::<Message<'_>>(json.get()).ok());
        let message = message.ok_or_else(|| malformed("a stream begins without a message"))?;
        self.container = message.container.map(ToOwned::to_owned);
        self.count(message.usage, frame);
        let model = message.model.as_deref().unwrap_or(&expected.model);
        let id = message.id.as_deref().unwrap_or_default();
        let chunks = Chunks::new(&ReplyHead::new(id, expected.created, model));
        chunks.say(out, 0, &Said { begins: true, content: Some(""), ..Said::default() });
        self.chunks = Some(chunks);
        Ok(())
    }

    fn start(
        &mut self,
        json: Option<&RawValue>,
        expected: &Expected,
        (out, _): Out<'_>,
    ) -> Result<(), ProviderError> {
        let json = json.ok_or_else(|| malformed("a block begins without a block"))?;
        let block: Block<'_> = serde_json::from_str(json.get())
            .map_err(|error| malformed("a block is none").with_source(error))?;
        let chunks = begun(self.chunks.as_ref())?;
        let input = || block.input.map_or("{}", RawValue::get).to_owned();
        self.block = match &*block.named {
            "text" => {
                let start = self.length;
                let citations = block.citations.iter().flatten().map(|c| (*c).to_owned()).collect();
                say(chunks, out, block.text.as_deref().unwrap_or_default(), &mut self.length);
                Open::Text { start, citations }
            }
            "thinking" => {
                let index = self.thoughts;
                self.thoughts += 1;
                let mut is_named = false;
                let text = block.thinking.as_deref().filter(|text| !text.is_empty());
                let seal = block.signature.as_deref().filter(|seal| !seal.is_empty());
                if text.or(seal).is_some() {
                    think(chunks, out, (index, &mut is_named), (text, seal));
                }
                Open::Thought { index, is_named }
            }
            "redacted_thinking" => {
                let data = block.data.as_deref().unwrap_or_default();
                let thought = [Thought::encrypted(self.thoughts, FORMAT, data)];
                self.thoughts += 1;
                chunks.say(out, 0, &Said { reasoning_details: &thought, ..Said::default() });
                Open::None
            }
            "tool_use" if expected.is_form(block.name.as_deref().unwrap_or_default()) => {
                Open::Form { input: input(), has_more: false }
            }
            "tool_use" => {
                let index = self.calls;
                self.calls += 1;
                let name = block.name.as_deref().unwrap_or_default();
                let call = [SaidCall {
                    index: Some(index),
                    id: Some(block.id.as_deref().unwrap_or_default()),
                    name: Some(expected.renamed.original(name)),
                    ..SaidCall::default()
                }];
                chunks.say(out, 0, &Said { tool_calls: &call, ..Said::default() });
                Open::Call { index, input: input(), has_more: false }
            }
            _ => Open::Own { json: json.get().to_owned(), input: String::new() },
        };
        Ok(())
    }

    fn delta(&mut self, delta: &Delta<'_>, (out, _): Out<'_>) -> Result<(), ProviderError> {
        let chunks = begun(self.chunks.as_ref())?;
        match (&*delta.named, &mut self.block) {
            ("text_delta", _) => {
                say(chunks, out, delta.text.as_deref().unwrap_or_default(), &mut self.length);
            }
            ("thinking_delta" | "signature_delta", Open::Thought { index, is_named }) => {
                let said = (delta.thinking.as_deref(), delta.signature.as_deref());
                think(chunks, out, (*index, is_named), said);
            }
            ("input_json_delta", open) => {
                let piece = delta.partial_json.as_deref().unwrap_or_default();
                if !piece.is_empty() {
                    call(chunks, out, open, (piece, &mut self.length));
                }
            }
            ("citations_delta", Open::Text { citations, .. }) => {
                citations.extend(delta.citation.map(ToOwned::to_owned));
            }
            _ => {}
        }
        Ok(())
    }

    fn stop(&mut self, (out, _): Out<'_>) -> Result<(), ProviderError> {
        let chunks = begun(self.chunks.as_ref())?;
        match std::mem::take(&mut self.block) {
            Open::Text { start, citations } => {
                for citation in citations {
                    self.annotations.add(&citation, (start, self.length), true);
                }
                if let Some(list) = self.annotations.take() {
                    chunks.say(out, 0, &Said { annotations: Some(&list), ..Said::default() });
                }
            }
            // A call without a word about what it is called with is called with nothing.
            Open::Call { index, input, has_more: false } => {
                let call =
                    [SaidCall { index: Some(index), arguments: &input, ..SaidCall::default() }];
                chunks.say(out, 0, &Said { tool_calls: &call, ..Said::default() });
            }
            Open::Form { input, has_more: false } => say(chunks, out, &input, &mut self.length),
            Open::Own { json, input } => {
                let block = with_place(&json, &input, self.own);
                self.own += 1;
                let list = RawValue::from_string(format!("[{block}]"))
                    .map_err(|error| malformed("a block is none").with_source(error))?;
                chunks.say(out, 0, &Said { content_blocks: Some(&list), ..Said::default() });
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, event: Event<'_>, (out, frame): Out<'_>) -> Result<(), ProviderError> {
        self.count(event.usage, frame);
        let delta = event.delta.unwrap_or_default();
        if let Some(container) = delta.container {
            self.container = Some(container.to_owned());
        }
        let ending = delta.end();
        let Some(word) = ending.stop_reason.as_deref().filter(|_| !self.has_stopped) else {
            return Ok(());
        };
        let chunks = begun(self.chunks.as_ref())?;
        if let Some(refusal) = finish::refusal(&ending) {
            chunks.say(out, 0, &Said { refusal: Some(&refusal), ..Said::default() });
        }
        let finish = finish::of(word, self.calls > 0);
        let extra = finish::beside(&ending, &self.counts, self.container.as_deref());
        chunks.stop_beside(out, (finish, word), &extra);
        frame.finish = Some(finish);
        self.has_stopped = true;
        Ok(())
    }

    fn finish(&mut self, expected: &Expected, (out, frame): Out<'_>) -> Result<(), ProviderError> {
        let chunks = begun(self.chunks.as_ref())?;
        if !self.has_stopped {
            chunks.stop(out, 0, Finish::Other, "");
            frame.finish = Some(Finish::Other);
        }
        if let Some(usage) = self.counts.usage().filter(|_| expected.wants_usage) {
            chunks.usage(out, &usage);
        }
        chunks.done(out);
        self.is_finished = true;
        Ok(())
    }

    fn count(&mut self, counts: Option<Counts>, frame: &mut Frame) {
        if let Some(counts) = counts {
            self.counts.overwrite(counts);
            frame.usage = self.counts.usage().or(frame.usage);
        }
    }
}

fn begun(chunks: Option<&Chunks>) -> Result<&Chunks, ProviderError> {
    chunks.ok_or_else(|| malformed("a stream says something before it begins"))
}

fn say(chunks: &Chunks, out: &mut Vec<u8>, text: &str, length: &mut usize) {
    if !text.is_empty() {
        *length += text.chars().count();
        chunks.say(out, 0, &Said { content: Some(text), ..Said::default() });
    }
}

/// A piece of a thought, or its seal.
fn think(
    chunks: &Chunks,
    out: &mut Vec<u8>,
    (index, is_named): (u32, &mut bool),
    (text, seal): (Option<&str>, Option<&str>),
) {
    let format = if std::mem::replace(is_named, true) { "" } else { FORMAT };
    let thought = [Thought::text(index, format, text).sealed(seal)];
    let said = Said { reasoning_content: text, reasoning_details: &thought, ..Said::default() };
    chunks.say(out, 0, &said);
}

/// A piece of what a tool is called with.
fn call(chunks: &Chunks, out: &mut Vec<u8>, open: &mut Open, (piece, length): (&str, &mut usize)) {
    match open {
        Open::Call { index, has_more, .. } => {
            *has_more = true;
            let call = [SaidCall { index: Some(*index), arguments: piece, ..SaidCall::default() }];
            chunks.say(out, 0, &Said { tool_calls: &call, ..Said::default() });
        }
        Open::Form { has_more, .. } => {
            *has_more = true;
            say(chunks, out, piece, length);
        }
        Open::Own { input, .. } => input.push_str(piece),
        _ => {}
    }
}

/// A block of the vendor's own, whole: with its place in the list, and with its input, which came in
/// pieces.
fn with_place(json: &str, input: &str, index: u32) -> String {
    let members = json.trim().strip_prefix('{').unwrap_or_default();
    let is_input = serde_json::from_str::<&RawValue>(input).is_ok();
    let members = if is_input {
        members.replacen("\"input\":{}", &format!("\"input\":{input}"), 1)
    } else {
        members.to_owned()
    };
    format!("{{\"index\":{index},{members}")
}
