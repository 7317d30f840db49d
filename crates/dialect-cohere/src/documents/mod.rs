//! What Cohere has besides chat: embeddings and rankings, each a document in its own words.

pub mod embed;
pub mod rank;

use bytes::Bytes;
use ferro_core::{
    Auth, Call, Credential, Decoder, ErrorKind, Host, InParts, Payload, ProviderError, Unsaid,
    Usage, Wire,
    document::{DocumentRequest, Embeddings, Rerank, embedding},
};
use ferro_wire::{JsonDoc, Rope};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, response::Parts};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::refuse;

/// As many texts are embedded at once.
pub const MOST_INPUTS: usize = 96;

/// Cohere's documents at a place.
#[derive(Debug)]
pub struct DocumentWire {
    embed: Uri,
    rerank: Uri,
    headers: HeaderMap,
}

impl DocumentWire {
    /// The wire below `path`, which the versions of its APIs follow. Every request carries `headers`.
    ///
    /// # Panics
    ///
    /// If `path` cannot be a URL's.
    pub fn new(path: &str, mut headers: HeaderMap) -> Self {
        let uri = |end| format!("{path}{end}").parse().expect("a path from a URL, and a suffix");
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self { embed: uri("/v2/embed"), rerank: uri("/v2/rerank"), headers }
    }

    fn outbound(&self, place: &Uri, body: Rope) -> Request<Payload> {
        let mut outbound = Request::new(Payload::from(body));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = place.clone();
        *outbound.headers_mut() = self.headers.clone();
        outbound
    }
}

impl Host for DocumentWire {
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

impl Wire<Embeddings> for DocumentWire {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Embeddings>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Embeddings>>), ProviderError> {
        let mut doc = embed::said(request.doc())?;
        name(&mut doc, call.model);
        let outbound = self.outbound(&self.embed, doc.to_rope());
        Ok((outbound, embed::decoder(call.model, request.doc())))
    }

    fn parts(
        &self,
        _: &Call<'_>,
        request: &DocumentRequest<Embeddings>,
    ) -> Option<InParts<Embeddings>> {
        embedding::parts(request, MOST_INPUTS)
    }

    fn unsaid(&self, _: &Call<'_>, request: &DocumentRequest<Embeddings>) -> Vec<Unsaid> {
        unsaid(request.doc(), embed::UNSAID)
    }
}

impl Wire<Rerank> for DocumentWire {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Rerank>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Rerank>>), ProviderError> {
        let mut doc = rank::said(request.doc())?;
        name(&mut doc, call.model);
        Ok((self.outbound(&self.rerank, doc.to_rope()), rank::decoder(request.doc())?))
    }

    fn unsaid(&self, _: &Call<'_>, request: &DocumentRequest<Rerank>) -> Vec<Unsaid> {
        unsaid(request.doc(), rank::UNSAID)
    }
}

fn name(doc: &mut JsonDoc, model: &str) {
    if doc.get::<String>("model").ok().flatten().as_deref() != Some(model) {
        doc.set("model", model);
    }
}

/// The fields of these that a document says something in.
fn unsaid(doc: &JsonDoc, names: &[&'static str]) -> Vec<Unsaid> {
    let says = |name: &&&str| {
        doc.text(name)
            .is_some_and(|said| !matches!(&*said, b"null" | b"\"\"" | b"[]" | b"{}" | b"false"))
    };
    names.iter().filter(says).map(|name| Unsaid((*name).into())).collect()
}

/// What is billed: tokens that were read, or searches.
#[derive(Deserialize)]
struct Meta {
    billed_units: Option<Billed>,
}

#[derive(Deserialize)]
struct Billed {
    input_tokens: Option<f64>,
    search_units: Option<f64>,
}

impl Meta {
    fn usage(&self) -> Option<Usage> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let count = |number: f64| number.max(0.0) as u64;
        let billed = self.billed_units.as_ref()?;
        let searched = billed.search_units.map(|units| Usage::searches(count(units)));
        searched.or_else(|| Some(Usage::new(count(billed.input_tokens?), 0)))
    }
}

/// A reply that is no document of its kind: an error that came with a success, or something else.
fn no_reply(body: &Bytes, message: Option<&RawValue>, lacks: &str) -> ProviderError {
    if message.is_some_and(|message| message.get().starts_with('"')) {
        return crate::refusal::in_band(body.clone(), ErrorKind::Unavailable);
    }
    let message = format!("the upstream's reply has no {lacks}");
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}
