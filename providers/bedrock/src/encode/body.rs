//! The body of a request to Converse, put together.

use std::borrow::Cow;

use ferro_core::chat::ChatRequest;
use ferro_wire::write_string;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Notes, about,
    blocks::{Block, Turn},
    fields::{Fields, raw, raw_field},
    format::{Answer, TextFormat},
    inference::{Config, Sampling},
    tools::ToolConfig,
};
use crate::settings::Guardrail;

#[derive(Debug)]
pub(super) struct Body<'a> {
    messages: Vec<Turn<'a>>,
    system: Vec<Block<'a>>,
    beside: Beside<'a>,
}

/// What stands beside the conversation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Beside<'a> {
    #[serde(skip_serializing_if = "Config::is_empty")]
    inference_config: Config<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<ToolConfig<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig<'a>>,
    #[serde(skip_serializing_if = "Fields::is_empty")]
    additional_model_request_fields: Fields<'a>,
    #[serde(flatten)]
    extras: Fields<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OutputConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text_format: Option<TextFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'static str>,
}

impl<'a> Body<'a> {
    pub(super) fn new(
        (messages, system): (Vec<Turn<'a>>, Vec<Block<'a>>),
        tool_config: Option<ToolConfig<'a>>,
        sampling: Sampling<'a>,
        answer: &Answer<'a>,
    ) -> Self {
        let (text_format, effort) = (answer.native(), sampling.effort);
        let has_output = text_format.is_some() || effort.is_some();
        let beside = Beside {
            inference_config: sampling.config,
            tool_config,
            output_config: has_output.then_some(OutputConfig { text_format, effort }),
            additional_model_request_fields: sampling.own,
            extras: Fields::default(),
        };
        Self { messages, system, beside }
    }

    /// The same, with what Converse takes beside a conversation: in the client's words, which are
    /// Converse's own, or as the operator has it.
    pub(super) fn with_extras(
        mut self,
        request: &'a ChatRequest,
        guardrail: Option<&Guardrail>,
        notes: &mut Notes,
    ) -> Self {
        const EXTRAS: [&str; 5] = [
            "guardrailConfig",
            "performanceConfig",
            "requestMetadata",
            "promptVariables",
            "additionalModelResponseFieldPaths",
        ];
        for name in EXTRAS {
            if let Some(said) = raw_field(request, name) {
                self.beside.extras.add(name, said);
            }
        }
        if let Some(guardrail) = guardrail {
            self.beside.extras.add("guardrailConfig", config(guardrail));
        }
        if let Some(tier) = tier(request) {
            self.beside.extras.add("serviceTier", raw(Cow::Borrowed(tier)));
            notes.heard("service_tier");
        }
        self
    }

    /// What is sent. The conversation, which is most of it, is written text by text.
    pub(super) fn to_json(&self, request: &ChatRequest) -> Vec<u8> {
        let mut body = Vec::with_capacity(about(request));
        body.extend_from_slice(b"{\"messages\":");
        list(&mut body, &self.messages, |body, turn| {
            body.extend_from_slice(b"{\"role\":");
            write(body, &turn.role);
            body.extend_from_slice(b",\"content\":");
            list(body, &turn.content, write_block);
            body.push(b'}');
        });
        if !self.system.is_empty() {
            body.extend_from_slice(b",\"system\":");
            list(&mut body, &self.system, write_block);
        }
        let end = body.len();
        write(&mut body, &self.beside);
        // Its members are the body's.
        if body[end..] == *b"{}" {
            body.remove(end);
        } else {
            body[end] = b',';
        }
        body
    }
}

fn write_block(body: &mut Vec<u8>, block: &Block<'_>) {
    let Block::Text(text) = block else { return write(body, block) };
    body.extend_from_slice(b"{\"text\":");
    write_string(body, text);
    body.push(b'}');
}

fn write(body: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(body, value).expect("texts and JSON are JSON");
}

fn list<T>(body: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    body.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        write(body, item);
    }
    body.push(b']');
}

fn config(guardrail: &Guardrail) -> Cow<'static, RawValue> {
    let Guardrail { identifier, version, trace } = guardrail;
    let mut config = serde_json::json!({
        "guardrailIdentifier": identifier, "guardrailVersion": version,
    });
    if let Some(trace) = trace {
        config["trace"] = trace.as_str().into();
    }
    raw(Cow::Owned(config.to_string()))
}

/// How urgent it is, where Bedrock has a word for it.
fn tier(request: &ChatRequest) -> Option<&'static str> {
    let said: String = request.doc().get("service_tier").ok().flatten()?;
    Some(match said.as_str() {
        "default" => r#"{"type":"default"}"#,
        "priority" => r#"{"type":"priority"}"#,
        "flex" => r#"{"type":"flex"}"#,
        "reserved" => r#"{"type":"reserved"}"#,
        _ => return None,
    })
}
