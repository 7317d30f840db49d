//! Replies of a given form: by Bedrock's own means, by a tool that stands for the answer, or by words.

use std::borrow::Cow;

use ferro_core::chat::{ResponseFormat, Schema, Tool, ToolChoice};
use serde::Serialize;

use super::{Notes, blocks::Block};
use crate::model::Model;

/// How the answer is bound to a form.
#[derive(Debug)]
pub(super) enum Answer<'a> {
    /// It is not.
    Free,
    /// By `outputConfig`.
    Native(&'a Schema<'a>),
    /// By a tool that the model has to call, whose arguments are the answer.
    Tool { name: String, schema: &'a Schema<'a> },
    /// By asking for it, which binds nobody.
    Words(Option<&'a Schema<'a>>),
    /// It cannot be: the client asks for something that nobody here knows, or for a call as well, which
    /// a tool that stands for the answer would be in the way of.
    Unsaid,
}

/// A schema as it is sent: as text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextFormat<'a> {
    #[serde(rename = "type")]
    named: &'static str,
    structure: Structure<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Structure<'a> {
    JsonSchema {
        schema: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
    },
}

impl<'a> Answer<'a> {
    /// Chooses how. A schema that is not meant to the letter may be one that the native means refuse,
    /// so a tool is as good where there can be one.
    pub(super) fn choose(
        model: &Model<'_>,
        format: &'a ResponseFormat<'a>,
        thinks: bool,
        (tools, choice): (&[Tool<'_>], &ToolChoice<'_>),
    ) -> Self {
        let schema = match format {
            ResponseFormat::Text => return Self::Free,
            ResponseFormat::JsonObject => return Self::Words(None),
            ResponseFormat::JsonSchema(schema) => schema,
            _ => return Self::Unsaid,
        };
        let can_be_made = model.takes_any_tool() && !(thinks && model.is_claude());
        let has_to_call = matches!(
            choice,
            ToolChoice::Required
                | ToolChoice::Named(_)
                | ToolChoice::Allowed { is_required: true, .. }
        );
        let is_native = schema.strict == Some(true) || !can_be_made || has_to_call;
        if model.takes_schemas() && schema.schema.is_some() && is_native {
            return Self::Native(schema);
        }
        if can_be_made && has_to_call {
            return Self::Unsaid;
        }
        if can_be_made {
            return Self::Tool { name: free_name(tools), schema };
        }
        Self::Words(Some(schema))
    }

    /// The tool that stands for the answer.
    pub(super) fn tool(&self) -> Option<&str> {
        match self {
            Self::Tool { name, .. } => Some(name),
            _ => None,
        }
    }

    pub(super) fn native(&self) -> Option<TextFormat<'a>> {
        let Self::Native(schema) = self else { return None };
        let structure = Structure::JsonSchema {
            schema: schema.schema.map_or("{}", |schema| schema.get()),
            name: schema.name.as_deref(),
            description: schema.description.as_deref(),
        };
        Some(TextFormat { named: "json_schema", structure })
    }

    /// Asks for the form in words, where there is no other way: whoever is asked is not bound, so it
    /// is unsaid as well.
    pub(super) fn tell(&self, system: &mut Vec<Block<'_>>, notes: &mut Notes) {
        let words = match self {
            Self::Words(None) => "Answer with one JSON object and nothing else.".to_owned(),
            Self::Words(Some(schema)) => format!(
                "Answer with one JSON value and nothing else. It has to follow this JSON Schema:\n{}",
                schema.schema.map_or("{}", |schema| schema.get())
            ),
            Self::Unsaid => return notes.unsaid("response_format"),
            _ => return,
        };
        system.push(Block::Text(Cow::Owned(words)));
        notes.unsaid("response_format");
    }
}

/// A name that none of the client's tools has.
fn free_name(tools: &[Tool<'_>]) -> String {
    let is_free = |name: &String| {
        let names = tools.iter().filter_map(|tool| tool.function.as_ref()?.name.as_deref());
        names.into_iter().all(|own| own != name)
    };
    let numbered = (2..).map(|number: usize| format!("json_answer_{number}"));
    let mut names = std::iter::once("json_answer".to_owned()).chain(numbered);
    names.find(is_free).expect("numbers do not end")
}
