//! The conversation: texts as texts, pictures beside them, calls and their results.

use std::borrow::Cow;

use ferro_core::{
    Call, DataUrl, ErrorKind, Need, ProviderError,
    chat::{self, ChatRequest, Content, Message, Part, Reasoning, Role, Source, arguments},
};
use ferro_wire::{needle, write_string};

/// Writes the list of the messages.
pub(crate) fn write(
    body: &mut Vec<u8>,
    call: &Call<'_>,
    messages: &[Message<'_>],
) -> Result<(), ProviderError> {
    body.push(b'[');
    for (at, message) in messages.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        let role = message.role().expect("a conversation is read with a role in each message");
        body.extend_from_slice(match role {
            Role::System => b"{\"role\":\"system\",\"content\":",
            Role::User => b"{\"role\":\"user\",\"content\":".as_slice(),
            Role::Assistant => b"{\"role\":\"assistant\",\"content\":",
            Role::Tool => b"{\"role\":\"tool\",\"content\":",
        });
        write_string(body, &text(at, message)?);
        pictures(body, call, at, message)?;
        if role == Role::Assistant {
            thoughts(body, message);
            calls(body, at, message)?;
        }
        if role == Role::Tool {
            whose(body, message, &messages[..at]);
        }
        body.push(b'}');
    }
    body.push(b']');
    Ok(())
}

/// What is said: the texts of the parts, a line each. A part of another kind is said elsewhere, or
/// cannot be.
fn text<'a>(at: usize, message: &'a Message<'_>) -> Result<Cow<'a, str>, ProviderError> {
    let mut said = Cow::Borrowed("");
    let mut is_first = true;
    for (place, part) in parts(message).iter().enumerate() {
        let words = match part.kind() {
            "text" => part.text.as_deref().unwrap_or_default(),
            "refusal" => part.refusal.as_deref().unwrap_or_default(),
            "image_url" | "thinking" | "redacted_thinking" => continue,
            kind => {
                return Err(unsupported(&format!(
                    "messages[{at}].content[{place}].{kind}: this server takes text and pictures"
                )));
            }
        };
        if is_first {
            said = Cow::Borrowed(words);
        } else {
            let said = said.to_mut();
            said.push('\n');
            said.push_str(words);
        }
        is_first = false;
    }
    match &message.content {
        Some(Content::Text(text)) => Ok(Cow::Borrowed(text)),
        _ => Ok(said),
    }
}

fn parts<'a, 'm>(message: &'a Message<'m>) -> &'a [Part<'m>] {
    message.content.as_ref().map_or(&[], Content::parts)
}

fn pictures(
    body: &mut Vec<u8>,
    call: &Call<'_>,
    at: usize,
    message: &Message<'_>,
) -> Result<(), ProviderError> {
    let mut before: &[u8] = b",\"images\":[";
    for (field, url) in pictured(at, message) {
        let url = url.ok_or_else(|| {
            ProviderError::new(ErrorKind::Invalid).with_message(format!("{field} is missing"))
        })?;
        body.extend_from_slice(before);
        before = b",";
        match (DataUrl::parse(url), call.media.at(url)) {
            (Some(held), _) if held.sniffed().starts_with("image/") => {
                write_string(body, &held.base64());
            }
            (None, Some(fetched)) if fetched.media_type.starts_with("image/") => {
                write_string(body, &fetched.base64());
            }
            (Some(held), _) => return Err(no_picture(&field, held.sniffed())),
            (None, Some(fetched)) => return Err(no_picture(&field, &fetched.media_type)),
            (None, None) => {
                let message =
                    format!("{field}: a picture is sent by its bytes, which nobody fetched");
                return Err(unsupported(&message));
            }
        }
    }
    if before == b"," {
        body.push(b']');
    }
    Ok(())
}

/// Where a message has pictures: the field, and the URL if there is one.
fn pictured<'a>(
    at: usize,
    message: &'a Message<'_>,
) -> impl Iterator<Item = (String, Option<&'a str>)> {
    let parts = parts(message).iter().enumerate();
    parts.filter(|(_, part)| part.kind() == "image_url").map(move |(place, part)| {
        let url = part.image_url.as_ref().and_then(|link| link.url.as_deref());
        (format!("messages[{at}].content[{place}].image_url.url"), url)
    })
}

fn no_picture(field: &str, kind: &str) -> ProviderError {
    unsupported(&format!("{field}: it holds {kind}, and this server takes pictures only"))
}

fn unsupported(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Unsupported).with_message(message)
}

/// What the model thought, in words. Seals are other vendors'.
fn thoughts(body: &mut Vec<u8>, message: &Message<'_>) {
    let thoughts = message.thoughts();
    let mut words = thoughts.iter().filter_map(|thought| match thought {
        Reasoning::Text { text, .. } => Some(*text).filter(|text| !text.is_empty()),
        Reasoning::Encrypted { .. } => None,
    });
    let Some(first) = words.next() else { return };
    let all = words.fold(Cow::Borrowed(first), |all, more| Cow::Owned(format!("{all}\n{more}")));
    body.extend_from_slice(b",\"thinking\":");
    write_string(body, &all);
}

