//! Tools and the choice among them.

use std::borrow::Cow;

use ferro_core::chat::{Signature, Text, Tool as Listed, ToolChoice};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Names, Notes,
    blocks::{Block, CachePoint, Turn},
    fields::raw,
    format::Answer,
    messages::cache_point,
};
use crate::model::Model;

/// The schema of a tool that says none.
const NO_ARGUMENTS: &str = r#"{"type":"object","properties":{}}"#;

/// What is offered, as it is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolConfig<'a> {
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Tool<'a> {
    ToolSpec(Spec<'a>),
    CachePoint(CachePoint<'a>),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    input_schema: Schema<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Schema<'a> {
    json: Cow<'a, RawValue>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Choice<'a> {
    Auto {},
    Any {},
    Tool { name: Cow<'a, str> },
}

/// What a client offers.
pub(super) struct Offer<'a> {
    pub(super) model: &'a Model<'a>,
    pub(super) listed: &'a [Listed<'a>],
    pub(super) choice: &'a ToolChoice<'a>,
    /// Whether the choice is said already, in the family's own words.
    pub(super) is_chosen: bool,
    pub(super) answer: &'a Answer<'a>,
}

impl<'a> Offer<'a> {
    /// Writes it; `None` where nothing is offered, and nothing was called before. The turns are those
    /// of the conversation, and whether the model is to think.
    pub(super) fn write(
        &self,
        (turns, thinks): (&[Turn<'_>], bool),
        names: &mut Names,
        notes: &mut Notes,
    ) -> Option<ToolConfig<'a>> {
        let mut tools = Vec::with_capacity(self.listed.len() + 1);
        if *self.choice != ToolChoice::None {
            for (at, listed) in self.listed.iter().enumerate() {
                self.list((at, listed), names, &mut tools, notes);
            }
        }
        let is_alone = tools.is_empty();
        if let Answer::Tool { name, schema } = self.answer {
            let json = Cow::Borrowed(schema.schema.unwrap_or(empty()));
            let description = schema.description.as_deref().filter(|text| !text.is_empty());
            let (name, description) = (Cow::Borrowed(name.as_str()), description);
            let input_schema = Schema { json };
            tools.push(Tool::ToolSpec(Spec { name, description, input_schema, strict: None }));
        }
        if tools.is_empty() {
            // A conversation in which tools were called needs some, if only one of no use.
            let has_called = turns.iter().any(|turn| turn.content.iter().any(Block::is_of_tools));
            return has_called.then(inert);
        }
        let tool_choice = match self.answer.tool() {
            Some(name) if is_alone && self.model.takes_named_tool() => {
                Some(Choice::Tool { name: Cow::Owned(name.to_owned()) })
            }
            Some(_) => Some(Choice::Any {}),
            None => self.choice(thinks, names, notes),
        };
        Some(ToolConfig { tools, tool_choice })
    }

    fn list(
        &self,
        (at, listed): (usize, &'a Listed<'a>),
        names: &mut Names,
        tools: &mut Vec<Tool<'a>>,
        notes: &mut Notes,
    ) {
        let place = || format!("tools[{at}]");
        let Some(function) = listed.function.as_ref().filter(|_| listed.kind() == "function")
        else {
            notes.unsaid(place());
            return;
        };
        let name = function.name.as_deref().unwrap_or_default();
        if let ToolChoice::Allowed { names, .. } = self.choice
            && !names.iter().any(|allowed: &Text<'_>| **allowed == *name)
        {
            return;
        }
        tools.push(Tool::ToolSpec(self.spec(function, name, names)));
        let is_strict = function.strict == Some(true);
        if is_strict && !self.model.takes_schemas() {
            notes.unsaid(format!("{}.function.strict", place()));
        }
        notes.rest(place, &listed.rest);
        notes.rest(|| format!("{}.function", place()), &function.rest);
        if let Some(control) = listed.cache_control {
            if self.model.takes_all_cache_points() && notes.takes_cache_point() {
                tools.push(Tool::CachePoint(cache_point(control, self.model)));
            } else {
                notes.unsaid(format!("{}.cache_control", place()));
            }
        }
    }

    fn spec(&self, function: &'a Signature<'a>, name: &'a str, names: &mut Names) -> Spec<'a> {
        // A description that says nothing is refused.
        let description = function.description.as_deref().filter(|text| !text.is_empty());
        let strict = function.strict.filter(|strict| *strict && self.model.takes_schemas());
        let json = Cow::Borrowed(function.parameters.unwrap_or(empty()));
        Spec { name: names.fit(name), description, input_schema: Schema { json }, strict }
    }

    fn choice(&self, thinks: bool, names: &mut Names, notes: &mut Notes) -> Option<Choice<'a>> {
        let is_free = !(thinks && self.model.is_claude());
        let any = is_free && self.model.takes_any_tool();
        match self.choice {
            ToolChoice::Auto if self.is_chosen => None,
            ToolChoice::Auto => Some(Choice::Auto {}),
            ToolChoice::Required | ToolChoice::Allowed { is_required: true, .. } if any => {
                Some(Choice::Any {})
            }
            ToolChoice::Named(name) if is_free && self.model.takes_named_tool() => {
                Some(Choice::Tool { name: names.fit(name) })
            }
            ToolChoice::Unsaid
            | ToolChoice::None
            | ToolChoice::Allowed { is_required: false, .. } => None,
            _ => {
                notes.unsaid("tool_choice");
                None
            }
        }
    }
}

fn inert<'a>() -> ToolConfig<'a> {
    let spec = Spec {
        name: Cow::Borrowed("none"),
        description: Some("There is no tool to call. Answer in words."),
        input_schema: Schema { json: Cow::Borrowed(empty()) },
        strict: None,
    };
    ToolConfig { tools: vec![Tool::ToolSpec(spec)], tool_choice: None }
}

fn empty() -> &'static RawValue {
    match raw(Cow::Borrowed(NO_ARGUMENTS)) {
        Cow::Borrowed(json) => json,
        Cow::Owned(_) => unreachable!("what is borrowed stays so"),
    }
}
