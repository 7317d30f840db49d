//! Anthropic's messages, at vendors that have them beside OpenAI's wire. They pass as they came.

use std::sync::Arc;

use bytes::Bytes;
use ferro_core::{
    Auth, Call, Credential, ErrorKind, Host, Payload, Provider, ProviderError, Serve,
    document::{CountTokens, Messages},
};
use ferro_dialect_anthropic::{Native, Operation, Profile, Site, refuse};
use http::{HeaderMap, Request, Uri, response::Parts};

/// Where the vendor has them below its root: most do.
pub(crate) fn below(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    of(&format!("{root}/messages"), headers, Auth::Bearer)
}

/// The same, where tokens are counted too: servers that people run, and `SambaNova`.
pub(crate) fn counting(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    let (messages, count) = (format!("{root}/messages"), format!("{root}/messages/count_tokens"));
    let place = Place { count: Some(uri(&count)), ..Place::new(&messages, headers, Auth::Bearer) };
    Arc::new(Anthropics::at(place))
}

/// Where they have a root of their own, in the place of the version: `DeepSeek`, which is shown a key as
/// Anthropic is.
pub(crate) fn keyed(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    of(&apart(root, "/anthropic"), headers, Auth::Header("x-api-key"))
}

/// The same, for a bearer: `DeepInfra`, `MiniMax`, Moonshot, Novita, Z.ai.
pub(crate) fn borne(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    of(&apart(root, "/anthropic"), headers, Auth::Bearer)
}

/// The same, where that root is one of several for applications: Qwen.
pub(crate) fn among_apps(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    of(&apart(root, "/apps/anthropic"), headers, Auth::Bearer)
}

fn apart(root: &str, own: &str) -> String {
    const VERSIONS: [&str; 5] =
        ["/v1/openai", "/openai/v1", "/compatible-mode/v1", "/v1", "/paas/v4"];
    let bare = VERSIONS.iter().find_map(|version| root.strip_suffix(version));
    format!("{}{own}/v1/messages", bare.unwrap_or(root))
}

fn of(messages: &str, headers: &HeaderMap, auth: Auth) -> Arc<dyn Provider> {
    Arc::new(Anthropics::at(Place::new(messages, headers, auth)))
}

fn uri(place: &str) -> Uri {
    place.parse().expect("a path from a URL, and a suffix")
}

/// A vendor, as far as it has them.
#[derive(Debug)]
struct Anthropics {
    wire: Native<Place>,
    counts: bool,
}

impl Anthropics {
    fn at(place: Place) -> Self {
        Self { counts: place.count.is_some(), wire: Native::new(place) }
    }
}

/// Where they are, and how whoever asks is shown.
#[derive(Debug)]
struct Place {
    profile: Profile,
    messages: Uri,
    /// Where tokens are counted, if they are.
    count: Option<Uri>,
    headers: HeaderMap,
    auth: Auth,
}

impl Place {
    fn new(messages: &str, headers: &HeaderMap, auth: Auth) -> Self {
        let (profile, headers) = (Profile::anthropic(), headers.clone());
        Self { profile, messages: uri(messages), count: None, headers, auth }
    }
}

impl Provider for Anthropics {
    fn messages(&self) -> Option<&dyn Serve<Messages>> {
        Some(&self.wire)
    }

    fn count_tokens(&self) -> Option<&dyn Serve<CountTokens>> {
        self.counts.then_some(&self.wire as _)
    }
}

impl Site for Place {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn place(&self, _: &Call<'_>, operation: Operation) -> Result<Uri, ProviderError> {
        let place = match operation {
            Operation::Message | Operation::Stream => Some(&self.messages),
            Operation::Count => self.count.as_ref(),
        };
        place.cloned().ok_or_else(|| {
            let message = "this vendor counts no tokens";
            ProviderError::new(ErrorKind::Unsupported).with_message(message)
        })
    }

    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }
}

impl Host for Place {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        self.auth.show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refuse(head, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_of_its_own_stands_in_the_place_of_the_version() {
        for (root, own) in [
            ("/v1", "/anthropic/v1/messages"),
            ("/openai/v1", "/anthropic/v1/messages"),
            ("/v1/openai", "/anthropic/v1/messages"),
            ("/api/paas/v4", "/api/anthropic/v1/messages"),
            ("/proxy/v1", "/proxy/anthropic/v1/messages"),
            ("/serving-endpoints", "/serving-endpoints/anthropic/v1/messages"),
        ] {
            assert_eq!(apart(root, "/anthropic"), own);
        }
        assert_eq!(apart("/compatible-mode/v1", "/apps/anthropic"), "/apps/anthropic/v1/messages");
    }
}
