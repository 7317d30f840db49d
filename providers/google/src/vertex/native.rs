//! Claude for requests that are in Anthropic's wire already.

use bytes::Bytes;
use ferro_core::{Call, Credential, ErrorKind, Host, Payload, ProviderError, segments};
use ferro_dialect_anthropic::{Operation, Profile, Site};
use http::{HeaderMap, Request, Uri, response::Parts};

use super::{
    family::Family,
    place::Place,
    provider::{QuotaProject, refused, show},
};

/// A project in a region, where Anthropic's models are asked.
#[derive(Debug)]
pub(super) struct Project {
    profile: Profile,
    place: Place,
    headers: HeaderMap,
    quota_project: QuotaProject,
}

impl Project {
    pub(super) fn new(place: Place, headers: HeaderMap, quota_project: QuotaProject) -> Self {
        Self { profile: Profile::vertex(), place, headers, quota_project }
    }
}

impl Site for Project {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// By the paths of `anthropic` 2.12.0 (`anthropic/lib/vertex/_client.py`).
    fn place(&self, call: &Call<'_>, operation: Operation) -> Result<Uri, ProviderError> {
        let name = match Family::of(call.model) {
            Family::Claude(name) => name,
            // A name that tells nothing may be one of Anthropic's.
            Family::Gemini(name) if name == call.model && !name.starts_with("gemini-") => name,
            _ => return Err(of_another(call.model)),
        };
        let models = format!("{}/publishers/anthropic/models", self.place.path(""));
        let path = match operation {
            Operation::Count => format!("{models}/count-tokens:rawPredict"),
            Operation::Stream => format!("{models}/{}:streamRawPredict", segments(name)?),
            Operation::Message => format!("{models}/{}:rawPredict", segments(name)?),
        };
        path.parse().map_err(|error| {
            let told = format!("`{path}` is no path: {error}");
            ProviderError::new(ErrorKind::Invalid).with_message(told)
        })
    }

    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }
}

impl Host for Project {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        show(&self.quota_project, request, credential)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refused(head, body)
    }
}

fn of_another(model: &str) -> ProviderError {
    let message = format!("`{model}` is asked in another wire than Anthropic's");
    ProviderError::new(ErrorKind::Unsupported).with_message(message)
}
