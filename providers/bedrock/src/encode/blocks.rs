//! The pieces of a conversation as Converse has them: what is serialised is what is sent.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

/// One turn.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub(super) role: Role,
    pub(super) content: Vec<Block<'a>>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    User,
    Assistant,
}

/// One block of a turn, of the system's words, or of a tool's result.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Block<'a> {
    Text(Cow<'a, str>),
    Image(Medium<'a>),
    Document(Document<'a>),
    Video(Medium<'a>),
    Audio(Medium<'a>),
    #[serde(rename_all = "camelCase")]
    ToolUse {
        tool_use_id: Cow<'a, str>,
        name: Cow<'a, str>,
        input: Cow<'a, RawValue>,
    },
    ToolResult(ToolResult<'a>),
    GuardContent(GuardContent<'a>),
    CachePoint(CachePoint<'a>),
    ReasoningContent(Thought<'a>),
}

/// A picture, a film, a sound.
#[derive(Debug, Serialize)]
pub(super) struct Medium<'a> {
    pub(super) format: &'static str,
    pub(super) source: Place<'a>,
}

/// A document.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    pub(super) format: &'static str,
    pub(super) name: String,
    pub(super) source: Place<'a>,
}

/// Where bytes are.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Place<'a> {
    /// Here, in base64.
    Bytes(Cow<'a, str>),
    S3Location {
        uri: &'a str,
    },
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolResult<'a> {
    pub(super) tool_use_id: Cow<'a, str>,
    pub(super) content: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
}

/// What a guardrail is to look at.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum GuardContent<'a> {
    Text { text: &'a str },
}

/// Up to where the prompt is cached.
#[derive(Debug, Serialize)]
pub(super) struct CachePoint<'a> {
    #[serde(rename = "type")]
    pub(super) named: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ttl: Option<Cow<'a, str>>,
}

/// What the model thought in an earlier turn.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Thought<'a> {
    ReasoningText { text: &'a str, signature: &'a str },
    RedactedContent(&'a str),
}

impl Block<'_> {
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    pub(super) fn is_of_tools(&self) -> bool {
        matches!(self, Self::ToolUse { .. } | Self::ToolResult(_))
    }
}
