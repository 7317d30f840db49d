//! `DeepInfra`'s own inference, beside what it has of this wire: rankings, as scores of pairs.
//!
//! Place and bodies by the page of a model (`deepinfra.com/Qwen/Qwen3-Reranker-0.6B/api`; read 2026-12-01).

use std::sync::Arc;

use bytes::Bytes;
use ferro_core::{
    Auth, Call, Credential, Decoder, ErrorKind, Host, Payload, Provider, ProviderError, Serve,
    Usage, Wire,
    document::{DocumentReply, DocumentRequest, Rerank, in_one_piece, ranking},
    segments,
};
use ferro_dialect_openai::refusal;
use ferro_wire::JsonDoc;
use http::{HeaderMap, Method, Request, Uri, response::Parts};
use serde::Deserialize;

/// What it has beside this wire, where the API is that has its root at `root`.
pub(crate) fn beside(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    let bare = root.strip_suffix("/openai").unwrap_or(root);
    Arc::new(Inference { models: format!("{bare}/inference/"), headers: headers.clone() })
}

/// Its inference, at a place.
#[derive(Debug)]
struct Inference {
    /// What a model's name follows.
    models: String,
    headers: HeaderMap,
}

impl Provider for Inference {
    fn rerank(&self) -> Option<&dyn Serve<Rerank>> {
        Some(self)
    }
}

impl Host for Inference {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        Auth::Bearer.show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refusal::read(head, body, &[])
    }
}

impl Wire<Rerank> for Inference {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Rerank>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Rerank>>), ProviderError> {
        let place = format!("{}{}", self.models, segments(call.model)?);
        let place: Uri = place.parse().map_err(|error| {
            let message = format!("`{place}` is no path: {error}");
            ProviderError::new(ErrorKind::Invalid).with_message(message)
        })?;
        let asked = request.doc().clone();
        let (body, count) = pairs(&asked)?;
        let mut outbound = Request::new(Payload::from(body.to_rope()));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = place;
        *outbound.headers_mut() = self.headers.clone();
        Ok((outbound, in_one_piece(move |_, body| ranked(&asked, count, &body))))
    }
}

/// The request in its words, and how many documents it has. Every document is a pair with the query, of
/// which each has its own. What else is said is a parameter of the model's.
fn pairs(asked: &JsonDoc) -> Result<(JsonDoc, usize), ProviderError> {
    let documents = ranking::documents(asked)?;
    let query: String = asked.get("query").ok().flatten().ok_or_else(|| {
        let message = "query: this vendor ranks by a text, and nothing else";
        ProviderError::new(ErrorKind::Unsupported).with_message(message).with_field("query")
    })?;
    let mut said = asked.clone();
    for name in ["model", "query", "top_n", "return_documents"] {
        said.remove(name);
    }
    let count = documents.len();
    said.set("queries", &vec![query; count]);
    said.set("documents", &documents);
    Ok((said, count))
}

/// A score for each document, in their order.
fn ranked(
    asked: &JsonDoc,
    count: usize,
    body: &Bytes,
) -> Result<DocumentReply<Rerank>, ProviderError> {
    #[derive(Deserialize)]
    struct Reply {
        scores: Vec<f64>,
        input_tokens: Option<u64>,
    }
    let reply = serde_json::from_slice::<Reply>(body);
    let Ok(Reply { scores, input_tokens }) = reply else {
        return Err(refusal::no_reply(body, "scores"));
    };
    if scores.len() != count {
        return Err(refusal::no_reply(body, "score for each document"));
    }
    let usage = input_tokens.map(|tokens| Usage::new(tokens, 0));
    Ok(ranking::reply(asked, scores.into_iter().enumerate().collect(), usage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_has_a_score_or_it_is_no_reply() {
        let body = br#"{"model":"m","query":"q","documents":["a","b"]}"#.to_vec();
        let asked = JsonDoc::parse(body).unwrap();
        for odd in [r#"{"scores":[0.5]}"#, r#"{"scores":["high","low"]}"#, "[]"] {
            let error = ranked(&asked, 2, &odd.into()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{odd}");
        }
        assert!(ranked(&asked, 2, &r#"{"scores":[0.5,0.25]}"#.into()).is_ok());
    }

    #[test]
    fn a_query_is_a_text() {
        let body = br#"{"model":"m","query":{"image":"i"},"documents":["a"]}"#.to_vec();
        let error = pairs(&JsonDoc::parse(body).unwrap()).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Unsupported, Some("query")));
    }
}
