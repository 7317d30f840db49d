//! A chat request in the server's words.

use ferro_core::{
    Call, ErrorKind, ProviderError, Subject, Unsaid,
    chat::{ChatRequest, Source, Tool, ToolChoice},
};
use ferro_wire::write_string;
use serde_json::{Map, Value};

use crate::{fields, messages};

/// What an operator wants in requests that do not say it, as JSON.
#[derive(Debug, Default)]
pub(crate) struct Defaults {
    pub(crate) options: Vec<(String, String)>,
    pub(crate) keep_alive: Option<String>,
}

impl Defaults {
    pub(crate) fn new(options: Map<String, Value>, keep_alive: Option<Value>) -> Self {
        let options = options.into_iter().map(|(name, value)| (name, value.to_string())).collect();
        Self { options, keep_alive: keep_alive.map(|value| value.to_string()) }
    }
}

/// The body of a request for `call`'s model.
pub(crate) fn chat(
    call: &Call<'_>,
    request: &ChatRequest,
    defaults: &Defaults,
) -> Result<Vec<u8>, ProviderError> {
    let source = Source::of(request);
    let said = request.doc().text("messages").map_or(0, |messages| messages.len());
    let mut body = Vec::with_capacity(said + said / 16 + (1 << 10));
    body.extend_from_slice(b"{\"model\":");
    write_string(&mut body, call.model);
    body.extend_from_slice(b",\"messages\":");
    messages::write(&mut body, call, &source.messages()?)?;
    body.extend_from_slice(b",\"stream\":");
    body.extend_from_slice(if request.wants_stream() { b"true" } else { b"false" });
    fields::write(&mut body, request, &source, defaults)?;
    tools(&mut body, &source)?;
    body.push(b'}');
    Ok(body)
}

/// The functions, unless none may be called.
fn tools(body: &mut Vec<u8>, source: &Source<'_>) -> Result<(), ProviderError> {
    let tools = source.tools()?;
    if matches!(source.tool_choice()?, ToolChoice::None) {
        return Ok(());
    }
    let mut before: &[u8] = b",\"tools\":[";
    for (at, tool) in tools.iter().enumerate().filter(|(_, tool)| tool.kind() == "function") {
        body.extend_from_slice(before);
        before = b",";
        function(body, at, tool)?;
    }
    if before == b"," {
        body.push(b']');
    }
    Ok(())
}

fn function(body: &mut Vec<u8>, at: usize, tool: &Tool<'_>) -> Result<(), ProviderError> {
    let missing = |member| {
        let message = format!("tools[{at}].{member} is missing");
        ProviderError::new(ErrorKind::Invalid).with_message(message)
    };
    let function = tool.function.as_ref().ok_or_else(|| missing("function"))?;
    let name = function.name.as_deref().ok_or_else(|| missing("function.name"))?;
    body.extend_from_slice(b"{\"type\":\"function\",\"function\":{\"name\":");
    write_string(body, name);
    if let Some(description) = &function.description {
        body.extend_from_slice(b",\"description\":");
        write_string(body, description);
    }
    if let Some(parameters) = function.parameters {
        body.extend_from_slice(b",\"parameters\":");
        body.extend_from_slice(parameters.get().as_bytes());
    }
    body.extend_from_slice(b"}}");
    Ok(())
}

/// What of `request` the server has no word for.
pub(crate) fn unsaid(request: &ChatRequest) -> Vec<Unsaid> {
    let source = Source::of(request);
    let mut unsaid = fields::unsaid(request, &source);
    match source.tool_choice() {
        Ok(ToolChoice::Unsaid | ToolChoice::Auto | ToolChoice::None) | Err(_) => {}
        Ok(_) => unsaid.push("tool_choice".to_owned()),
    }
    for (at, tool) in source.tools().unwrap_or_default().iter().enumerate() {
        unsaid.extend(unsaid_of(at, tool));
    }
    if let Ok(messages) = source.messages() {
        messages::unsaid(&messages, &mut unsaid);
    }
    unsaid.into_iter().map(|path| Unsaid(path.into())).collect()
}

fn unsaid_of(at: usize, tool: &Tool<'_>) -> Vec<String> {
    let Some(function) = tool.function.as_ref().filter(|_| tool.kind() == "function") else {
        return vec![format!("tools[{at}]")];
    };
    let mut unsaid: Vec<_> =
        tool.rest.iter().map(|(name, _)| format!("tools[{at}].{name}")).collect();
    let own = |name: &str| format!("tools[{at}].function.{name}");
    unsaid.extend(function.rest.iter().map(|(name, _)| own(name)));
    unsaid.extend((function.strict == Some(true)).then(|| own("strict")));
    unsaid.extend(tool.cache_control.map(|_| format!("tools[{at}].cache_control")));
    unsaid
}

#[cfg(test)]
mod tests;
