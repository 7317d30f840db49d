//! The surfaces besides chat: OpenAI's wire at a place.

use std::collections::BTreeMap;

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, ErrorKind, Host, InParts, Payload, ProviderError, Surface,
    SurfaceKind, Unsaid, Wire,
};
use ferro_dialect_openai::{Passing, Vendor};
use http::{HeaderMap, Request, Uri, response::Parts};

use crate::endpoint;

/// Which deployment serves a model besides chat: the one that is mapped, or the one of its own name.
/// The one for models that are not mapped is a chat's.
#[derive(Debug)]
pub(crate) enum Deployments {
    /// The name stands in the path of this version.
    InPaths { version: String, mapped: BTreeMap<String, String> },
    /// The name stands in the body; the path may have a query.
    InBodies { query: String, mapped: BTreeMap<String, String> },
    /// Likewise, at whatever place is asked for: in this version, unless the client says another. A
    /// version of the API by deployments is none.
    Anywhere { version: Option<String>, mapped: BTreeMap<String, String> },
}

/// Surfaces of a resource.
#[derive(Debug)]
pub(crate) struct Surfaces {
    passing: Passing,
    /// What stands in front of every path.
    path: String,
    root: String,
    deployments: Deployments,
}

impl Surfaces {
    /// Those of `vendor` at `root`, below `path`.
    pub(crate) fn new(
        vendor: &Vendor,
        (path, root): (&str, &str),
        headers: &HeaderMap,
        deployments: Deployments,
    ) -> Self {
        let root = format!("{path}{root}");
        let passing = vendor.passing(&root, headers);
        Self { passing, path: path.to_owned(), root, deployments }
    }

    /// Itself, where it has a surface.
    pub(crate) fn serving(&self, surface: SurfaceKind) -> Option<&Self> {
        self.passing.serving(surface).map(|_| self)
    }

    fn mapped<'a>(&'a self, model: &'a str) -> &'a str {
        let (Deployments::InPaths { mapped, .. }
        | Deployments::InBodies { mapped, .. }
        | Deployments::Anywhere { mapped, .. }) = &self.deployments;
        mapped.get(model).map_or(model, String::as_str)
    }

    /// Where the deployment has what is at `uri` in the API without deployments.
    fn placed(&self, uri: &Uri, deployment: &str) -> Result<Uri, String> {
        let place = match &self.deployments {
            Deployments::InPaths { version, .. } => {
                let end = uri.path().strip_prefix(&*self.root).unwrap_or_default();
                return endpoint::deployment(&self.path, deployment, (end, version));
            }
            Deployments::InBodies { query, .. } => format!("{}{query}", uri.path()),
            Deployments::Anywhere { version, .. } => {
                let asked = uri.query().unwrap_or_default();
                let is_said = asked.split('&').any(|pair| pair.starts_with("api-version="));
                let Some(version) = version.as_ref().filter(|_| !is_said) else {
                    return Ok(uri.clone());
                };
                let join = if asked.is_empty() { '?' } else { '&' };
                format!("{uri}{join}api-version={version}")
            }
        };
        place.parse().map_err(|error| format!("`{place}` is no path: {error}"))
    }
}

impl Host for Surfaces {
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

impl<S: Surface> Wire<S> for Surfaces
where
    Passing: Wire<S>,
{
    fn encode(
        &self,
        call: &Call<'_>,
        request: &S::Request,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<S>>), ProviderError> {
        let mut deployed = call.clone();
        deployed.model = self.mapped(call.model);
        let (mut outbound, decoder) = self.passing.encode(&deployed, request)?;
        let place = self.placed(outbound.uri(), deployed.model);
        *outbound.uri_mut() = place
            .map_err(|message| ProviderError::new(ErrorKind::NotFound).with_message(message))?;
        Ok((outbound, decoder))
    }

    fn parts(&self, call: &Call<'_>, request: &S::Request) -> Option<InParts<S>> {
        self.passing.parts(call, request)
    }

    fn unsaid(&self, call: &Call<'_>, request: &S::Request) -> Vec<Unsaid> {
        Wire::unsaid(&self.passing, call, request)
    }
}

#[cfg(test)]
mod tests {
    use ferro_core::{Inbound, Limits, TargetId, forward::Forward};
    use futures_util::FutureExt;
    use http::Method;

    use super::*;
    use crate::openai::AZURE;

    /// Where a request goes, and with which body.
    fn sent(version: Option<&str>, uri: &'static str, body: &'static str) -> (String, Bytes) {
        let mapped = BTreeMap::from([("gpt-4o".to_owned(), "my-gpt".to_owned())]);
        let anywhere = Deployments::Anywhere { version: version.map(str::to_owned), mapped };
        let rest = Surfaces::new(&AZURE, ("", "/openai/v1"), &HeaderMap::new(), anywhere);
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().unwrap());
        headers.insert("content-length", body.len().into());
        let mut inbound =
            Inbound::new(headers, body).with_asked(Method::POST, Uri::from_static(uri));
        let request = Forward::read(&mut inbound, &Limits::default()).now_or_never();
        let (target, model) = (TargetId::from("t"), "gpt-4o");
        let call = Call::new(&target, model);
        let request = request.unwrap().unwrap();
        let (outbound, _) = Wire::<Forward>::encode(&rest, &call, &request).unwrap();
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
