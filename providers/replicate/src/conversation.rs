//! A conversation as a model takes it: written out, or as a list.

use std::borrow::Cow;

use ferro_core::{
    ErrorKind, ProviderError,
    chat::{Content, Message, Part, Reasoning, Role},
};
use ferro_wire::write_string;

/// What is said in a message, and who says it.
struct Turn<'a> {
    role: Role,
    text: Cow<'a, str>,
}

/// A conversation in texts.
pub(crate) struct Turns<'a> {
    turns: Vec<Turn<'a>>,
    /// The pictures in it, in order: the field, and where they are.
    pub(crate) pictures: Vec<(String, &'a str)>,
}

impl<'a> Turns<'a> {
    /// Reads the messages.
    ///
    /// # Errors
    ///
    /// Names the part that is neither text nor a picture, or the call of a tool.
    pub(crate) fn read(messages: &'a [Message<'_>]) -> Result<Self, ProviderError> {
        let (mut turns, mut pictures) = (Vec::new(), Vec::new());
        for (at, message) in messages.iter().enumerate() {
            let role = message.role().expect("a conversation is read with a role in each message");
            let calls = message.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty());
            match role {
                Role::Tool => {
                    return Err(unsupported(&format!("messages[{at}].role: `tool`"), TOOLS));
                }
                _ if calls => {
                    return Err(unsupported(&format!("messages[{at}].tool_calls"), TOOLS));
                }
                _ if message.function_call.is_some() => {
                    return Err(unsupported(&format!("messages[{at}].function_call"), TOOLS));
                }
                _ => {}
            }
            turns.push(Turn { role, text: text(at, message, &mut pictures)? });
        }
        Ok(Self { turns, pictures })
    }

    /// What the system says, a line for each time.
    pub(crate) fn system(&self) -> Option<String> {
        let said = self.turns.iter().filter(|turn| turn.role == Role::System);
        let said: Vec<&str> = said.map(|turn| &*turn.text).collect();
        (!said.is_empty()).then(|| said.join("\n"))
    }

    /// The rest of it as one text: the user's words alone, or everybody's with who says them.
    pub(crate) fn prompt(&self) -> Cow<'_, str> {
        let spoken: Vec<_> = self.turns.iter().filter(|turn| turn.role != Role::System).collect();
        if let [Turn { role: Role::User, text }] = spoken[..] {
            return Cow::Borrowed(text);
        }
        let line = |turn: &&Turn<'_>| match turn.role {
            Role::Assistant => format!("Assistant: {}", turn.text),
            _ => format!("User: {}", turn.text),
        };
        let mut lines: Vec<_> = spoken.iter().map(line).collect();
        // What the assistant has begun it goes on with.
        if spoken.last().is_none_or(|turn| turn.role != Role::Assistant) {
            lines.push("Assistant:".to_owned());
        }
        Cow::Owned(lines.join("\n\n"))
    }

    /// All of it as a list of messages.
    pub(crate) fn write_messages(&self, body: &mut Vec<u8>) {
        for (at, turn) in self.turns.iter().enumerate() {
            body.push(if at == 0 { b'[' } else { b',' });
            body.extend_from_slice(match turn.role {
                Role::System => b"{\"role\":\"system\",\"content\":",
                Role::Assistant => b"{\"role\":\"assistant\",\"content\":".as_slice(),
                _ => b"{\"role\":\"user\",\"content\":",
            });
            write_string(body, &turn.text);
            body.push(b'}');
        }
        body.push(b']');
    }
}

const TOOLS: &str = "models here know no tools";

fn text<'a>(
    at: usize,
    message: &'a Message<'_>,
    pictures: &mut Vec<(String, &'a str)>,
) -> Result<Cow<'a, str>, ProviderError> {
    let parts = match &message.content {
        Some(Content::Text(text)) => return Ok(Cow::Borrowed(text)),
        Some(Content::Parts(parts)) => parts,
        None => return Ok(Cow::Borrowed("")),
    };
    let mut said: Option<Cow<'a, str>> = None;
    for (place, part) in parts.iter().enumerate() {
        let field = || format!("messages[{at}].content[{place}].{}", part.kind());
        let words = match part.kind() {
            "text" => part.text.as_deref().unwrap_or_default(),
            "refusal" => part.refusal.as_deref().unwrap_or_default(),
            "thinking" | "redacted_thinking" => continue,
            "image_url" => {
                let field = format!("{}.url", field());
                pictures.push((field.clone(), url(part).ok_or_else(|| missing(&field))?));
                continue;
            }
            _ => return Err(unsupported(&field(), "models here take text and pictures")),
        };
        said = Some(match said {
            None => Cow::Borrowed(words),
            Some(before) => Cow::Owned(format!("{before}\n{words}")),
        });
    }
    Ok(said.unwrap_or_default())
}

fn url<'a>(part: &'a Part<'_>) -> Option<&'a str> {
    part.image_url.as_ref()?.url.as_deref()
}

fn missing(field: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid).with_message(format!("{field} is missing"))
}

pub(crate) fn unsupported(field: &str, why: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Unsupported).with_message(format!("{field}: {why}"))
}

/// What of the messages no model here has a word for.
pub(crate) fn unsaid(messages: &[Message<'_>], unsaid: &mut Vec<String>) {
    for (at, message) in messages.iter().enumerate() {
        let seals = |thought: &Reasoning<'_>| matches!(thought, Reasoning::Encrypted { .. });
        let thoughts = message.thoughts();
        let own = [
            ("name", message.name.is_some()),
            ("refusal", message.refusal.is_some()),
            ("cache_control", message.cache_control.is_some()),
            ("reasoning_details", thoughts.iter().any(seals)),
            ("reasoning_content", thoughts.iter().any(|thought| !seals(thought))),
        ];
        let own = own.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name);
        let rest = message.rest.iter().map(|(name, _)| &**name);
        unsaid.extend(own.chain(rest).map(|name| format!("messages[{at}].{name}")));
        let parts = message.content.as_ref().map_or(&[][..], Content::parts);
        for (place, part) in parts.iter().enumerate() {
            let path = |name: &str| format!("messages[{at}].content[{place}].{name}");
            let detail = part.image_url.as_ref().and_then(|link| link.detail.as_deref());
            unsaid.extend(detail.filter(|at| *at != "auto").map(|_| path("image_url.detail")));
            unsaid.extend(part.cache_control.map(|_| path("cache_control")));
            unsaid.extend(part.rest.iter().map(|(name, _)| path(name)));
            let beside = part.image_url.iter().flat_map(|link| &link.rest);
            unsaid.extend(beside.map(|(name, _)| path(&format!("image_url.{name}"))));
        }
    }
}
