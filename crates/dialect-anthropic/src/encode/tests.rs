//! What a chat request becomes, law by law.

mod conversation;
mod fields;
mod media;
mod thinking;
mod tools;

use bytes::Bytes;
use ferro_core::{Call, ErrorKind, Fetched, Media, ModelFacts, TargetId, chat::ChatRequest};
use serde_json::{Value, json};

use crate::{Encoded, Messages, Profile};

const NEW: &str = "claude-opus-4-6";
const OLD: &str = "claude-sonnet-4-5";

/// A request for a model with these members; of the least messages, unless they say any.
fn request(model: &str, members: &Value) -> ChatRequest {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": "Go."}]});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    ChatRequest::of(&body).unwrap()
}

fn encoded(profile: Profile, model: &str, members: &Value) -> Encoded {
    let target = TargetId::from("t");
    let request = request(model, members);
    Messages::new(profile).encode(&Call::new(&target, model), &request).unwrap()
}

fn said_of(model: &str, members: &Value) -> Value {
    serde_json::from_slice(&encoded(Profile::anthropic(), model, members).body).unwrap()
}

fn said(members: &Value) -> Value {
    said_of(NEW, members)
}

fn unsaid_of(model: &str, members: &Value) -> Vec<String> {
    let target = TargetId::from("t");
    let messages = Messages::new(Profile::anthropic());
    let unsaid = messages.unsaid(&Call::new(&target, model), &request(model, members));
    unsaid.into_iter().map(|unsaid| unsaid.0.into_owned()).collect()
}

fn refused(members: &Value) -> (ErrorKind, String) {
    let target = TargetId::from("t");
    let encoded = Messages::new(Profile::anthropic())
        .encode(&Call::new(&target, NEW), &request(NEW, members));
    let error = encoded.unwrap_err();
    (error.kind(), error.message().unwrap().to_owned())
}

fn user(content: impl Into<Value>) -> Value {
    json!({"role": "user", "content": content.into()})
}

fn assistant(content: impl Into<Value>) -> Value {
    json!({"role": "assistant", "content": content.into()})
}

fn system(content: impl Into<Value>) -> Value {
    json!({"role": "system", "content": content.into()})
}

fn call(id: &str, name: &str, arguments: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

fn calls(calls: &[Value]) -> Value {
    json!({"role": "assistant", "content": null, "tool_calls": calls})
}

fn result(id: &str, content: impl Into<Value>) -> Value {
    json!({"role": "tool", "tool_call_id": id, "content": content.into()})
}

fn function(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name}})
}

fn messages(messages: &[Value]) -> Value {
    said(&json!({"messages": messages}))["messages"].clone()
}

fn ephemeral() -> Value {
    json!({"type": "ephemeral", "ttl": "1h"})
}
