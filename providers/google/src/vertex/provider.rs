//! Vertex AI at a place: each family in its own wire.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, ErrorKind, Host, Need, Owns, Payload, Provider, ProviderError,
    Serve, Subject, Unsaid, Wire,
    chat::{Chat, ChatRequest},
    document::{self, Embeddings, Images},
    segments,
};
use ferro_dialect_anthropic::{Messages, Native};
use ferro_dialect_gemini::{Profile as Gemini, refuse};
use ferro_dialect_openai::{Ends, MessageEdit, Profile, Vendor};
use ferro_wire::{Rope, append_member};
use http::{HeaderMap, HeaderName, HeaderValue, Request, response::Parts};
use serde::Deserialize;

use super::{
    family::{self, Family},
    native::Project,
    place::Place,
};
use crate::root;

/// Who pays, where that is not whose the credentials are.
const PAYS: HeaderName = HeaderName::from_static("x-goog-user-project");

/// The parts of Anthropic's wire that are not finished.
const BETA: HeaderName = HeaderName::from_static("anthropic-beta");

/// The wire of Mistral's models, which stand here behind Mistral's own server.
static MISTRAL: Vendor = Vendor { kind: "vertex-ai", ..Vendor::MISTRAL_SHAPED };

/// The wire of the models that are neither Google's nor Anthropic's nor Mistral's. Those are open ones,
/// whose templates know no developer; and not every server behind the endpoint ends a stream in words.
static SHARED: Vendor = Vendor {
    kind: "vertex-ai",
    profile: Profile {
        messages: &[MessageEdit::DeveloperIsSystem],
        ends: Ends::WithChoices,
        ..Profile::STANDARD
    },
    ..Vendor::OPENAI_SHAPED
};

/// A request, and who reads the answer.
type Said = Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError>;

/// The project that pays, known once the credentials are.
pub(crate) type QuotaProject = Arc<OnceLock<HeaderValue>>;

/// A target of Vertex AI.
pub(crate) struct Vertex {
    place: Place,
    pub(super) headers: HeaderMap,
    quota_project: QuotaProject,
    mistral: Box<dyn Wire<Chat>>,
    shared: Box<dyn Wire<Chat>>,
    claude: Messages,
    /// Requests that are in Anthropic's wire already.
    native: Native<Project>,
}

impl fmt::Debug for Vertex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vertex").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Vertex {
    pub(crate) fn new(place: Place, operators: &HeaderMap, quota_project: QuotaProject) -> Self {
        let headers = root::headers(operators);
        let mistral = Box::new(MISTRAL.wire("", headers.clone()));
        let shared = Box::new(SHARED.wire("", headers.clone()));
        let claude = Messages::new(ferro_dialect_anthropic::Profile::vertex());
        let native = Project::new(place.clone(), operators.clone(), Arc::clone(&quota_project));
        let native = Native::new(native);
        Self { place, headers, quota_project, mistral, shared, claude, native }
    }

    /// Where a maker's model is asked. What other makers call a preview is served where the rest of
    /// theirs is: `anthropic` 2.12.0 and `mistralai` 3.7.0 ask nowhere else.
    pub(super) fn model(
        &self,
        maker: &str,
        name: &str,
        verb: &str,
    ) -> Result<String, ProviderError> {
        let place = self.place.path(if maker == "google" { name } else { "" });
        Ok(format!("{place}/publishers/{maker}/models/{}{verb}", segments(name)?))
    }

    fn gemini(&self, path: &str, call: &Call<'_>, request: &ChatRequest) -> Said {
        let (body, decoder) = Gemini::VERTEX.encode(call, request)?;
        Ok((root::post(path, &self.headers, body)?, decoder))
    }

    fn claude(&self, name: &str, call: &Call<'_>, request: &ChatRequest) -> Said {
        let verb = if request.wants_stream() { ":streamRawPredict" } else { ":rawPredict" };
        let path = self.model("anthropic", name, verb)?;
        let encoded = self.claude.encode(&named(call, name), request)?;
        let mut body = Rope::from(encoded.body);
        if request.wants_stream() {
            // Here the path says so, and the body has to as well.
            body = append_member(&body, "stream", b"true").expect("the body is an object");
        }
        let mut outbound = root::post(&path, &self.headers, body)?;
        if let Some(betas) = encoded.betas.and_then(|betas| HeaderValue::try_from(betas).ok()) {
            outbound.headers_mut().append(BETA, betas);
        }
        Ok((outbound, Box::new(encoded.decoder)))
    }
}

