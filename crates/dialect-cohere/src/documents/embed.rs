//! Embeddings in Cohere's words, for whoever frames them otherwise as well.

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, ProviderError,
    document::{
        DocumentReply, Embeddings,
        embedding::{self, Encoding},
        in_one_piece,
    },
};
use ferro_wire::JsonDoc;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Meta, no_reply};

/// What Cohere cannot be told.
pub const UNSAID: &[&str] = &["user"];

/// What a text is embedded for, where nobody says it: it is required there.
const USUAL_PURPOSE: &str = "search_document";

/// The request in Cohere's words, but for the model's name.
///
/// # Errors
///
/// Names the field that cannot be said.
pub fn said(doc: &JsonDoc) -> Result<JsonDoc, ProviderError> {
    let texts = embedding::texts(doc)?;
    let mut doc = doc.clone();
    for name in ["input", "encoding_format", "user"] {
        doc.remove(name);
    }
    if let Some(dimensions) = doc.text("dimensions").map(|said| Bytes::from(said.into_owned())) {
        doc.remove("dimensions");
        doc.set_text("output_dimension", dimensions);
    }
    doc.set("texts", &texts);
    if !doc.contains("input_type") {
        doc.set("input_type", USUAL_PURPOSE);
    }
    // Numbers always: which of the forms a client has is ours to see to.
    doc.set("embedding_types", &["float"]);
    Ok(doc)
}

/// Reads the reply to such a request.
pub fn decoder(model: &str, doc: &JsonDoc) -> Box<dyn Decoder<Embeddings>> {
    let (model, encoding) = (model.to_owned(), Encoding::asked(doc));
    in_one_piece(move |_, body| read(&body, &model, encoding))
}

#[derive(Deserialize)]
struct Reply<'a> {
    /// Vectors; or an object of them, by type.
    #[serde(borrow, default)]
    embeddings: Option<&'a RawValue>,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(default)]
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct ByType<'a> {
    #[serde(borrow, rename = "float")]
    floats: Vec<&'a RawValue>,
}

fn read(
    body: &Bytes,
    model: &str,
    encoding: Encoding,
) -> Result<DocumentReply<Embeddings>, ProviderError> {
    let malformed = |error| {
        let message = "the upstream's reply is not the JSON object that it should be";
        ProviderError::new(ErrorKind::Malformed).with_message(message).with_source(error)
    };
    let reply: Reply<'_> = serde_json::from_slice(body).map_err(malformed)?;
    let lacks = || no_reply(body, reply.message, "embeddings");
    let said = reply.embeddings.ok_or_else(lacks)?.get();
    let vectors = if said.starts_with('{') {
        serde_json::from_str::<ByType<'_>>(said).map_err(malformed)?.floats
    } else {
        serde_json::from_str(said).map_err(malformed)?
    };
    let usage = reply.meta.and_then(|meta| meta.usage());
    embedding::reply(encoding, model, vectors.into_iter().map(RawValue::get), usage)
}
