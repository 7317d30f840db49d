//! Anthropic's messages, at vendors that have them beside OpenAI's wire. They pass as they came.

use std::sync::Arc;

use bytes::Bytes;
use ferro_core::{
    Auth, Call, Credential, ErrorKind, Host, Payload, Provider, ProviderError, Serve,
    document::Messages,
};
use ferro_dialect_anthropic::{Native, Operation, Profile, Site, refuse};
use http::{HeaderMap, Request, Uri, response::Parts};

/// Where the vendor has them below its root: OpenRouter, Vercel, Fireworks.
pub(crate) fn below(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    of(&format!("{root}/messages"), headers, Auth::Bearer)
}

/// Where they have a root of their own, in the place of the version: `DeepSeek`, which is shown a key as
/// Anthropic is.
pub(crate) fn keyed(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    of(&apart(root), headers, Auth::Header("x-api-key"))
}

/// The same, for a bearer: `MiniMax`, Moonshot, Z.ai.
pub(crate) fn borne(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    of(&apart(root), headers, Auth::Bearer)
}

fn apart(root: &str) -> String {
    const VERSIONS: [&str; 2] = ["/v1", "/paas/v4"];
    let bare = VERSIONS.iter().find_map(|version| root.strip_suffix(version));
    format!("{}/anthropic/v1/messages", bare.unwrap_or(root))
}

fn of(place: &str, headers: &HeaderMap, auth: Auth) -> Arc<dyn Provider> {
    let place = place.parse().expect("a path from a URL, and a suffix");
    let (profile, headers) = (Profile::anthropic(), headers.clone());
    Arc::new(Anthropics(Native::new(Place { profile, place, headers, auth })))
}

/// A vendor, as far as it has them.
#[derive(Debug)]
struct Anthropics(Native<Place>);

/// Where they are, and how whoever asks is shown.
#[derive(Debug)]
struct Place {
    profile: Profile,
    place: Uri,
    headers: HeaderMap,
    auth: Auth,
}

impl Provider for Anthropics {
    fn messages(&self) -> Option<&dyn Serve<Messages>> {
        Some(&self.0)
    }
}

impl Site for Place {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn place(&self, _: &Call<'_>, operation: Operation) -> Result<Uri, ProviderError> {
        if operation == Operation::Count {
            let message = "this vendor counts no tokens";
            return Err(ProviderError::new(ErrorKind::Unsupported).with_message(message));
        }
        Ok(self.place.clone())
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
        assert_eq!(apart("/v1"), "/anthropic/v1/messages");
        assert_eq!(apart("/api/paas/v4"), "/api/anthropic/v1/messages");
        assert_eq!(apart("/proxy/v1"), "/proxy/anthropic/v1/messages");
        assert_eq!(apart("/serving-endpoints"), "/serving-endpoints/anthropic/v1/messages");
    }
}
