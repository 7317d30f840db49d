//! Embeddings of Titan, one text at a time, and of Cohere.

use ferro_core::{
    Decoder, ProviderError, Unsaid, Usage,
    document::{
        Embeddings,
        embedding::{self, Encoding},
        in_one_piece,
    },
};
use ferro_dialect_cohere::documents::{MOST_INPUTS, embed as cohere};
use ferro_wire::{JsonDoc, Rope};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{lacks, others, read};

fn is_titan(model: &str) -> bool {
    model.contains("titan-embed")
}

/// Whether a model can be asked for fewer dimensions than it has.
fn can_be_shortened(model: &str) -> bool {
    !model.contains("titan-embed-text-v1")
        && !model.contains("embed-english-v3")
        && !model.contains("embed-multilingual-v3")
}

/// As many texts are embedded at once.
pub(super) fn most(model: &str) -> usize {
    if is_titan(model) { 1 } else { MOST_INPUTS }
}

/// What a model cannot be told.
pub(super) fn unsaid(model: &str, doc: &JsonDoc) -> Vec<Unsaid> {
    let mut unsaid = if is_titan(model) {
        others(doc, &["model", "input", "encoding_format", "dimensions", "normalize"])
    } else {
        let user = doc.contains("user").then(|| Unsaid("user".into()));
        user.into_iter().collect()
    };
    if doc.contains("dimensions") && !can_be_shortened(model) {
        unsaid.push(Unsaid("dimensions".into()));
    }
    unsaid
}

/// The body, and who reads the reply.
pub(super) fn said(
    model: &str,
    doc: &JsonDoc,
) -> Result<(Rope, Box<dyn Decoder<Embeddings>>), ProviderError> {
    if is_titan(model) {
        return titan(model, doc);
    }
    let mut body = cohere::said(doc)?;
    body.remove("model");
    if !can_be_shortened(model) {
        body.remove("output_dimension");
    }
    Ok((body.to_rope(), cohere::decoder(model, doc)))
}

fn titan(
    model: &str,
    doc: &JsonDoc,
) -> Result<(Rope, Box<dyn Decoder<Embeddings>>), ProviderError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        input_text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        dimensions: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        normalize: Option<bool>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Reply {
        embedding: Option<Box<RawValue>>,
        input_text_token_count: Option<u64>,
    }
    let dimensions = doc.get("dimensions").ok().flatten().filter(|_| can_be_shortened(model));
    let normalize = doc.get("normalize").ok().flatten();
    let input_text = embedding::texts(doc)?.swap_remove(0);
    let body = serde_json::to_vec(&Body { input_text, dimensions, normalize });
    let (model, encoding) = (model.to_owned(), Encoding::asked(doc));
    let decoder = in_one_piece(move |_, body| {
        let reply: Reply = read(&body, "ModelErrorException")?;
        let vector = reply.embedding.ok_or_else(|| lacks("embedding"))?;
        let usage = reply.input_text_token_count.map(|count| Usage::new(count, 0));
        embedding::reply(encoding, &model, [vector.get()], usage)
    });
    Ok((Rope::from(body.expect("texts and numbers are JSON")), decoder))
}
