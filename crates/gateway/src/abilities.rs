//! What each target can do: the surfaces that it serves, and what of a request it can be told.

use ferro_core::{Call, TargetId, chat::ChatRequest};
use ferro_engine::Target;

use crate::Gateway;

/// What a target can do.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Abilities {
    /// The target.
    pub target: TargetId,
    /// The surfaces that it serves, by their words.
    pub surfaces: Vec<&'static str>,
    /// Fields of a chat request, and whether the target is told of each.
    pub fields: Vec<(&'static str, bool)>,
}

/// Fields of a chat request, each with a value that means something, and with what it needs beside it.
const FIELDS: [(&str, &str, &str); 17] = [
    ("temperature", "0.5", ""),
    ("top_p", "0.5", ""),
    ("n", "2", ""),
    ("seed", "7", ""),
    ("max_tokens", "9", ""),
    ("max_completion_tokens", "9", ""),
    ("presence_penalty", "0.5", ""),
    ("frequency_penalty", "0.5", ""),
    ("stop", r#"["x"]"#, ""),
    ("tools", TOOLS, ""),
    ("tool_choice", r#""required""#, TOOLS),
    ("response_format", r#"{"type":"json_object"}"#, ""),
    ("logprobs", "true", ""),
    ("top_logprobs", "2", ""),
    ("parallel_tool_calls", "false", TOOLS),
    ("user", r#""u""#, ""),
    ("logit_bias", r#"{"1":1}"#, ""),
];

const TOOLS: &str = r#"[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]"#;

impl Gateway {
    /// What the configured targets can do, in their order.
    pub fn abilities(&self) -> Vec<Abilities> {
        let made = self.made();
        let targets = made.engine.targets().iter();
        targets.zip(&made.known).map(|(target, known)| self.of(target, known.kind())).collect()
    }

    fn of(&self, target: &Target, kind: &str) -> Abilities {
        let factory = self.inner.recipe.registry.provider(kind).ok();
        let surfaces = factory.map(|factory| factory.describe().surfaces).unwrap_or_default();
        Abilities {
            target: target.id().clone(),
            surfaces: surfaces.iter().map(|surface| surface.as_str()).collect(),
            fields: told(target),
        }
    }
}

/// Asks the target's own codec, which knows best.
fn told(target: &Target) -> Vec<(&'static str, bool)> {
    let parts = target.parts();
    let Some(chat) = parts.provider.chat() else { return Vec::new() };
    let model = parts.models.first().map_or("model", String::as_str);
    let call = Call::new(target.id(), model);
    let fields = FIELDS.into_iter().filter_map(|(field, value, tools)| {
        let model = serde_json::to_string(model).ok()?;
        let tools = if tools.is_empty() { String::new() } else { format!(r#","tools":{tools}"#) };
        let likely = if field == "top_logprobs" { r#","logprobs":true"# } else { "" };
        let request = format!(
            r#"{{"model":{model},"messages":[{{"role":"user","content":"Hi"}}],"{field}":{value}{tools}{likely}}}"#
        );
        let request = ChatRequest::parse(request.into_bytes()).ok()?;
        let unsaid = chat.unsaid(&call, &request);
        Some((field, unsaid.iter().all(|unsaid| *unsaid.0 != *field)))
    });
    fields.collect()
}
