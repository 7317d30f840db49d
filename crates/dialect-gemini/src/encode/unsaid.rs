//! What of a request this wire has no words for.

use ferro_core::{
    Unsaid,
    chat::{Content, Message, Part, Reasoning, Role, Source, Text, Tool, ToolChoice},
};
use serde_json::value::RawValue;

use super::{
    Context, config,
    fields::{Fields, says_something},
    model_turn::is_own,
    thinking,
};

/// What the chat wire's replies say for whoever reads them: no model needs it back.
const OF_READERS: &str = "annotations";

pub(super) fn list(cx: &Context<'_>) -> Vec<Unsaid> {
    let mut list = Vec::new();
    let fields = Fields::of(cx.request);
    list.extend(fields.strange(*cx.profile));
    list.extend(thinking::Told::of(cx.generation, &fields).unsaid);
    config::strange(&fields, &mut list);
    let source = Source::of(cx.request);
    // What cannot be read at all is an error of the encoding.
    let (messages, tools) = (source.messages(), source.tools());
    for (at, message) in messages.iter().flatten().enumerate() {
        of_message(message, at, &mut list);
    }
    let tools = tools.unwrap_or_default();
    for (at, tool) in tools.iter().enumerate() {
        of_tool(tool, at, &mut list);
    }
    let has_functions = tools.iter().any(|tool| tool.function.is_some());
    if !has_functions && !matches!(source.tool_choice(), Ok(ToolChoice::Unsaid | ToolChoice::Auto))
    {
        list.push("tool_choice".to_owned());
    }
    list.into_iter().map(|field| Unsaid(field.into())).collect()
}

fn of_message(message: &Message<'_>, at: usize, list: &mut Vec<String>) {
    let mut say = |field: &str| list.push(format!("messages[{at}].{field}"));
    let is_models = message.role() == Some(Role::Assistant);
    strangers(&message.rest)
        .filter(|name| *name != OF_READERS && !(is_models && *name == "images"))
        .for_each(&mut say);
    misplaced(message).for_each(&mut say);
    if message.cache_control.is_some() {
        say("cache_control");
    }
    if is_models && loses_thoughts(message) {
        say("reasoning_content");
    }
    for (index, call) in message.tool_calls.iter().flatten().enumerate().filter(|_| is_models) {
        strangers(&call.rest).for_each(|name| say(&format!("tool_calls[{index}].{name}")));
        if call.cache_control.is_some() {
            say(&format!("tool_calls[{index}].cache_control"));
        }
    }
    for (index, part) in message.content.iter().flat_map(Content::parts).enumerate() {
        of_part(part, &mut |field| say(&format!("content[{index}].{field}")));
    }
}

/// The names of members that say something and that nobody knows.
fn strangers<'a>(rest: &'a [(Text<'_>, &RawValue)]) -> impl Iterator<Item = &'a str> {
    let said = rest.iter().filter(|(_, value)| says_something(value.get()));
    said.map(|(name, _)| &**name)
}

/// Members that are known, but not of whoever speaks.
fn misplaced(message: &Message<'_>) -> impl Iterator<Item = &'static str> {
    let is_text = |text: &Option<Text<'_>>| text.as_deref().is_some_and(|text| !text.is_empty());
    let models = [
        ("tool_calls", message.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty())),
        ("function_call", message.function_call.is_some()),
        ("refusal", is_text(&message.refusal)),
        ("reasoning_content", is_text(&message.reasoning_content)),
        ("reasoning", is_text(&message.reasoning)),
        ("reasoning_details", message.reasoning_details.as_ref().is_some_and(|d| !d.is_empty())),
        ("thinking_blocks", message.thinking_blocks.as_ref().is_some_and(|b| !b.is_empty())),
    ];
    let results = [
        ("tool_call_id", message.tool_call_id.is_some()),
        ("is_error", message.is_error == Some(true)),
    ];
    // A result's name may have to tell its function.
    let others = [("name", message.name.is_some())];
    let (is_models, is_result) = match message.role() {
        Some(Role::Assistant) => (true, false),
        Some(Role::Tool) => (false, true),
        _ => (false, false),
    };
    let models = models.into_iter().filter(move |_| !is_models);
    let results = results.into_iter().chain(others).filter(move |_| !is_result);
    models.chain(results).filter(|(_, is_there)| *is_there).map(|(name, _)| name)
}

/// Whether something that was thought does not go back: unsealed, or under another's seal.
fn loses_thoughts(message: &Message<'_>) -> bool {
    message.thoughts().iter().any(|thought| match thought {
        Reasoning::Text { signature, format, .. } => {
            signature.is_none() || format.is_some_and(|format| !is_own(format))
        }
        Reasoning::Encrypted { format, .. } => format.is_some_and(|format| !is_own(format)),
    })
}

fn of_part(part: &Part<'_>, say: &mut dyn FnMut(&str)) {
    strangers(&part.rest).for_each(&mut *say);
    if part.cache_control.is_some() {
        say("cache_control");
    }
    for (name, link) in [("image_url", &part.image_url), ("video_url", &part.video_url)] {
        let Some(link) = link else { continue };
        if link.detail.as_deref().is_some_and(|detail| detail != "auto") {
            say(&format!("{name}.detail"));
        }
        let rest = strangers(&link.rest).filter(|name| *name != "format");
        rest.for_each(|field| say(&format!("{name}.{field}")));
    }
    let audio = part.input_audio.iter().flat_map(|audio| strangers(&audio.rest));
    audio.for_each(|name| say(&format!("input_audio.{name}")));
    let file = part.file.iter().flat_map(|file| strangers(&file.rest));
    file.for_each(|name| say(&format!("file.{name}")));
}

fn of_tool(tool: &Tool<'_>, at: usize, list: &mut Vec<String>) {
    if tool.cache_control.is_some() {
        list.push(format!("tools[{at}].cache_control"));
    }
    let Some(function) = &tool.function else { return };
    list.extend(strangers(&tool.rest).map(|name| format!("tools[{at}].{name}")));
    if function.strict == Some(true) {
        list.push(format!("tools[{at}].function.strict"));
    }
    list.extend(strangers(&function.rest).map(|name| format!("tools[{at}].function.{name}")));
}
