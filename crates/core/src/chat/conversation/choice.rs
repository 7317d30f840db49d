//! What the reply has to be: which tool is called, which form it has.

use serde_json::value::RawValue;

use crate::chat::{Text, members::members};

/// Whether and which tool the model has to call.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ToolChoice<'a> {
    /// Nothing is said.
    #[default]
    Unsaid,
    /// As it likes.
    Auto,
    /// None.
    None,
    /// Any, but one.
    Required,
    /// This one.
    Named(Text<'a>),
    /// One of these, or as the mode has it: `auto` or `required`.
    Allowed {
        /// Whether one has to be called.
        is_required: bool,
        /// Which may.
        names: Vec<Text<'a>>,
    },
    /// Something that only the vendor knows.
    Other(&'a str),
}

members! {
    /// A choice of more than a word.
    pub(super) struct Chosen<'a> {
        named: Text<'a> = "type",
        function: Name<'a> = "function",
        custom: Name<'a> = "custom",
        allowed_tools: Allowed<'a> = "allowed_tools",
        name: Text<'a> = "name",
    }
}

members! {
    /// A name.
    pub(super) struct Name<'a> {
        name: Text<'a> = "name",
    }
}

members! {
    /// Tools among which the model may choose.
    pub(super) struct Allowed<'a> {
        mode: Text<'a> = "mode",
        tools: Vec<Chosen<'a>> = "tools",
    }
}

impl<'a> Chosen<'a> {
    /// The tool that is named.
    fn tool(self) -> Option<Text<'a>> {
        self.function.or(self.custom).and_then(|named| named.name).or(self.name)
    }
}

impl<'a> ToolChoice<'a> {
    /// Reads a choice that is a word.
    pub(super) fn word(word: &str, json: &'a str) -> Self {
        match word {
            "auto" => Self::Auto,
            "none" => Self::None,
            "required" | "any" => Self::Required,
            _ => Self::Other(json),
        }
    }

    /// Reads a choice that is an object.
    pub(super) fn object(chosen: Chosen<'a>, json: &'a str) -> Self {
        let word = chosen.named.clone();
        match (word.as_deref(), chosen.allowed_tools.is_some()) {
            (Some("allowed_tools"), true) => {
                let allowed = chosen.allowed_tools.unwrap_or_default();
                let names = allowed.tools.into_iter().flatten().filter_map(Chosen::tool).collect();
                Self::Allowed { is_required: allowed.mode.as_deref() == Some("required"), names }
            }
            (Some("function" | "custom" | "tool") | None, _) => {
                chosen.tool().map_or(Self::Other(json), Self::Named)
            }
            (Some(word), _) => Self::word(word, json),
        }
    }
}

/// The form that the reply has to have.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum ResponseFormat<'a> {
    /// Any.
    #[default]
    Text,
    /// A JSON object.
    JsonObject,
    /// JSON that follows a schema.
    JsonSchema(Schema<'a>),
    /// Something that only the vendor knows.
    Other(&'a str),
}

members! {
    /// A schema that the reply has to follow.
    pub struct Schema<'a> {
        /// Its name.
        name: Text<'a> = "name",
        /// What it is for.
        description: Text<'a> = "description",
        /// The schema.
        schema: &'a RawValue = "schema",
        /// Whether it has to be followed to the letter.
        strict: bool = "strict",
    }
}

members! {
    /// A form as clients say it.
    pub(super) struct Format<'a> {
        named: Text<'a> = "type",
        json_schema: Schema<'a> = "json_schema",
    }
}

impl<'a> ResponseFormat<'a> {
    pub(super) fn of(format: Format<'a>, json: &'a str) -> Self {
        match (format.named.as_deref(), format.json_schema) {
            (Some("text") | None, _) => Self::Text,
            (Some("json_object"), _) => Self::JsonObject,
            (Some("json_schema"), Some(schema)) => Self::JsonSchema(schema),
            _ => Self::Other(json),
        }
    }
}
