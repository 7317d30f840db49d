//! A conversation as the vendor has it: what the operator says, then turns of two who alternate.
//!
//! Instructions that stand before everything else are the vendor's `system`. Those that come later
//! stay where they are, behind the user's turn that is nearest, where the model takes that; where it
//! does not, they join the others. Results of tools stand first in a user's turn, because the vendor
//! wants all results of one assistant's turn together and at once.

use std::fmt::Display;

use ferro_core::{
    ProviderError,
    chat::{Call, Content, Members, Message, Part, Reasoning, Role, arguments},
};
use serde_json::value::RawValue;

use super::{
    block::{Block, Kind},
    order::{Pieces, own_blocks},
    parts::Parts,
    place::{Place, unsupported},
};
use crate::{
    decode::{FORMAT, VENDOR},
    names::{CALL_IDS, tool},
};

/// Said for a user who has said nothing, because a conversation begins with one.
const BEGIN: &str = "Continue.";

/// A conversation.
#[derive(Debug, Default)]
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Block<'a>>,
    pub(super) turns: Vec<Turn<'a>>,
    /// The tools that were called, and whether any call or result is there at all.
    pub(super) called: Vec<&'a str>,
    pub(super) has_results: bool,
}

/// What one of the two says before the other one answers.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub(super) role: &'static str,
    pub(super) blocks: Vec<Block<'a>>,
}

const USER: &str = "user";
const ASSISTANT: &str = "assistant";
const SYSTEM: &str = "system";

/// Reads a conversation, message by message.
pub(super) struct Reader<'a, 'n> {
    parts: Parts<'a, 'n>,
    takes_system_turns: bool,
    conversation: Conversation<'a>,
    /// Instructions that wait for the end of the user's turn.
    waiting: Vec<Block<'a>>,
    /// The last call of a function in the older form, which has no name of its own.
    last_function: String,
}

impl<'a, 'n> Reader<'a, 'n> {
    pub(super) fn new(parts: Parts<'a, 'n>, takes_system_turns: bool) -> Self {
        let (conversation, waiting) = (Conversation::default(), Vec::new());
        let last_function = String::new();
        Self { parts, takes_system_turns, conversation, waiting, last_function }
    }

