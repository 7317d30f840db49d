//! A request's own fields: passed on as they are written, some under another name.

use std::borrow::Cow;

use ferro_core::{ProviderError, chat::ChatRequest};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{invalid, write::Object};
use crate::Profile;

/// Fields that are passed on as they stand: Cohere's name, and the chat wire's names for the same. Of
/// several that say something the first counts.
pub(super) const NAMES: &[(&str, &[&str])] = &[
    ("temperature", &["temperature"]),
    ("p", &["p", "top_p"]),
    ("k", &["k", "top_k"]),
    ("seed", &["seed"]),
    ("max_tokens", &["max_completion_tokens", "max_tokens"]),
    ("presence_penalty", &["presence_penalty"]),
    ("frequency_penalty", &["frequency_penalty"]),
    ("logprobs", &["logprobs"]),
    ("documents", &["documents"]),
    ("safety_mode", &["safety_mode"]),
    ("citation_options", &["citation_options"]),
    ("priority", &["priority"]),
];

pub(super) fn write(
    body: &mut Object<'_>,
    profile: &Profile,
    request: &ChatRequest,
) -> Result<(), ProviderError> {
    for (name, names) in NAMES {
        if let Some(json) = names.iter().find_map(|name| said(request, name)) {
            body.raw(name, &json);
        }
    }
    if let Some(stop) = said(request, "stop_sequences").or_else(|| said(request, "stop")) {
        // One word may stand without a list around it.
        if stop.starts_with(b"\"") {
            body.raw("stop_sequences", &[b"[", &*stop, b"]"].concat());
        } else {
            body.raw("stop_sequences", &stop);
        }
    }
    thinking(body, profile, request)
}

/// A field that says something.
pub(super) fn said<'a>(request: &'a ChatRequest, name: &str) -> Option<Cow<'a, [u8]>> {
    request.doc().text(name).filter(|json| **json != *b"null")
}

/// How much is thought: as the client says it in Cohere's words, or Anthropic's, or by effort.
fn thinking(
    body: &mut Object<'_>,
    profile: &Profile,
    request: &ChatRequest,
) -> Result<(), ProviderError> {
    if let Some(json) = said(request, "thinking") {
        return own_thinking(body, &json);
    }
    let Some(effort) = said(request, "reasoning_effort") else { return Ok(()) };
    let effort: Cow<'_, str> = serde_json::from_slice(&effort)
        .map_err(|error| invalid(format!("reasoning_effort: {error}")))?;
    let budgets = &profile.budgets;
    let budget = match &*effort {
        "none" => {
            body.raw("thinking", br#"{"type":"disabled"}"#);
            return Ok(());
        }
        "minimal" | "low" => budgets.low,
        "medium" => budgets.medium,
        "high" => budgets.high,
        "xhigh" => budgets.xhigh,
        "max" => budgets.max,
        other => {
            return Err(invalid(format!(
                "reasoning_effort is `{other}`, and not one of none, minimal, low, medium, high, \
                 xhigh, max"
            )));
        }
    };
    body.raw("thinking", format!(r#"{{"type":"enabled","token_budget":{budget}}}"#).as_bytes());
    Ok(())
}

/// `thinking` as the client says it. Clients of Anthropic call the budget `budget_tokens`.
fn own_thinking(body: &mut Object<'_>, json: &[u8]) -> Result<(), ProviderError> {
    #[derive(Deserialize)]
    struct Said<'a> {
        #[serde(borrow, rename = "type", default)]
        named: Option<&'a RawValue>,
        #[serde(borrow, default)]
        budget_tokens: Option<&'a RawValue>,
    }
    let said: Said<'_> =
        serde_json::from_slice(json).map_err(|error| invalid(format!("thinking: {error}")))?;
    match said.budget_tokens {
        None => body.raw("thinking", json),
        Some(budget) => {
            let mut thinking = Object::begin(body.member("thinking"));
            if let Some(named) = said.named {
                thinking.raw("type", named.get().as_bytes());
            }
            thinking.raw("token_budget", budget.get().as_bytes());
            thinking.end();
        }
    }
    Ok(())
}
