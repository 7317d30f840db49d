//! A reply event by event.

use ferro_core::{
    Finish, Frame, ProviderError,
    chat::{Chunks, ReplyHead, Said, SaidCall, Thought},
};
use serde_json::value::RawValue;

use super::{
    Expected, FORMAT,
    annotations::Annotations,
    finish::{self, Beside},
    malformed,
    own::{self, Behind, Later},
    wire::{Block, Delta, Event, Message},
};
use crate::{refusal, usage::Counts};

/// Where events go: the client's bytes, and what is learnt.
type Out<'o> = (&'o mut Vec<u8>, &'o mut Frame);

/// What has come so far.
#[derive(Debug, Default)]
pub(super) struct Stream {
    chunks: Option<Chunks>,
    /// The blocks that are open, by the vendor's number for each.
    open: Vec<(u64, Open)>,
    counts: Counts,
    thoughts: u32,
    calls: u32,
    /// How many characters of the content there are.
    length: usize,
    annotations: Annotations,
    own: u32,
    has_stopped: bool,
    beside: Beside,
    pub(super) is_finished: bool,
}

/// A block that is open.
#[derive(Debug)]
enum Open {
    /// One that says nothing more.
    Silent,
    /// A text that began at this character, and what it rests on.
    Text { start: usize, citations: Vec<Box<RawValue>> },
    /// A thought, and whether it was said whose it is.
    Thought { index: u32, is_named: bool },
    /// A call; what the vendor says at once that it is called with, and whether it said more.
    Call { index: u32, input: String, has_more: bool },
    /// The call that stands for the reply.
    Form { input: String, has_more: bool },
    /// One for which the wire has no word, the pieces of its input, and what else came later.
    Own { json: String, behind: Behind, input: String, later: Later },
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
            "content_block_delta" => self.delta(event.index, &event.delta.unwrap_or_default(), out),
            "content_block_start" => self.start((event.index, event.content_block), expected, out),
            "content_block_stop" => match self.position(event.index) {
                Some(at) => self.stop(at, out),
                None => Ok(()),
            },
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
        self.beside.take(&message.beside());
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
        (index, json): (Option<u64>, Option<&RawValue>),
        expected: &Expected,
        (out, frame): Out<'_>,
    ) -> Result<(), ProviderError> {
        let number = index.unwrap_or_default();
        self.make_room(number, (out, frame))?;
        let json = json.ok_or_else(|| malformed("a block begins without a block"))?;
        let block: Block<'_> = serde_json::from_str(json.get())
            .map_err(|error| malformed("a block is none").with_source(error))?;
        let chunks = begun(self.chunks.as_ref())?;
        let input = || block.input.map_or("{}", RawValue::get).to_owned();
        let open = match &*block.named {
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
                Open::Silent
            }
            "tool_use" if expected.is_form(block.name.as_deref().unwrap_or_default()) => {
                Open::Form { input: input(), has_more: false }
            }
            "tool_use" => {
                let index = self.calls;
                self.calls += 1;
                let name = block.name.as_deref().unwrap_or_default();
                let extra = block.extra();
                let call = [SaidCall {
                    index: Some(index),
                    id: Some(block.id.as_deref().unwrap_or_default()),
                    name: Some(expected.renamed.original(name)),
                    extra_content: extra.as_deref(),
                    ..SaidCall::default()
                }];
                chunks.say(out, 0, &Said { tool_calls: &call, ..Said::default() });
                Open::Call { index, input: input(), has_more: false }
            }
            _ => {
                let (json, behind) = (json.get().to_owned(), self.behind());
                Open::Own { json, behind, input: String::new(), later: Later::new() }
            }
        };
        self.open.push((number, open));
        Ok(())
    }

    /// A block of this number whose end was not told is over.
    fn make_room(&mut self, number: u64, out: Out<'_>) -> Result<(), ProviderError> {
        let same = self.open.iter().position(|(open, _)| *open == number);
        same.map_or(Ok(()), |at| self.stop(at, out))
    }

    /// What has been said so far.
    fn behind(&self) -> Behind {
        let (thoughts, calls) = (self.thoughts as usize, self.calls as usize);
        Behind { thoughts, characters: self.length, calls }
    }

    /// Where the block of that number is; of a number that none has, the one that was opened last.
    fn position(&self, index: Option<u64>) -> Option<usize> {
        let named = self.open.iter().position(|(open, _)| Some(*open) == index);
        named.or(self.open.len().checked_sub(1))
    }

    fn delta(
        &mut self,
        index: Option<u64>,
        delta: &Delta<'_>,
        (out, _): Out<'_>,
    ) -> Result<(), ProviderError> {
        let at = self.position(index);
        let chunks = begun(self.chunks.as_ref())?;
        let mut silent = Open::Silent;
        let open = at.map_or(&mut silent, |at| &mut self.open[at].1);
        match (&*delta.named, open) {
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
            ("compaction_delta", Open::Own { later, .. }) => {
                let said =
                    [("content", delta.content), ("encrypted_content", delta.encrypted_content)];
                let said = said.into_iter().filter_map(|(name, json)| Some((name, json?)));
                *later = said.map(|(name, json)| (name, json.to_owned())).collect();
            }
            _ => {}
        }
        Ok(())
    }

    /// The block at this place of the list is over.
    fn stop(&mut self, at: usize, (out, _): Out<'_>) -> Result<(), ProviderError> {
        let chunks = begun(self.chunks.as_ref())?;
        match self.open.remove(at).1 {
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
            Open::Own { json, behind, input, mut later } => {
                later.extend(RawValue::from_string(input).ok().map(|input| ("input", input)));
                let block = own::placed(&json, Some(self.own), behind, &later);
                self.own += 1;
                let list = own::list(&[block]);
                chunks.say(out, 0, &Said { content_blocks: Some(&list), ..Said::default() });
            }
            _ => {}
        }
        Ok(())
    }

    /// Every block is over: not all hosts say so of each.
    fn stop_all(&mut self, (out, frame): Out<'_>) -> Result<(), ProviderError> {
        while !self.open.is_empty() {
            self.stop(0, (out, frame))?;
        }
        Ok(())
    }

    fn end(&mut self, event: Event<'_>, (out, frame): Out<'_>) -> Result<(), ProviderError> {
        self.beside.take(&event.beside());
        self.count(event.usage, frame);
        let ending = event.delta.unwrap_or_default().end();
        let Some(word) = ending.stop_reason.as_deref().filter(|_| !self.has_stopped) else {
            return Ok(());
        };
        self.stop_all((out, frame))?;
        let chunks = begun(self.chunks.as_ref())?;
        if let Some(refusal) = finish::refusal(&ending) {
            chunks.say(out, 0, &Said { refusal: Some(&refusal), ..Said::default() });
        }
        let finish = finish::of(word, self.calls > 0);
        let extra = self.beside.list(&ending, &self.counts);
        chunks.stop_beside(out, (finish, word), &extra);
        frame.finish = Some(finish);
        self.has_stopped = true;
        Ok(())
    }

    fn finish(&mut self, expected: &Expected, (out, frame): Out<'_>) -> Result<(), ProviderError> {
        self.stop_all((out, frame))?;
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
            frame.usage = self.counts.usage().or(frame.usage.take());
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
