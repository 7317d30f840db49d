//! What of a request this wire has no words for.

use ferro_core::{
    Unsaid,
    chat::{Content, Message, Part, Reasoning, Role, Source, Tool, ToolChoice},
};

use super::{Context, fields::Fields, model_turn::is_own, thinking};

/// Members of a message that something is made of; `name` of a result may have to tell its function.
const OF_MESSAGES: &[&str] = &["images"];

pub(super) fn list(cx: &Context<'_>) -> Vec<Unsaid> {
    let mut list = Vec::new();
    let fields = Fields::of(cx.request);
    list.extend(fields.strange(*cx.profile));
    list.extend(thinking::Told::of(cx.generation, &fields).unsaid.map(str::to_owned));
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
    message
        .rest
        .iter()
        .map(|(name, _)| &**name)
        .filter(|name| !OF_MESSAGES.contains(name))
        .for_each(&mut say);
    if message.name.is_some() && message.role() != Some(Role::Tool) {
        say("name");
    }
    if message.cache_control.is_some() {
        say("cache_control");
    }
    if message.role() == Some(Role::Assistant) && loses_thoughts(message) {
        say("reasoning_content");
    }
    for (index, call) in message.tool_calls.iter().flatten().enumerate() {
        call.rest.iter().for_each(|(name, _)| say(&format!("tool_calls[{index}].{name}")));
        if call.cache_control.is_some() {
            say(&format!("tool_calls[{index}].cache_control"));
        }
    }
    for (index, part) in message.content.iter().flat_map(Content::parts).enumerate() {
        of_part(part, &mut |field| say(&format!("content[{index}].{field}")));
    }
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
    part.rest.iter().for_each(|(name, _)| say(name));
    if part.cache_control.is_some() {
        say("cache_control");
    }
    for (name, link) in [("image_url", &part.image_url), ("video_url", &part.video_url)] {
        let Some(link) = link else { continue };
        if link.detail.as_deref().is_some_and(|detail| detail != "auto") {
            say(&format!("{name}.detail"));
        }
        let rest = link.rest.iter().map(|(name, _)| &**name).filter(|name| *name != "format");
        rest.for_each(|field| say(&format!("{name}.{field}")));
    }
    let audio = part.input_audio.iter().flat_map(|audio| &audio.rest);
    audio.for_each(|(name, _)| say(&format!("input_audio.{name}")));
    let file = part.file.iter().flat_map(|file| &file.rest);
    file.for_each(|(name, _)| say(&format!("file.{name}")));
}

fn of_tool(tool: &Tool<'_>, at: usize, list: &mut Vec<String>) {
    if tool.cache_control.is_some() {
        list.push(format!("tools[{at}].cache_control"));
    }
    let Some(function) = &tool.function else { return };
    let beside = tool.rest.iter().map(|(name, _)| format!("tools[{at}].{name}"));
    list.extend(beside);
    if function.strict == Some(true) {
        list.push(format!("tools[{at}].function.strict"));
    }
    let rest = function.rest.iter().map(|(name, _)| format!("tools[{at}].function.{name}"));
    list.extend(rest);
}
