//! A target of either kind, asked over a script.

use ferro_testkit::{Answer, Asker, Heard, Script};
use serde_json::{Value, json};

/// Who asks a target of this kind.
pub(crate) async fn asker(kind: &str) -> Asker {
    let factory = ferro_provider_google::PROVIDERS.iter().find(|f| f.describe().kind == kind);
    let vars = [
        ("GEMINI_API_KEY", "a-key-that-opens-nothing"),
        ("VERTEX_AI_API_KEY", "a-key-that-opens-nothing"),
        ("VERTEX_AI_PROJECT_ID", "p"),
        ("VERTEX_AI_REGION", "global"),
    ];
    Asker::new(*factory.expect("the kind is listed"), &vars, json!({})).await
}

/// Asks for `body`, of a vendor that answers so; returns what it was sent as well.
pub(crate) async fn ask(asker: &Asker, body: &Value, answer: Answer) -> (Value, Heard) {
    let (upstream, nobody) = (Script::always(answer), Script::always(Answer::new(404)));
    let model = body["model"].as_str().expect("a request names a model");
    let heard = asker.chat(&asker.context(model, &upstream, &nobody), body).await;
    let sent = upstream.sent().pop().map(|sent| sent.body).unwrap_or_default();
    (serde_json::from_slice(&sent).unwrap_or_default(), heard)
}
