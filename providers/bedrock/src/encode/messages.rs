//! A conversation in Converse's turns: the user first, then by turns, nothing blank.

use std::borrow::Cow;

use ferro_core::{
    Call as Asked, ErrorKind, ProviderError,
    chat::{self, Content, Function, Message, Part, arguments},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Names, Notes,
    blocks::{Block, CachePoint, GuardContent, Role, ToolResult, Turn},
    fields::raw,
    media::Finder,
    names, thoughts, unsupported,
};
use crate::model::Model;

/// What a conversation begins with that begins in the middle: the first turn has to be the user's.
const BEFORE: &str = "(The conversation goes on.)";

/// A conversation that is put into turns.
pub(super) struct Talk<'a> {
    model: &'a Model<'a>,
    media: Finder<'a>,
    names: Names,
    system: Vec<Block<'a>>,
    turns: Vec<Turn<'a>>,
    /// How many blocks at the beginning of the last turn are results of tools.
    results: usize,
    /// How many calls there were in the words of older clients, which do not name them.
    unnamed: usize,
}

/// The system's words, the turns, and the names of what they call.
type Turns<'a> = (Vec<Block<'a>>, Vec<Turn<'a>>, Names);

impl<'a> Talk<'a> {
    pub(super) fn new(call: &'a Asked<'a>, model: &'a Model<'a>) -> Self {
        let (system, turns) = (Vec::new(), Vec::new());
        let (media, names) = (Finder::new(call), Names::default());
        Self { model, media, names, system, turns, results: 0, unnamed: 0 }
    }

