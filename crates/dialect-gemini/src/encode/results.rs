//! What tools answered: an entry of its own, in the order of the calls.

use std::ops::Range;

use ferro_core::{
    ProviderError,
    chat::{Call, Content, Message, Part, Role},
};
use serde_json::value::RawValue;

use super::{
    Context,
    contents::{Entries, Speaker, place},
    invalid, media, unsupported,
};
use crate::{json::Json, names, signature};

/// Writes the results at `run`, in the order of the calls that came before them.
pub(super) fn write(
    cx: &Context<'_>,
    entries: &mut Entries<'_>,
    messages: &[Message<'_>],
    run: Range<usize>,
) -> Result<(), ProviderError> {
    let before = &messages[..run.start];
    let calls = last_calls(before);
    let mut order: Vec<usize> = run.filter(|at| messages[*at].role() == Some(Role::Tool)).collect();
    order.sort_by_key(|at| rank(&calls, &messages[*at]));
    for at in order {
        let name = name(before, &messages[at], at)?;
        one(cx, entries.part(Speaker::Results), &messages[at], (at, &name))?;
    }
    Ok(())
}

/// The calls of the model's last entry, which several messages in a row may make.
fn last_calls<'a, 'm>(before: &'a [Message<'m>]) -> Vec<&'a Call<'m>> {
    let is_beside = |message: &&Message<'_>| message.role() == Some(Role::System);
    let is_in =
        |message: &&Message<'_>| matches!(message.role(), Some(Role::Assistant | Role::System));
    let entry = before.iter().rev().skip_while(is_beside).take_while(is_in).count();
    let trailing = before.iter().rev().take_while(is_beside).count();
    let entry = &before[before.len() - trailing - entry..];
    entry.iter().flat_map(|turn| turn.tool_calls.iter().flatten()).collect()
}

/// Which of `calls` a result answers; one that answers none of them stays behind those that do.
fn rank(calls: &[&Call<'_>], result: &Message<'_>) -> usize {
    let answers = |id: &str| result.tool_call_id.as_deref().is_some_and(|own| is_same(own, id));
    let found = calls.iter().position(|call| call.id.as_deref().is_some_and(answers));
    found.unwrap_or(usize::MAX)
}

/// Clients that do not know what stands behind an id may have lost it on one of the two.
fn is_same(one: &str, other: &str) -> bool {
    signature::split(one).0 == signature::split(other).0
}

/// The function that a result is of: by its call, of those with one id the last.
fn name(before: &[Message<'_>], result: &Message<'_>, at: usize) -> Result<String, ProviderError> {
    let id = result.tool_call_id.as_deref();
    let turns = before.iter().rev().filter(|turn| turn.role() == Some(Role::Assistant));
    let mut calls = turns.flat_map(|turn| turn.tool_calls.iter().flatten());
    let call =
        id.and_then(|id| calls.find(|call| call.id.as_deref().is_some_and(|own| is_same(own, id))));
    let function = call.and_then(|call| call.function.as_ref()?.name.as_deref());
    let own = || result.name.as_deref();
    function.or_else(own).map(|name| names::fit(name).into_owned()).ok_or_else(|| match id {
        Some(id) => {
            invalid(&format!("messages[{at}].tool_call_id is `{id}`, which no call before it has"))
        }
        None => invalid(&format!("messages[{at}].tool_call_id is missing: which call is it of?")),
    })
}

fn one(
    cx: &Context<'_>,
    json: &mut Json,
    result: &Message<'_>,
    (at, name): (usize, &str),
) -> Result<(), ProviderError> {
    json.open(b'{');
    json.key("functionResponse");
    json.open(b'{');
    let id = result.tool_call_id.as_deref().map(|id| signature::split(id).0);
    if let Some(id) = id.filter(|_| cx.profile.takes_call_ids) {
        json.member("id", id);
    }
    json.member("name", name);
    json.key("response");
    response(json, result);
    let parts = result.content.iter().flat_map(Content::parts).enumerate();
    let media: Vec<(usize, &Part<'_>)> = parts.filter(|(_, part)| part.kind() != "text").collect();
    if let Some((first, _)) = media.first() {
        if !cx.generation.takes_media_results() {
            let (place, model) = (place(at, *first), cx.call.model);
            let told = format!("{place}: a result for `{model}` is text; newer models take media");
            return Err(unsupported(&told));
        }
        json.key("parts");
        json.open(b'[');
        for (index, part) in media {
            media::read(cx, part, &place(at, index))?.write(json);
        }
        json.close(b']');
    }
    json.close(b'}');
    json.close(b'}');
    Ok(())
}

/// A result that is an object goes as it stands; anything else is a member of one.
fn response(json: &mut Json, result: &Message<'_>) {
    let texts: Vec<&str> = result.content.iter().flat_map(Content::texts).collect();
    let said = match texts[..] {
        [only] => std::borrow::Cow::Borrowed(only),
        _ => std::borrow::Cow::Owned(texts.join("\n")),
    };
    let has_failed = result.is_error == Some(true);
    let object = said.trim_ascii();
    let is_object = object.starts_with('{') && serde_json::from_str::<&RawValue>(object).is_ok();
    if is_object && !has_failed {
        json.raw(object);
    } else {
        json.open(b'{');
        json.member(if has_failed { "error" } else { "result" }, &said);
        json.close(b'}');
    }
}
