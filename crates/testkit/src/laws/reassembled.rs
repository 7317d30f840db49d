//! A chat reply put together from what came, so that a whole and a stream can be compared.

use std::collections::BTreeMap;

use ferro_core::{Finish, Usage};
use ferro_wire::sse;
use serde_json::Value;

use crate::heard::Heard;

/// What a reply says, however it came.
#[derive(Debug, PartialEq)]
pub(super) struct Reassembled {
    /// By choice: the message, without what is null or empty, and why it ended.
    choices: BTreeMap<u64, (Value, Value)>,
    usage: Option<Usage>,
    finish: Option<Finish>,
}

impl Reassembled {
    pub(super) fn read(heard: &Heard) -> Self {
        let bytes = heard.bytes();
        let mut choices = BTreeMap::<u64, (Value, Value)>::new();
        let datas: Vec<_> = if heard.is_stream {
            sse::events(&bytes).map(|event| event.data().into_owned()).collect()
        } else {
            vec![bytes.to_vec()]
        };
        for data in datas {
            let Ok(chunk) = serde_json::from_slice::<Value>(&data) else { continue };
            for choice in chunk["choices"].as_array().into_iter().flatten() {
                let index = choice["index"].as_u64().unwrap_or_default();
                let (message, finish) = choices.entry(index).or_default();
                let said = choice.get("delta").or_else(|| choice.get("message"));
                accumulate(message, said.unwrap_or(&Value::Null));
                if !choice["finish_reason"].is_null() {
                    *finish = choice["finish_reason"].clone();
                }
            }
        }
        for (message, _) in choices.values_mut() {
            if let Some(members) = message.as_object_mut() {
                let is_empty = |value: &Value| match value {
                    Value::Null => true,
                    Value::String(text) => text.is_empty(),
                    Value::Array(items) => items.is_empty(),
                    _ => false,
                };
                members.retain(|_, value| !is_empty(value));
            }
        }
        Self { choices, usage: heard.usage.clone(), finish: heard.finish }
    }
}

/// Adds a delta to what came before, as clients of this wire do: strings grow, but for those that
/// name something; lists are merged by `index`; null adds nothing.
fn accumulate(so_far: &mut Value, delta: &Value) {
    const NAMES: [&str; 5] = ["id", "type", "role", "name", "format"];
    match (&mut *so_far, delta) {
        (_, Value::Null) => {}
        (Value::String(text), Value::String(more)) => text.push_str(more),
        (Value::Object(members), Value::Object(more)) => {
            for (name, value) in more.iter().filter(|(name, _)| *name != "index") {
                let member = members.entry(name.clone()).or_insert(Value::Null);
                if NAMES.contains(&name.as_str()) && !value.is_null() {
                    *member = value.clone();
                } else {
                    accumulate(member, value);
                }
            }
        }
        (Value::Array(items), Value::Array(more)) => {
            for (at, value) in more.iter().enumerate() {
                let index = value["index"].as_u64().and_then(|index| usize::try_from(index).ok());
                let index = index.unwrap_or(at);
                while items.len() <= index {
                    items.push(Value::Object(serde_json::Map::new()));
                }
                accumulate(&mut items[index], value);
            }
        }
        (Value::Null, Value::Object(_)) => {
            *so_far = Value::Object(serde_json::Map::new());
            accumulate(so_far, delta);
        }
        (Value::Null, Value::Array(_)) => {
            *so_far = Value::Array(Vec::new());
            accumulate(so_far, delta);
        }
        _ => *so_far = delta.clone(),
    }
}
