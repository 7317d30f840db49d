//! This wire at a place.

use bytes::Bytes;
use ferro_core::{
    Auth, Call, Credential, Decoder, Host, Payload, ProviderError, Unsaid, Wire,
    chat::{Chat, ChatRequest},
};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, response::Parts};

use crate::{Profile, encode, refuse, unsaid};

/// This wire at a place: keys and tokens are shown as a bearer's.
#[derive(Debug)]
pub struct ChatWire {
    profile: Profile,
    chat: Uri,
    headers: HeaderMap,
}

impl ChatWire {
    /// The wire at `chat`, a path from the root. Every request carries `headers`.
    pub fn new(profile: Profile, chat: Uri, mut headers: HeaderMap) -> Self {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self { profile, chat, headers }
    }
}

impl Host for ChatWire {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        Auth::Bearer.show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refuse(head, body)
    }
}

impl Wire<Chat> for ChatWire {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let (body, decoder) = encode(&self.profile, call, request)?;
        let mut outbound = Request::new(Payload::from(body));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = self.chat.clone();
        *outbound.headers_mut() = self.headers.clone();
        Ok((outbound, Box::new(decoder)))
    }

    fn unsaid(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        unsaid(&self.profile, request)
    }
}
