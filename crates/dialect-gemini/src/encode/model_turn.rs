//! What the model said in an earlier turn, with the seals that it put on it.

use ferro_core::{
    ProviderError,
    chat::{Call, Content, Function, Message, Part, Reasoning, arguments},
};

use super::{
    Context,
    contents::{Entries, Speaker, one, place},
    invalid,
};
use crate::{
    json::items,
    names,
    signature::{self, FORMAT, NONE_NEEDED},
};

/// Writes an assistant's message: what it thought under a seal, what it said, what it showed, and
/// what it called.
pub(super) fn write(
    cx: &Context<'_>,
    entries: &mut Entries<'_>,
    message: &Message<'_>,
    at: usize,
) -> Result<(), ProviderError> {
    let seals = Seals::of(message);
    for (text, seal) in &seals.thoughts {
        let json = entries.part(Speaker::Model);
        json.open(b'{');
        json.member("text", text);
        json.raw_member("thought", "true");
        json.member("thoughtSignature", seal);
        json.close(b'}');
    }
    if let [before @ .., _] = &seals.texts[..] {
        // Texts that came one by one are one by now, and a part has one seal.
        before.iter().for_each(|seal| sealed_text(entries, "", Some(seal)));
    }
    said(cx, entries, message, at, seals.texts.last().copied())?;
    shown(cx, entries, message, at, &seals)?;
    calls(cx, entries, message, at, &seals)
}

/// Texts and parts; the seal stands on the last text.
fn said(
    cx: &Context<'_>,
    entries: &mut Entries<'_>,
    message: &Message<'_>,
    at: usize,
    seal: Option<&str>,
) -> Result<(), ProviderError> {
    let parts = message.content.iter().flat_map(Content::parts);
    let has_text = |part: &&Part<'_>| {
        part.kind() == "text" && part.text.as_deref().is_some_and(|text| !text.is_empty())
    };
    let last_text = parts.clone().rfind(has_text);
    let mut is_sealed = seal.is_none();
    if let Some(Content::Text(text)) = message.content.as_ref().filter(|c| !c.is_empty()) {
        sealed_text(entries, text, seal);
        is_sealed = true;
    }
    for (index, part) in parts.enumerate() {
        let is_last = last_text.is_some_and(|last| std::ptr::eq(last, part));
        if let (true, Some(text)) = (is_last, part.text.as_deref()) {
            sealed_text(entries, text, seal);
            is_sealed = true;
        } else {
            one(cx, entries, (Speaker::Model, part), &place(at, index))?;
        }
    }
    if let Some(refusal) = message.refusal.as_deref().filter(|refusal| !refusal.is_empty()) {
        entries.text(Speaker::Model, refusal);
    }
    if !is_sealed {
        // A seal also comes on an empty text, at the end of a stream.
        sealed_text(entries, "", seal);
    }
    Ok(())
}

fn sealed_text(entries: &mut Entries<'_>, text: &str, seal: Option<&str>) {
    let json = entries.part(Speaker::Model);
    json.open(b'{');
    json.member("text", text);
    if let Some(seal) = seal {
        json.member("thoughtSignature", seal);
    }
    json.close(b'}');
}

/// Pictures that the model made, as its replies list them.
fn shown(
    cx: &Context<'_>,
    entries: &mut Entries<'_>,
    message: &Message<'_>,
    at: usize,
    seals: &Seals<'_>,
) -> Result<(), ProviderError> {
    let Some((_, images)) = message.rest.iter().find(|(name, _)| **name == *"images") else {
        return Ok(());
    };
    for (index, image) in items(images.get()).into_iter().enumerate() {
        let place = format!("messages[{at}].images[{index}]");
        let part: Part<'_> = serde_json::from_str(image.get())
            .map_err(|error| invalid(&format!("{place}: {error}")))?;
        let seal = seals.of_name(&format!("image_{index}"));
        let is_thought =
            part.rest.iter().any(|(name, is)| &**name == "thought" && is.get() == "true");
        // What was thought goes back with its seals, or not at all.
        if !is_thought || seal.is_some() {
            let medium = super::media::read(cx, &part, &place)?;
            medium.write_sealed(entries.part(Speaker::Model), seal, is_thought);
        }
    }
    Ok(())
}

fn calls(
    cx: &Context<'_>,
    entries: &mut Entries<'_>,
    message: &Message<'_>,
    at: usize,
    seals: &Seals<'_>,
) -> Result<(), ProviderError> {
    for (index, call) in message.tool_calls.iter().flatten().enumerate() {
        let place = format!("messages[{at}].tool_calls[{index}]");
        let function = call.function.as_ref().ok_or_else(|| {
            super::unsupported(&format!(
                "{place}: this vendor's calls are of functions, not `{}`",
                call.kind.as_deref().unwrap_or_default()
            ))
        })?;
        let own = signature::of(call);
        let seal = own.as_deref().or_else(|| seals.of_name(call.id.as_deref()?));
        one_call(cx, entries, (Some(call), function, seal), &format!("{place}.function"))?;
    }
    if let Some(function) = &message.function_call {
        one_call(cx, entries, (None, function, None), &format!("messages[{at}].function_call"))?;
    }
    Ok(())
}

fn one_call(
    cx: &Context<'_>,
    entries: &mut Entries<'_>,
    (call, function, seal): (Option<&Call<'_>>, &Function<'_>, Option<&str>),
    place: &str,
) -> Result<(), ProviderError> {
    let name = function.name.as_deref().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| invalid(&format!("{place}.name is missing")))?;
    let (json, is_first) = entries.call();
    json.open(b'{');
    json.key("functionCall");
    json.open(b'{');
    let id = call.and_then(|call| call.id.as_deref()).map(|id| signature::split(id).0);
    if let Some(id) = id.filter(|_| cx.profile.takes_call_ids) {
        json.member("id", id);
    }
    json.member("name", &names::fit(name));
    let said = function.arguments.as_deref().unwrap_or_default();
    json.raw_member("args", &arguments::to_object(said));
    json.close(b'}');
    // The first call of a step is asked for its seal; one that was another vendor's has none.
    let unsealed = || (is_first && cx.generation.checks_signatures()).then_some(NONE_NEEDED);
    if let Some(seal) = seal.or_else(unsealed) {
        json.member("thoughtSignature", seal);
    }
    json.close(b'}');
    Ok(())
}

/// The seals that a message brings back beside its calls.
#[derive(Default)]
struct Seals<'a> {
    /// Thoughts in words, each with its own.
    thoughts: Vec<(&'a str, &'a str)>,
    /// Those on texts.
    texts: Vec<&'a str>,
    /// Those on something that has a name.
    named: Vec<(&'a str, &'a str)>,
}

impl<'a> Seals<'a> {
    fn of(message: &'a Message<'_>) -> Self {
        let mut seals = Self::default();
        for thought in message.thoughts() {
            match thought {
                Reasoning::Text { text, signature: Some(seal), format }
                    if format.is_none_or(is_own) =>
                {
                    seals.thoughts.push((text, seal));
                }
                Reasoning::Encrypted { data, format, id } if format.is_none_or(is_own) => {
                    match id {
                        Some(id) => seals.named.push((id, data)),
                        None => seals.texts.push(data),
                    }
                }
                _ => {}
            }
        }
        seals
    }

    fn of_name(&self, name: &str) -> Option<&'a str> {
        self.named.iter().find(|(own, _)| *own == name).map(|(_, seal)| *seal)
    }
}

/// Whether a seal is this vendor's.
pub(super) fn is_own(format: &str) -> bool {
    format == FORMAT
}
