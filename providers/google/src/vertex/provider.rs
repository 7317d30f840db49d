//! Vertex AI at a place: each family in its own wire.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, ErrorKind, Need, Owns, Payload, Provider, ProviderError, Serve,
    Subject, Unsaid, Wire,
    chat::{Chat, ChatRequest},
};
use ferro_dialect_gemini::{Profile, refuse, segments};
use ferro_dialect_openai::Vendor;
use http::{HeaderMap, HeaderName, HeaderValue, Request, response::Parts};

use super::{
    family::{self, Family},
    place::Place,
};
use crate::root;

/// Who pays, where that is not whose the credentials are.
const PAYS: HeaderName = HeaderName::from_static("x-goog-user-project");

/// The wire of the models that are neither Google's nor Anthropic's.
static COMPATIBLE: Vendor = Vendor { kind: "vertex-ai", ..Vendor::OPENAI_SHAPED };

/// A request, and who reads the answer.
type Said = Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError>;

/// The project that pays, known once the credentials are.
pub(crate) type QuotaProject = Arc<OnceLock<HeaderValue>>;

/// A target of Vertex AI.
pub(crate) struct Vertex {
    place: Place,
    headers: HeaderMap,
    quota_project: QuotaProject,
    compatible: Box<dyn Wire<Chat>>,
}

impl fmt::Debug for Vertex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vertex").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Vertex {
    pub(crate) fn new(place: Place, operators: &HeaderMap, quota_project: QuotaProject) -> Self {
        let headers = root::headers(operators);
        let compatible = Box::new(COMPATIBLE.wire("", headers.clone()));
        Self { place, headers, quota_project, compatible }
    }

    fn model(&self, maker: &str, name: &str, verb: &str) -> Result<String, ProviderError> {
        let place = self.place.path(name);
        Ok(format!("{place}/publishers/{maker}/models/{}{verb}", segments(name)?))
    }

    fn gemini(&self, path: &str, call: &Call<'_>, request: &ChatRequest) -> Said {
        let (body, decoder) = Profile::VERTEX.encode(call, request)?;
        Ok((root::post(path, &self.headers, body)?, decoder))
    }

    /// The request in OpenAI's wire, to this path, for a model of this name there.
    fn compatible(&self, path: &str, call: &Call<'_>, request: &ChatRequest) -> Said {
        let (mut outbound, decoder) = self.compatible.encode(call, request)?;
        *outbound.uri_mut() = path.parse().map_err(|error| {
            let told = format!("`{path}` is no path: {error}");
            ProviderError::new(ErrorKind::Invalid).with_message(told)
        })?;
        Ok((outbound, decoder))
    }
}

impl Provider for Vertex {
    fn owns(&self, model: &str) -> Owns {
        if family::is_own(model) { Owns::Yes } else { Owns::No }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
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
            Family::Claude(name) => Err(ProviderError::new(ErrorKind::Unsupported)
                .with_message(format!("`{name}`: Claude is not served here yet"))),
            Family::Mistral(name) => {
                let verb = if is_stream { ":streamRawPredict" } else { ":rawPredict" };
                let path = self.model("mistralai", name, verb)?;
                self.compatible(&path, &named(call, name), request)
            }
            Family::Shared(maker, name) => {
                let path = format!("{}/endpoints/openapi/chat/completions", self.place.path(name));
                self.compatible(&path, &named(call, &format!("{maker}/{name}")), request)
            }
        }
    }

    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        if let Some(project) = self.quota_project.get() {
            request.headers_mut().insert(PAYS, project.clone());
        }
        root::show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refuse(head, body)
    }

    fn needs(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        match Family::of(call.model) {
            Family::Gemini(_) | Family::Tuned(_) => Profile::VERTEX.needs(call, request),
            _ => Vec::new(),
        }
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        match Family::of(call.model) {
            Family::Gemini(_) | Family::Tuned(_) => Profile::VERTEX.unsaid(call, request),
            _ => self.compatible.unsaid(call, request),
        }
    }
}

/// The same call, of a model as it is called there.
fn named<'a>(call: &Call<'a>, name: &'a str) -> Call<'a> {
    let mut call = call.clone();
    call.model = name;
    call
}
