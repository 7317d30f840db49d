//! Claude as Foundry serves it: Anthropic's Messages below the resource.

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, ErrorKind, Need, Payload, ProviderError, Unsaid, Wire,
    chat::{Chat, ChatRequest},
};
use ferro_dialect_anthropic::{Messages, Profile, refuse};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, response::Parts};

use crate::authorize;

/// Claude below a Foundry resource.
#[derive(Debug)]
pub(crate) struct Claude {
    messages: Messages,
    place: Uri,
    headers: HeaderMap,
}

impl Claude {
    /// Claude below `path`.
    pub(crate) fn new(path: &str, mut headers: HeaderMap) -> Self {
        let profile = Profile::anthropic();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let version = HeaderValue::from_static(Profile::VERSION);
        headers.entry("anthropic-version").or_insert(version);
        let place = format!("{path}/anthropic/v1/messages");
        let place = place.parse().expect("a path from a URL, and a suffix");
        Self { messages: Messages::new(profile), place, headers }
    }
}

impl Wire<Chat> for Claude {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let encoded = self.messages.encode(call, request)?;
        let mut outbound = Request::new(Payload::from(encoded.body));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = self.place.clone();
        *outbound.headers_mut() = self.headers.clone();
        if let Some(betas) = encoded.betas {
            let betas = HeaderValue::from_str(&betas).map_err(|_| {
                let message = format!("a beta feature's name stands in no header: {betas:?}");
                ProviderError::new(ErrorKind::Invalid).with_message(message)
            })?;
            outbound.headers_mut().append("anthropic-beta", betas);
        }
        Ok((outbound, Box::new(encoded.decoder)))
    }

    /// A key is shown in Azure's header and in Anthropic's, as the vendor's own client does.
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        authorize::show(credential, request)?;
        if let Credential::ApiKey(key) = credential {
            request.headers_mut().insert("x-api-key", key.bare().clone());
        }
        Ok(())
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refuse(head, body)
    }

    fn needs(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        self.messages.needs(request)
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        self.messages.unsaid(call, request)
    }
}
