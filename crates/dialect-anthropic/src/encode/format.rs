//! The form that a reply has to have.

use std::borrow::Cow;

use ferro_core::{
    ProviderError,
    chat::{ResponseFormat, Schema},
};

use super::{
    block::Block,
    schema,
    tools::{Choice, Tools},
};
use crate::{models::Model, names::tool, notes::Notes};

/// How a JSON object is asked for, of which nothing more is known: the vendor has no word for it.
const ONE_OBJECT: &str = "Answer with one JSON object and nothing else.";
/// What the tool is called that stands for the reply, unless the schema has a name.
const REPLY: &str = "json";
const ABOUT_REPLY: &str = "Takes the reply. Call it once, with all of the reply.";

/// The form that is asked for.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// The schema that the vendor holds the reply to.
    pub(super) schema: Option<String>,
    /// The tool whose input is the reply.
    pub(super) tool: Option<String>,
}

impl Form {
    /// Asks for the form in whichever way the model knows: by its own means, by a tool that it has to
    /// call, or in words.
    pub(super) fn ask<'a>(
        format: &'a ResponseFormat<'a>,
        model: &Model,
        (system, tools): (&mut Vec<Block<'a>>, &mut Tools<'a>),
        notes: &mut Notes,
    ) -> Result<Self, ProviderError> {
        match format {
            ResponseFormat::JsonObject => {
                system.push(Block::text(ONE_OBJECT));
                Ok(Self::default())
            }
            ResponseFormat::JsonSchema(schema) if model.holds_to_schemas => {
                let anything = schema.schema.map(schema::strict);
                let schema = anything.unwrap_or_else(|| schema::ANYTHING.to_owned());
                Ok(Self { schema: Some(schema), tool: None })
            }
            ResponseFormat::JsonSchema(schema) => by_tool(schema, tools),
            ResponseFormat::Other(_) => {
                notes.unsaid("response_format");
                Ok(Self::default())
            }
            _ => Ok(Self::default()),
        }
    }
}

fn by_tool<'a>(schema: &'a Schema<'a>, tools: &mut Tools<'a>) -> Result<Form, ProviderError> {
    const FIELD: &str = "response_format.json_schema.schema";
    let input = schema::of_arguments(schema.schema, FIELD)?;
    let mut name: Cow<'a, str> = schema.name.as_deref().map_or(Cow::Borrowed(REPLY), tool);
    while tools.has(&name) {
        name.to_mut().push('_');
    }
    let is_free = tools.is_empty() || tools.choice == Choice::None;
    let description = schema.description.as_deref().unwrap_or(ABOUT_REPLY);
    tools.push_function(name.clone(), Some(description), input);
    // Where the client's own tools may be called, the reply is one of them.
    tools.choice = if is_free { Choice::Named(name.clone()) } else { Choice::Any };
    Ok(Form { schema: None, tool: Some(name.into_owned()) })
}
