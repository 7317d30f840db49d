//! A Foundry resource: models of several makers, each in its own wire.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, Host, Need, Owns, Payload, Provider, ProviderError, Serve,
    SurfaceKind, Unsaid, Wire,
    chat::{Chat, ChatRequest},
    document::{Completions, CountTokens, Embeddings, Images, Messages, Rerank},
};
use ferro_dialect_anthropic::Native;
use ferro_dialect_cohere::{ChatWire, Profile};
use ferro_dialect_openai::Vendor;
use http::{HeaderMap, Request, response::Parts};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    claude::Resource,
    openai::{AZURE, KEY},
    settings::{FoundrySettings, Wired},
    surfaces::{Deployments, Surfaces},
};

/// OpenAI's wire as Foundry speaks it. What a model does not know is left out there, and not refused:
/// the same request suits models of several makers.
static FOUNDRY: Vendor =
    Vendor { kind: "azure-foundry", headers: &[("extra-parameters", "drop")], ..AZURE };

/// Cohere's models that rank, which have Cohere's own place there.
static COHERE: Vendor = Vendor {
    kind: "azure-foundry",
    auth: KEY,
    surfaces: &[SurfaceKind::Rerank],
    ..Vendor::OPENAI_SHAPED
};

/// Beginnings of names of models that speak another wire than OpenAI's.
const NAMES: &[(&str, Wired)] = &[
    ("claude", Wired::Anthropic),
    ("anthropic.claude", Wired::Anthropic),
    ("cohere-command", Wired::Cohere),
    ("command", Wired::Cohere),
];

/// A Foundry resource.
pub(crate) struct Foundry {
    openai: Box<dyn Wire<Chat>>,
    claude: Native<Resource>,
    cohere: ChatWire,
    surfaces: Surfaces,
    rankings: Surfaces,
    wires: BTreeMap<String, Wired>,
}

impl fmt::Debug for Foundry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Foundry").field("wires", &self.wires).finish_non_exhaustive()
    }
}

impl Foundry {
    /// A resource below `path`.
    pub(crate) fn new(path: &str, settings: FoundrySettings, headers: HeaderMap) -> Self {
        let cohere = format!("{path}/providers/cohere/v2/chat");
        let cohere = cohere.parse().expect("a path from a URL, and a suffix");
        let surfaces = |vendor, root| {
            let as_they_are =
                Deployments::InBodies { query: String::new(), mapped: BTreeMap::new() };
            Surfaces::new(vendor, (path, root), &headers, as_they_are)
        };
        Self {
            openai: Box::new(FOUNDRY.wire(&format!("{path}/openai/v1"), headers.clone())),
            surfaces: surfaces(&FOUNDRY, "/openai/v1"),
            rankings: surfaces(&COHERE, "/providers/cohere/v2"),
            claude: Native::new(Resource::new(path, headers.clone())),
            cohere: ChatWire::new(Profile::COHERE, cohere, headers),
            wires: settings.wires,
        }
    }

    /// Which wire a model speaks: as the operator says, or as its name tells.
    fn wired(&self, model: &str) -> Wired {
        let by_name = || {
            let model = model.to_ascii_lowercase();
            let named = NAMES.iter().find(|(beginning, _)| model.starts_with(beginning));
            named.map_or(Wired::Openai, |(_, wired)| *wired)
        };
        self.wires.get(model).copied().unwrap_or_else(by_name)
    }

    fn wire(&self, model: &str) -> &dyn Wire<Chat> {
        match self.wired(model) {
            Wired::Openai => &*self.openai,
            Wired::Anthropic => &self.claude,
            Wired::Cohere => &self.cohere,
        }
    }
}

impl Provider for Foundry {
    fn owns(&self, model: &str) -> Owns {
        match model.trim() {
            "" => Owns::No,
            _ if self.wires.contains_key(model) => Owns::Yes,
            _ => Owns::Any,
        }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }

    fn messages(&self) -> Option<&dyn Serve<Messages>> {
        Some(&self.claude)
    }

    fn count_tokens(&self) -> Option<&dyn Serve<CountTokens>> {
        Some(&self.claude)
    }

    fn completions(&self) -> Option<&dyn Serve<Completions>> {
        Some(self.surfaces.serving(SurfaceKind::Completions)?)
    }

    fn embeddings(&self) -> Option<&dyn Serve<Embeddings>> {
        Some(self.surfaces.serving(SurfaceKind::Embeddings)?)
    }

