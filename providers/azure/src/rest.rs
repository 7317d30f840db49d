//! Whatever else is asked of a resource of Azure OpenAI: it has its files, batches and the like in its v1
//! API, whichever version the rest is asked in.

use std::collections::BTreeMap;

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, ErrorKind, Payload, ProviderError, Wire,
    forward::{Forward, ForwardRequest},
};
use ferro_dialect_openai::Passing;
use http::{HeaderMap, Request, Uri, response::Parts};

use crate::{authorize, openai::AZURE};

/// The v1 API, passed on to: the data plane's, which has what is inferred and what is kept
/// (<https://learn.microsoft.com/en-us/azure/foundry/openai/authoring-reference-preview>, read 2026-11-30).
#[derive(Debug)]
pub(crate) struct Rest {
    passing: Passing,
    /// What says the version where it has to be said: a version of the API by deployments is none.
    version: Option<String>,
    /// Models, each with its deployment; any other is its own.
    mapped: BTreeMap<String, String>,
}

impl Rest {
    /// The API below `path`.
    pub(crate) fn new(
        path: &str,
        headers: &HeaderMap,
        version: Option<String>,
        mapped: BTreeMap<String, String>,
    ) -> Self {
        let passing = AZURE.passing(&format!("{path}/openai/v1"), headers);
        Self { passing, version, mapped }
    }

    /// A place, in the version that is asked for unless the client asks for another.
    fn versioned(&self, place: &Uri) -> Result<Uri, ProviderError> {
        let asked = place.query().unwrap_or_default();
        let is_said = asked.split('&').any(|pair| pair.starts_with("api-version="));
        let Some(version) = self.version.as_ref().filter(|_| !is_said) else {
            return Ok(place.clone());
        };
        let join = if asked.is_empty() { '?' } else { '&' };
        format!("{place}{join}api-version={version}").parse().map_err(|error| {
            let message = format!("`{place}` is no path: {error}");
            ProviderError::new(ErrorKind::Invalid).with_message(message)
        })
    }
}

impl Wire<Forward> for Rest {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ForwardRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Forward>>), ProviderError> {
        let mut deployed = call.clone();
        deployed.model = self.mapped.get(call.model).map_or(call.model, String::as_str);
        let (mut outbound, decoder) = self.passing.encode(&deployed, request)?;
        *outbound.uri_mut() = self.versioned(outbound.uri())?;
        Ok((outbound, decoder))
    }

    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        authorize::show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        Wire::<Forward>::refuse(&self.passing, head, body)
    }
}
