//! Claude as Foundry serves it: Anthropic's Messages below the resource.

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, ErrorKind, Need, Payload, ProviderError, Unsaid, Wire,
    chat::{Chat, ChatRequest},
};
use ferro_dialect_anthropic::{Host, Messages, Native, Operation, Profile, refuse};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, response::Parts};

use crate::authorize;

/// Claude below a Foundry resource.
#[derive(Debug)]
pub(crate) struct Claude {
    messages: Messages,
    place: Uri,
    headers: HeaderMap,
    /// Requests that are in Anthropic's wire already.
    pub(crate) native: Native<Resource>,
}

/// A Foundry resource, as requests in Anthropic's wire reach it.
#[derive(Debug)]
pub(crate) struct Resource {
    profile: Profile,
    messages: Uri,
    count: Uri,
    headers: HeaderMap,
}

impl Claude {
    /// Claude below `path`.
    pub(crate) fn new(path: &str, mut headers: HeaderMap) -> Self {
        let profile = Profile::anthropic();
        let uri = |end| {
            let place = format!("{path}/anthropic/v1/messages{end}");
            place.parse().expect("a path from a URL, and a suffix")
        };
        let native = Native(Resource {
            profile: profile.clone(),
            messages: uri(""),
            count: uri("/count_tokens"),
            headers: headers.clone(),
        });
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let version = HeaderValue::from_static(Profile::VERSION);
        headers.entry("anthropic-version").or_insert(version);
        Self { messages: Messages::new(profile), place: uri(""), headers, native }
    }
}

/// A key is shown in Azure's header and in Anthropic's, as the vendor's own client does.
fn show(credential: &Credential, request: &mut Request<Payload>) -> Result<(), ProviderError> {
    authorize::show(credential, request)?;
    if let Credential::ApiKey(key) = credential {
        request.headers_mut().insert("x-api-key", key.bare().clone());
    }
    Ok(())
}

impl Host for Resource {
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

    fn show(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        show(credential, request)
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

    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        show(credential, request)
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
