//! Embeddings, in the server's own words; and what it has in OpenAI's: completions, and whatever else is
//! asked of it.

use bytes::Bytes;
use ferro_core::{
    Auth, Call, Credential, Decoder, ErrorKind, Host, Payload, ProviderError, SurfaceKind, Unsaid,
    Usage, Wire,
    document::{
        DocumentReply, DocumentRequest, Embeddings,
        embedding::{self, Encoding},
        in_one_piece,
    },
};
use ferro_dialect_openai::Vendor;
use http::{HeaderMap, Method, Request, Uri, response::Parts};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::refusal;

/// What is served in OpenAI's words: completions, with the suffix that an editor sends, and the rest.
pub(crate) static OPENAIS: Vendor = Vendor {
    kind: "ollama",
    surfaces: &[SurfaceKind::Completions, SurfaceKind::Forward],
    ..Vendor::OPENAI_SHAPED
};

/// Embeddings of a server.
#[derive(Debug)]
pub(crate) struct EmbedWire {
    place: Uri,
    headers: HeaderMap,
}

impl EmbedWire {
    pub(crate) fn new(place: Uri, headers: HeaderMap) -> Self {
        Self { place, headers }
    }
}

impl Host for EmbedWire {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        Auth::Bearer.show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refusal::read(head, body)
    }
}

impl Wire<Embeddings> for EmbedWire {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Embeddings>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Embeddings>>), ProviderError> {
        embedding::texts(request.doc())?; // no tokens
        let mut doc = request.doc().clone();
        for name in ["encoding_format", "user"] {
            doc.remove(name);
        }
        doc.set("model", call.model);
        let mut outbound = Request::new(Payload::from(doc.to_rope()));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = self.place.clone();
        *outbound.headers_mut() = self.headers.clone();
        let encoding = Encoding::asked(request.doc());
        Ok((outbound, in_one_piece(move |_, body| read(&body, encoding))))
    }

    fn unsaid(&self, _: &Call<'_>, request: &DocumentRequest<Embeddings>) -> Vec<Unsaid> {
        let user = request.doc().get::<String>("user").ok().flatten();
        user.into_iter().map(|_| Unsaid("user".into())).collect()
    }
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    model: Option<String>,
    #[serde(borrow, default)]
    embeddings: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    prompt_eval_count: Option<u64>,
}

fn read(body: &Bytes, encoding: Encoding) -> Result<DocumentReply<Embeddings>, ProviderError> {
    let malformed = |message: &str| ProviderError::new(ErrorKind::Malformed).with_message(message);
    let reply: Reply<'_> = serde_json::from_slice(body).map_err(|error| {
        let shape = "the server's reply is not the JSON object that it should be";
        malformed(shape).with_source(error)
    })?;
    if reply.error.is_some() {
        return Err(refusal::in_band(body.clone()));
    }
    let none = || malformed("the server's reply has no embeddings");
    let vectors = reply.embeddings.ok_or_else(none)?;
    let usage = reply.prompt_eval_count.map(|count| Usage::new(count, 0));
    let model = reply.model.unwrap_or_default();
    embedding::reply(encoding, &model, vectors.into_iter().map(RawValue::get), usage)
}
