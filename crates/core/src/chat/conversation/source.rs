//! Where a conversation stands in a request.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Message, ResponseFormat, Signature, Tool, ToolChoice,
    choice::{Chosen, Format},
};
use crate::{
    ErrorKind, ProviderError,
    chat::{ChatRequest, Text},
    excerpt::without_values,
};

/// The text of a request's fields, held so that what is read from it can borrow.
///
/// ```
/// use ferro_core::chat::{ChatRequest, Role, Source};
///
/// let body = br#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
/// let request = ChatRequest::parse(body.to_vec())?;
/// let source = Source::of(&request);
/// let messages = source.messages()?;
/// assert_eq!(messages[0].role(), Some(Role::User));
/// assert_eq!(messages[0].content.as_ref().unwrap().texts().collect::<String>(), "hi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Source<'a> {
    messages: Cow<'a, str>,
    tools: Cow<'a, str>,
    functions: Cow<'a, str>,
    choice: Cow<'a, str>,
    format: Cow<'a, str>,
}

impl<'a> Source<'a> {
    /// The text of `request`'s fields.
    pub fn of(request: &'a ChatRequest) -> Self {
        let text = |name| text(request, name).unwrap_or(Cow::Borrowed("null"));
        let choice = match text("tool_choice") {
            Cow::Borrowed("null") => text("function_call"),
            choice => choice,
        };
        Self {
            messages: text("messages"),
            tools: text("tools"),
            functions: text("functions"),
            choice,
            format: text("response_format"),
        }
    }

    /// The messages.
    ///
    /// # Errors
    ///
    /// Of kind `Invalid`, naming the message (and the part) that is not what it should be.
    pub fn messages(&self) -> Result<Vec<Message<'_>>, ProviderError> {
        let read: Result<Option<_>, _> = serde_json::from_str(&self.messages);
        let messages: Vec<Message<'_>> =
            read.map_err(|error| located(&self.messages, &error))?.unwrap_or_default();
        if let Some((at, stranger)) = messages.iter().enumerate().find(|(_, m)| m.role().is_none())
        {
            let role = stranger.named.as_deref().unwrap_or_default();
            return Err(invalid(&format!(
                "messages[{at}].role is `{role}`, and not one of system, developer, user, \
                 assistant, tool, function"
            )));
        }
        Ok(messages)
    }

    /// The tools, those that older clients call functions included.
    ///
    /// # Errors
    ///
    /// Of kind `Invalid`, naming the field.
    pub fn tools(&self) -> Result<Vec<Tool<'_>>, ProviderError> {
        let tools: Option<Vec<Tool<'_>>> = read("tools", &self.tools)?;
        let functions: Option<Vec<Signature<'_>>> = read("functions", &self.functions)?;
        let functions = functions.into_iter().flatten().map(Tool::of);
        Ok(tools.into_iter().flatten().chain(functions).collect())
    }

    /// The tools, each as it stands there, in the order of [`tools`](Self::tools): for those that are
    /// passed on in the client's own words.
    pub fn raw_tools(&self) -> Vec<&RawValue> {
        let listed = |text| serde_json::from_str::<Option<Vec<&RawValue>>>(text);
        let lists = [listed(&self.tools), listed(&self.functions)];
        lists.into_iter().filter_map(|list| list.ok().flatten()).flatten().collect()
    }

    /// Which tool the model has to call.
    ///
    /// # Errors
    ///
    /// Of kind `Invalid`, naming the field.
    pub fn tool_choice(&self) -> Result<ToolChoice<'_>, ProviderError> {
        let json = &*self.choice;
        match json.as_bytes().first() {
            Some(b'"') => {
                read("tool_choice", json).map(|word: Text<'_>| ToolChoice::word(&word, json))
            }
            Some(b'{') => {
                read("tool_choice", json).map(|chosen: Chosen<'_>| ToolChoice::object(chosen, json))
            }
            Some(b'n') => Ok(ToolChoice::Unsaid),
            _ => Err(invalid(&format!("tool_choice is neither a word nor an object: {json}"))),
        }
    }

    /// Which form the reply has to have.
    ///
    /// # Errors
    ///
    /// Of kind `Invalid`, naming the field.
    pub fn response_format(&self) -> Result<ResponseFormat<'_>, ProviderError> {
        let format: Option<Format<'_>> = read("response_format", &self.format)?;
        Ok(format.map(|format| ResponseFormat::of(format, &self.format)).unwrap_or_default())
    }
}

/// The text of a field; `None` where it is absent.
fn text<'a>(request: &'a ChatRequest, name: &str) -> Option<Cow<'a, str>> {
    const WHY: &str = "a document's bytes are checked to be text";
    Some(match request.doc().text(name)? {
        Cow::Borrowed(text) => Cow::Borrowed(std::str::from_utf8(text).expect(WHY)),
        Cow::Owned(text) => Cow::Owned(String::from_utf8(text).expect(WHY)),
    })
}

fn read<'a, T: Deserialize<'a>>(name: &str, json: &'a str) -> Result<T, ProviderError> {
    serde_json::from_str(json).map_err(|error| invalid(&format!("{name}: {error}")))
}

/// Which message, and which of its parts, is not what it should be: looked for only once something is
/// known to be wrong.
fn located(messages: &str, error: &serde_json::Error) -> ProviderError {
    #[derive(Deserialize)]
    struct Held<'a> {
        #[serde(borrow)]
        content: Option<&'a RawValue>,
    }
    let listed = serde_json::from_str::<Vec<&RawValue>>(messages).unwrap_or_default();
    for (at, message) in listed.into_iter().enumerate() {
        let Err(error) = serde_json::from_str::<Message<'_>>(message.get()) else { continue };
        let content = serde_json::from_str::<Held<'_>>(message.get()).ok().and_then(|m| m.content);
        let parts = content.and_then(|c| serde_json::from_str::<Vec<&RawValue>>(c.get()).ok());
        for (part, json) in parts.into_iter().flatten().enumerate() {
            if let Err(error) = serde_json::from_str::<super::Part<'_>>(json.get()) {
                return invalid(&format!("messages[{at}].content[{part}]: {error}"));
            }
        }
        return invalid(&format!("messages[{at}]: {error}"));
    }
    invalid(&format!("messages: {error}"))
}

fn invalid(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid).with_message(without_values(message.to_owned()))
}
