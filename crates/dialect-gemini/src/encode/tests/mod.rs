//! What a request says to the vendor, quirk by quirk.

#![expect(clippy::needless_pass_by_value, reason = "literals are written where they are used")]

mod config;
mod conversation;
mod media;
mod seals;
mod tools;
mod unsaid;

use bytes::Bytes;
use ferro_core::{Call, ErrorKind, Fetched, Media, TargetId, chat::ChatRequest};
use serde_json::{Value, json};

use crate::Profile;

const PNG: &str = "data:image/jpg;base64,iVBORw0KGgoAAAANSUhEUg==";

fn chat(fields: Value) -> ChatRequest {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    ChatRequest::of(&body).unwrap()
}

fn try_say(
    profile: Profile,
    model: &str,
    fields: Value,
) -> Result<Value, ferro_core::ProviderError> {
    let target = TargetId::from("t");
    let call = Call::new(&target, model);
    let (body, _) = profile.encode(&call, &chat(fields))?;
    Ok(serde_json::from_slice(&body).unwrap())
}

/// What the Gemini API is told.
fn said(model: &str, fields: Value) -> Value {
    try_say(Profile::AI_STUDIO, model, fields).unwrap()
}

fn refused(fields: Value) -> String {
    try_say(Profile::AI_STUDIO, "gemini-2.5-pro", fields).unwrap_err().to_string()
}

fn unsaid(profile: Profile, model: &str, fields: Value) -> Vec<String> {
    let target = TargetId::from("t");
    let unsaid = profile.unsaid(&Call::new(&target, model), &chat(fields));
    unsaid.into_iter().map(|field| field.0.into_owned()).collect()
}

fn contents(messages: Value) -> Value {
    said("gemini-2.5-pro", json!({"messages": messages}))["contents"].clone()
}

fn user(content: Value) -> Value {
    json!({"role": "user", "content": content})
}

fn call(id: &str, name: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": "{\"a\":1}"}})
}

fn function(parameters: Value) -> Value {
    json!([{"type": "function", "function": {"name": "f", "parameters": parameters}}])
}
