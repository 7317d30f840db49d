//! The surfaces that are documents: which of the shared laws they obey, and their own.

use std::{borrow::Cow, cell::Cell, collections::BTreeMap};

use ferro_core::{
    BadRequest,
    chat::Chat,
    document::{
        Completions, CountTokens, DocumentRequest, Embeddings, Form, Images, Messages, Moderations,
        Rerank, Responses, embedding::Encoding,
    },
};
use ferro_wire::sse;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    Law, Suited, Verdict, ensure, errors, hygiene::encoding_is_deterministic, laws, lossless,
    safety, streams,
};
use crate::{
    Script,
    bench::{Ask, Bench, answer, request, request_of},
    cut::Cut,
    fixture::{Case, Expected},
    heard::Heard,
};

/// Makes laws for a surface: its samples, and the laws that hold besides those of every document.
macro_rules! documents {
    ($($form:ident $sample:literal $streamed:expr, $own:expr;)*) => {
        $(impl Suited for $form {
            const SAMPLE: &'static str = $sample;
            const STREAMED: Option<&'static str> = $streamed;

            fn request(body: &[u8]) -> Result<DocumentRequest<Self>, BadRequest> {
                DocumentRequest::parse(body.to_vec())
            }

            fn laws() -> Vec<Law<Self>> {
                let mut laws = of_documents();
                laws.extend($own);
                laws
            }

            fn laws_over() -> Vec<Law<Self>> {
                let own = laws![encoding_is_deterministic];
                let streams = streams::over_another();
                let groups = [lossless::laws(), errors::laws(), safety::laws(), own, streams];
                groups.into_iter().flatten().collect()
            }
        })*
    };
}

