//! What of a request this wire has no words for.

use std::{borrow::Cow, collections::BTreeMap};

use ferro_core::{
    Unsaid,
    chat::{ChatRequest, Content, Message, Part, Reasoning, ResponseFormat, Role, Source, Tool},
};
use serde_json::value::RawValue;

use super::{
    fields::{NAMES, said},
    tools::are_all_strict,
};
use crate::Profile;

/// Fields that are told in another way than by their value.
const TOLD: &[&str] = &[
    "model",
    "messages",
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "response_format",
    "stream",
    "stream_options",
    "stop",
    "stop_sequences",
    "strict_tools",
    "thinking",
    "reasoning_effort",
];

/// What of `request` a vendor of this wire cannot be told.
pub fn unsaid(_: &Profile, request: &ChatRequest) -> Vec<Unsaid> {
    let mut unsaid: Vec<_> = fields(request).map(|name| Unsaid(Cow::Owned(name))).collect();
    let source = Source::of(request);
    let mut say = |place: String| unsaid.push(Unsaid(Cow::Owned(place)));
    beside_budget(request).into_iter().for_each(&mut say);
    // What cannot be read is an error where it is encoded.
    for (at, message) in source.messages().unwrap_or_default().iter().enumerate() {
        of_message(at, message, &mut say);
    }
    of_tools(&source.tools().unwrap_or_default(), &mut say);
    if let Ok(ResponseFormat::JsonSchema(schema)) = source.response_format()
        && schema.description.is_some()
    {
        say("response_format.json_schema.description".to_owned());
    }
    unsaid
}

fn fields(request: &ChatRequest) -> impl Iterator<Item = String> {
    let is_told =
        |name: &str| TOLD.contains(&name) || NAMES.iter().any(|(_, names)| names.contains(&name));
    let names = request.doc().keys().filter_map(|name| String::from_utf8(name.into_owned()).ok());
    names.filter(move |name| !is_told(name) && !request.asks_for_nothing(name))
}

/// What stands beside a budget in Anthropic's words, of which only that and the type are told.
fn beside_budget(request: &ChatRequest) -> Vec<String> {
    let thinking = said(request, "thinking").unwrap_or_default();
    let members: BTreeMap<String, &RawValue> =
        serde_json::from_slice(&thinking).unwrap_or_default();
    let is_told = |name: &String| name == "type" || name == "budget_tokens";
    let has_budget = members.contains_key("budget_tokens");
    let beside = members.into_keys().filter(|name| has_budget && !is_told(name));
    beside.map(|name| format!("thinking.{name}")).collect()
}

fn of_message(at: usize, message: &Message<'_>, say: &mut dyn FnMut(String)) {
    let beside = [
        ("name", message.name.is_some() && message.named.as_deref() != Some("function")),
        ("is_error", message.is_error == Some(true)),
        ("cache_control", message.cache_control.is_some()),
    ];
    for (name, _) in beside.into_iter().filter(|(_, is_said)| *is_said) {
        say(format!("messages[{at}].{name}"));
    }
    for (name, json) in &message.rest {
        // What a client sends back of a reply, and nobody reads: not missed where it says nothing.
        if !matches!(json.get(), "null" | "[]") {
            say(format!("messages[{at}].{name}"));
        }
    }
    let is_sealed = |thought: &Reasoning<'_>| matches!(thought, Reasoning::Encrypted { .. });
    let is_assistants = message.role() == Some(Role::Assistant);
    if message.thoughts().iter().any(|thought| is_sealed(thought) || !is_assistants) {
        say(format!("messages[{at}].reasoning_details"));
    }
    for (index, call) in message.tool_calls.iter().flatten().enumerate() {
        if call.cache_control.is_some() {
            say(format!("messages[{at}].tool_calls[{index}].cache_control"));
        }
        if call.extra_content.is_some() {
            say(format!("messages[{at}].tool_calls[{index}].extra_content"));
        }
        for (name, _) in &call.rest {
            say(format!("messages[{at}].tool_calls[{index}].{name}"));
        }
        for (name, _) in call.function.iter().flat_map(|function| &function.rest) {
            say(format!("messages[{at}].tool_calls[{index}].function.{name}"));
        }
    }
    let parts = message.content.iter().flat_map(Content::parts);
    for (index, part) in parts.enumerate() {
        of_part(&format!("messages[{at}].content[{index}]"), part, say);
    }
}

fn of_part(place: &str, part: &Part<'_>, say: &mut dyn FnMut(String)) {
    if part.cache_control.is_some() {
        say(format!("{place}.cache_control"));
    }
    let is_told = |name: &str| part.kind() == "document" && name == "document";
    for (name, _) in part.rest.iter().filter(|(name, _)| !is_told(name)) {
        say(format!("{place}.{name}"));
    }
    for (name, _) in part.image_url.iter().flat_map(|link| &link.rest) {
        say(format!("{place}.image_url.{name}"));
    }
}

fn of_tools(tools: &[Tool<'_>], say: &mut dyn FnMut(String)) {
    let is_strict_told = are_all_strict(tools);
    for (at, tool) in tools.iter().enumerate() {
        if tool.cache_control.is_some() {
            say(format!("tools[{at}].cache_control"));
        }
        for (name, _) in &tool.rest {
            say(format!("tools[{at}].{name}"));
        }
        let Some(function) = &tool.function else { continue };
        if function.strict == Some(true) && !is_strict_told {
            say(format!("tools[{at}].function.strict"));
        }
        for (name, _) in &function.rest {
            say(format!("tools[{at}].function.{name}"));
        }
    }
}
