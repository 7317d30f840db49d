//! The body of a request to Converse, put together.

use std::borrow::Cow;

use ferro_core::chat::ChatRequest;
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

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'a> {
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block<'a>>,
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
        Self {
            messages,
            system,
            inference_config: sampling.config,
            tool_config,
            output_config: has_output.then_some(OutputConfig { text_format, effort }),
            additional_model_request_fields: sampling.own,
            extras: Fields::default(),
        }
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
                self.extras.add(name, said);
            }
        }
        if let Some(guardrail) = guardrail {
            self.extras.add("guardrailConfig", config(guardrail));
        }
        if let Some(tier) = tier(request) {
            self.extras.add("serviceTier", raw(Cow::Borrowed(tier)));
            notes.heard("service_tier");
        }
        self
    }

    pub(super) fn to_json(&self, request: &ChatRequest) -> Vec<u8> {
        let mut body = Vec::with_capacity(about(request));
        serde_json::to_writer(&mut body, self).expect("texts and JSON are JSON");
        body
    }
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
