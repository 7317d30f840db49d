//! The surfaces besides chat: OpenAI's wire at a place, shown a key as Azure is.

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
        let (Deployments::InPaths { mapped, .. } | Deployments::InBodies { mapped, .. }) =
            &self.deployments;
        mapped.get(model).map_or(model, String::as_str)
    }

    /// Where the deployment has what is at `uri` in the API without deployments.
    fn placed(&self, uri: &Uri, deployment: &str) -> Result<Uri, String> {
        let end = uri.path().strip_prefix(&*self.root).unwrap_or_default();
        match &self.deployments {
            Deployments::InPaths { version, .. } => {
                endpoint::deployment(&self.path, deployment, (end, version))
            }
            Deployments::InBodies { query, .. } => {
                let place = format!("{}{query}", uri.path());
                place.parse().map_err(|error| format!("`{place}` is no path: {error}"))
            }
        }
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
