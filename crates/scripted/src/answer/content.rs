//! What the assistant says to a request, before it is put into a body or into events.

use std::borrow::Cow;

use super::{STREAM_TEXT, WHOLE_TEXT, schema};
use crate::asked::Asked;

/// What the arguments of every tool call are, in the pieces in which they are streamed. They hold
/// what is easily broken: escapes, a character of several bytes, a number's exact text.
const ARGUMENTS: &[&str] = &["{\"city\":", "\"S\u{e3}o \\\"Paulo\\\"\"", ",\"days\":", "1.50}"];

/// One choice's message. Every list holds the pieces in which it is streamed.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) reasoning: Vec<Cow<'static, str>>,
    pub(crate) text: Vec<Cow<'static, str>>,
    pub(crate) refusal: Vec<Cow<'static, str>>,
    pub(crate) calls: Vec<ToolCall>,
}

/// A call of a tool.
#[derive(Debug)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: &'static [&'static str],
}

impl Content {
    /// What is said to `asked`: calls of the tools that are offered, else an instance of the schema,
    /// else a description of what was sent along, else the usual words.
    pub(crate) fn of(asked: &Asked<'_>) -> Self {
        let tools = asked.tools();
        if !tools.is_empty() {
            let call = |(index, name)| ToolCall {
                id: format!("call_scripted{index}"),
                name,
                arguments: ARGUMENTS,
            };
            let calls = tools.into_iter().enumerate().map(call).collect();
            return Self { calls, ..Self::default() };
        }
        if let Some(schema) = asked.schema() {
            return Self::said(in_pieces(&schema::instance(&schema).to_string()));
        }
        let media = asked.media();
        if !media.is_empty() {
            return Self::said(vec!["I see: ".into(), media.join("; ").into()]);
        }
        let text = if asked.stream() { STREAM_TEXT } else { &[WHOLE_TEXT] };
        Self::said(text.iter().map(|&text| text.into()).collect())
    }

    pub(crate) fn said(text: Vec<Cow<'static, str>>) -> Self {
        Self { text, ..Self::default() }
    }

    /// An answer of that many words.
    pub(crate) fn words(count: usize) -> Self {
        Self::said(vec![" word".into(); count])
    }

    /// A refusal in the model's own words.
    pub(crate) fn refused() -> Self {
        let refusal = vec!["I will not".into(), " say that.".into()];
        Self { refusal, ..Self::default() }
    }

    /// The usual words, after some thought.
    pub(crate) fn thought(asked: &Asked<'_>) -> Self {
        let reasoning = vec!["Let me".into(), " think.".into()];
        Self { reasoning, ..Self::of(asked) }
    }

    pub(crate) fn finish(&self) -> &'static str {
        if self.calls.is_empty() { "stop" } else { "tool_calls" }
    }
}

/// A text as a model would stream it, a few characters at a time.
fn in_pieces(text: &str) -> Vec<Cow<'static, str>> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(6).map(|piece| piece.iter().collect::<String>().into()).collect()
}