    /// Takes the messages in, in order.
    pub(super) fn take(
        &mut self,
        messages: &'a [Message<'a>],
        notes: &mut Notes,
    ) -> Result<(), ProviderError> {
        for (at, message) in messages.iter().enumerate() {
            let place = || format!("messages[{at}]");
            if message.name.is_some() && message.role() != Some(chat::Role::Tool) {
                notes.unsaid(format!("messages[{at}].name"));
            }
            notes.rest(place, &message.rest);
            let mut blocks = match message.role() {
                Some(chat::Role::Tool) => {
                    let result = self.result(message, at, notes)?;
                    self.push_result(result);
                    self.mark(message.cache_control, &format!("messages[{at}]"), notes);
                    continue;
                }
                Some(chat::Role::Assistant) => self.assistant(message, at, notes)?,
                _ => self.content(message.content.as_ref(), at, notes)?,
            };
            self.close(&mut blocks, message.cache_control, place, notes);
            match message.role() {
                Some(chat::Role::System) => self.system(blocks, at)?,
                Some(chat::Role::Assistant) => self.push(Role::Assistant, blocks),
                _ => self.push(Role::User, blocks),
            }
        }
        Ok(())
    }

    /// The system's words, and the turns. `marked` says that the whole of it is to be cached.
    pub(super) fn end(
        mut self,
        marked: Option<&RawValue>,
        notes: &mut Notes,
    ) -> Result<Turns<'a>, ProviderError> {
        // It is read here, so that what it says is owned.
        if let Some(point) = self.point_of(marked, || "cache_control".to_owned(), notes)
            && let Some(turn) = self.turns.last_mut()
        {
            turn.content.push(point);
        }
        let Some(first) = self.turns.first() else {
            return Err(ProviderError::new(ErrorKind::Unsupported).with_message(
                "messages: Bedrock needs a message of the user's that says something",
            ));
        };
        if first.role == Role::Assistant {
            let content = vec![Block::Text(BEFORE.into())];
            self.turns.insert(0, Turn { role: Role::User, content });
        }
        for turn in &mut self.turns {
            beside_documents(turn);
        }
        if self.model.is_claude() {
            self.trim_last();
        }
        Ok((self.system, self.turns, self.names))
    }

    /// Claude refuses space at the end of an answer that it is to go on with.
    fn trim_last(&mut self) {
        if let Some(Turn { role: Role::Assistant, content }) = self.turns.last_mut()
            && let Some(Block::Text(text)) = content.last_mut()
        {
            *text = Cow::Owned(text.trim_end().to_owned());
        }
    }

    fn push(&mut self, role: Role, blocks: Vec<Block<'a>>) {
        match self.turns.last_mut() {
            _ if blocks.is_empty() => {}
            Some(turn) if turn.role == role => turn.content.extend(blocks),
            _ => {
                self.results = 0;
                self.turns.push(Turn { role, content: blocks });
            }
        }
    }

    /// The results of a turn's tools come first in the turn that follows.
    fn push_result(&mut self, result: Block<'a>) {
        match self.turns.last_mut() {
            Some(turn) if turn.role == Role::User => turn.content.insert(self.results, result),
            _ => {
                self.results = 0;
                self.turns.push(Turn { role: Role::User, content: vec![result] });
            }
        }
        self.results += 1;
    }

    /// A cache point behind the result that was just taken in.
    fn mark(&mut self, control: Option<&'a RawValue>, place: &str, notes: &mut Notes) {
        let point = self.point(control, || place.to_owned(), notes);
        if let (Some(point), Some(turn)) = (point, self.turns.last_mut()) {
            turn.content.insert(self.results, point);
            self.results += 1;
        }
    }

    fn system(&mut self, blocks: Vec<Block<'a>>, at: usize) -> Result<(), ProviderError> {
        let takes = |block: &Block<'_>| {
            matches!(block, Block::Text(_) | Block::CachePoint(_) | Block::GuardContent(_))
        };
        if !blocks.iter().all(takes) {
            let place = format!("messages[{at}].content");
            return Err(unsupported(&place, "a system message holds text only here"));
        }
        self.system.extend(blocks);
        Ok(())
    }

    fn assistant(
        &mut self,
        message: &'a Message<'a>,
        at: usize,
        notes: &mut Notes,
    ) -> Result<Vec<Block<'a>>, ProviderError> {
        let mut blocks = thoughts::blocks(message, || format!("messages[{at}]"), notes);
        blocks.extend(self.content(message.content.as_ref(), at, notes)?);
        blocks.extend(message.refusal.as_deref().and_then(text));
        for (nth, call) in message.tool_calls.iter().flatten().enumerate() {
            let place = || format!("messages[{at}].tool_calls[{nth}]");
            let id = call.id.as_deref();
            let id = id.ok_or_else(|| unsupported(&place(), "a call needs its `id`"))?;
            let function = call.function.as_ref().or(call.custom.as_ref());
            let function = function.ok_or_else(|| unsupported(&place(), "it calls nothing"))?;
            blocks.push(self.tool_use(names::call(id), function));
            if call.extra_content.is_some() {
                notes.unsaid(format!("{}.extra_content", place()));
            }
            notes.rest(place, &call.rest);
            notes.rest(|| format!("{}.function", place()), &function.rest);
            self.close(&mut blocks, call.cache_control, place, notes);
        }
        if let Some(function) = &message.function_call {
            self.unnamed += 1;
            let id = Cow::Owned(format!("function_call_{}", self.unnamed));
            blocks.push(self.tool_use(id, function));
        }
        Ok(blocks)
    }

    fn tool_use(&mut self, id: Cow<'a, str>, function: &'a Function<'a>) -> Block<'a> {
        let name = self.names.fit(function.name.as_deref().unwrap_or_default());
        let said = function.arguments.as_deref().or(function.input.as_deref()).unwrap_or_default();
        Block::ToolUse { tool_use_id: id, name, input: raw(arguments::to_object(said)) }
    }

    fn result(
        &mut self,
        message: &'a Message<'a>,
        at: usize,
        notes: &mut Notes,
    ) -> Result<Block<'a>, ProviderError> {
        let tool_use_id = match message.tool_call_id.as_deref() {
            Some(id) => names::call(id),
            None if message.named.as_deref() == Some("function") => {
                Cow::Owned(format!("function_call_{}", self.unnamed))
            }
            None => {
                let place = format!("messages[{at}].tool_call_id");
                return Err(ProviderError::new(ErrorKind::Invalid)
                    .with_message(format!("{place}: it says which call this is the result of")));
            }
        };
        let mut content = self.content(message.content.as_ref(), at, notes)?;
        let points = content.iter().filter(|block| matches!(block, Block::CachePoint(_))).count();
        if points > 0 {
            content.retain(|block| !matches!(block, Block::CachePoint(_)));
            notes.unsaid(format!("messages[{at}].content.cache_control"));
        }
        let status = match message.is_error {
            Some(true) if self.model.takes_result_status() => Some("error"),
            Some(true) => {
                notes.unsaid(format!("messages[{at}].is_error"));
                None
            }
            _ => None,
        };
        Ok(Block::ToolResult(ToolResult { tool_use_id, content, status }))
    }

    fn content(
        &mut self,
        content: Option<&'a Content<'a>>,
        at: usize,
        notes: &mut Notes,
    ) -> Result<Vec<Block<'a>>, ProviderError> {
        let parts = match content {
            None => return Ok(Vec::new()),
            Some(Content::Text(said)) => return Ok(text(said).into_iter().collect()),
            Some(Content::Parts(parts)) => parts,
        };
        let mut blocks = Vec::with_capacity(parts.len());
        for (nth, part) in parts.iter().enumerate() {
            let place = || format!("messages[{at}].content[{nth}]");
            blocks.extend(self.part(part, place, notes)?);
            self.close(&mut blocks, part.cache_control, place, notes);
        }
        Ok(blocks)
    }

    fn part(
        &mut self,
        part: &'a Part<'a>,
        place: impl Fn() -> String,
        notes: &mut Notes,
    ) -> Result<Option<Block<'a>>, ProviderError> {
        let block = match part.kind() {
            "text" | "input_text" | "output_text" => part.text.as_deref().and_then(text),
            "refusal" => part.refusal.as_deref().and_then(text),
            "guarded_text" => {
                let text = part.text.as_deref().unwrap_or_default();
                Some(Block::GuardContent(GuardContent::Text { text }))
            }
            "thinking" | "redacted_thinking" => None, // read as thoughts
            "image_url" => Some(self.media.image(part.image_url.as_ref(), &place(), notes)?),
            "video_url" => Some(self.media.video(part.video_url.as_ref(), &place(), notes)?),
            "input_audio" => Some(Finder::sound(part.input_audio.as_ref(), &place(), notes)?),
            "file" => Some(self.media.document(part.file.as_ref(), &place(), notes)?),
            other => {
                let why = format!("Bedrock has no word for a part of type `{other}`");
                return Err(unsupported(&place(), &why));
            }
        };
        notes.rest(place, &part.rest);
        Ok(block)
    }

    /// A cache point behind what was said so far, where anything was.
    fn close(
        &self,
        blocks: &mut Vec<Block<'a>>,
        control: Option<&'a RawValue>,
        place: impl Fn() -> String,
        notes: &mut Notes,
    ) {
        if !blocks.is_empty() {
            blocks.extend(self.point(control, place, notes));
        } else if control.is_some() {
            notes.unsaid(format!("{}.cache_control", place()));
        }
    }

    fn point(
        &self,
        control: Option<&'a RawValue>,
        place: impl Fn() -> String,
        notes: &mut Notes,
    ) -> Option<Block<'a>> {
        self.point_of(control, || format!("{}.cache_control", place()), notes)
    }

    fn point_of(
        &self,
        control: Option<&RawValue>,
        field: impl Fn() -> String,
        notes: &mut Notes,
    ) -> Option<Block<'a>> {
        let point = cache_point(control?, self.model);
        if self.model.takes_cache_points() && notes.takes_cache_point() {
            return Some(Block::CachePoint(point));
        }
        notes.unsaid(field());
        None
    }
}

/// A cache point in Converse's words.
pub(super) fn cache_point(control: &RawValue, model: &Model<'_>) -> CachePoint<'static> {
    #[derive(Default, Deserialize)]
    struct Control {
        ttl: Option<String>,
    }
    let said: Control = serde_json::from_str(control.get()).unwrap_or_default();
    let ttl = said.ttl.filter(|_| model.takes_all_cache_points()).map(Cow::Owned);
    CachePoint { named: "default", ttl }
}

/// A text, unless it is blank, which is refused.
fn text(said: &str) -> Option<Block<'_>> {
    (!said.trim().is_empty()).then_some(Block::Text(Cow::Borrowed(said)))
}

/// A document has to have a text beside it.
fn beside_documents(turn: &mut Turn<'_>) {
    if turn.content.iter().any(Block::is_text) {
        return;
    }
    let name = turn.content.iter().find_map(|block| match block {
        Block::Document(document) => Some(document.name.clone()),
        _ => None,
    });
    turn.content.extend(name.map(|name| Block::Text(name.into())));
}
