//! NVIDIA's retrieval, beside what it has of this wire: rankings, as logits of passages.
//!
//! Bodies by the pages of its server (`docs.nvidia.com/nim/nemo-retriever/text-reranking`, `using-reranking`; read
//! 2026-12-01). The place where it is hosted is the one that public clients of it ask.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{
    Auth, Call, CallContext, Credential, Decoder, ErrorKind, Host, Payload, Provider,
    ProviderError, Reply, Serve, Usage, Wire,
    document::{DocumentReply, DocumentRequest, Rerank, in_one_piece, ranking},
};
use ferro_dialect_openai::refusal;
use ferro_wire::JsonDoc;
use http::{HeaderMap, Method, Request, Uri, response::Parts};
use serde::Deserialize;
use serde_json::json;

const RETRIEVAL: &str = "retrieval";

/// Where it is hosted.
pub(crate) static HOSTS: &[(&str, &str)] = &[(RETRIEVAL, "https://ai.api.nvidia.com")];

/// Its rankings, there; or below `root`, where an operator says that the vendor is: a server of one's own.
pub(crate) fn retrieval(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    let at = |place: &str| {
        let place = place.parse().expect("a path from a URL, and a suffix");
        Rankings { place, headers: headers.clone() }
    };
    let there = at("/v1/retrieval/nvidia/reranking");
    Arc::new(Retrieval { there, here: at(&format!("{root}/ranking")) })
}

#[derive(Debug)]
struct Retrieval {
    there: Rankings,
    here: Rankings,
}

impl Provider for Retrieval {
    fn rerank(&self) -> Option<&dyn Serve<Rerank>> {
        Some(self)
    }
}

#[async_trait]
impl Serve<Rerank> for Retrieval {
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        request: &DocumentRequest<Rerank>,
    ) -> Result<Reply<Rerank>, ProviderError> {
        match cx.other(RETRIEVAL) {
            Some(host) => self.there.serve(&cx.at(&**host), request).await,
            None => self.here.serve(cx, request).await,
        }
    }
}

/// Rankings at a place.
#[derive(Debug)]
struct Rankings {
    place: Uri,
    headers: HeaderMap,
}

impl Host for Rankings {
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

impl Wire<Rerank> for Rankings {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Rerank>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Rerank>>), ProviderError> {
        let asked = request.doc().clone();
        let (body, count) = passages(call.model, &asked)?;
        let mut outbound = Request::new(Payload::from(body.to_rope()));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = self.place.clone();
        *outbound.headers_mut() = self.headers.clone();
        Ok((outbound, in_one_piece(move |_, body| ranked(&asked, count, &body))))
    }
}

/// The request in its words, and how many documents it has. What is too long is cut off at its end, unless
/// the client says otherwise: it would be refused.
fn passages(model: &str, asked: &JsonDoc) -> Result<(JsonDoc, usize), ProviderError> {
    let documents = ranking::documents(asked)?;
    let query: String = asked.get("query").ok().flatten().ok_or_else(|| {
        let message = "query: this vendor ranks by a text, and nothing else";
        ProviderError::new(ErrorKind::Unsupported).with_message(message).with_field("query")
    })?;
    let mut said = asked.clone();
    for name in ["documents", "top_n", "return_documents"] {
        said.remove(name);
    }
    let passages: Vec<_> = documents.iter().map(|text| json!({ "text": text })).collect();
    said.set("model", &model);
    said.set("query", &json!({ "text": query }));
    said.set("passages", &passages);
    if !said.contains("truncate") {
        said.set("truncate", &"END");
    }
    Ok((said, documents.len()))
}

/// A logit for each passage, the best first; a score is how likely it is that the passage answers.
fn ranked(
    asked: &JsonDoc,
    count: usize,
    body: &Bytes,
) -> Result<DocumentReply<Rerank>, ProviderError> {
    #[derive(Deserialize)]
    struct Said {
        rankings: Vec<Ranking>,
        usage: Option<Counts>,
    }
    #[derive(Deserialize)]
    struct Ranking {
        index: usize,
        logit: f64,
    }
    #[derive(Deserialize)]
    struct Counts {
        prompt_tokens: u64,
    }
    let Ok(Said { rankings, usage }) = serde_json::from_slice(body) else {
        return Err(refusal::no_reply(body, "rankings"));
    };
    if rankings.iter().any(|ranking| ranking.index >= count) {
        return Err(refusal::no_reply(body, "ranking of the documents that were sent"));
    }
    let scores = rankings.iter().map(|it| (it.index, 1.0 / (1.0 + (-it.logit).exp())));
    let usage = usage.map(|counts| Usage::new(counts.prompt_tokens, 0));
    Ok(ranking::reply(asked, scores.collect(), usage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ranking_is_of_a_document_or_it_is_no_reply() {
        let body = br#"{"model":"m","query":"q","documents":["a","b"]}"#.to_vec();
        let asked = JsonDoc::parse(body).unwrap();
        for odd in
            [r#"{"rankings":[{"index":2,"logit":1}]}"#, r#"{"rankings":[{"index":0}]}"#, "[]"]
        {
            let error = ranked(&asked, 2, &odd.into()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{odd}");
        }
        assert!(ranked(&asked, 2, &r#"{"rankings":[{"index":1,"logit":-3}]}"#.into()).is_ok());
    }

    #[test]
    fn what_is_too_long_is_cut_unless_the_client_says_otherwise() {
        for (more, truncate) in [("", "END"), (r#","truncate":"NONE""#, "NONE")] {
            let body = format!(r#"{{"model":"m","query":"q","documents":["a"]{more}}}"#);
            let asked = JsonDoc::parse(body.into_bytes()).unwrap();
            let said = passages("n", &asked).unwrap().0;
            assert_eq!(said.get::<String>("truncate").unwrap().as_deref(), Some(truncate));
        }
    }
}
