//! A Foundry resource: models of several makers, each in its own wire.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, Need, Owns, Payload, Provider, ProviderError, Serve, Unsaid, Wire,
    chat::{Chat, ChatRequest},
};
use ferro_dialect_cohere::{ChatWire, Profile};
use ferro_dialect_openai::Vendor;
use http::{HeaderMap, Request, response::Parts};

use crate::{
    authorize,
    claude::Claude,
    openai::AZURE,
    settings::{FoundrySettings, Wired},
};

/// OpenAI's wire as Foundry speaks it. What a model does not know is left out there, and not refused:
/// the same request suits models of several makers.
static FOUNDRY: Vendor =
    Vendor { kind: "azure-foundry", headers: &[("extra-parameters", "drop")], ..AZURE };

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
    claude: Claude,
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
            claude: Claude::new(path, headers.clone()),
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
        call: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        match self.wired(call.model) {
            Wired::Anthropic => self.claude.authorize(call, request, credential),
            Wired::Openai | Wired::Cohere => authorize::show(credential, request),
        }
    }

    /// Whoever refuses, the words stand in an envelope that OpenAI's wire knows.
    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        self.openai.refuse(head, body)
    }

    fn needs(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        self.wire(call.model).needs(call, request)
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        self.wire(call.model).unsaid(call, request)
    }
}
