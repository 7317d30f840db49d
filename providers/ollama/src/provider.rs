//! The provider: what it serves, and how it is asked.

use bytes::Bytes;
use ferro_core::{
    Auth, Call, Credential, Decoder, Discover, Host, Need, Owns, Payload, Provider, ProviderError,
    Serve, SurfaceKind, Unsaid, Wire,
    chat::{Chat, ChatRequest},
    document::{Completions, Embeddings},
    forward::Forward,
};
use ferro_dialect_openai::{Passing, Vendor};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, response::Parts};
use serde_json::{Map, Value};

use crate::{decode::ChatDecoder, encode, factory::SERVER, messages, refusal};

/// The wire of a server below `path`, for who drives it otherwise than from a configuration. Every
/// request carries `headers`.
///
/// # Panics
///
/// If `path` cannot be a URL's.
pub fn wire(path: &str, headers: HeaderMap) -> impl Wire<Chat> + use<> {
    Ollama::new(&SERVER, path, headers, Vec::new())
}

/// A server, one's own or the vendor's.
#[derive(Debug)]
pub(crate) struct Ollama {
    row: &'static Vendor,
    chat: Uri,
    pub(crate) embed: Uri,
    /// What it has in OpenAI's words: completions, with the suffix that an editor sends, and the rest.
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
    pub(crate) fn new(
        row: &'static Vendor,
        path: &str,
        mut headers: HeaderMap,
        models: Vec<String>,
    ) -> Self {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let uri = |end| format!("{path}{end}").parse().expect("a path from a URL, and a suffix");
        let openais = row.passing(&format!("{path}/v1"), &headers);
        Self {
            row,
            chat: uri("/api/chat"),
            embed: uri("/api/embed"),
            tags: uri("/api/tags"),
            openais,
            headers,
            models,
            defaults: encode::Defaults::default(),
        }
    }

    /// The same, with what an operator wants in requests that do not say it.
    pub(crate) fn with_defaults(self, options: Map<String, Value>, keep: Option<Value>) -> Self {
        Self { defaults: encode::Defaults::new(options, keep), ..self }
    }

    /// The same call, of a model as the server calls it.
    pub(crate) fn named<'a>(&self, call: &Call<'a>) -> Call<'a> {
        let mut call = call.clone();
        call.model = self.row.bare(call.model);
        call
    }

    pub(crate) fn post(&self, place: &Uri, body: impl Into<Payload>) -> Request<Payload> {
        let mut outbound = Request::new(body.into());
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = place.clone();
        *outbound.headers_mut() = self.headers.clone();
        outbound
    }
}

impl Provider for Ollama {
    fn owns(&self, model: &str) -> Owns {
        let bare = self.row.bare(model.trim());
        match bare {
            "" => Owns::No,
            _ if bare.len() < model.trim().len() => Owns::Yes,
            _ if self.models.iter().any(|own| own == bare) => Owns::Yes,
            _ => Owns::Any,
        }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }

    fn completions(&self) -> Option<&dyn Serve<Completions>> {
        Some(self.openais.serving(SurfaceKind::Completions)?)
    }

    fn embeddings(&self) -> Option<&dyn Serve<Embeddings>> {
        Some(self)
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
        let call = &self.named(call);
        let body = encode::chat(call, request, &self.defaults)?;
        let decoder = ChatDecoder::new(call, request.wants_usage());
        Ok((self.post(&self.chat, body), Box::new(decoder)))
    }

    fn needs(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        messages::needs(request)
    }

    fn unsaid(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        encode::unsaid(request)
    }
}
