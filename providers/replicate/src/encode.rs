//! A chat request as the input of a prediction.

use std::{borrow::Cow, collections::BTreeMap};

use ferro_core::{
    ErrorKind, ProviderError, Subject, Unsaid,
    chat::{ChatRequest, Source},
};
use ferro_wire::write_string;
use serde_json::value::RawValue;

use crate::{
    conversation::{self, Turns, unsupported},
    inputs::{Conversation, Inputs},
    model::Model,
};

/// Fields that are said otherwise.
const OTHERWISE: &[&str] = &[
    "model",
    "messages",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "input",
];

/// Fields of a chat request that the models have no input for. Any other field is taken to be an input
/// of the model's.
const UNSAID: &[&str] = &[
    "n",
    "tools",
    "tool_choice",
    "functions",
    "function_call",
    "parallel_tool_calls",
    "response_format",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "user",
    "metadata",
    "store",
    "service_tier",
    "modalities",
    "audio",
    "prediction",
    "web_search_options",
    "prompt_cache_key",
    "safety_identifier",
];

/// Fields of a chat request that say nothing with a `null`, which a model's input would be refused for.
const NULLABLE: &[&str] = &[
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "reasoning_effort",
    "thinking",
    "verbosity",
    "prompt_cache_retention",
];

/// The body that makes a prediction of `model`.
pub(crate) fn prediction(
    model: &Model<'_>,
    inputs: &Inputs<'_>,
    request: &ChatRequest,
) -> Result<Vec<u8>, ProviderError> {
    let source = Source::of(request);
    let messages = source.messages()?;
    let turns = Turns::read(&messages)?;
    let own = said(request, "input");
    let own: BTreeMap<String, &RawValue> = match &own {
        Some(json) => serde_json::from_str(json).map_err(|error| {
            let message = format!("input: {error}; it is an object such as {{\"top_k\":50}}");
            ProviderError::new(ErrorKind::Invalid).with_message(message)
        })?,
        None => BTreeMap::new(),
    };
    let mut body = b"{\"input\":{".to_vec();
    let start = body.len();
    for (name, json) in &own {
        member(&mut body, name, json.get());
    }
    let mut new = |name: &str, json: &str| {
        if !own.contains_key(name) {
            member(&mut body, name, json);
        }
    };
    for (name, json) in talk(inputs, &turns)? {
        new(name, &json);
    }
    if let Some(limit) =
        said(request, "max_completion_tokens").or_else(|| said(request, "max_tokens"))
    {
        new(inputs.limit, &limit);
    }
    if let Some(stop) = stop(request) {
        new("stop_sequences", &quoted(&stop));
    }
    for key in request.doc().keys() {
        let name = String::from_utf8_lossy(&key);
        let json = text(request, &name);
        let is_absent = json == "null" && NULLABLE.contains(&&*name);
        if !is_absent && !OTHERWISE.contains(&&*name) && !UNSAID.contains(&&*name) {
            new(&name, &json);
        }
    }
    // Each member is written with a comma before it.
    body.remove(start);
    body.push(b'}');
    if request.wants_stream() {
        body.extend_from_slice(b",\"stream\":true");
    }
    if let Some(version) = model.version {
        member(&mut body, "version", &quoted(version));
    }
    body.push(b'}');
    Ok(body)
}

/// The conversation as inputs.
fn talk<'i>(
    inputs: &Inputs<'i>,
    turns: &Turns<'_>,
) -> Result<Vec<(&'i str, String)>, ProviderError> {
    let mut talk = Vec::new();
    match inputs.conversation {
        Conversation::Prompt => {
            talk.push(("prompt", quoted(&turns.prompt())));
            talk.extend(turns.system().map(|system| (inputs.system, quoted(&system))));
        }
        Conversation::Messages => {
            let mut messages = Vec::new();
            turns.write_messages(&mut messages);
            talk.push((
                "messages",
                String::from_utf8(messages).expect("texts are written as text"),
            ));
        }
    }
    let pictures: Vec<_> = turns.pictures.iter().map(|(_, url)| quoted(url)).collect();
    match (&turns.pictures[..], inputs.takes_images) {
        ([], _) => {}
        (_, true) => talk.push((inputs.image, format!("[{}]", pictures.join(",")))),
        ([_], false) => talk.push((inputs.image, pictures.concat())),
        ([_, (second, _), ..], false) => {
            return Err(unsupported(second, "this model looks at one picture"));
        }
    }
    Ok(talk)
}

/// What ends a reply: a list in a text, so no comma may stand in it.
fn stop(request: &ChatRequest) -> Option<String> {
    let said = said(request, "stop")?;
    let list = match said.as_bytes().first()? {
        b'"' => vec![serde_json::from_str::<String>(&said).ok()?],
        _ => serde_json::from_str(&said).ok()?,
    };
    let can_be_said = !list.is_empty() && list.iter().all(|word| !word.contains(','));
    can_be_said.then(|| list.join(","))
}

/// What of `request` the model cannot be told.
pub(crate) fn unsaid(request: &ChatRequest) -> Vec<Unsaid> {
    let mut unsaid: Vec<String> = UNSAID
        .iter()
        .filter(|name| {
            let text = said(request, name).unwrap_or(Cow::Borrowed("null"));
            let is_usual = match &*text {
                "null" | "false" | "\"\"" | "[]" | "{}" => true,
                "1" => **name == "n",
                "true" => **name == "parallel_tool_calls",
                _ => false,
            };
            !is_usual
        })
        .map(|name| (*name).to_owned())
        .collect();
    if said(request, "stop").is_some_and(|stop| stop != "[]") && stop(request).is_none() {
        unsaid.push("stop".to_owned());
    }
    let source = Source::of(request);
    if let Ok(messages) = source.messages() {
        conversation::unsaid(&messages, &mut unsaid);
    }
    unsaid.into_iter().map(|path| Unsaid(path.into())).collect()
}

/// A field's JSON, unless it is absent or null.
fn said<'a>(request: &'a ChatRequest, name: &str) -> Option<Cow<'a, str>> {
    request.doc().contains(name).then(|| text(request, name)).filter(|text| text != "null")
}

/// A field's JSON.
fn text<'a>(request: &'a ChatRequest, name: &str) -> Cow<'a, str> {
    const WHY: &str = "a document's bytes are checked to be text";
    match request.doc().text(name).unwrap_or(Cow::Borrowed(b"null")) {
        Cow::Borrowed(text) => Cow::Borrowed(std::str::from_utf8(text).expect(WHY)),
        Cow::Owned(text) => Cow::Owned(String::from_utf8(text).expect(WHY)),
    }
}

fn member(body: &mut Vec<u8>, name: &str, json: &str) {
    body.push(b',');
    write_string(body, name);
    body.push(b':');
    body.extend_from_slice(json.as_bytes());
}

fn quoted(text: &str) -> String {
    let mut json = Vec::with_capacity(text.len() + 2);
    write_string(&mut json, text);
    String::from_utf8(json).expect("a text in quotes is a text")
}

#[cfg(test)]
mod tests;
