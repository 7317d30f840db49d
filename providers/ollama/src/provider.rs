//! The provider: what it serves, and how it is asked.

use bytes::Bytes;
use ferro_core::{
    Auth, Call, Credential, Decoder, Discover, Host, Need, Owns, Payload, Provider, ProviderError,
    Serve, Unsaid, Wire,
    chat::{Chat, ChatRequest},
    document::{Completions, Embeddings},
    forward::Forward,
};
use ferro_dialect_openai::Passing;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, response::Parts};
use serde_json::{Map, Value};

use crate::{
    decode::ChatDecoder,
    documents::{EmbedWire, OPENAIS},
    encode, messages, refusal,
};

/// The wire of a server below `path`, for who drives it otherwise than from a configuration. Every
/// request carries `headers`.
///
/// # Panics
///
/// If `path` cannot be a URL's.
pub fn wire(path: &str, headers: HeaderMap) -> impl Wire<Chat> + use<> {
    Ollama::new(path, headers, Vec::new())
}

/// A server.
#[derive(Debug)]
pub(crate) struct Ollama {
    chat: Uri,
    embed: EmbedWire,
    openais: Passing,
    /// Where it lists its models.
    pub(crate) tags: Uri,
    /// What every request carries.
    pub(crate) headers: HeaderMap,
    /// Models that are its own by configuration.
    models: Vec<String>,
    defaults: encode::Defaults,
}

impl Ollama {
    pub(crate) fn new(path: &str, mut headers: HeaderMap, models: Vec<String>) -> Self {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let uri = |end| format!("{path}{end}").parse().expect("a path from a URL, and a suffix");
        let (chat, tags) = (uri("/api/chat"), uri("/api/tags"));
        let embed = EmbedWire::new(uri("/api/embed"), headers.clone());
        let openais = OPENAIS.passing(&format!("{path}/v1"), &headers);
        Self { chat, embed, openais, tags, headers, models, defaults: encode::Defaults::default() }
    }

    /// The same, with what an operator wants in requests that do not say it.
    pub(crate) fn with_defaults(self, options: Map<String, Value>, keep: Option<Value>) -> Self {
        Self { defaults: encode::Defaults::new(options, keep), ..self }
    }
}

impl Provider for Ollama {
    fn owns(&self, model: &str) -> Owns {
        match model.trim() {
            "" => Owns::No,
            model if self.models.iter().any(|own| own == model) => Owns::Yes,
            _ => Owns::Any,
        }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }

    fn completions(&self) -> Option<&dyn Serve<Completions>> {
        Some(&self.openais)
    }

    fn embeddings(&self) -> Option<&dyn Serve<Embeddings>> {
        Some(&self.embed)
    }

    fn forward(&self) -> Option<&dyn Serve<Forward>> {
        Some(&self.openais)
    }

    fn discover(&self) -> Option<&dyn Discover> {
        Some(self)
    }
}

impl Host for Ollama {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        Auth::Bearer.show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refusal::read(head, body)
    }
}

impl Wire<Chat> for Ollama {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let body = encode::chat(call, request, &self.defaults)?;
        let mut outbound = Request::new(Payload::from(body));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = self.chat.clone();
        *outbound.headers_mut() = self.headers.clone();
        Ok((outbound, Box::new(ChatDecoder::new(call, request.wants_usage()))))
    }

    fn needs(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        messages::needs(request)
    }

    fn unsaid(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        encode::unsaid(request)
    }
}
