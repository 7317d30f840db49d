//! The provider: which surfaces it serves, and how it is asked.

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, ErrorKind, Host, Payload, Provider, ProviderError, Serve, Unsaid, Wire,
    chat::{Chat, ChatRequest},
};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, response::Parts};

use crate::{
    decode::{self, SpeechDecoder},
    encode,
};

/// A target of this vendor.
#[derive(Debug)]
pub(crate) struct Acme {
    speech: Uri,
    /// What every request carries.
    headers: HeaderMap,
}

impl Acme {
    pub(crate) fn new(path: &str, mut headers: HeaderMap) -> Self {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let speech = format!("{path}/speech").parse().expect("a path from a URL, and a suffix");
        Self { speech, headers }
    }
}

impl Provider for Acme {
    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }
}

impl Host for Acme {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        let Credential::ApiKey(key) = credential else {
            let message = "this vendor is shown a key";
            return Err(ProviderError::new(ErrorKind::Unauthorized).with_message(message));
        };
        request.headers_mut().insert("x-acme-key", key.bare().clone());
        Ok(())
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        decode::trouble(head, body)
    }
}

impl Wire<Chat> for Acme {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let mut outbound = Request::new(Payload::from(encode::speech(call.model, request)?));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = self.speech.clone();
        *outbound.headers_mut() = self.headers.clone();
        let decoder = SpeechDecoder::new(call.model, request.wants_usage());
        Ok((outbound, Box::new(decoder)))
    }

    fn unsaid(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        encode::unsaid(request)
    }
}
