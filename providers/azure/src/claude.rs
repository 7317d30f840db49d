//! Claude as Foundry serves it: Anthropic's Messages below the resource.

use bytes::Bytes;
use ferro_core::{Call, Credential, Host, Payload, ProviderError};
use ferro_dialect_anthropic::{Operation, Profile, Site, refuse};
use http::{HeaderMap, Request, Uri, response::Parts};

use crate::openai::KEY;

/// A Foundry resource, as far as it serves Claude.
#[derive(Debug)]
pub(crate) struct Resource {
    profile: Profile,
    messages: Uri,
    count: Uri,
    headers: HeaderMap,
}

impl Resource {
    /// The one below `path`.
    pub(crate) fn new(path: &str, headers: HeaderMap) -> Self {
        let uri = |end| {
            let place = format!("{path}/anthropic/v1/messages{end}");
            place.parse().expect("a path from a URL, and a suffix")
        };
        let profile = Profile::anthropic();
        Self { profile, messages: uri(""), count: uri("/count_tokens"), headers }
    }
}

impl Site for Resource {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn place(&self, _: &Call<'_>, operation: Operation) -> Result<Uri, ProviderError> {
        let is_count = operation == Operation::Count;
        Ok(if is_count { self.count.clone() } else { self.messages.clone() })
    }

    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }
}

impl Host for Resource {
    /// A key is shown in Azure's header and in Anthropic's, as the vendor's own client does.
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        KEY.show(credential, request)?;
        if let Credential::ApiKey(key) = credential {
            request.headers_mut().insert("x-api-key", key.bare().clone());
        }
        Ok(())
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refuse(head, body)
    }
}
