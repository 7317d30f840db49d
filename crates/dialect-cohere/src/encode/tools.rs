//! Tools, which of them is called, and the form of the reply.

use ferro_core::{
    ProviderError,
    chat::{ChatRequest, ResponseFormat, Source, Tool, ToolChoice},
};

use super::{
    fields::said,
    invalid, unsupported,
    write::{List, Object},
};

/// The schema of a tool that takes nothing: Cohere wants one.
const NO_PARAMETERS: &[u8] = br#"{"type":"object","properties":{}}"#;

pub(super) fn write(
    body: &mut Object<'_>,
    source: &Source<'_>,
    request: &ChatRequest,
) -> Result<(), ProviderError> {
    let tools = source.tools()?;
    let choice = source.tool_choice()?;
    let strict = said(request, "strict_tools");
    if let Some(json) = &strict {
        body.raw("strict_tools", json);
    } else if are_all_strict(&tools) {
        body.raw("strict_tools", b"true");
    }
    let offered = offered(&tools, &choice)?;
    if !offered.is_empty() {
        let mut list = List::begin(body.member("tools"));
        for (at, tool) in offered {
            write_tool(&mut list, at, tool)?;
        }
        list.end();
    }
    if let Some(word) = word(&choice)? {
        body.text("tool_choice", word);
    }
    Ok(())
}

/// Whether every tool has to be called to the letter: Cohere knows no other way to say it.
pub(super) fn are_all_strict(tools: &[Tool<'_>]) -> bool {
    let is_strict = |tool: &Tool<'_>| {
        tool.function.as_ref().is_some_and(|function| function.strict == Some(true))
    };
    !tools.is_empty() && tools.iter().all(is_strict)
}

/// The tools that the model may call, each with its place. Cohere cannot be told to call a certain
/// one, but it calls none that it does not know.
fn offered<'t, 'a>(
    tools: &'t [Tool<'a>],
    choice: &ToolChoice<'_>,
) -> Result<Vec<(usize, &'t Tool<'a>)>, ProviderError> {
    let all = tools.iter().enumerate();
    let names = match choice {
        ToolChoice::Named(name) => std::slice::from_ref(name),
        ToolChoice::Allowed { names, .. } => &names[..],
        _ => return Ok(all.collect()),
    };
    let name = |tool: &Tool<'a>| tool.function.as_ref().and_then(|f| f.name.clone());
    for wanted in names {
        if !tools.iter().any(|tool| name(tool).is_some_and(|name| name == *wanted)) {
            return Err(invalid(format!(
                "tool_choice names `{wanted}`, which is none of the tools"
            )));
        }
    }
    Ok(all.filter(|(_, tool)| name(tool).is_some_and(|name| names.contains(&name))).collect())
}

fn write_tool(list: &mut List<'_>, at: usize, tool: &Tool<'_>) -> Result<(), ProviderError> {
    let function = tool.function.as_ref().filter(|_| tool.kind() == "function");
    let Some(function) = function else {
        let kind = tool.kind();
        return Err(unsupported(format!(
            "tools[{at}] is of type `{kind}`, and this vendor calls functions only"
        )));
    };
    let Some(name) = &function.name else {
        return Err(invalid(format!("tools[{at}].function.name is missing")));
    };
    let mut written = list.object();
    written.text("type", "function");
    let mut signature = Object::begin(written.member("function"));
    signature.text("name", name);
    if let Some(description) = &function.description {
        signature.text("description", description);
    }
    let parameters = function.parameters.map_or(NO_PARAMETERS, |json| json.get().as_bytes());
    signature.raw("parameters", parameters);
    signature.end();
    written.end();
    Ok(())
}

fn word(choice: &ToolChoice<'_>) -> Result<Option<&'static str>, ProviderError> {
    Ok(match choice {
        ToolChoice::None => Some("NONE"),
        ToolChoice::Required
        | ToolChoice::Named(_)
        | ToolChoice::Allowed { is_required: true, .. } => Some("REQUIRED"),
        ToolChoice::Other("\"NONE\"") => Some("NONE"),
        ToolChoice::Other("\"REQUIRED\"") => Some("REQUIRED"),
        ToolChoice::Other(json) => {
            return Err(invalid(format!(
                "tool_choice is {json}, and neither auto, none, required nor a tool's name"
            )));
        }
        _ => None,
    })
}

/// The form of the reply. A form in Cohere's own words passes as it stands.
pub(super) fn write_format(
    body: &mut Object<'_>,
    source: &Source<'_>,
    request: &ChatRequest,
) -> Result<(), ProviderError> {
    match source.response_format()? {
        ResponseFormat::Text => {}
        ResponseFormat::JsonSchema(schema) => {
            let mut format = Object::begin(body.member("response_format"));
            format.text("type", "json_object");
            if let Some(schema) = schema.schema {
                format.raw("json_schema", schema.get().as_bytes());
            }
            format.end();
        }
        ResponseFormat::JsonObject => {
            if let Some(json) = said(request, "response_format") {
                body.raw("response_format", &json);
            }
        }
        other => {
            return Err(unsupported(format!(
                "response_format is none of text, json_object, json_schema: {other:?}"
            )));
        }
    }
    Ok(())
}
