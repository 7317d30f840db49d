//! A Foundry resource: models of several makers, each in its own wire.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, Owns, Payload, Provider, ProviderError, Serve, Unsaid, Wire,
    chat::{Chat, ChatRequest},
};
use ferro_dialect_cohere::{ChatWire, Profile};
use ferro_dialect_openai::Vendor;
use http::{HeaderMap, Request, response::Parts};

use crate::{
    authorize,
    openai::AZURE,
    settings::{FoundrySettings, Wired},
};

/// OpenAI's wire as Foundry speaks it. What a model does not know is left out there, and not refused:
/// the same request suits models of several makers.
static FOUNDRY: Vendor =
    Vendor { kind: "azure-foundry", headers: &[("extra-parameters", "drop")], ..AZURE };

/// Beginnings of names of models that speak Cohere's wire.
const COHERES: &[&str] = &["cohere-command", "command"];

/// A Foundry resource.
pub(crate) struct Foundry {
    openai: Box<dyn Wire<Chat>>,
    cohere: ChatWire,
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
        Self {
            openai: Box::new(FOUNDRY.wire(&format!("{path}/openai/v1"), headers.clone())),
            cohere: ChatWire::new(Profile::COHERE, cohere, headers),
            wires: settings.wires,
        }
    }

    /// The wire that a model speaks: as the operator says, or as its name tells.
    fn wire(&self, model: &str) -> &dyn Wire<Chat> {
        let by_name = || {
            let model = model.to_ascii_lowercase();
            let is_coheres = COHERES.iter().any(|beginning| model.starts_with(beginning));
            if is_coheres { Wired::Cohere } else { Wired::Openai }
        };
        match self.wires.get(model).copied().unwrap_or_else(by_name) {
            Wired::Openai => &*self.openai,
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
}

impl Wire<Chat> for Foundry {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        self.wire(call.model).encode(call, request)
    }

    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        authorize::show(credential, request)
    }

    /// Whoever refuses, the words stand in an envelope that OpenAI's wire knows.
    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        self.openai.refuse(head, body)
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        self.wire(call.model).unsaid(call, request)
    }
}
