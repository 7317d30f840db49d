//! What Google has besides chat, in its own words: embeddings and images.

pub(crate) mod embed;
pub(crate) mod image;

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError, Unsaid};
use ferro_wire::JsonDoc;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The fields of a document that are none of these.
fn unsaid(doc: &JsonDoc, known: &[&str]) -> Vec<Unsaid> {
    let mut unsaid = Vec::new();
    for name in doc.keys() {
        let name = String::from_utf8_lossy(&name);
        if !known.contains(&&*name) {
            unsaid.push(Unsaid(name.into_owned().into()));
        }
    }
    unsaid
}

/// Reads a reply of this type, in which an error may stand whatever its status says.
fn read<'a, T: Deserialize<'a>>(body: &'a Bytes) -> Result<T, ProviderError> {
    #[derive(Deserialize)]
    struct Failed<'a> {
        #[serde(borrow, default)]
        error: Option<&'a RawValue>,
    }
    let malformed = |error| {
        let message = "the upstream's reply is not the JSON object that it should be";
        ProviderError::new(ErrorKind::Malformed).with_message(message).with_source(error)
    };
    let failed: Failed<'_> = serde_json::from_slice(body).map_err(malformed)?;
    if failed.error.is_some() {
        let head = http::Response::new(()).into_parts().0;
        let error = ferro_dialect_gemini::refuse(&head, body.clone());
        let words = error.message().unwrap_or("the upstream failed").to_owned();
        let error = ProviderError::new(ErrorKind::Unavailable).with_message(words);
        return Err(error.with_body(body.clone()));
    }
    serde_json::from_slice(body).map_err(malformed)
}
