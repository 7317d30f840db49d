//! The pieces of a reply as Converse sends them, borrowed from its JSON.

use ferro_core::chat::Text;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::annotations::Citation;

/// A block of a whole reply.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Block<'a> {
    #[serde(borrow, default)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) tool_use: Option<ToolUse<'a>>,
    #[serde(borrow, default)]
    pub(super) reasoning_content: Option<Reasoning<'a>>,
    #[serde(borrow, default)]
    pub(super) citations_content: Option<Cited<'a>>,
    #[serde(borrow, default)]
    pub(super) image: Option<Image<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolUse<'a> {
    #[serde(borrow)]
    pub(super) tool_use_id: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow, default)]
    pub(super) input: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reasoning<'a> {
    #[serde(borrow, default)]
    pub(super) reasoning_text: Option<ReasoningText<'a>>,
    #[serde(borrow, default)]
    pub(super) redacted_content: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct ReasoningText<'a> {
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
    #[serde(borrow, default)]
    pub(super) signature: Option<Text<'a>>,
}

/// Words, and what they rest on.
#[derive(Deserialize)]
pub(super) struct Cited<'a> {
    #[serde(borrow, default)]
    pub(super) content: Vec<Words<'a>>,
    #[serde(borrow, default)]
    pub(super) citations: Vec<Citation<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Words<'a> {
    #[serde(borrow, default)]
    pub(super) text: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Image<'a> {
    #[serde(borrow)]
    pub(super) format: Text<'a>,
    #[serde(borrow, default)]
    pub(super) source: Source<'a>,
}

#[derive(Default, Deserialize)]
pub(super) struct Source<'a> {
    #[serde(borrow, default)]
    pub(super) bytes: Option<Text<'a>>,
}

/// A picture as the wire's part for it.
pub(super) fn picture(format: &str, base64: &str) -> serde_json::Value {
    let url = format!("data:image/{format};base64,{base64}");
    serde_json::json!({"type": "image_url", "image_url": {"url": url}})
}

/// How the reply was served.
#[derive(Deserialize)]
pub(super) struct Tier<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) named: &'a RawValue,
}
