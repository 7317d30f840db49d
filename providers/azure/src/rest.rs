//! Whatever else is asked of a resource of Azure OpenAI: it has its files, batches and the like in its v1
//! API, whichever version the rest is asked in.

use std::collections::BTreeMap;

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, ErrorKind, Host, Payload, ProviderError, Wire,
    forward::{Forward, ForwardRequest},
};
use ferro_dialect_openai::Passing;
use http::{HeaderMap, Request, Uri, response::Parts};

use crate::openai::AZURE;

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

impl Host for Rest {
    fn authorize(
        &self,
        call: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        self.passing.authorize(call, request, credential)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        self.passing.refuse(head, body)
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
}

#[cfg(test)]
mod tests {
    use ferro_core::{Inbound, Limits, Surface, TargetId};
    use futures_util::FutureExt;
    use http::Method;

    use super::*;

    /// Where a request goes, and with which body.
    fn sent(version: Option<&str>, uri: &'static str, body: &'static str) -> (String, Bytes) {
        let mapped = BTreeMap::from([("gpt-4o".to_owned(), "my-gpt".to_owned())]);
        let rest = Rest::new("", &HeaderMap::new(), version.map(str::to_owned), mapped);
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().unwrap());
        headers.insert("content-length", body.len().into());
        let mut inbound =
            Inbound::new(headers, body).with_asked(Method::POST, Uri::from_static(uri));
        let request = Forward::read(&mut inbound, &Limits::default()).now_or_never();
        let (target, model) = (TargetId::from("t"), "gpt-4o");
        let call = Call::new(&target, model);
        let (outbound, _) = rest.encode(&call, &request.unwrap().unwrap()).unwrap();
        let uri = outbound.uri().to_string();
        let Payload::Rope(body) = outbound.into_body() else { panic!("it is held") };
        (uri, body.to_bytes())
    }

    #[test]
    fn what_is_passed_on_goes_to_the_newer_api_and_names_the_deployment() {
        let body = r#"{"model":"gpt-4o", "x":1e2}"#;
        let (uri, body) = sent(None, "/v1/batches?after=b-1", body);
        assert_eq!(uri, "/openai/v1/batches?after=b-1");
        assert_eq!(body, r#"{"model":"my-gpt", "x":1e2}"#);
    }

    #[test]
    fn a_version_that_is_no_date_is_said_unless_the_client_says_one() {
        let uri = |version, uri| sent(version, uri, "{}").0;
        let preview = Some("preview");
        assert_eq!(uri(preview, "/v1/files"), "/openai/v1/files?api-version=preview");
        assert_eq!(uri(preview, "/v1/files?a=1"), "/openai/v1/files?a=1&api-version=preview");
        let own = "/v1/files?api-version=latest";
        assert_eq!(uri(preview, own), "/openai/v1/files?api-version=latest");
    }
}