    fn images(&self) -> Option<&dyn Serve<Images>> {
        Some(self.surfaces.serving(SurfaceKind::Images)?)
    }

    fn rerank(&self) -> Option<&dyn Serve<Rerank>> {
        Some(self.rankings.serving(SurfaceKind::Rerank)?)
    }
}

impl Host for Foundry {
    fn authorize(
        &self,
        call: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        match self.wired(call.model) {
            Wired::Anthropic => self.claude.authorize(call, request, credential),
            Wired::Openai | Wired::Cohere => KEY.show(credential, request),
        }
    }

    /// Which wire a refusal is in, its envelope tells: Azure itself may refuse for any model.
    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        match refusing(&body) {
            Wired::Openai => self.openai.refuse(head, body),
            Wired::Anthropic => self.claude.refuse(head, body),
            Wired::Cohere => self.cohere.refuse(head, body),
        }
    }
}

impl Wire<Chat> for Foundry {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        self.wire(call.model).encode(call, request)
    }

    fn needs(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        self.wire(call.model).needs(call, request)
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        self.wire(call.model).unsaid(call, request)
    }
}

/// The wire that has errors of this form.
fn refusing(body: &[u8]) -> Wired {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Envelope {
        #[serde(rename = "type")]
        named: Value,
        error: Value,
        message: Value,
    }
    let envelope: Envelope = serde_json::from_slice(body).unwrap_or_default();
    match envelope {
        Envelope { named, .. } if named == "error" => Wired::Anthropic,
        Envelope { error: Value::Null, message: Value::String(_), .. } => Wired::Cohere,
        _ => Wired::Openai,
    }
}

#[cfg(test)]
mod tests {
    use ferro_core::ErrorKind as K;

    use super::*;

    /// What a refusal with this status and body means.
    fn refused(status: u16, body: &str) -> ProviderError {
        let foundry = Foundry::new("", FoundrySettings::default(), HeaderMap::new());
        let head = http::Response::builder().status(status).body(()).unwrap().into_parts().0;
        foundry.refuse(&head, Bytes::from(body.to_owned()))
    }

    fn check(cases: &[(u16, String, K)]) {
        for (status, body, kind) in cases {
            let error = refused(*status, body);
            assert_eq!(error.kind(), *kind, "{body}");
            assert!(error.message().is_some(), "{body}");
        }
    }

    #[test]
    fn claudes_refusals_are_read_in_anthropics_words() {
        let said = |kind: &str, words: &str| {
            let error = serde_json::json!({"type": kind, "message": words});
            serde_json::json!({"type": "error", "error": error, "request_id": "r"}).to_string()
        };
        let invalid = |words: &str| said("invalid_request_error", words);
        check(&[
            (400, invalid("prompt is too long: 2 tokens > 1 maximum"), K::ContextLength),
            (
                400,
                invalid("input length and `max_tokens` exceed context limit: 1 + 2 > 2, decrease"),
                K::ContextLength,
            ),
            (400, invalid("Output blocked by content filtering policy"), K::ContentPolicy),
            (413, said("request_too_large", "Request exceeds the maximum size"), K::ContextLength),
            (529, said("overloaded_error", "Overloaded"), K::Overloaded),
            (404, said("not_found_error", "model: x"), K::NotFound),
            (403, said("permission_error", "no"), K::Unauthorized),
        ]);
    }

    #[test]
    fn coheres_refusals_are_read_in_its_words_and_azures_in_azures() {
        let said = |words: &str| serde_json::json!({"id": "1", "message": words}).to_string();
        let azures = |code: &str| serde_json::json!({"error": {"code": code, "message": "no"}});
        let managed = r#"{"statusCode":429,"message":"Rate limit is exceeded. Try again later."}"#;
        check(&[
            (400, said("too many tokens: size limit exceeded"), K::ContextLength),
            (400, said("blocked output: please adjust your prompt"), K::ContentPolicy),
            (498, said("invalid api token"), K::Unauthorized),
            (429, said("You have reached your billing limit."), K::Quota),
            (429, said("slow down"), K::RateLimited),
            (429, managed.to_owned(), K::RateLimited),
            (404, azures("DeploymentNotFound").to_string(), K::NotFound),
            (400, azures("content_filter").to_string(), K::ContentPolicy),
        ]);
    }
}
