//! What each target can do: the surfaces that it serves, and what of a request it can be told.

use ferro_catalog::TargetModels;
use ferro_core::{
    Call, ProviderFactory, Subject, SurfaceKind, TargetId,
    chat::ChatRequest,
    document::{DocumentRequest, Images},
};
use ferro_engine::Target;
use serde_json::{Value, json};

use crate::{
    Gateway,
    probe::{Probed, probe},
};

/// What a target can do.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Abilities {
    /// The target.
    pub target: TargetId,
    /// The surfaces that it serves, by their words.
    pub surfaces: Vec<&'static str>,
    /// Fields of a chat request, and how the target is told of each.
    pub fields: Vec<(&'static str, Reach)>,
    /// The forms in which it gives images: `url`, `b64_json`.
    pub image_formats: Vec<&'static str>,
}

/// How a field reaches a target.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Reach {
    /// As the client wrote it.
    Forward,
    /// In its vendor's words.
    Translate,
    /// Not at all.
    Unsupported,
}

impl Reach {
    /// The same in a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Translate => "translate",
            Self::Unsupported => "unsupported",
        }
    }
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
        targets.zip(&made.known).map(|(target, known)| self.of(target, known)).collect()
    }

    fn of(&self, target: &Target, known: &TargetModels) -> Abilities {
        let factory = self.inner.recipe.registry.provider(known.kind()).ok();
        let kind = factory.map(ProviderFactory::describe);
        let serves = |surface: &&SurfaceKind| {
            kind.as_ref().is_some_and(|kind| kind.way(**surface).is_some())
        };
        let surfaces = SurfaceKind::ALL.iter().filter(serves).map(|surface| surface.as_str());
        Abilities {
            target: target.id().clone(),
            surfaces: surfaces.collect(),
            fields: told(target),
            image_formats: image_formats(target, known),
        }
    }
}

/// Asks the target's own codec, which knows best.
fn told(target: &Target) -> Vec<(&'static str, Reach)> {
    let parts = target.parts();
    let Some(chat) = parts.provider.chat() else { return Vec::new() };
    let model = parts.models.first().map_or("model", String::as_str);
    let fields = FIELDS.into_iter().filter_map(|(field, value, tools)| {
        let model = serde_json::to_string(model).ok()?;
        let tools = if tools.is_empty() { String::new() } else { format!(r#","tools":{tools}"#) };
        let likely = if field == "top_logprobs" { r#","logprobs":true"# } else { "" };
        let request = format!(
            r#"{{"model":{model},"messages":[{{"role":"user","content":"Hi"}}],"{field}":{value}{tools}{likely}}}"#
        );
        let request = ChatRequest::parse(request.into_bytes()).ok()?;
        let unsaid = chat.unsaid(&Call::new(target.id(), request.model()), &request);
        if unsaid.iter().any(|unsaid| *unsaid.0 == *field) {
            return Some((field, Reach::Unsupported));
        }
        Some((field, match probe(target, chat, &request) {
            Probed::Sent(sent) if !is_member(&sent, field, value) => Reach::Translate,
            Probed::Refused => Reach::Unsupported,
            _ => Reach::Forward,
        }))
    });
    fields.collect()
}

/// The forms that the target does not refuse to give, for a model that paints.
fn image_formats(target: &Target, known: &TargetModels) -> Vec<&'static str> {
    const FORMATS: [&str; 2] = ["url", "b64_json"];
    let parts = target.parts();
    let Some(images) = parts.provider.images() else { return Vec::new() };
    let known = known.look(|catalog| {
        let paints = |id: &&str| {
            catalog.find(known.kind(), id).is_some_and(|it| it.model().serves("images"))
        };
        let own = parts.models.iter().map(String::as_str).find(paints);
        let model = own.or_else(|| {
            let mut all = catalog.of_kind(known.kind());
            all.find(|model| model.serves("images")).map(|model| model.id())
        });
        model.or(parts.models.first().map(String::as_str)).unwrap_or("model").to_owned()
    });
    let is_given = |format: &&str| {
        let request = json!({"model": known, "prompt": "A dot.", "response_format": format});
        let request = DocumentRequest::<Images>::parse(request.to_string().into_bytes());
        request.is_ok_and(|request| {
            let unsaid = images.unsaid(&Call::new(target.id(), request.model()), &request);
            let is_told = unsaid.iter().all(|unsaid| *unsaid.0 != *"response_format");
            is_told && !matches!(probe(target, images, &request), Probed::Refused)
        })
    };
    FORMATS.into_iter().filter(is_given).collect()
}

/// Whether a document has this member with this value.
fn is_member(document: &[u8], name: &str, value: &str) -> bool {
    let document: Value = serde_json::from_slice(document).unwrap_or_default();
    let value: Value = serde_json::from_str(value).unwrap_or_default();
    document.get(name) == Some(&value)
}
