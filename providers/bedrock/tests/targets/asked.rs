//! A target of Bedrock, asked as the engine would ask it.

use std::time::{Duration, UNIX_EPOCH};

use ferro_core::{
    FetchPolicy, Subject,
    document::{CountTokens, DocumentRequest},
};
use ferro_provider_bedrock::PROVIDERS;
use ferro_testkit::{Answer, Asker, Heard, Script, Sent};
use serde_json::{Value, json};

/// When everything is asked: 2026-11-29T12:34:56Z.
pub(crate) const NOW: u64 = 1_795_955_696;

/// Who asks a target of these variables and settings.
pub(crate) async fn asker(vars: &[(&str, &str)], settings: Value) -> Asker {
    Asker::new(PROVIDERS[0], vars, settings).await.at(UNIX_EPOCH + Duration::from_secs(NOW))
}

/// Who asks with a key of Bedrock's own.
pub(crate) async fn with_key() -> Asker {
    asker(&[("AWS_BEARER_TOKEN_BEDROCK", "key")], json!({})).await
}

/// Asks a target that answers like this; returns what it was sent, if anything, and what was heard.
/// Whoever is asked for media gives a picture.
pub(crate) async fn ask(asker: &Asker, body: &Value, answer: Answer) -> (Option<Sent>, Heard) {
    let upstream = Script::always(answer);
    let picture = Script::always(Answer::new(200).with_body(&b"\x89PNG\r\n\x1a\n...."[..]));
    let policy = FetchPolicy::default();
    let model = body["model"].as_str().expect("a request names a model");
    let cx = asker.context(model, &upstream, &picture).with_fetch(Some(&policy));
    let heard = asker.chat(&cx, body).await;
    (upstream.sent().pop(), heard)
}

/// What a request is sent as.
pub(crate) async fn sent(asker: &Asker, body: &Value) -> Sent {
    let (sent, heard) = ask(asker, body, Answer::new(400)).await;
    let Some(sent) = sent else { panic!("nothing was sent: {heard:?}") };
    sent
}

/// What is sent to have a request's tokens counted.
pub(crate) async fn counted(asker: &Asker, body: &Value) -> Sent {
    let upstream = Script::always(Answer::new(400));
    let request = serde_json::to_vec(body).expect("a value can be written");
    let request = DocumentRequest::<CountTokens>::parse(request).expect("it is a request");
    let cx = asker.context(request.model(), &upstream, &upstream);
    let heard = asker.ask::<CountTokens>(&cx, &request).await;
    let Some(sent) = upstream.sent().pop() else { panic!("nothing was sent: {heard:?}") };
    sent
}

/// The message of a reply that is like this.
pub(crate) async fn message(asker: &Asker, body: &Value, answer: Answer) -> Value {
    let (_, heard) = ask(asker, body, answer).await;
    assert!(heard.error.is_none(), "{heard:?}");
    heard.message()
}
