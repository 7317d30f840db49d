//! The surfaces that are documents: which of the shared laws they obey, and their own.

use ferro_core::{
    BadRequest,
    document::{
        CountTokens, DocumentRequest, Embeddings, Form, Images, Messages, Moderations, Rerank,
        Responses,
    },
};

use super::{
    Law, Suited, Verdict, ensure, errors, hygiene::encoding_is_deterministic, laws, lossless,
    safety, streams,
};
use crate::bench::Bench;

/// Makes laws for a surface whose replies come in one piece.
macro_rules! in_one_piece {
    ($($form:ident $sample:literal),* $(,)?) => {
        $(impl Suited for $form {
            const SAMPLE: &'static str = $sample;
            const STREAMED: Option<&'static str> = None;

            fn request(body: &[u8]) -> Result<DocumentRequest<Self>, BadRequest> {
                DocumentRequest::parse(body.to_vec())
            }

            fn laws() -> Vec<Law<Self>> {
                of_documents()
            }
        })*
    };
}

in_one_piece! {
    Embeddings r#"{"model":"conformance-model","input":"Say hello."}"#,
    Images r#"{"model":"conformance-model","prompt":"A hello."}"#,
    Moderations r#"{"model":"conformance-model","input":"Say hello."}"#,
    Rerank r#"{"model":"conformance-model","query":"Hello?","documents":["Hello.","Goodbye."]}"#,
}

in_one_piece! {
    CountTokens r#"{"model":"conformance-model","messages":[{"role":"user","content":"Say hello."}]}"#,
}

/// Makes laws for a surface that has streams.
macro_rules! streamed {
    ($($form:ident $sample:literal and $streamed:literal),* $(,)?) => {
        $(impl Suited for $form {
            const SAMPLE: &'static str = $sample;
            const STREAMED: Option<&'static str> = Some($streamed);

            fn request(body: &[u8]) -> Result<DocumentRequest<Self>, BadRequest> {
                DocumentRequest::parse(body.to_vec())
            }

            fn laws() -> Vec<Law<Self>> {
                let own = laws![the_kinds_of_streams_are_there];
                of_documents().into_iter().chain(streams::laws()).chain(own).collect()
            }
        })*
    };
}

streamed! {
    Messages r#"{"model":"conformance-model","max_tokens":64,"messages":[{"role":"user","content":"Say hello."}]}"#
        and r#"{"model":"conformance-model","max_tokens":64,"messages":[{"role":"user","content":"Say hello."}],"stream":true}"#,
    Responses r#"{"model":"conformance-model","input":"Say hello."}"#
        and r#"{"model":"conformance-model","input":"Say hello.","stream":true}"#,
}

/// The laws of every surface that is a document.
fn of_documents<F: Form + Suited>() -> Vec<Law<F>> {
    let own = laws![encoding_is_deterministic, the_kinds_of_cases_are_there];
    let groups = [lossless::laws(), errors::laws(), safety::laws(), own];
    groups.into_iter().flatten().collect()
}

fn the_kinds_of_cases_are_there<F: Form + Suited>(bench: &Bench<F>) -> Verdict {
    ensure!(bench.wholes().next().is_some(), "no case is a reply in one piece");
    let has_usage = |case: &crate::fixture::Case| matches!(&case.expected, crate::fixture::Expected::Reply(reply) if reply.usage.is_some());
    let counts = bench.wholes().any(has_usage) || bench.impossible.iter().any(|it| it == "usage");
    ensure!(counts, "no reply tells its usage, and `usage` is not listed as impossible");
    ensure!(bench.errors(false).next().is_some(), "no case is a refusal");
    Ok(())
}

fn the_kinds_of_streams_are_there<F: Form + Suited>(bench: &Bench<F>) -> Verdict {
    ensure!(bench.streams().next().is_some(), "no case is a stream");
    let is_ascii = |case: &crate::fixture::Case| case.upstream.body.is_ascii();
    ensure!(!bench.streams().all(is_ascii), "no stream has characters of several bytes");
    ensure!(bench.broken_streams().next().is_some(), "no case is a stream with an error in it");
    ensure!(bench.errors(true).next().is_some(), "no case is an error that came with a success");
    Ok(())
}
