//! A request's own fields: which are options, which have words of their own, and which have none.

use std::{borrow::Cow, collections::BTreeMap};

use ferro_core::{
    ErrorKind, ProviderError,
    chat::{ChatRequest, ResponseFormat, Source},
};
use ferro_wire::write_string;
use serde_json::value::RawValue;

use crate::encode::Defaults;

/// Fields that are options of the server under the same name (API description and the reference of
/// model files, read 2026-11-29).
const OPTIONS: &[&str] = &[
    "temperature",
    "top_p",
    "seed",
    "stop",
    "presence_penalty",
    "frequency_penalty",
    "top_k",
    "min_p",
    "typical_p",
    "repeat_last_n",
    "repeat_penalty",
    "mirostat",
    "mirostat_tau",
    "mirostat_eta",
    "penalize_newline",
    "num_ctx",
    "num_predict",
    "num_keep",
    "num_batch",
    "num_gpu",
    "main_gpu",
    "num_thread",
    "numa",
    "use_mmap",
    "use_mlock",
    "low_vram",
];

/// Fields that are the server's own, or that it knows under the same name.
const SAME: &[&str] =
    &["think", "format", "keep_alive", "truncate", "shift", "logprobs", "top_logprobs"];

/// Fields that are said otherwise. Of the choice among tools and the reply's form, whoever reads them
/// lists what cannot be.
const OTHERWISE: &[&str] = &[
    "model",
    "messages",
    "stream",
    "stream_options",
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "response_format",
    "reasoning_effort",
    "max_tokens",
    "max_completion_tokens",
    "options",
];

/// Adds the members that follow from the request's fields.
pub(crate) fn write(
    body: &mut Vec<u8>,
    request: &ChatRequest,
    source: &Source<'_>,
    defaults: &Defaults,
) -> Result<(), ProviderError> {
    for name in SAME {
        if let Some(value) = said(request, name) {
            member(body, name, &value);
        }
    }
    if let (None, Some(keep)) = (said(request, "keep_alive"), &defaults.keep_alive) {
        member(body, "keep_alive", keep);
    }
    if let (None, Some(think)) = (said(request, "think"), effort(request)) {
        member(body, "think", think);
    }
    if said(request, "format").is_none() {
        match source.response_format()? {
            ResponseFormat::JsonObject => member(body, "format", "\"json\""),
            ResponseFormat::JsonSchema(schema) => {
                member(body, "format", schema.schema.map_or("\"json\"", RawValue::get));
            }
            _ => {}
        }
    }
    options(body, request, defaults)
}

/// Options: the client's, those of its fields that are options, and the operator's. The first of a
/// name counts.
fn options(
    body: &mut Vec<u8>,
    request: &ChatRequest,
    defaults: &Defaults,
) -> Result<(), ProviderError> {
    let own = said(request, "options");
    let own: BTreeMap<String, &RawValue> = match &own {
        Some(json) => serde_json::from_str(json).map_err(|error| {
            let message = format!("options: {error}; it is an object such as {{\"num_ctx\":8192}}");
            ProviderError::new(ErrorKind::Invalid).with_message(message)
        })?,
        None => BTreeMap::new(),
    };
    let is_new = |name: &str| !own.contains_key(name);
    let mut options: Vec<(&str, Cow<'_, str>)> =
        own.iter().map(|(name, json)| (name.as_str(), Cow::Borrowed(json.get()))).collect();
    for &name in OPTIONS.iter().filter(|name| is_new(name)) {
        options.extend(said(request, name).map(|value| (name, listed(name, value))));
    }
    if is_new("num_predict") && said(request, "num_predict").is_none() {
        let limit = said(request, "max_completion_tokens").or_else(|| said(request, "max_tokens"));
        options.extend(limit.map(|limit| ("num_predict", limit)));
    }
    for (name, value) in &defaults.options {
        if !options.iter().any(|(known, _)| known == name) {
            options.push((name, Cow::Borrowed(value)));
        }
    }
    let mut before: &[u8] = b",\"options\":{";
    for (name, value) in &options {
        body.extend_from_slice(before);
        before = b",";
        write_string(body, name);
        body.push(b':');
        body.extend_from_slice(value.as_bytes());
    }
    if !options.is_empty() {
        body.push(b'}');
    }
    Ok(())
}

/// The server wants a list of what ends a reply, even of one.
fn listed<'a>(name: &str, value: Cow<'a, str>) -> Cow<'a, str> {
    if name == "stop" && value.starts_with('"') { format!("[{value}]").into() } else { value }
}

/// How hard to think: the server knows three levels, and none.
fn effort(request: &ChatRequest) -> Option<&'static str> {
    match &*said(request, "reasoning_effort")? {
        "\"none\"" => Some("false"),
        "\"minimal\"" | "\"low\"" => Some("\"low\""),
        "\"medium\"" => Some("\"medium\""),
        "\"high\"" | "\"xhigh\"" | "\"max\"" => Some("\"high\""),
        _ => None,
    }
}

/// A field's JSON, unless it is absent or null.
fn said<'a>(request: &'a ChatRequest, name: &str) -> Option<Cow<'a, str>> {
    const WHY: &str = "a document's bytes are checked to be text";
    let text = match request.doc().text(name)? {
        Cow::Borrowed(text) => Cow::Borrowed(std::str::from_utf8(text).expect(WHY)),
        Cow::Owned(text) => Cow::Owned(String::from_utf8(text).expect(WHY)),
    };
    (text != "null").then_some(text)
}

fn member(body: &mut Vec<u8>, name: &str, json: &str) {
    body.push(b',');
    write_string(body, name);
    body.push(b':');
    body.extend_from_slice(json.as_bytes());
}

/// The fields that the server has no word for.
pub(crate) fn unsaid(request: &ChatRequest, source: &Source<'_>) -> Vec<String> {
    let mut unsaid = Vec::new();
    for key in request.doc().keys() {
        let name = String::from_utf8_lossy(&key).into_owned();
        let is_known = [OPTIONS, SAME, OTHERWISE].iter().any(|list| list.contains(&name.as_str()));
        if !is_known && !request.asks_for_nothing(&name) {
            unsaid.push(name);
        }
    }
    let word = said(request, "reasoning_effort").filter(|_| said(request, "think").is_none());
    if word.is_some() && effort(request).is_none() {
        unsaid.push("reasoning_effort".to_owned());
    }
    let own = said(request, "options").unwrap_or_default();
    let own: BTreeMap<String, &RawValue> = serde_json::from_str(&own).unwrap_or_default();
    let twice = OPTIONS.iter().filter(|name| own.contains_key(**name));
    unsaid
        .extend(twice.filter(|name| said(request, name).is_some()).map(|name| (*name).to_owned()));
    match source.response_format() {
        Ok(ResponseFormat::Other(_)) => unsaid.push("response_format".to_owned()),
        Ok(ResponseFormat::JsonSchema(schema)) if schema.description.is_some() => {
            unsaid.push("response_format.json_schema.description".to_owned());
        }
        _ => {}
    }
    unsaid
}
