//! A chat request in Converse's words, with what could not be said and what has to be fetched.

mod blocks;
mod body;
mod fields;
mod format;
mod inference;
mod media;
mod messages;
mod names;
mod notes;
mod thoughts;
mod tools;

use ferro_core::{
    Call, ErrorKind, ProviderError, Subject,
    chat::{ChatRequest, Source, ToolChoice},
};

pub(crate) use names::Names;
pub(crate) use notes::Notes;
pub(crate) use thoughts::{BEDROCK, CLAUDE};

use self::{body::Body, fields::raw_field, format::Answer};
use crate::{model::Model, settings::Guardrail};

/// A request as it is sent, and what its reply is read with.
pub(crate) struct Encoded {
    pub(crate) body: Vec<u8>,
    /// The tools that Bedrock knows by another name.
    pub(crate) names: Names,
    /// The tool that stands for an answer of a given form.
    pub(crate) answer_tool: Option<String>,
}

/// Says `request` to `model`.
pub(crate) fn chat(
    call: &Call<'_>,
    model: &Model<'_>,
    guardrail: Option<&Guardrail>,
    (request, notes): (&ChatRequest, &mut Notes),
) -> Result<Encoded, ProviderError> {
    refuse_several(request)?;
    let source = Source::of(request);
    let (spoken, listed) = (source.messages()?, source.tools()?);
    let (choice, format) = (source.tool_choice()?, source.response_format()?);
    let mut sampling = inference::read(model, request, notes);
    let answer = Answer::choose(model, &format, sampling.thinks, (&listed, &choice));
    let is_models = matches!(choice, ToolChoice::Unsaid | ToolChoice::Auto)
        && answer.tool().is_none()
        && listed.iter().any(|tool| tool.kind() == "function");
    let is_chosen = is_models && sampling.one_call(model, request, notes);
    let mut talk = messages::Talk::new(call, model);
    talk.take(&spoken, notes)?;
    let marked = raw_field(request, "cache_control");
    let (mut system, turns, mut names) = talk.end(marked.as_deref(), notes)?;
    answer.tell(&mut system, notes);
    let offer =
        tools::Offer { model, listed: &listed, choice: &choice, is_chosen, answer: &answer };
    let tools = offer.write((&turns, sampling.thinks), &mut names, notes);
    let body = Body::new((turns, system), tools, sampling, &answer);
    let body = body.with_extras(request, guardrail, notes).to_json(request);
    notes.strangers(request);
    let answer_tool = answer.tool().map(str::to_owned);
    Ok(Encoded { body, names, answer_tool })
}

/// A request gets one answer.
fn refuse_several(request: &ChatRequest) -> Result<(), ProviderError> {
    match request.doc().get::<u64>("n").ok().flatten() {
        Some(several @ 2..) => {
            let message = format!("n is {several}; Bedrock gives one answer to a request");
            Err(ProviderError::new(ErrorKind::Unsupported).with_message(message))
        }
        _ => Ok(()),
    }
}

/// A part of a request that Bedrock cannot take, by its place.
fn unsupported(field: &str, why: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Unsupported).with_message(format!("{field}: {why}"))
}

/// How large the body is at least, about.
fn about(request: &ChatRequest) -> usize {
    let messages = request.doc().text("messages").map_or(0, |text| text.len());
    messages + messages / 8 + 512 + usize::from(request.wants_stream())
}
