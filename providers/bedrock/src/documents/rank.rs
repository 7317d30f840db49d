//! Rankings of Cohere's and Amazon's models, whose bodies are Cohere's.

use ferro_core::{Decoder, ProviderError, Unsaid, document::Rerank};
use ferro_dialect_cohere::documents::rank as cohere;
use ferro_wire::{JsonDoc, Rope};

/// Which of Cohere's APIs a body is of.
const API_VERSION: u8 = 2;

/// What a model cannot be told.
pub(super) fn unsaid(doc: &JsonDoc) -> Vec<Unsaid> {
    let gone = cohere::UNSAID.iter().filter(|name| doc.contains(name));
    gone.map(|name| Unsaid((*name).into())).collect()
}

/// The body, and who reads the reply.
pub(super) fn said(
    model: &str,
    doc: &JsonDoc,
) -> Result<(Rope, Box<dyn Decoder<Rerank>>), ProviderError> {
    let mut body = cohere::said(doc)?;
    body.remove("model");
    if !model.contains("amazon.") {
        body.set("api_version", &API_VERSION);
    }
    Ok((body.to_rope(), cohere::decoder(doc)?))
}
