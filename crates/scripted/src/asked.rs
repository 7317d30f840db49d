//! What a chat request asks for: the few facts on which an answer depends.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A chat request. What is not needed for an ordinary answer stays text.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked<'a> {
    #[serde(borrow, default)]
    pub(crate) model: Cow<'a, str>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
    #[serde(default)]
    n: Option<usize>,
    #[serde(default)]
    logprobs: Option<bool>,
    #[serde(borrow, default)]
    messages: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tools: Option<&'a RawValue>,
    #[serde(borrow, default)]
    response_format: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

impl<'a> Asked<'a> {
    /// Nothing but a model.
    pub(crate) fn of_model(model: &'a str) -> Self {
        Self { model: model.into(), ..Self::default() }
    }

    pub(crate) fn stream(&self) -> bool {
        self.stream == Some(true)
    }

    pub(crate) fn usage(&self) -> bool {
        !self.stream()
            || self
                .stream_options
                .as_ref()
                .is_some_and(|options| options.include_usage == Some(true))
    }

    pub(crate) fn choices(&self) -> usize {
        self.n.unwrap_or(1).clamp(1, 128)
    }

    pub(crate) fn logprobs(&self) -> bool {
        self.logprobs == Some(true)
    }

    /// The names of the functions that are offered.
    pub(crate) fn tools(&self) -> Vec<String> {
        #[derive(Deserialize)]
        struct Tool {
            function: Option<Function>,
        }
        #[derive(Deserialize)]
        struct Function {
            name: String,
        }
        let tools: Vec<Tool> = self.tools.and_then(parsed).unwrap_or_default();
        tools.into_iter().filter_map(|tool| Some(tool.function?.name)).collect()
    }

    /// The JSON schema that the answer is to follow.
    pub(crate) fn schema(&self) -> Option<serde_json::Value> {
        #[derive(Deserialize)]
        struct Format {
            json_schema: Option<Wrapped>,
        }
        #[derive(Deserialize)]
        struct Wrapped {
            schema: serde_json::Value,
        }
        let format: Format = self.response_format.and_then(parsed)?;
        Some(format.json_schema?.schema)
    }

    /// The parts of the messages that are more than text, in order, as they would be described.
    pub(crate) fn media(&self) -> Vec<String> {
        let Some(text) = self.messages.filter(|text| has_media(text.get())) else {
            return Vec::new();
        };
        let messages: Vec<Message<'_>> = parsed(text).unwrap_or_default();
        let contents = messages.into_iter().filter_map(|message| message.content);
        let parts = contents.filter_map(parsed::<Vec<&RawValue>>).flatten();
        parts.filter_map(|part| describe(part.get())).collect()
    }
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
}

fn has_media(messages: &str) -> bool {
    ["image_url", "input_audio", "file"].iter().any(|kind| messages.contains(kind))
}

/// The kind of a part and what it holds, exactly; nothing for a text.
fn describe(part: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Part<'a> {
        #[serde(rename = "type")]
        kind: Cow<'a, str>,
        #[serde(borrow, default)]
        image_url: Option<&'a RawValue>,
        #[serde(borrow, default)]
        input_audio: Option<&'a RawValue>,
        #[serde(borrow, default)]
        file: Option<&'a RawValue>,
    }
    let part: Part<'_> = serde_json::from_str(part).ok()?;
    let held = part.image_url.or(part.input_audio).or(part.file)?;
    Some(format!("{} {}", part.kind, held.get()))
}

fn parsed<'a, T: Deserialize<'a>>(text: &'a RawValue) -> Option<T> {
    serde_json::from_str(text.get()).ok()
}
