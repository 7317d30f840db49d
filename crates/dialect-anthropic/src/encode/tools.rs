//! Tools, and which of them has to be called.

use std::borrow::Cow;

use ferro_core::{
    ProviderError,
    chat::{Members, Signature, Source, Tool, ToolChoice},
};
use ferro_wire::write_string;
use serde_json::value::RawValue;

use super::{
    block::{Marks, raw, string},
    conversation::{Conversation, unsupported_tool},
    place::invalid,
    schema,
};
use crate::{
    models::Model,
    names::{Renamed, tool},
    notes::Notes,
};

/// Members of a tool in the vendor's own words, which clients may write beside ours.
const OWN_MEMBERS: &[&str] =
    &["eager_input_streaming", "defer_loading", "allowed_callers", "input_examples"];

/// The vendor's own tools that take a beta feature, by how their type begins.
const BETAS: &[(&str, &str)] = &[
    ("bash_20241022", "computer-use-2024-10-22"),
    ("text_editor_20241022", "computer-use-2024-10-22"),
    ("computer_20241022", "computer-use-2024-10-22"),
    ("computer_20250124", "computer-use-2025-01-24"),
    ("computer_20251124", "computer-use-2025-11-24"),
    ("code_execution_20250522", "code-execution-2025-05-22"),
    ("mcp_toolset", "mcp-client-2025-11-20"),
    ("advisor_20260301", "advisor-tool-2026-03-01"),
];

/// The tools of a request, and which has to be called.
#[derive(Debug, Default)]
pub(super) struct Tools<'a> {
    entries: Vec<Entry<'a>>,
    pub(super) choice: Choice<'a>,
    pub(super) is_one_at_a_time: bool,
    pub(super) renamed: Renamed,
}

#[derive(Debug)]
enum Entry<'a> {
    Function(Function<'a>),
    /// One of the vendor's own, in the client's words.
    Own {
        name: String,
        json: &'a RawValue,
    },
}

#[derive(Debug, Default)]
struct Function<'a> {
    name: Cow<'a, str>,
    description: Option<&'a str>,
    schema: String,
    is_strict: bool,
    own: Vec<(&'a str, &'a RawValue)>,
    cache: Option<&'a RawValue>,
}

/// Which tool has to be called.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) enum Choice<'a> {
    #[default]
    Unsaid,
    Auto,
    None,
    Any,
    Named(Cow<'a, str>),
}

impl Choice<'_> {
    /// Whether the model is not free to answer without a tool.
    pub(super) fn is_forced(&self) -> bool {
        matches!(self, Self::Any | Self::Named(_))
    }
}

impl<'a> Tools<'a> {
    /// The request's tools. `listed` and `raws` are the same ones, read and as they stand.
    pub(super) fn read(
        listed: &'a [Tool<'a>],
        raws: &[&'a RawValue],
        model: &Model,
        notes: &mut Notes,
    ) -> Result<Self, ProviderError> {
        let mut tools = Self::default();
        for (at, (listed, json)) in listed.iter().zip(raws).enumerate() {
            let entry = match (&listed.function, listed.kind()) {
                (Some(signature), "function") => {
                    let function = function(at, listed, signature, (model, notes))?;
                    let name = signature.name.as_deref().unwrap_or_default();
                    tools.renamed.note(name, &function.name);
                    Entry::Function(function)
                }
                (_, "custom") if !is_own(listed) => return Err(unsupported_tool(at, "custom")),
                (None, "function") if !is_own(listed) => {
                    return Err(invalid(&format!("tools[{at}].function is missing")));
                }
                (_, kind) => {
                    let beta = BETAS.iter().find(|(begins, _)| kind.starts_with(begins));
                    beta.into_iter().for_each(|(_, beta)| notes.beta(beta));
                    Entry::Own { name: own_name(listed), json }
                }
            };
            tools.entries.push(entry);
        }
        Ok(tools)
    }

    /// Which of them has to be called.
    pub(super) fn choose(
        &mut self,
        choice: &'a ToolChoice<'a>,
        notes: &mut Notes,
    ) -> Result<(), ProviderError> {
        self.choice = match choice {
            ToolChoice::Auto => Choice::Auto,
            ToolChoice::None => Choice::None,
            ToolChoice::Required if self.entries.is_empty() => {
                notes.unsaid("tool_choice");
                Choice::Unsaid
            }
            ToolChoice::Required => Choice::Any,
            ToolChoice::Named(name) => {
                let name = tool(name);
                if !self.entries.iter().any(|entry| entry.name() == name) {
                    let message = format!("tool_choice names `{name}`, which is none of the tools");
                    return Err(invalid(&message));
                }
                Choice::Named(name)
            }
            ToolChoice::Allowed { is_required, names } => {
                let names: Vec<_> = names.iter().map(|name| tool(name)).collect();
                self.entries.retain(|entry| names.iter().any(|name| *name == entry.name()));
                if self.entries.is_empty() {
                    return Err(invalid("tool_choice allows none of the tools"));
                }
                if *is_required { Choice::Any } else { Choice::Auto }
            }
            ToolChoice::Other(_) => {
                notes.unsaid("tool_choice");
                Choice::Unsaid
            }
            // What is not said, and what only a later version of the wire can say.
            _ => Choice::Unsaid,
        };
        Ok(())
    }

    /// What the choice says beside, as far as it is an object.
    pub(super) fn choose_beside(&mut self, choice: &RawValue, notes: &mut Notes) {
        for (name, value) in Members::of(choice.get()).unwrap_or_default().iter() {
            match name {
                "type" | "name" | "function" | "custom" | "allowed_tools" => {}
                "disable_parallel_tool_use" => self.is_one_at_a_time |= value.get() == "true",
                _ => notes.unsaid(format!("tool_choice.{name}")),
            }
        }
    }

