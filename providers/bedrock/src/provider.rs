//! Bedrock in one region, configured: where chats go, how they are shown who asks.

use std::{sync::Arc, time::SystemTime};

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, Discover, ErrorKind, Host, Need, Owns, Payload, Provider,
    ProviderError, Serve, Subject, Unsaid, Wire,
    chat::{Chat, ChatRequest},
    document::{CountTokens, Embeddings, Images, Messages, Rerank},
};
use ferro_dialect_anthropic::Native;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, response::Parts};
use memchr::memmem;

use crate::{
    decode::{Asked, ConverseDecoder},
    encode::{self, Notes},
    invoke::Invoke,
    model::{Family, Model},
    place::Place,
    refusal,
    settings::Guardrail,
    sign::{self, Scope},
    skew::Skew,
};

/// The service's name in signatures, whichever of its hosts is asked.
const SERVICE: &str = "bedrock";

/// Bedrock in one region.
#[derive(Debug)]
pub(crate) struct Bedrock {
    runtime: Runtime,
    /// The same of the host that lists models.
    pub(crate) control: (String, String),
    guardrail: Option<Guardrail>,
    /// Requests that are in Anthropic's wire already.
    native: Native<Invoke>,
}

/// The runtime in one region: where it is, and how it is shown who asks.
#[derive(Clone, Debug)]
pub(crate) struct Runtime {
    region: String,
    /// Scheme, host and port, and the path before its own.
    place: (String, String),
    /// What every request carries.
    pub(crate) headers: HeaderMap,
    /// Whose models are that do not tell.
    pub(crate) family: Option<Family>,
    skew: Arc<Skew>,
}

impl Runtime {
    /// Whether a model can be asked here: it has to be one of this region's.
    pub(crate) fn has(&self, model: &Model<'_>) -> Result<(), ProviderError> {
        if let Some(region) = model.region().filter(|region| *region != self.region) {
            let message = format!(
                "the model's ARN names the region {region}, and this target asks {}; give it a \
                 target with `region: {region}`",
                self.region
            );
            return Err(ProviderError::new(ErrorKind::NotFound).with_message(message));
        }
        Ok(())
    }

    /// The path of an operation on a model.
    pub(crate) fn uri(&self, model: &Model<'_>, operation: &str) -> Result<Uri, ProviderError> {
        self.has(model)?;
        let path = format!("{}/model/{}/{operation}", self.place.1, model.segment()?);
        Ok(path.parse().expect("a path from a URL, and an encoded segment"))
    }

    /// Shows who asks.
    pub(crate) fn show(
        &self,
        credential: &Credential,
        request: &mut Request<Payload>,
        now: SystemTime,
    ) -> Result<(), ProviderError> {
        self.show_at(&self.place.0, credential, request, now)
    }

    fn show_at(
        &self,
        origin: &str,
        credential: &Credential,
        request: &mut Request<Payload>,
        now: SystemTime,
    ) -> Result<(), ProviderError> {
        let now = self.skew.at(now);
        let scope = Scope { origin, region: &self.region, service: SERVICE, now };
        sign::show(credential, request, scope)
    }

    /// What a refusal means, of which the clock may be the cause.
    pub(crate) fn refused(&self, head: &Parts, body: Bytes) -> ProviderError {
        self.skew.learn(refusal::read(head, body))
    }
}

impl Bedrock {
    pub(crate) fn new(
        place: &Place,
        headers: HeaderMap,
        family: Option<Family>,
        guardrail: Option<Guardrail>,
    ) -> Self {
        let shown =
            |(origin, path): &(ferro_core::Origin, String)| (origin.to_string(), path.clone());
        let control = shown(&place.control);
        let runtime = Runtime {
            region: place.region.clone(),
            place: shown(&place.runtime),
            headers,
            family,
            skew: Arc::default(),
        };
        let native = Native::new(Invoke::new(runtime.clone()));
        Self { runtime, control, guardrail, native }
    }

    /// Whose models are that do not tell.
    pub(crate) fn family(&self) -> Option<Family> {
        self.runtime.family
    }

    /// The path for what is done with a model.
    pub(crate) fn place_of(
        &self,
        model: &Model<'_>,
        operation: &str,
    ) -> Result<Uri, ProviderError> {
        self.runtime.uri(model, operation)
    }

    /// Shows the host that lists models who asks.
    pub(crate) fn show(
        &self,
        credential: &Credential,
        request: &mut Request<Payload>,
        (origin, now): (&str, SystemTime),
    ) -> Result<(), ProviderError> {
        self.runtime.show_at(origin, credential, request, now)
    }

    /// What a refusal means.
    pub(crate) fn refused(&self, head: &Parts, body: Bytes) -> ProviderError {
        self.runtime.refused(head, body)
    }

    /// The operator's own headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.runtime.headers
    }

    /// What comes up when a request is put into words.
    fn rehearse(&self, call: &Call<'_>, request: &ChatRequest) -> Notes {
        let mut notes = Notes::rehearsal();
        let model = Model::new(call.model, self.runtime.family);
        // What cannot be sent at all is said when it is to be.
        let _ = encode::chat(call, &model, self.guardrail.as_ref(), (request, &mut notes));
        notes
    }
}

impl Provider for Bedrock {
    fn owns(&self, model: &str) -> Owns {
        if Model::new(model, None).is_known() { Owns::Yes } else { Owns::No }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }

    fn messages(&self) -> Option<&dyn Serve<Messages>> {
        Some(&self.native)
    }

    fn count_tokens(&self) -> Option<&dyn Serve<CountTokens>> {
        Some(&self.native)
    }

    fn embeddings(&self) -> Option<&dyn Serve<Embeddings>> {
        Some(self)
    }

    fn images(&self) -> Option<&dyn Serve<Images>> {
        Some(self)
    }

    fn rerank(&self) -> Option<&dyn Serve<Rerank>> {
        Some(self)
    }

    fn discover(&self) -> Option<&dyn Discover> {
        Some(self)
    }
}

impl Host for Bedrock {
    fn authorize(
        &self,
        call: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        self.runtime.show(credential, request, call.now)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        self.refused(head, body)
    }
}

impl Wire<Chat> for Bedrock {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let model = Model::new(call.model, self.runtime.family);
        let operation = if request.wants_stream() { "converse-stream" } else { "converse" };
        let uri = self.runtime.uri(&model, operation)?;
        let mut notes = Notes::default();
        let encoded = encode::chat(call, &model, self.guardrail.as_ref(), (request, &mut notes))?;
        let asked = Asked::new(call, &model, request, encoded.names, encoded.answer_tool);
        let mut outbound = Request::new(Payload::from(encoded.body));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = uri;
        *outbound.headers_mut() = self.runtime.headers.clone();
        let headers = outbound.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok((outbound, Box::new(ConverseDecoder::new(asked))))
    }

    fn needs(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        let messages = request.doc().text("messages").unwrap_or_default();
        let may_need = ["_url\"", "file_data\""]
            .iter()
            .any(|name| memmem::find(&messages, name.as_bytes()).is_some());
        if may_need { self.rehearse(call, request).needs } else { Vec::new() }
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        self.rehearse(call, request).unsaid
    }
}
