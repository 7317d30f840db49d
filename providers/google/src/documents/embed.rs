//! Embeddings: `batchEmbedContents` of the Gemini API, `predict` of Vertex AI.

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, ProviderError, Unsaid, Usage,
    document::{
        DocumentReply, Embeddings,
        embedding::{self, Encoding},
        in_one_piece,
    },
};
use ferro_wire::JsonDoc;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// As many texts the Gemini API embeds at once.
pub(crate) const MOST_AT_GEMINI: usize = 100;

/// As many texts Vertex AI embeds at once: of its newer models one.
pub(crate) fn most_at_vertex(model: &str) -> usize {
    if model.starts_with("gemini-") { 1 } else { 250 }
}

const KNOWN: &[&str] = &[
    "model",
    "input",
    "encoding_format",
    "dimensions",
    "input_type",
    "task_type",
    "title",
    "auto_truncate",
];

/// What Google cannot be told.
pub(crate) fn unsaid(doc: &JsonDoc) -> Vec<Unsaid> {
    super::unsaid(doc, KNOWN)
}

/// What is embedded how.
struct Asked {
    texts: Vec<String>,
    dimensions: Option<u64>,
    /// What for, in Google's words.
    task: Option<String>,
    title: Option<String>,
    truncates: Option<bool>,
}

impl Asked {
    fn of(doc: &JsonDoc) -> Result<Self, ProviderError> {
        let texts = embedding::texts(doc)?;
        let word = |name: &str| doc.get::<String>(name).ok().flatten();
        let task = word("task_type").or_else(|| word("input_type").map(|word| task(&word)));
        let dimensions = doc.get("dimensions").ok().flatten();
        let truncates = doc.get("auto_truncate").ok().flatten();
        Ok(Self { texts, dimensions, task, title: word("title"), truncates })
    }
}

/// Google's word for what a text is embedded for; its own words stay.
fn task(word: &str) -> String {
    match word {
        "query" | "search_query" => "RETRIEVAL_QUERY".to_owned(),
        "passage" | "document" | "search_document" => "RETRIEVAL_DOCUMENT".to_owned(),
        word => word.to_ascii_uppercase(),
    }
}

/// The body for the Gemini API, which knows the model by the path `name`.
pub(crate) fn at_gemini(name: &str, doc: &JsonDoc) -> Result<Vec<u8>, ProviderError> {
    #[derive(Serialize)]
    struct Body<'a> {
        requests: Vec<One<'a>>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct One<'a> {
        model: &'a str,
        content: Content<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        task_type: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        output_dimensionality: Option<u64>,
    }
    #[derive(Serialize)]
    struct Content<'a> {
        parts: [Part<'a>; 1],
    }
    #[derive(Serialize)]
    struct Part<'a> {
        text: &'a str,
    }
    let asked = Asked::of(doc)?;
    let one = |text| One {
        model: name,
        content: Content { parts: [Part { text }] },
        task_type: asked.task.as_deref(),
        title: asked.title.as_deref(),
        output_dimensionality: asked.dimensions,
    };
    Ok(json(&Body { requests: asked.texts.iter().map(|text| one(text.as_str())).collect() }))
}

/// The body for Vertex AI.
pub(crate) fn at_vertex(doc: &JsonDoc) -> Result<Vec<u8>, ProviderError> {
    #[derive(Serialize)]
    struct Body<'a> {
        instances: Vec<Instance<'a>>,
        parameters: Parameters,
    }
    #[derive(Serialize)]
    struct Instance<'a> {
        content: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        task_type: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Parameters {
        #[serde(skip_serializing_if = "Option::is_none")]
        auto_truncate: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        output_dimensionality: Option<u64>,
    }
    let asked = Asked::of(doc)?;
    let one = |content| Instance {
        content,
        task_type: asked.task.as_deref(),
        title: asked.title.as_deref(),
    };
    let instances = asked.texts.iter().map(|text| one(text.as_str())).collect();
    let parameters =
        Parameters { auto_truncate: asked.truncates, output_dimensionality: asked.dimensions };
    Ok(json(&Body { instances, parameters }))
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("texts and numbers are JSON")
}

/// Reads the reply of either.
pub(crate) fn decoder(model: &str, doc: &JsonDoc) -> Box<dyn Decoder<Embeddings>> {
    let (model, encoding) = (model.to_owned(), Encoding::asked(doc));
    in_one_piece(move |_, body| read(&body, &model, encoding))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    /// The Gemini API's.
    #[serde(borrow, default)]
    embeddings: Option<Vec<Vector<'a>>>,
    #[serde(default)]
    usage_metadata: Option<Counted>,
    /// Vertex AI's.
    #[serde(borrow, default)]
    predictions: Option<Vec<Prediction<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    prompt_token_count: Option<u64>,
}

#[derive(Deserialize)]
struct Prediction<'a> {
    #[serde(borrow)]
    embeddings: Vector<'a>,
}

#[derive(Deserialize)]
struct Vector<'a> {
    #[serde(borrow)]
    values: &'a RawValue,
    #[serde(default)]
    statistics: Option<Statistics>,
}

#[derive(Deserialize)]
struct Statistics {
    token_count: Option<f64>,
}

fn read(
    body: &Bytes,
    model: &str,
    encoding: Encoding,
) -> Result<DocumentReply<Embeddings>, ProviderError> {
    let reply: Reply<'_> = super::read(body)?;
    let predicted =
        reply.predictions.map(|all| all.into_iter().map(|one| one.embeddings).collect());
    let vectors: Vec<_> = reply.embeddings.or(predicted).ok_or_else(|| {
        let message = "the upstream's reply has no embeddings";
        ProviderError::new(ErrorKind::Malformed).with_message(message)
    })?;
    let counted = reply.usage_metadata.and_then(|counted| counted.prompt_token_count);
    let tokens = counted.or_else(|| {
        let each = vectors.iter().map(|vector| vector.statistics.as_ref()?.token_count);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        each.sum::<Option<f64>>().filter(|sum| *sum > 0.0).map(|sum| sum as u64)
    });
    let values = vectors.iter().map(|vector| vector.values.get());
    embedding::reply(encoding, model, values, tokens.map(|tokens| Usage::new(tokens, 0)))
}