    /// The vendor refuses a history in which tools are called that nobody described. They are
    /// described by their names, and not to be called any more.
    pub(super) fn recall(&mut self, conversation: &Conversation<'a>) {
        let has_history = conversation.has_results || !conversation.called.is_empty();
        if !self.entries.is_empty() || !has_history {
            return;
        }
        for name in conversation.called.iter().copied() {
            let name = tool(name);
            if !self.entries.iter().any(|entry| entry.name() == name) {
                self.push_function(name, None, schema::ANYTHING.to_owned());
            }
        }
        if self.entries.is_empty() {
            self.push_function("tool".into(), None, schema::ANYTHING.to_owned());
        }
        self.choice = Choice::None;
    }

    /// One more, which is no tool of the client's.
    pub(super) fn push_function(
        &mut self,
        name: Cow<'a, str>,
        description: Option<&'a str>,
        schema: String,
    ) {
        let function = Function { name, description, schema, ..Function::default() };
        self.entries.push(Entry::Function(function));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name() == name)
    }

    /// How many marks for the cache there are.
    pub(super) fn marks(&self) -> usize {
        let is_marked = |entry: &&Entry<'_>| match entry {
            Entry::Function(function) => function.cache.is_some(),
            Entry::Own { json, .. } => json.get().contains("\"cache_control\""),
        };
        self.entries.iter().filter(is_marked).count()
    }

    /// Writes the members `tools` and `tool_choice`.
    pub(super) fn write(&self, out: &mut Vec<u8>, marks: &mut Marks) {
        if self.entries.is_empty() {
            return;
        }
        out.extend_from_slice(b",\"tools\":[");
        for (at, entry) in self.entries.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            match entry {
                Entry::Function(function) => function.write(out, marks),
                Entry::Own { json, .. } => out.extend_from_slice(json.get().as_bytes()),
            }
        }
        out.push(b']');
        self.write_choice(out);
    }

    fn write_choice(&self, out: &mut Vec<u8>) {
        let word: &[u8] = match (&self.choice, self.is_one_at_a_time) {
            (Choice::Unsaid, false) => return,
            (Choice::None, _) => {
                return out.extend_from_slice(br#","tool_choice":{"type":"none"}"#);
            }
            (Choice::Unsaid | Choice::Auto, _) => b"auto",
            (Choice::Any, _) => b"any",
            (Choice::Named(_), _) => b"tool",
        };
        out.extend_from_slice(b",\"tool_choice\":{\"type\":\"");
        out.extend_from_slice(word);
        out.push(b'"');
        if let Choice::Named(name) = &self.choice {
            string(out, "name", name);
        }
        if self.is_one_at_a_time {
            out.extend_from_slice(b",\"disable_parallel_tool_use\":true");
        }
        out.push(b'}');
    }
}

fn function<'a>(
    at: usize,
    listed: &'a Tool<'a>,
    signature: &'a Signature<'a>,
    (model, notes): (&Model, &mut Notes),
) -> Result<Function<'a>, ProviderError> {
    let name = signature.name.as_deref().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| invalid(&format!("tools[{at}].function.name is missing")))?;
    let field = format!("tools[{at}].function.parameters");
    let mut schema = schema::of_arguments(signature.parameters, &field)?;
    let is_strict = signature.strict.unwrap_or_default() && model.holds_to_schemas;
    if signature.strict == Some(true) && !is_strict {
        notes.unsaid(format!("tools[{at}].function.strict"));
    }
    if is_strict {
        let raw = RawValue::from_string(schema).expect("a schema is JSON");
        schema = schema::strict(&raw);
    }
    let mut own = Vec::new();
    let beside = listed.rest.iter().map(|member| ("", member));
    for (of, (name, value)) in beside.chain(signature.rest.iter().map(|m| ("function.", m))) {
        if OWN_MEMBERS.contains(&&**name) {
            own.push((&**name, *value));
        } else if value.get() != "null" {
            notes.unsaid(format!("tools[{at}].{of}{name}"));
        }
    }
    let description = signature.description.as_deref();
    let cache = listed.cache_control;
    Ok(Function { name: tool(name), description, schema, is_strict, own, cache })
}

impl Function<'_> {
    fn write(&self, out: &mut Vec<u8>, marks: &mut Marks) {
        out.extend_from_slice(b"{\"name\":");
        write_string(out, &self.name);
        if let Some(description) = self.description {
            string(out, "description", description);
        }
        out.extend_from_slice(b",\"input_schema\":");
        out.extend_from_slice(self.schema.as_bytes());
        if self.is_strict {
            out.extend_from_slice(b",\"strict\":true");
        }
        self.own.iter().for_each(|(name, value)| raw(out, name, Some(value)));
        raw(out, "cache_control", marks.pass(self.cache));
        out.push(b'}');
    }
}

impl Entry<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Function(function) => &function.name,
            Self::Own { name, .. } => name,
        }
    }
}

/// Whether a tool is described in the vendor's words.
fn is_own(tool: &Tool<'_>) -> bool {
    tool.rest.iter().any(|(name, _)| &**name == "input_schema")
}

fn own_name(tool: &Tool<'_>) -> String {
    let named = tool.rest.iter().find(|(name, _)| &**name == "name");
    named.and_then(|(_, name)| serde_json::from_str(name.get()).ok()).unwrap_or_default()
}

/// The request's tools, read in both ways.
pub(super) fn listed<'a>(
    source: &'a Source<'a>,
) -> Result<(Vec<Tool<'a>>, Vec<&'a RawValue>), ProviderError> {
    Ok((source.tools()?, source.raw_tools()))
}