fn calls(body: &mut Vec<u8>, at: usize, message: &Message<'_>) -> Result<(), ProviderError> {
    let mut before: &[u8] = b",\"tool_calls\":[";
    for (place, (id, function)) in called(message).enumerate() {
        let function = function.ok_or_else(|| {
            unsupported(&format!(
                "messages[{at}].tool_calls[{place}]: this server knows functions only"
            ))
        })?;
        body.extend_from_slice(before);
        before = b",";
        body.push(b'{');
        if let Some(id) = id {
            body.extend_from_slice(b"\"id\":");
            write_string(body, id);
            body.push(b',');
        }
        body.extend_from_slice(b"\"function\":{\"name\":");
        write_string(body, function.name.as_deref().unwrap_or_default());
        body.extend_from_slice(b",\"arguments\":");
        let said = function.arguments.as_deref().unwrap_or_default();
        body.extend_from_slice(arguments::to_object(said).as_bytes());
        body.extend_from_slice(b"}}");
    }
    if before == b"," {
        body.push(b']');
    }
    Ok(())
}

/// The calls of a message: each with its name, and the function unless it is something else.
fn called<'a, 'm>(
    message: &'a Message<'m>,
) -> impl Iterator<Item = (Option<&'a str>, Option<&'a chat::Function<'m>>)> {
    let calls = message.tool_calls.iter().flatten();
    let calls = calls.map(|call| (call.id.as_deref(), call.function.as_ref()));
    calls.chain(message.function_call.iter().map(|function| (None, Some(function))))
}

/// Which call a result is of: the server goes by the function's name.
fn whose(body: &mut Vec<u8>, result: &Message<'_>, before: &[Message<'_>]) {
    let id = result.tool_call_id.as_deref();
    let mut calls = before.iter().rev().flat_map(called);
    let named = id.and_then(|id| calls.find(|(known, _)| *known == Some(id)));
    let named = named.and_then(|(_, function)| function?.name.as_deref());
    if let Some(name) = named.or(result.name.as_deref()) {
        body.extend_from_slice(b",\"tool_name\":");
        write_string(body, name);
    }
    if let Some(id) = id {
        body.extend_from_slice(b",\"tool_call_id\":");
        write_string(body, id);
    }
}

/// The pictures that lie elsewhere. Most requests have none, and are not read for it.
pub(crate) fn needs(request: &ChatRequest) -> Vec<Need> {
    let text = request.doc().text("messages").unwrap_or_default();
    if needle(&text, b"\"image_url\"", b'{').is_none() {
        return Vec::new();
    }
    let source = Source::of(request);
    let messages = source.messages().unwrap_or_default();
    let all = messages.iter().enumerate().flat_map(|(at, message)| pictured(at, message));
    all.filter_map(|(field, url)| Some((field, url.filter(|url| DataUrl::parse(url).is_none())?)))
        .map(|(field, url)| Need::new(url, field))
        .collect()
}

/// What of the messages the server has no word for.
pub(crate) fn unsaid(messages: &[Message<'_>], unsaid: &mut Vec<String>) {
    for (at, message) in messages.iter().enumerate() {
        let role = message.role();
        let is_sealed = |thought: &Reasoning<'_>| matches!(thought, Reasoning::Encrypted { .. });
        let own = [
            ("name", message.name.is_some() && role != Some(Role::Tool)),
            ("refusal", message.refusal.is_some()),
            ("is_error", message.is_error == Some(true)),
            ("cache_control", message.cache_control.is_some()),
            ("reasoning_details", message.thoughts().iter().any(is_sealed)),
        ];
        let own = own.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name);
        let rest = message.rest.iter().map(|(name, _)| &**name);
        unsaid.extend(own.chain(rest).map(|name| format!("messages[{at}].{name}")));
        for (place, part) in parts(message).iter().enumerate() {
            let detail = part.image_url.as_ref().and_then(|link| link.detail.as_deref());
            let own = [
                ("cache_control", part.cache_control.is_some()),
                ("image_url.detail", detail.is_some_and(|detail| detail != "auto")),
            ];
            let own = own.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name);
            let rest = part.rest.iter().map(|(name, _)| &**name);
            let path = |name: &str| format!("messages[{at}].content[{place}].{name}");
            unsaid.extend(own.chain(rest).map(path));
            let beside = part.image_url.iter().flat_map(|link| &link.rest);
            unsaid.extend(beside.map(|(name, _)| path(&format!("image_url.{name}"))));
        }
        for (place, call) in message.tool_calls.iter().flatten().enumerate() {
            let own = [
                ("extra_content", call.extra_content.is_some()),
                ("cache_control", call.cache_control.is_some()),
            ];
            let own = own.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name);
            let rest = call.rest.iter().map(|(name, _)| &**name);
            let path = |name: &str| format!("messages[{at}].tool_calls[{place}].{name}");
            unsaid.extend(own.chain(rest).map(path));
            let beside = call.function.iter().flat_map(|function| &function.rest);
            unsaid.extend(beside.map(|(name, _)| path(&format!("function.{name}"))));
        }
    }
}