/// The request in a wire like OpenAI's, to this path, for a model of this name there.
fn compatible(wire: &dyn Wire<Chat>, path: &str, call: &Call<'_>, request: &ChatRequest) -> Said {
    let (mut outbound, decoder) = wire.encode(call, request)?;
    *outbound.uri_mut() = path.parse().map_err(|error| {
        let told = format!("`{path}` is no path: {error}");
        ProviderError::new(ErrorKind::Invalid).with_message(told)
    })?;
    Ok((outbound, decoder))
}

/// Shows who asks, and who pays.
pub(super) fn show(
    quota_project: &QuotaProject,
    request: &mut Request<Payload>,
    credential: &Credential,
) -> Result<(), ProviderError> {
    if let Some(project) = quota_project.get() {
        request.headers_mut().insert(PAYS, project.clone());
    }
    root::AUTH.show(credential, request)
}

/// A refusal in Google's words or, behind it, in Anthropic's.
pub(super) fn refused(head: &Parts, body: Bytes) -> ProviderError {
    #[derive(Deserialize)]
    struct Anthropics<'a> {
        r#type: &'a str,
    }
    let named = serde_json::from_slice::<Anthropics<'_>>(&body).ok().map(|body| body.r#type);
    if named == Some("error") {
        return ferro_dialect_anthropic::refuse(head, body);
    }
    refuse(head, body)
}

impl Provider for Vertex {
    fn owns(&self, model: &str) -> Owns {
        if family::is_own(model) { Owns::Yes } else { Owns::No }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }

    fn messages(&self) -> Option<&dyn Serve<document::Messages>> {
        Some(&self.native)
    }

    fn count_tokens(&self) -> Option<&dyn Serve<document::CountTokens>> {
        Some(&self.native)
    }

    fn embeddings(&self) -> Option<&dyn Serve<Embeddings>> {
        Some(self)
    }

    fn images(&self) -> Option<&dyn Serve<Images>> {
        Some(self)
    }
}

impl Host for Vertex {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        show(&self.quota_project, request, credential)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        let error = refused(head, body.clone());
        if error.message().is_some() { error } else { self.shared.refuse(head, body) }
    }
}

impl Wire<Chat> for Vertex {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let is_stream = request.wants_stream();
        let verb = root::verb(is_stream);
        match Family::of(call.model) {
            Family::Gemini(name) => self.gemini(&self.model("google", name, verb)?, call, request),
            Family::Tuned(id) => {
                let path = format!("{}/endpoints/{}{verb}", self.place.path(""), segments(id)?);
                self.gemini(&path, call, request)
            }
            Family::Claude(name) => self.claude(name, call, request),
            Family::Mistral(name) => {
                let verb = if is_stream { ":streamRawPredict" } else { ":rawPredict" };
                let path = self.model("mistralai", name, verb)?;
                compatible(&*self.mistral, &path, &named(call, name), request)
            }
            Family::Shared(maker, name) => {
                let path = format!("{}/endpoints/openapi/chat/completions", self.place.path(""));
                compatible(&*self.shared, &path, &named(call, &format!("{maker}/{name}")), request)
            }
        }
    }

    fn needs(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        match Family::of(call.model) {
            Family::Gemini(_) | Family::Tuned(_) => Gemini::VERTEX.needs(call, request),
            Family::Claude(_) => self.claude.needs(request),
            Family::Mistral(_) | Family::Shared(..) => Vec::new(),
        }
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        match Family::of(call.model) {
            Family::Gemini(_) | Family::Tuned(_) => Gemini::VERTEX.unsaid(call, request),
            Family::Claude(name) => self.claude.unsaid(&named(call, name), request),
            Family::Mistral(_) => self.mistral.unsaid(call, request),
            Family::Shared(..) => self.shared.unsaid(call, request),
        }
    }
}

/// The same call, of a model as it is called there.
fn named<'a>(call: &Call<'a>, name: &'a str) -> Call<'a> {
    let mut call = call.clone();
    call.model = name;
    call
}
