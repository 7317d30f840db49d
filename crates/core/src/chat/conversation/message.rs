//! One message of a conversation.

use serde_json::value::RawValue;

use super::{Content, Detail, Part};
use crate::chat::{Text, members::members};

members! {
    /// One message.
    pub struct Message<'a> {
        /// Who speaks, as written.
        named: Text<'a> = "role",
        /// What is said.
        content: Content<'a> = "content",
        /// Which of several who speak in this role.
        name: Text<'a> = "name",
        /// The tools that the model called.
        tool_calls: Vec<Call<'a>> = "tool_calls",
        /// The tool that the model called, as older clients say it.
        function_call: Function<'a> = "function_call",
        /// Which call this is the result of.
        tool_call_id: Text<'a> = "tool_call_id",
        /// What the model thought, in plain text.
        reasoning_content: Text<'a> = "reasoning_content",
        /// The same, under another name.
        reasoning: Text<'a> = "reasoning",
        /// What the model thought, with the vendor's seals.
        reasoning_details: Vec<Detail<'a>> = "reasoning_details",
        /// The same in Anthropic's words.
        thinking_blocks: Vec<Part<'a>> = "thinking_blocks",
        /// Why the model would not.
        refusal: Text<'a> = "refusal",
        /// A result that reports a failure.
        is_error: bool = "is_error",
        /// Where a vendor may end what it caches, in Anthropic's words.
        cache_control: &'a RawValue = "cache_control",
    }
}

members! {
    /// A call of a tool.
    pub struct Call<'a> {
        /// Its name in this conversation.
        id: Text<'a> = "id",
        /// What is called: `function`, `custom`.
        kind: Text<'a> = "type",
        /// The function.
        function: Function<'a> = "function",
        /// A tool that takes free text.
        custom: Function<'a> = "custom",
        /// Which call of the message it is: of streams only.
        index: u64 = "index",
        /// What a vendor wants to have back with it.
        extra_content: &'a RawValue = "extra_content",
        /// Where a vendor may end what it caches, in Anthropic's words.
        cache_control: &'a RawValue = "cache_control",
    }
}

members! {
    /// What was called, and with what.
    pub struct Function<'a> {
        /// Its name.
        name: Text<'a> = "name",
        /// Its arguments: JSON, as far as the model knows how to write it.
        arguments: Text<'a> = "arguments",
        /// The free text that a custom tool takes.
        input: Text<'a> = "input",
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// Whoever runs the conversation: `system` or `developer`.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
    /// A tool's result: `tool`, or `function` as older clients say it.
    Tool,
}

impl Message<'_> {
    /// Who speaks; `None` for a word that is none of the roles.
    pub fn role(&self) -> Option<Role> {
        match self.named.as_deref()? {
            "system" | "developer" => Some(Role::System),
            "user" => Some(Role::User),
            "assistant" => Some(Role::Assistant),
            "tool" | "function" => Some(Role::Tool),
            _ => None,
        }
    }
}
