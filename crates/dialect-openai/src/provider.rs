//! A vendor of this wire, configured.

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{
    Call, CallContext, Credential, Decoder, Discover, DiscoveredModel, ErrorKind, Owns, Payload,
    Provider, ProviderError, Serve, Subject, Unsaid, Wire,
    chat::{Chat, ChatRequest},
};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, response::Parts};
use serde::Deserialize;

use crate::{Vendor, decode::ChatDecoder, encode, refusal};

/// A vendor of this wire at a place.
#[derive(Debug)]
pub(crate) struct Compatible {
    vendor: Vendor,
    chat: Uri,
    models: Uri,
    /// What every request carries, made once.
    headers: HeaderMap,
}

impl Compatible {
    pub(crate) fn new(vendor: Vendor, path: &str, mut headers: HeaderMap) -> Self {
        let uri = |end| format!("{path}{end}").parse().expect("a path from a URL, and a suffix");
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self { vendor, chat: uri("/chat/completions"), models: uri("/models"), headers }
    }
}

impl Provider for Compatible {
    fn owns(&self, model: &str) -> Owns {
        let owns = self.vendor.owns;
        if owns.is_empty() {
            return Owns::Any;
        }
        let model = model.to_ascii_lowercase();
        if owns.iter().any(|prefix| model.starts_with(prefix)) { Owns::Yes } else { Owns::No }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }

    fn discover(&self) -> Option<&dyn Discover> {
        Some(self)
    }
}

impl Wire<Chat> for Compatible {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let body = encode::chat(&self.vendor, call.model, request)?;
        let mut outbound = Request::new(Payload::from(body));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = self.chat.clone();
        *outbound.headers_mut() = self.headers.clone();
        let hides_usage = request.wants_stream() && !request.wants_usage();
        Ok((outbound, Box::new(ChatDecoder::new(self.vendor.profile.usage, hides_usage))))
    }

    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        authorize(request, credential)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refusal::read(head, body)
    }

    fn unsaid(&self, request: &ChatRequest) -> Vec<Unsaid> {
        let said = |name: &&str| request.doc().text(name).is_some_and(|text| *text != *b"null");
        let refused = self.vendor.refuses.iter().copied().filter(said);
        refused.map(|name| Unsaid(name.into())).collect()
    }
}

fn authorize(request: &mut Request<Payload>, credential: &Credential) -> Result<(), ProviderError> {
    match credential {
        Credential::None => {}
        Credential::ApiKey(key) => {
            request.headers_mut().insert(header::AUTHORIZATION, key.bearer().clone());
        }
        other => {
            let message = format!("this vendor is shown a key, not {other:?}");
            return Err(ProviderError::new(ErrorKind::Unauthorized).with_message(message));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    #[serde(default)]
    created: Option<u64>,
}

#[derive(Deserialize)]
struct Listing {
    data: Vec<Listed>,
}

#[async_trait]
impl Discover for Compatible {
    async fn models(&self, cx: &CallContext<'_>) -> Result<Vec<DiscoveredModel>, ProviderError> {
        let mut request = Request::new(Payload::empty());
        *request.uri_mut() = self.models.clone();
        authorize(&mut request, cx.credential)?;
        let (head, mut inflow) = cx.upstream.send(request).await?.into_parts();
        let mut body = Vec::new();
        while let Some(piece) = inflow.next().await {
            body.extend_from_slice(&piece?);
            if body.len() > cx.max_reply {
                let message = "the list of models is too large";
                return Err(ProviderError::new(ErrorKind::Malformed).with_message(message));
            }
        }
        if !head.status.is_success() {
            return Err(refusal::read(&head, body.into()));
        }
        // Most wrap the list in an object; some send it bare.
        let listed = serde_json::from_slice::<Listing>(&body)
            .map(|listing| listing.data)
            .or_else(|_| serde_json::from_slice::<Vec<Listed>>(&body))
            .map_err(|error| ProviderError::new(ErrorKind::Malformed).with_source(error))?;
        let model = |listed: Listed| DiscoveredModel::new(listed.id).with_created(listed.created);
        Ok(listed.into_iter().map(model).collect())
    }
}