documents! {
    Completions r#"{"model":"conformance-model","prompt":"Say hello."}"#
        Some(r#"{"model":"conformance-model","prompt":"Say hello.","stream":true,"stream_options":{"include_usage":true}}"#),
        streams::laws();
    Embeddings r#"{"model":"conformance-model","input":"Say hello."}"# None,
        laws![vectors_come_as_they_were_asked_for];
    Images r#"{"model":"conformance-model","prompt":"A hello."}"#
        Some(r#"{"model":"conformance-model","prompt":"A hello.","stream":true,"partial_images":2}"#),
        streams::laws();
    Moderations r#"{"model":"conformance-model","input":"Say hello."}"# None, Vec::new();
    Rerank r#"{"model":"conformance-model","query":"Hello?","documents":["Hello.","Goodbye."]}"#
        None, Vec::new();
    Messages r#"{"model":"conformance-model","max_tokens":64,"messages":[{"role":"user","content":"Say hello."}]}"#
        Some(r#"{"model":"conformance-model","max_tokens":64,"messages":[{"role":"user","content":"Say hello."}],"stream":true}"#),
        native();
    CountTokens r#"{"model":"conformance-model","messages":[{"role":"user","content":"Say hello."}]}"#
        None, Vec::new();
    Responses r#"{"model":"conformance-model","input":"Say hello."}"#
        Some(r#"{"model":"conformance-model","input":"Say hello.","stream":true}"#),
        native();
}

/// The laws of a surface that passes with its events.
fn native<F: Form + Suited>() -> Vec<Law<F>> {
    streams::laws().into_iter().chain(laws![the_kinds_of_streams_are_there]).collect()
}

/// The laws of every surface that is a document.
fn of_documents<F: Form + Suited>() -> Vec<Law<F>> {
    let own = laws![encoding_is_deterministic, the_kinds_of_cases_are_there];
    let groups = [lossless::laws(), errors::laws(), safety::laws(), own];
    groups.into_iter().flatten().collect()
}

fn the_kinds_of_cases_are_there<F: Form + Suited>(bench: &Bench<F>) -> Verdict {
    ensure!(bench.wholes().next().is_some(), "no case is a reply in one piece");
    let has_usage =
        |case: &Case| matches!(&case.expected, Expected::Reply(reply) if reply.usage.is_some());
    let counts = bench.wholes().any(has_usage) || bench.impossible.iter().any(|it| it == "usage");
    ensure!(counts, "no reply tells its usage, and `usage` is not listed as impossible");
    for listed in &bench.impossible {
        let is_known = ["usage", "text", "stream"].contains(&&**listed);
        ensure!(is_known, "{listed}: no kind of case is that");
    }
    ensure!(bench.errors(false).next().is_some(), "no case is a refusal");
    Ok(())
}

fn the_kinds_of_streams_are_there<F: Form + Suited>(bench: &Bench<F>) -> Verdict {
    ensure!(bench.streams().next().is_some(), "no case is a stream");
    let is_ascii = |case: &Case| case.upstream.body.is_ascii();
    ensure!(!bench.streams().all(is_ascii), "no stream has characters of several bytes");
    ensure!(bench.broken_streams().next().is_some(), "no case is a stream with an error in it");
    ensure!(bench.errors(true).next().is_some(), "no case is an error that came with a success");
    Ok(())
}

/// Whichever way a vendor writes vectors, a client gets the one that it asked for, and the same numbers
/// in both.
fn vectors_come_as_they_were_asked_for(bench: &Bench<Embeddings>) -> Verdict {
    bench.run(async |target| {
        for case in bench.wholes() {
            let mut written = Vec::new();
            for format in ["float", "base64"] {
                let mut doc = request_of::<Embeddings>(case)?.doc().clone();
                doc.set("encoding_format", format);
                let request = request::<Embeddings>(&doc.to_rope().to_bytes())?;
                let upstream = Script::always(answer(case, Cut::Whole));
                let heard = target.ask(&upstream, &request, Ask::default()).await?;
                ensure!(heard.error.is_none(), "{}, {format}: {:?}", case.name, heard.error);
                written.push(vectors(&heard.bytes())?);
            }
            let base64 = written.pop().unwrap_or_default();
            let numbers = written.pop().unwrap_or_default();
            ensure!(!numbers.is_empty(), "{}: there are no vectors", case.name);
            for (numbers, base64) in numbers.iter().zip(&base64) {
                let is_right = numbers.starts_with('[') && base64.starts_with('"');
                ensure!(is_right, "{}: {numbers} and {base64}", case.name);
                let again = Encoding::Base64.written(numbers).map_err(|e| e.to_string())?;
                ensure!(again == base64.as_bytes(), "{}: {numbers} is not {base64}", case.name);
            }
            ensure!(numbers.len() == base64.len(), "{}: one has more vectors", case.name);
        }
        Ok(())
    })
}

/// Whoever has chat alone serves completions by it: what is said is the same, in the older words.
pub(super) fn completions_say_what_the_chat_says(bench: &Bench<Chat>) -> Verdict {
    let of_completions = Bench::<Completions>::new(bench.factory, Vec::new());
    let has_own = Cell::new(false);
    for case in bench.wholes().chain(bench.streams()).filter(|case| case.request.is_none()) {
        let chat = Cell::default();
        bench.run(async |target| {
            has_own.set(target.asker.built.provider.completions().is_some());
            let heard = target.play(case, Cut::Every(64)).await?;
            chat.set(Some((said_by(&heard), heard.usage, heard.finish)));
            Ok(())
        })?;
        if has_own.get() {
            return Ok(());
        }
        let chat = chat.take();
        of_completions.run(async |target| {
            let heard = target.play(case, Cut::Every(64)).await?;
            ensure!(heard.error.is_none(), "{}: {:?}", case.name, heard.error);
            let older = Some((said_by(&heard), heard.usage.clone(), heard.finish));
            ensure!(chat == older, "{}: {chat:?} and {older:?}", case.name);
            ensure!(
                !heard.is_stream || streams::in_order::<Completions>(&heard.bytes()).is_ok(),
                "{}",
                case.name
            );
            Ok(())
        })?;
    }
    Ok(())
}

/// What each choice of a reply says, in the words of either surface.
fn said_by(heard: &Heard) -> BTreeMap<u64, String> {
    let bytes = heard.bytes();
    let mut said = BTreeMap::<u64, String>::new();
    let whole = (!heard.is_stream).then(|| Cow::Borrowed(&*bytes));
    let events = heard.is_stream.then(|| sse::events(&bytes).map(|event| event.data()));
    for data in whole.into_iter().chain(events.into_iter().flatten()) {
        let Ok(data) = serde_json::from_slice::<Value>(&data) else { continue };
        for choice in data["choices"].as_array().into_iter().flatten() {
            let told = said.entry(choice["index"].as_u64().unwrap_or_default()).or_default();
            // What is new, where a vendor tells with it what was said before.
            let place = ["delta", "message"].into_iter().find(|name| choice[name].is_object());
            let spoken = place.map_or(choice, |name| &choice[name]);
            for name in ["text", "content", "refusal"] {
                told.push_str(spoken[name].as_str().unwrap_or_default());
            }
        }
    }
    said
}

/// The vectors of a reply, as they stand there.
fn vectors(body: &[u8]) -> Result<Vec<String>, String> {
    #[derive(Deserialize)]
    struct Reply {
        data: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        embedding: Box<RawValue>,
    }
    let reply: Reply = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    Ok(reply.data.into_iter().map(|item| item.embedding.get().to_owned()).collect())
}