    pub(super) fn read(
        mut self,
        messages: &'a [Message<'a>],
    ) -> Result<Conversation<'a>, ProviderError> {
        for (at, message) in messages.iter().enumerate() {
            self.note_rest(at, message);
            match message.role() {
                Some(Role::System) => self.system(at, message)?,
                Some(Role::Assistant) => self.assistant(at, message)?,
                Some(Role::Tool) => self.result(at, message)?,
                Some(Role::User) | None => {
                    let blocks = self.content(at, message.content.as_ref())?;
                    self.push(USER, blocks, message.cache_control);
                }
            }
        }
        self.end_of_users_turn();
        Ok(self.conversation.finished())
    }

    fn system(&mut self, at: usize, message: &'a Message<'a>) -> Result<(), ProviderError> {
        let mut blocks = self.texts(at, message.content.as_ref())?;
        blocks.retain(|block| !block.is_blank());
        mark_last(&mut blocks, message.cache_control);
        let is_first = self.conversation.turns.is_empty();
        if is_first || !self.takes_system_turns {
            self.conversation.system.append(&mut blocks);
        } else {
            self.waiting.append(&mut blocks);
        }
        Ok(())
    }

    fn assistant(&mut self, at: usize, message: &'a Message<'a>) -> Result<(), ProviderError> {
        self.end_of_users_turn();
        let own = message.rest.iter().find(|(name, _)| &**name == "content_blocks");
        let mut pieces = Pieces {
            thoughts: self.thoughts(at, message),
            own: own.map(|(_, list)| own_blocks(list)).unwrap_or_default(),
            texts: self.texts(at, message.content.as_ref())?,
            calls: Vec::new(),
        };
        pieces.texts.extend(message.refusal.as_deref().map(Block::text));
        for (number, call) in message.tool_calls.iter().flatten().enumerate() {
            pieces.calls.push(self.call(format_args!("messages[{at}].tool_calls[{number}]"), call));
        }
        if let Some(function) = &message.function_call {
            let name = function.name.as_deref().unwrap_or_default();
            self.last_function = format!("function_{at}");
            self.conversation.called.push(name);
            pieces.calls.push(Block::new(Kind::Call {
                id: self.last_function.clone().into(),
                name: tool(name),
                input: arguments::to_object(function.arguments.as_deref().unwrap_or_default()),
                own: Vec::new(),
            }));
        }
        self.push(ASSISTANT, pieces.in_order(), message.cache_control);
        Ok(())
    }

    /// What the model thought, if the vendor sealed it: it takes nothing else back.
    fn thoughts(&mut self, at: usize, message: &'a Message<'a>) -> Vec<Option<Block<'a>>> {
        let is_own = |format: Option<&str>| format.is_none_or(|format| format == FORMAT);
        let mut blocks = Vec::new();
        for thought in message.thoughts() {
            let kind = match thought {
                Reasoning::Text { text, signature: Some(signature), format }
                    if is_own(format) && !signature.is_empty() =>
                {
                    Kind::Thinking { text, signature }
                }
                Reasoning::Encrypted { data, format, .. } if is_own(format) && !data.is_empty() => {
                    Kind::Redacted { data }
                }
                _ => {
                    let place = place_of_thoughts(message);
                    self.parts.notes.unsaid(format!("messages[{at}].{place}"));
                    blocks.push(None);
                    continue;
                }
            };
            blocks.push(Some(Block::new(kind)));
        }
        blocks
    }

    fn call(&mut self, place: impl Display, call: &'a Call<'a>) -> Block<'a> {
        self.note_rest_of_call(&place, call);
        let function = call.function.as_ref().or(call.custom.as_ref());
        let name = function.and_then(|function| function.name.as_deref()).unwrap_or_default();
        self.conversation.called.push(name);
        let input = match (&call.function, &call.custom) {
            (None, Some(custom)) => custom.input.as_deref(),
            _ => function.and_then(|function| function.arguments.as_deref()),
        };
        let kind = Kind::Call {
            id: CALL_IDS.fit(call.id.as_deref().unwrap_or_default()),
            name: tool(name),
            input: arguments::to_object(input.unwrap_or_default()),
            own: self.own_members(&place, call.extra_content),
        };
        Block::new(kind).cached(call.cache_control)
    }

    /// What the vendor wants to have back with a call. What another vendor wants is unsaid.
    fn own_members(
        &mut self,
        place: &impl Display,
        extra: Option<&'a RawValue>,
    ) -> Vec<(&'static str, &'a str)> {
        let Some(extra) = extra else { return Vec::new() };
        let members = Members::of(extra.get()).unwrap_or_default();
        if members.0.len() != 1 || members.get(VENDOR).is_none() {
            self.parts.notes.unsaid(format!("{place}.extra_content"));
        }
        let own = members.get(VENDOR).and_then(Members::of).unwrap_or_default();
        let known = ["caller", "toolset_name"].into_iter();
        known.filter_map(|name| Some((name, own.get(name)?))).collect()
    }

    fn note_rest_of_call(&mut self, place: &impl Display, call: &Call<'_>) {
        let functions = [("function.", &call.function), ("custom.", &call.custom)].into_iter();
        let of_functions = functions.filter_map(|(of, f)| Some((of, &f.as_ref()?.rest)));
        for (of, rest) in [("", &call.rest)].into_iter().chain(of_functions) {
            for (name, _) in rest.iter().filter(|(_, value)| value.get() != "null") {
                self.parts.notes.unsaid(format!("{place}.{of}{name}"));
            }
        }
    }

    fn result(&mut self, at: usize, message: &'a Message<'a>) -> Result<(), ProviderError> {
        let content = self.content(at, message.content.as_ref())?;
        let id = match message.tool_call_id.as_deref() {
            Some(id) => CALL_IDS.fit(id),
            None => self.last_function.clone().into(),
        };
        let is_error = message.is_error.unwrap_or_default();
        let mut content = content;
        content.retain(|block| !block.is_blank());
        self.conversation.has_results = true;
        let result = Block::new(Kind::Result { id, content, is_error });
        self.push(USER, vec![result], message.cache_control);
        Ok(())
    }

    /// What is said, where images and documents may stand.
    fn content(
        &mut self,
        message: usize,
        content: Option<&'a Content<'a>>,
    ) -> Result<Vec<Block<'a>>, ProviderError> {
        let Some(content) = content else { return Ok(Vec::new()) };
        if let Content::Text(text) = content {
            return Ok(vec![Block::text(&**text)]);
        }
        let parts = content.parts().iter().enumerate();
        parts.map(|(part, held)| self.parts.read(Place { message, part }, held)).collect()
    }

    /// What is said, where only texts may stand. Thoughts are read elsewhere.
    fn texts(
        &mut self,
        message: usize,
        content: Option<&'a Content<'a>>,
    ) -> Result<Vec<Block<'a>>, ProviderError> {
        let Some(content) = content else { return Ok(Vec::new()) };
        if let Content::Text(text) = content {
            return Ok(vec![Block::text(&**text)]);
        }
        let parts = content.parts().iter().enumerate().filter(|(_, part)| !is_thought(part));
        let read = |(part, held): (usize, &'a Part<'a>)| {
            let place = Place { message, part };
            self.parts.plain(place, held).ok_or_else(|| {
                place.unsupported(held.kind(), "this vendor takes only text from this role")
            })
        };
        parts.map(read).collect()
    }

    fn push(
        &mut self,
        role: &'static str,
        mut blocks: Vec<Block<'a>>,
        cache: Option<&'a RawValue>,
    ) {
        blocks.retain(|block| !block.is_blank());
        mark_last(&mut blocks, cache);
        self.conversation.push(role, blocks);
    }

    /// Instructions that came during the user's turn stand behind it, or, where there is none, with
    /// those that came first.
    fn end_of_users_turn(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        if self.conversation.turns.last().is_some_and(|turn| turn.role == USER) {
            self.conversation.push(SYSTEM, waiting);
        } else {
            self.conversation.system.extend(waiting);
        }
    }

    fn note_rest(&mut self, at: usize, message: &Message<'_>) {
        if message.name.is_some() && message.role() != Some(Role::Tool) {
            self.parts.notes.unsaid(format!("messages[{at}].name"));
        }
        for (name, value) in &message.rest {
            let says_something = !matches!(value.get(), "null" | "[]");
            if says_something && &**name != "content_blocks" {
                self.parts.notes.unsaid(format!("messages[{at}].{name}"));
            }
        }
    }
}

