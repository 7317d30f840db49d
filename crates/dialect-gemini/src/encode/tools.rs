//! What the model may call: the client's functions, and the vendor's own tools.

use ferro_core::{
    ProviderError,
    chat::{Signature, Source, Tool, ToolChoice},
};

use super::{Context, invalid, unsupported};
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
    ("parallel_ai_search", "parallelAiSearch"),
    ("parallelAiSearch", "parallelAiSearch"),
    ("exa_ai_search", "exaAiSearch"),
    ("exaAiSearch", "exaAiSearch"),
    ("computer_use", "computerUse"),
    ("computerUse", "computerUse"),
];

/// Writes tools and which of them may be called; returns the functions that go by another name.
pub(super) fn write(
    cx: &Context<'_>,
    json: &mut Json,
    source: &Source<'_>,
    tools: &[Tool<'_>],
) -> Result<Renamed, ProviderError> {
    let mut renamed = Renamed::default();
    if tools.is_empty() {
        return Ok(renamed);
    }
    json.key("tools");
    json.open(b'[');
    let functions: Vec<_> = tools
        .iter()
        .enumerate()
        .filter_map(|(at, tool)| Some((at, tool.function.as_ref()?)))
        .collect();
    if !functions.is_empty() {
        json.open(b'{');
        json.key("functionDeclarations");
        json.open(b'[');
        for (at, function) in &functions {
            let name = function.name.as_deref().filter(|name| !name.is_empty());
            let name =
                name.ok_or_else(|| invalid(&format!("tools[{at}].function.name is missing")))?;
            renamed.note(name);
            declare(json, cx.generation, function, name);
        }
        json.close(b']');
        json.close(b'}');
    }
    for (at, (tool, raw)) in tools.iter().zip(source.raw_tools()).enumerate() {
        if tool.function.is_none() {
            own(cx, json, (tool, raw.get()), at)?;
        }
    }
    json.close(b']');
    if !functions.is_empty() {
        choice(json, &source.tool_choice()?)?;
    }
    Ok(renamed)
}

fn declare(json: &mut Json, generation: &Generation, function: &Signature<'_>, name: &str) {
    json.open(b'{');
    json.member("name", &names::fit(name));
    if let Some(description) = function.description.as_deref() {
        json.member("description", description);
    }
    let parameters = function.parameters.map(serde_json::value::RawValue::get);
    // A schema of an object without properties is refused by some versions.
    if let Some(parameters) = parameters.filter(|parameters| !schema::takes_nothing(parameters)) {
        if generation.takes_json_schema() {
            json.raw_member("parametersJsonSchema", &schema::standing_alone(parameters));
        } else {
            json.raw_member("parameters", &schema::normalised(parameters));
        }
    }
    json.close(b'}');
}

/// A tool of the vendor's: in its own form as it stands, or by its name.
fn own(
    cx: &Context<'_>,
    json: &mut Json,
    (tool, raw): (&Tool<'_>, &str),
    at: usize,
) -> Result<(), ProviderError> {
    let find = |name: &str| {
        let known = OWN.iter().find(|(client, _)| *client == name).map(|(_, own)| *own);
        known.filter(|own| cx.profile.takes(own))
    };
    let Some(named) = tool.named.as_deref() else {
        let members = Members::of(raw).unwrap_or_default();
        let stranger = members.iter().map(|(name, _)| name).find(|name| find(name).is_none());
        return match stranger {
            None if !members.0.is_empty() => {
                json.raw(raw);
                Ok(())
            }
            _ => Err(strange(cx, at, stranger.unwrap_or("nothing"))),
        };
    };
    if named == "function" {
        return Err(invalid(&format!("tools[{at}].function is missing: it says the name")));
    }
    let name = find(named).ok_or_else(|| strange(cx, at, named))?;
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

fn strange(cx: &Context<'_>, at: usize, kind: &str) -> ProviderError {
    let known: Vec<_> = OWN
        .iter()
        .filter(|(client, own)| cx.profile.takes(own) && !client.contains(char::is_uppercase))
        .map(|(client, _)| *client)
        .collect();
    unsupported(&format!(
        "tools[{at}].type is `{kind}`, and here neither `function` nor one of {}",
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
