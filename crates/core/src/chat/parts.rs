//! Where text stands in a chat request: message contents, their parts, tool calls and definitions.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::request::raw;
use crate::{BadRequest, Speaker};

/// What a visitor is shown: who says it, the text, and where its JSON string stands.
type See<'a> = dyn FnMut(Speaker, &str, Range<usize>) + 'a;

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default, borrow)]
    role: Cow<'a, str>,
    #[serde(default, borrow)]
    content: Option<&'a RawValue>,
    #[serde(default, borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(default, borrow)]
    text: Option<&'a RawValue>,
    #[serde(default, borrow)]
    refusal: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ToolCall<'a> {
    #[serde(default, borrow)]
    function: Option<Function<'a>>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(default, borrow)]
    description: Option<&'a RawValue>,
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
}

/// Shows every text in the value of the field `name`.
pub(super) fn visit(name: &'static str, field: &[u8], see: &mut See<'_>) -> Result<(), BadRequest> {
    if field.is_empty() || field == b"null" {
        return Ok(());
    }
    if name == "tools" {
        for tool in raw::<Vec<ToolCall<'_>>>(name, field)? {
            functions(field, tool.function.into_iter(), see);
        }
        return Ok(());
    }
    for message in raw::<Vec<Message<'_>>>(name, field)? {
        let speaker = match &*message.role {
            "system" | "developer" => Speaker::System,
            "assistant" => Speaker::Assistant,
            "tool" | "function" => Speaker::Tool,
            _ => Speaker::User,
        };
        if let Some(content) = message.content {
            text(field, speaker, content, see);
            if content.get().starts_with('[') {
                for part in raw::<Vec<Part<'_>>>(name, content.get().as_bytes())? {
                    for words in [part.text, part.refusal].into_iter().flatten() {
                        text(field, speaker, words, see);
                    }
                }
            }
        }
        let calls = message.tool_calls.into_iter().flatten();
        functions(field, calls.filter_map(|call| call.function), see);
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

fn functions<'a>(field: &[u8], all: impl Iterator<Item = Function<'a>>, see: &mut See<'_>) {
    for function in all {
        for words in [function.description, function.arguments].into_iter().flatten() {
            text(field, Speaker::ToolDefinition, words, see);
        }
    }
}

/// Shows `value` if it is a string.
fn text(field: &[u8], speaker: Speaker, value: &RawValue, see: &mut See<'_>) {
    if let Ok(words) = serde_json::from_str::<Cow<'_, str>>(value.get()) {
        see(speaker, &words, ferro_wire::offset_of(field, value.get().as_bytes()));
    }
}
