//! What the model may call: the client's functions, and the vendor's own tools.

use ferro_core::{
    ProviderError,
    chat::{Signature, Source, Tool, ToolChoice},
};

use super::unsupported;
use crate::{
    json::{Json, Members},
    models::Generation,
    names::{self, Renamed},
    schema,
};

/// The vendor's own tools, as clients call them and as they are called here.
const OWN: &[(&str, &str)] = &[
    ("google_search", "googleSearch"),
    ("googleSearch", "googleSearch"),
    ("google_search_retrieval", "googleSearchRetrieval"),
    ("googleSearchRetrieval", "googleSearchRetrieval"),
    ("url_context", "urlContext"),
    ("urlContext", "urlContext"),
    ("code_execution", "codeExecution"),
    ("codeExecution", "codeExecution"),
    ("google_maps", "googleMaps"),
    ("googleMaps", "googleMaps"),
    ("file_search", "fileSearch"),
    ("fileSearch", "fileSearch"),
    ("enterprise_web_search", "enterpriseWebSearch"),
    ("enterpriseWebSearch", "enterpriseWebSearch"),
    ("retrieval", "retrieval"),
    ("computer_use", "computerUse"),
    ("computerUse", "computerUse"),
];

/// Writes tools and which of them may be called; returns the functions that go by another name.
pub(super) fn write(
    json: &mut Json,
    generation: &Generation,
    source: &Source<'_>,
    tools: &[Tool<'_>],
) -> Result<Renamed, ProviderError> {
    let mut renamed = Renamed::default();
    if tools.is_empty() {
        return Ok(renamed);
    }
    json.key("tools");
    json.open(b'[');
    let functions: Vec<_> = tools.iter().filter_map(|tool| tool.function.as_ref()).collect();
    if !functions.is_empty() {
        json.open(b'{');
        json.key("functionDeclarations");
        json.open(b'[');
        for function in &functions {
            declare(json, generation, function, &mut renamed);
        }
        json.close(b']');
        json.close(b'}');
    }
    for (at, (tool, raw)) in tools.iter().zip(source.raw_tools()).enumerate() {
        if tool.function.is_none() {
            own(json, tool, raw.get(), at)?;
        }
    }
    json.close(b']');
    if !functions.is_empty() {
        choice(json, &source.tool_choice()?)?;
    }
    Ok(renamed)
}

fn declare(
    json: &mut Json,
    generation: &Generation,
    function: &Signature<'_>,
    renamed: &mut Renamed,
) {
    let name = function.name.as_deref().unwrap_or_default();
    renamed.note(name);
    json.open(b'{');
    json.member("name", &names::fit(name));
    if let Some(description) = function.description.as_deref() {
        json.member("description", description);
    }
    let parameters = function.parameters.map(serde_json::value::RawValue::get);
    // A schema of an object without properties is refused by some versions.
    if let Some(parameters) = parameters.filter(|parameters| !schema::takes_nothing(parameters)) {
        if generation.takes_json_schema() {
            json.raw_member("parametersJsonSchema", parameters);
        } else {
            json.raw_member("parameters", &schema::normalised(parameters));
        }
    }
    json.close(b'}');
}

/// A tool of the vendor's: in its own form as it stands, or by its name.
fn own(json: &mut Json, tool: &Tool<'_>, raw: &str, at: usize) -> Result<(), ProviderError> {
    let find = |name: &str| OWN.iter().find(|(client, _)| *client == name).map(|(_, own)| *own);
    let Some(named) = tool.named.as_deref() else {
        let members = Members::of(raw).unwrap_or_default();
        if !members.0.is_empty() && members.0.iter().all(|(name, _)| find(name).is_some()) {
            json.raw(raw);
            return Ok(());
        }
        return Err(stranger(at, "one without a type"));
    };
    let name = find(named).ok_or_else(|| stranger(at, named))?;
    json.open(b'{');
    json.key(name);
    if let Some((_, settings)) = tool.rest.iter().find(|(key, _)| find(key) == Some(name)) {
        json.raw(settings.get());
    } else {
        json.open(b'{');
        for (key, value) in &tool.rest {
            json.foreign_key(key);
            json.raw(value.get());
        }
        json.close(b'}');
    }
    json.close(b'}');
    Ok(())
}

fn stranger(at: usize, kind: &str) -> ProviderError {
    let known: Vec<_> = OWN
        .iter()
        .map(|(client, _)| *client)
        .filter(|name| !name.contains(char::is_uppercase))
        .collect();
    unsupported(&format!(
        "tools[{at}].type is `{kind}`, and neither `function` nor one of {}",
        known.join(", ")
    ))
}

fn choice(json: &mut Json, choice: &ToolChoice<'_>) -> Result<(), ProviderError> {
    let (mode, names) = match choice {
        ToolChoice::Unsaid => return Ok(()),
        ToolChoice::Auto => ("AUTO", &[][..]),
        ToolChoice::None => ("NONE", &[][..]),
        ToolChoice::Required => ("ANY", &[][..]),
        ToolChoice::Named(name) => ("ANY", std::slice::from_ref(name)),
        ToolChoice::Allowed { is_required: true, names } => ("ANY", &names[..]),
        // Names may only be given where calls are checked: `AUTO` refuses them.
        ToolChoice::Allowed { is_required: false, names } => ("VALIDATED", &names[..]),
        other => {
            return Err(unsupported(&format!("tool_choice: this vendor knows no {other:?}")));
        }
    };
    json.key("toolConfig");
    json.open(b'{');
    json.key("functionCallingConfig");
    json.open(b'{');
    json.member("mode", mode);
    if !names.is_empty() {
        json.key("allowedFunctionNames");
        json.open(b'[');
        names.iter().for_each(|name| json.text(&names::fit(name)));
        json.close(b']');
    }
    json.close(b'}');
    json.close(b'}');
    Ok(())
}
