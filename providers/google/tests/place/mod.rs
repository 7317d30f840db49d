//! A target of either kind, asked over a script.

use std::sync::Arc;

use ferro_core::{
    BuildContext, Built, Call, CallContext, CredentialContext, ProviderError, Reply, Secret,
    Settings, Subject, TargetId,
    chat::{Chat, ChatRequest},
};
use ferro_testkit::{Answer, Script};
use http::HeaderMap;
use serde_json::Value;

/// A target of this kind.
pub(crate) fn built(kind: &str) -> Built {
    let factory = ferro_provider_google::PROVIDERS.iter().find(|f| f.describe().kind == kind);
    let (target, headers) = (TargetId::from("t"), HeaderMap::new());
    let vars = |name: &str| match name {
        "VERTEX_AI_PROJECT_ID" => Some("p".to_owned()),
        "VERTEX_AI_REGION" => Some("global".to_owned()),
        _ => None,
    };
    let key = Secret::new("a-key-that-opens-nothing");
    let cx = BuildContext::new(&target, &headers, &vars).with_api_key(Some(&key));
    factory.expect("the kind is listed").build(&cx, Settings::default()).expect("it can be built")
}

/// Asks for `body`, of a vendor that answers so; returns what it was sent as well.
pub(crate) async fn ask(
    built: &Built,
    body: &Value,
    answer: Answer,
) -> (Value, Result<Reply<Chat>, ProviderError>) {
    let request = ChatRequest::of(body).expect("it is a request");
    let upstream = Arc::new(Script::always(answer));
    let nobody = Script::always(Answer::new(404));
    let cx = CredentialContext::new(&nobody, &nobody);
    let credential = built.credentials.current(&cx).await.expect("a key is at hand");
    let target = TargetId::from("t");
    let call = Call::new(&target, request.model());
    let cx = CallContext::new(call, &*upstream, &nobody, &credential);
    let reply = built.provider.chat().expect("chat is served").serve(&cx, &request).await;
    let sent = upstream.sent().pop().map(|sent| sent.body).unwrap_or_default();
    (serde_json::from_slice(&sent).unwrap_or_default(), reply)
}

/// Adds a delta to a message, as OpenAI's clients do: texts grow, and calls are told apart by `index`.
pub(crate) fn add(message: &mut Value, delta: &Value) {
    for (name, value) in delta.as_object().into_iter().flatten() {
        match (name.as_str(), value) {
            ("tool_calls" | "reasoning_details" | "images", Value::Array(items)) => {
                for item in items {
                    merge(&mut message[name.as_str()], item);
                }
            }
            (_, Value::String(more)) if name != "role" => {
                let so_far = message[name.as_str()].as_str().unwrap_or_default();
                message[name.as_str()] = Value::from(format!("{so_far}{more}"));
            }
            _ => message[name.as_str()] = value.clone(),
        }
    }
}

fn merge(list: &mut Value, item: &Value) {
    if !list.is_array() {
        *list = Value::Array(Vec::new());
    }
    let list = list.as_array_mut().expect("it was made one");
    let same = list.iter_mut().find(|known| known["index"] == item["index"]);
    let Some(known) = same else { return list.push(item.clone()) };
    let more = item["function"]["arguments"].as_str().unwrap_or_default();
    let so_far = known["function"]["arguments"].as_str().unwrap_or_default();
    known["function"]["arguments"] = Value::from(format!("{so_far}{more}"));
}
