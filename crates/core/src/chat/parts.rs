//! Where text stands in a chat request: message contents, their parts, tool calls and definitions.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{request::raw, walk};
use crate::{BadRequest, Speaker};

/// What a visitor is shown: who says it, the text, and where its JSON string stands.
type See<'a> = dyn FnMut(Speaker, &str, Range<usize>) + 'a;

/// The fields in which a model finds something to read.
pub(super) const FIELDS: [&str; 5] =
    ["messages", "tools", "functions", "response_format", "prediction"];

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default, borrow)]
    role: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    content: Option<&'a RawValue>,
    #[serde(default, borrow)]
    reasoning_content: Option<&'a RawValue>,
    #[serde(default, borrow)]
    reasoning: Option<&'a RawValue>,
    #[serde(default, borrow)]
    refusal: Option<&'a RawValue>,
    #[serde(default, borrow)]
    reasoning_details: Option<&'a RawValue>,
    #[serde(default, borrow)]
    thinking_blocks: Option<&'a RawValue>,
    #[serde(default, borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
    #[serde(default, borrow)]
    function_call: Option<Function<'a>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(default, borrow)]
    text: Option<&'a RawValue>,
    #[serde(default, borrow)]
    refusal: Option<&'a RawValue>,
    #[serde(default, borrow)]
    thinking: Option<&'a RawValue>,
    #[serde(default, borrow)]
    content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ToolCall<'a> {
    #[serde(default, borrow)]
    function: Option<Function<'a>>,
    #[serde(default, borrow)]
    custom: Option<Function<'a>>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(default, borrow)]
    input: Option<&'a RawValue>,
}

/// Shows every text in the value of the field `name`.
pub(super) fn visit(name: &'static str, field: &[u8], see: &mut See<'_>) -> Result<(), BadRequest> {
    if field.is_empty() || field == b"null" {
        return Ok(());
    }
    if name == "messages" {
        return messages(name, field, see);
    }
    // Schemas are read by models too, to their last word.
    let speaker = if name == "prediction" { Speaker::Assistant } else { Speaker::ToolDefinition };
    let json = std::str::from_utf8(field).expect("a document's bytes are checked to be text");
    walk::strings(json).for_each(|string| text(field, speaker, string, see));
    Ok(())
}

fn messages(name: &'static str, field: &[u8], see: &mut See<'_>) -> Result<(), BadRequest> {
    for message in raw::<Vec<Message<'_>>>(name, field)? {
        let speaker = match message.role.as_deref().unwrap_or_default() {
            "system" | "developer" => Speaker::System,
            "assistant" => Speaker::Assistant,
            "tool" | "function" => Speaker::Tool,
            _ => Speaker::User,
        };
        if let Some(value) = message.content {
            content((name, field), speaker, value, see)?;
        }
        for words in [message.reasoning_content, message.reasoning, message.refusal] {
            words.into_iter().for_each(|words| text(field, speaker, words.get(), see));
        }
        for thoughts in [message.reasoning_details, message.thinking_blocks].into_iter().flatten() {
            walk::items(thoughts).for_each(|thought| self::thought(field, speaker, thought, see));
        }
        let calls = message.tool_calls.into_iter().flatten();
        let called = calls.flat_map(|call| [call.function, call.custom]).flatten();
        for function in called.chain(message.function_call) {
            for words in [function.arguments, function.input].into_iter().flatten() {
                text(field, Speaker::ToolDefinition, words.get(), see);
            }
        }
    }
    Ok(())
}

/// A piece of what a model thought: its words, whatever else a vendor keeps there.
fn thought(field: &[u8], speaker: Speaker, thought: &RawValue, see: &mut See<'_>) {
    for (name, words) in walk::members(thought.get()) {
        if matches!(&*name, "text" | "summary" | "thinking") {
            text(field, speaker, words.get(), see);
        }
    }
}

/// A text, or parts that may hold content of their own.
fn content(
    (name, field): (&'static str, &[u8]),
    speaker: Speaker,
    value: &RawValue,
    see: &mut See<'_>,
) -> Result<(), BadRequest> {
    let json = value.get();
    text(field, speaker, json, see);
    let parts = match json.as_bytes()[0] {
        b'[' => raw::<Vec<Part<'_>>>(name, json.as_bytes())?,
        b'{' => vec![raw::<Part<'_>>(name, json.as_bytes())?],
        _ => return Ok(()),
    };
    for part in parts {
        for words in [part.text, part.refusal, part.thinking].into_iter().flatten() {
            text(field, speaker, words.get(), see);
        }
        if let Some(value) = part.content {
            content((name, field), speaker, value, see)?;
        }
    }
    Ok(())
}

/// Replaces texts in the value of the field `name`; `None` if nothing changed.
pub(super) fn edit(
    name: &'static str,
    field: &[u8],
    edit: &mut dyn FnMut(Speaker, &str) -> Option<String>,
) -> Result<Option<Bytes>, BadRequest> {
    let mut edits = Vec::new();
    visit(name, field, &mut |speaker, text, range| {
        if let Some(new) = edit(speaker, text) {
            let json = serde_json::to_vec(&new).expect("a string is JSON");
            edits.push((range, Bytes::from(json)));
        }
    })?;
    Ok((!edits.is_empty()).then(|| ferro_wire::splice(field, edits)))
}

/// Shows some JSON if it is a string.
fn text(field: &[u8], speaker: Speaker, json: &str, see: &mut See<'_>) {
    if let Some(words) = walk::text(json) {
        see(speaker, &words, ferro_wire::offset_of(field, json.as_bytes()));
    }
}
