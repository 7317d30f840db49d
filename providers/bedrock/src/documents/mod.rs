//! What models besides those that chat are asked for by `InvokeModel`: embeddings, rankings, images.
//! Each maker's body is its own; a name that does not tell is taken for the maker that most speak like.
//!
//! No library judges these bodies: `botocore` 1.44.5 sends them on unread. Cohere Embed's was held
//! against excerpts of the user guide (2026-11); the others are written as they are known to be, and
//! their fixtures say that they are constructed.

mod embed;
mod image;
mod rank;

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, InParts, Payload, ProviderError, Unsaid, Wire,
    document::{DocumentRequest, Embeddings, Form, Images, Rerank, embedding},
};
use ferro_wire::Rope;
use http::{HeaderValue, Method, Request, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{model::Model, provider::Bedrock, refusal};

/// What is sent, and who reads the reply.
type Said<F> = Result<(Request<Payload>, Box<dyn Decoder<F>>), ProviderError>;

impl Bedrock {
    fn invoke<F: Form>(
        &self,
        call: &Call<'_>,
        body: impl Into<Rope>,
        decoder: Box<dyn Decoder<F>>,
    ) -> Said<F> {
        let model = Model::new(call.model, self.family());
        let mut outbound = Request::new(Payload::from(body.into()));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = self.place_of(&model, "invoke")?;
        *outbound.headers_mut() = self.headers().clone();
        let json = HeaderValue::from_static("application/json");
        outbound.headers_mut().insert(header::CONTENT_TYPE, json.clone());
        outbound.headers_mut().insert(header::ACCEPT, json);
        Ok((outbound, decoder))
    }
}

impl Wire<Embeddings> for Bedrock {
    fn encode(&self, call: &Call<'_>, request: &DocumentRequest<Embeddings>) -> Said<Embeddings> {
        let (body, decoder) = embed::said(call.model, request.doc())?;
        self.invoke(call, body, decoder)
    }

    fn parts(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Embeddings>,
    ) -> Option<InParts<Embeddings>> {
        embedding::parts(request, embed::most(call.model))
    }

    fn unsaid(&self, call: &Call<'_>, request: &DocumentRequest<Embeddings>) -> Vec<Unsaid> {
        embed::unsaid(call.model, request.doc())
    }
}

impl Wire<Rerank> for Bedrock {
    fn encode(&self, call: &Call<'_>, request: &DocumentRequest<Rerank>) -> Said<Rerank> {
        let (body, decoder) = rank::said(call.model, request.doc())?;
        self.invoke(call, body, decoder)
    }

    fn unsaid(&self, _: &Call<'_>, request: &DocumentRequest<Rerank>) -> Vec<Unsaid> {
        rank::unsaid(request.doc())
    }
}

impl Wire<Images> for Bedrock {
    fn encode(&self, call: &Call<'_>, request: &DocumentRequest<Images>) -> Said<Images> {
        let body = image::said(call.model, request)?;
        self.invoke(call, body, image::decoder(call))
    }

    fn unsaid(&self, call: &Call<'_>, request: &DocumentRequest<Images>) -> Vec<Unsaid> {
        image::unsaid(call.model, request.doc())
    }
}

/// Reads a reply of this type, unless it is an error that came with a success.
fn read<T: DeserializeOwned>(body: &Bytes, name: &str) -> Result<T, ProviderError> {
    #[derive(Deserialize)]
    struct Any {
        message: Option<Value>,
        #[serde(rename = "__type")]
        named: Option<String>,
    }
    let malformed = |error| {
        let message = "the reply is not the JSON object that it should be";
        ProviderError::new(ErrorKind::Malformed).with_message(message).with_source(error)
    };
    let any: Any = serde_json::from_slice(body).map_err(malformed)?;
    if any.named.is_some() || any.message.is_some_and(|said| said.is_string()) {
        return Err(refusal::exception(any.named.as_deref().unwrap_or(name), body));
    }
    serde_json::from_slice(body).map_err(malformed)
}

/// What is none of these in a document.
fn others(doc: &ferro_wire::JsonDoc, known: &[&str]) -> Vec<Unsaid> {
    let names = doc.keys().map(|name| String::from_utf8_lossy(&name).into_owned());
    let others = names.filter(|name| !known.contains(&&**name));
    others.map(|name| Unsaid(name.into())).collect()
}

fn lacks(what: &str) -> ProviderError {
    let message = format!("the reply has no {what}");
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}
