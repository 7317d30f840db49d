//! The surfaces that are documents: which of the shared laws they obey, and their own.

use ferro_core::{
    BadRequest,
    document::{DocumentRequest, Embeddings, Form, Images, Moderations, Rerank},
};

use super::{
    Law, Suited, Verdict, ensure, errors, hygiene::encoding_is_deterministic, laws, lossless,
    safety,
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