impl<'a> Conversation<'a> {
    fn push(&mut self, role: &'static str, mut blocks: Vec<Block<'a>>) {
        if blocks.is_empty() {
            return;
        }
        match self.turns.last_mut() {
            Some(last) if last.role == role => last.blocks.append(&mut blocks),
            _ => self.turns.push(Turn { role, blocks }),
        }
    }

    fn finished(mut self) -> Self {
        if self.turns.is_empty() {
            let system = std::mem::take(&mut self.system);
            self.push(USER, system);
        }
        if self.turns.first().is_some_and(|turn| turn.role == ASSISTANT) {
            let begin = Turn { role: USER, blocks: vec![Block::text(BEGIN)] };
            self.turns.insert(0, begin);
        }
        for turn in self.turns.iter_mut().filter(|turn| turn.role == USER) {
            turn.blocks.sort_by_key(|block| !block.is_result());
        }
        self.trim_the_end();
        self
    }

    /// The vendor refuses to go on behind white space.
    fn trim_the_end(&mut self) {
        let Some(turn) = self.turns.last_mut().filter(|turn| turn.role == ASSISTANT) else {
            return;
        };
        if let Some(Block { kind: Kind::Text { text, .. }, .. }) = turn.blocks.last_mut() {
            let length = text.trim_end().len();
            if length < text.len() {
                text.to_mut().truncate(length);
            }
        }
    }

    /// Whether the assistant's last turn, which is to go on (behind the results of its calls, or as it
    /// stands), does not begin with a thought that the vendor takes back: with a budget to think, it
    /// would be refused.
    pub(super) fn goes_on_without_a_thought(&self) -> bool {
        let mut turns = self.turns.iter().rev().filter(|turn| turn.role != SYSTEM).peekable();
        let answers = turns
            .next_if(|turn| turn.role == USER)
            .is_none_or(|turn| turn.blocks.iter().any(Block::is_result));
        let thought =
            |block: &Block<'_>| matches!(block.kind, Kind::Thinking { .. } | Kind::Redacted { .. });
        answers && turns.next().is_some_and(|turn| !turn.blocks.first().is_some_and(thought))
    }

    /// How many marks for the cache there are.
    pub(super) fn marks(&self) -> usize {
        let blocks = self.turns.iter().flat_map(|turn| &turn.blocks).chain(&self.system);
        blocks.map(Block::marks).sum()
    }
}

fn mark_last<'a>(blocks: &mut [Block<'a>], cache: Option<&'a RawValue>) {
    let takes_one = |block: &&mut Block<'_>| {
        !matches!(block.kind, Kind::Thinking { .. } | Kind::Redacted { .. } | Kind::Raw(_))
    };
    if let (Some(last), Some(cache)) = (blocks.iter_mut().rev().find(takes_one), cache) {
        last.cache.get_or_insert(cache);
    }
}

/// Where a message's thoughts stand, in the order in which they are looked for.
fn place_of_thoughts(message: &Message<'_>) -> &'static str {
    let is_there = |is_there: bool, name| is_there.then_some(name);
    is_there(message.reasoning_details.as_ref().is_some_and(|d| !d.is_empty()), "reasoning_details")
        .or(is_there(
            message.thinking_blocks.as_ref().is_some_and(|b| !b.is_empty()),
            "thinking_blocks",
        ))
        .or(is_there(message.content.as_ref().is_some_and(holds_thoughts), "content"))
        .or(is_there(message.reasoning_content.is_some(), "reasoning_content"))
        .unwrap_or("reasoning")
}

fn holds_thoughts(content: &Content<'_>) -> bool {
    content.parts().iter().any(is_thought)
}

fn is_thought(part: &Part<'_>) -> bool {
    part.kind().ends_with("thinking")
}

/// A tool in a form that the vendor has no counterpart for.
pub(super) fn unsupported_tool(at: usize, kind: &str) -> ProviderError {
    unsupported(&format!("tools[{at}]: this vendor takes functions and its own tools, no `{kind}`"))
}
