//! Rankings in Cohere's words, which are what most clients know. It ranks texts, and shows none again: a
//! client that wants to see them gets them from us.

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, ProviderError,
    document::{DocumentReply, Rerank, in_one_piece, ranking},
};
use ferro_wire::JsonDoc;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Meta, no_reply};

/// What Cohere cannot be told any more.
pub const UNSAID: &[&str] = &["rank_fields", "max_chunks_per_doc", "user"];

/// The request in Cohere's words, but for the model's name.
///
/// # Errors
///
/// Names the field that cannot be said.
pub fn said(doc: &JsonDoc) -> Result<JsonDoc, ProviderError> {
    let mut said = doc.clone();
    let has_objects = doc.text("documents").is_some_and(|documents| documents.contains(&b'{'));
    if has_objects {
        said.set("documents", &ranking::documents(doc)?);
    }
    for name in UNSAID.iter().chain(&["return_documents"]) {
        said.remove(name);
    }
    Ok(said)
}

/// Reads the reply to such a request.
///
/// # Errors
///
/// As [`said`].
pub fn decoder(doc: &JsonDoc) -> Result<Box<dyn Decoder<Rerank>>, ProviderError> {
    let wants = ranking::wants_documents(doc);
    let documents = if wants { Some(ranking::documents(doc)?) } else { None };
    Ok(in_one_piece(move |_, body| read(&body, documents.as_deref())))
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow, default)]
    results: Option<&'a RawValue>,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(default)]
    meta: Option<Meta>,
}

fn read(
    body: &Bytes,
    documents: Option<&[String]>,
) -> Result<DocumentReply<Rerank>, ProviderError> {
    let reply: Reply<'_> = serde_json::from_slice(body).map_err(|error| {
        let message = "the upstream's reply is not the JSON object that it should be";
        ProviderError::new(ErrorKind::Malformed).with_message(message).with_source(error)
    })?;
    if reply.results.is_none() {
        return Err(no_reply(body, reply.message, "results"));
    }
    let shown = documents.map(|documents| ranking::with_documents(body, documents));
    let usage = reply.meta.and_then(|meta| meta.usage());
    Ok(DocumentReply::new(shown.unwrap_or_else(|| body.clone()), usage))
}
