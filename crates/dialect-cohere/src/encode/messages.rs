//! A conversation in Cohere's words.

use ferro_core::{
    ProviderError,
    chat::{Call, Content, Function, Message, Part, Reasoning, Role},
};

use super::{
    invalid, unsupported,
    write::{List, Object},
};
use crate::{FORMAT_PLAN, Profile};

/// One message, and where it stands.
#[derive(Clone, Copy)]
struct Place<'m, 'a> {
    at: usize,
    message: &'m Message<'a>,
    profile: &'m Profile,
}

pub(super) fn write(
    out: &mut Vec<u8>,
    messages: &[Message<'_>],
    profile: &Profile,
) -> Result<(), ProviderError> {
    let mut list = List::begin(out);
    // The call that an older client's `function_call` made, which its result does not name.
    let mut called = 0;
    for (at, message) in messages.iter().enumerate() {
        let place = Place { at, message, profile };
        let mut object = list.object();
        match message.role() {
            Some(Role::System) => place.plain(&mut object, "system")?,
            Some(Role::Assistant) => {
                called = if message.function_call.is_some() { at } else { called };
                place.assistant(&mut object)?;
            }
            Some(Role::Tool) => place.tool(&mut object, called)?,
            Some(Role::User) | None => place.plain(&mut object, "user")?,
        }
        object.end();
    }
    list.end();
    Ok(())
}

/// The calls whose names the vendor does not take: what it knows them as, and the client's name.
pub(super) fn renamed(messages: &[Message<'_>], profile: &Profile) -> Vec<(String, String)> {
    let calls = messages.iter().flat_map(|message| message.tool_calls.iter().flatten());
    let ids = calls.filter_map(|call| call.id.as_deref());
    let fitted = ids.map(|id| (profile.call_ids.fit(id), id)).filter(|(fitted, id)| fitted != id);
    fitted.map(|(fitted, id)| (fitted.into_owned(), id.to_owned())).collect()
}

/// Calls of functions, each with the client's name for it.
type Calls<'m, 'a> = Vec<(Option<&'m str>, &'m Function<'a>)>;

/// Thoughts that can be told: those in words. `true` are plans.
fn told<'m>(message: &'m Message<'_>) -> Vec<(bool, &'m str)> {
    let calls = message.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty());
    let calls = calls || message.function_call.is_some();
    let of = |thought| match thought {
        Reasoning::Text { text, format, .. } if !text.is_empty() => {
            Some((format.map_or(calls, |format| format == FORMAT_PLAN), text))
        }
        _ => None,
    };
    message.thoughts().into_iter().filter_map(of).collect()
}

impl<'m, 'a> Place<'m, 'a> {
    /// A message of the system or the user.
    fn plain(self, object: &mut Object<'_>, role: &'static str) -> Result<(), ProviderError> {
        object.text("role", role);
        match &self.message.content {
            None => object.text("content", ""),
            Some(Content::Text(text)) => object.text("content", text),
            Some(Content::Parts(parts)) => {
                let mut list = List::begin(object.member("content"));
                for (index, part) in parts.iter().enumerate() {
                    match (part.kind(), &part.image_url) {
                        ("text", _) => {
                            list.part("text", "text", part.text.as_deref().unwrap_or_default());
                        }
                        ("image_url", Some(_)) if role == "user" => image(&mut list, part),
                        _ => return Err(self.unsayable(index, part)),
                    }
                }
                list.end();
            }
        }
        Ok(())
    }

    fn assistant(self, object: &mut Object<'_>) -> Result<(), ProviderError> {
        object.text("role", "assistant");
        let thoughts = told(self.message);
        let plan: String =
            thoughts.iter().filter(|thought| thought.0).map(|thought| thought.1).collect();
        let thinking = || thoughts.iter().filter(|thought| !thought.0).map(|thought| thought.1);
        let calls = self.calls()?;
        if !plan.is_empty() {
            object.text("tool_plan", &plan);
        }
        if !calls.is_empty() {
            let mut list = List::begin(object.member("tool_calls"));
            for (id, function) in calls.iter().copied() {
                self.call(&mut list, id, function);
            }
            list.end();
        }
        let refusal = self.message.refusal.as_deref().filter(|refusal| !refusal.is_empty());
        match (&self.message.content, refusal) {
            (Some(Content::Text(text)), None) if thinking().next().is_none() => {
                if !text.is_empty() || calls.is_empty() {
                    object.text("content", text);
                }
            }
            (None, None) if thinking().next().is_none() => {
                // Where tools are called, nothing need be said.
                if calls.is_empty() {
                    object.text("content", "");
                }
            }
            (content, refusal) => {
                let mut list = List::begin(object.member("content"));
                thinking().for_each(|text| list.part("thinking", "thinking", text));
                self.said(&mut list, content.as_ref(), refusal)?;
                list.end();
            }
        }
        Ok(())
    }

    /// What an assistant said, as parts.
    fn said(
        self,
        list: &mut List<'_>,
        content: Option<&Content<'_>>,
        refusal: Option<&str>,
    ) -> Result<(), ProviderError> {
        match content {
            None => {}
            Some(Content::Text(text)) if text.is_empty() => {}
            Some(Content::Text(text)) => list.part("text", "text", text),
            Some(Content::Parts(parts)) => {
                for (index, part) in parts.iter().enumerate() {
                    let text = match part.kind() {
                        "text" => part.text.as_deref(),
                        "refusal" => part.refusal.as_deref(),
                        // Told already, or not to be told.
                        "thinking" | "redacted_thinking" => continue,
                        _ => return Err(self.unsayable(index, part)),
                    };
                    list.part("text", "text", text.unwrap_or_default());
                }
            }
        }
        refusal.into_iter().for_each(|text| list.part("text", "text", text));
        Ok(())
    }

    /// The tools that are called, each by the client's name for the call.
    fn calls(self) -> Result<Calls<'m, 'a>, ProviderError> {
        let mut calls = Vec::new();
        for (index, call) in self.message.tool_calls.iter().flatten().enumerate() {
            let Call { id, function, .. } = call;
            let Some(function) = function else {
                let at = self.at;
                return Err(unsupported(format!(
                    "messages[{at}].tool_calls[{index}] calls no function, and this vendor knows \
                     only those"
                )));
            };
            calls.push((id.as_deref(), function));
        }
        calls.extend(self.message.function_call.iter().map(|function| (None, function)));
        Ok(calls)
    }

    fn call(self, list: &mut List<'_>, id: Option<&str>, function: &Function<'_>) {
        let mut call = list.object();
        match id {
            Some(id) => call.text("id", &self.profile.call_ids.fit(id)),
            None => call.text("id", &nameless(self.at)),
        }
        call.text("type", "function");
        let mut named = Object::begin(call.member("function"));
        named.text("name", function.name.as_deref().unwrap_or_default());
        named.text("arguments", function.arguments.as_deref().unwrap_or_default());
        named.end();
        call.end();
    }

    /// A tool's result.
    fn tool(self, object: &mut Object<'_>, called: usize) -> Result<(), ProviderError> {
        object.text("role", "tool");
        match (self.message.tool_call_id.as_deref(), self.message.named.as_deref()) {
            (Some(id), _) => object.text("tool_call_id", &self.profile.call_ids.fit(id)),
            (None, Some("function")) => object.text("tool_call_id", &nameless(called)),
            (None, _) => {
                return Err(invalid(format!("messages[{}].tool_call_id is missing", self.at)));
            }
        }
        match &self.message.content {
            None => object.text("content", ""),
            Some(Content::Text(text)) if is_object(text) => {
                let mut list = List::begin(object.member("content"));
                document(&mut list, text);
                list.end();
            }
            Some(Content::Text(text)) => object.text("content", text),
            Some(Content::Parts(parts)) => {
                let mut list = List::begin(object.member("content"));
                for (index, part) in parts.iter().enumerate() {
                    self.result(&mut list, index, part)?;
                }
                list.end();
            }
        }
        Ok(())
    }

    /// One part of a tool's result.
    fn result(
        self,
        list: &mut List<'_>,
        index: usize,
        part: &Part<'_>,
    ) -> Result<(), ProviderError> {
        let own = part.rest.iter().find(|(name, _)| &**name == "document");
        match (part.kind(), part.text.as_deref().unwrap_or_default(), own) {
            ("text", text, _) if is_object(text) => document(list, text),
            ("text", text, _) => list.part("text", "text", text),
            ("document", _, Some((_, json))) => {
                let mut object = list.object();
                object.text("type", "document");
                object.raw("document", json.get().as_bytes());
                object.end();
            }
            _ => return Err(self.unsayable(index, part)),
        }
        Ok(())
    }

    fn unsayable(self, index: usize, part: &Part<'_>) -> ProviderError {
        let (at, kind) = (self.at, part.kind());
        let role = self.message.named.as_deref().unwrap_or_default();
        unsupported(format!(
            "messages[{at}].content[{index}] is of type `{kind}`, which this vendor does not take in \
             a message of role `{role}`"
        ))
    }
}

/// The name of a call that has none: of the message that made it.
fn nameless(at: usize) -> String {
    format!("call_{at}")
}

/// A result that is an object is a document, which can be cited.
fn is_object(text: &str) -> bool {
    text.trim_ascii().starts_with('{')
        && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

fn document(list: &mut List<'_>, json: &str) {
    let mut object = list.object();
    object.text("type", "document");
    let mut document = Object::begin(object.member("document"));
    document.raw("data", json.trim_ascii().as_bytes());
    document.end();
    object.end();
}

fn image(list: &mut List<'_>, part: &Part<'_>) {
    let Some(link) = &part.image_url else { return };
    let mut object = list.object();
    object.text("type", "image_url");
    let mut url = Object::begin(object.member("image_url"));
    url.text("url", link.url.as_deref().unwrap_or_default());
    if let Some(detail) = &link.detail {
        url.text("detail", detail);
    }
    url.end();
    object.end();
}
