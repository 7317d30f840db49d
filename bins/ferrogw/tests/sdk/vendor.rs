//! The vendors: what they are on record with, what they keep, and the scripted upstream's own answers
//! to the rest.

use ferro_scripted::{Received, Reply, Script, by_the_book};
use serde::Deserialize;

use crate::{kept::kept, recorded::recorded};

/// The models of each vendor's target. Behind the first dash of some stands a case that their vendor is
/// on record with: `claude-thinking` is answered as the fixtures `messages/thinking_*` say.
pub(crate) const MODELS: [(&str, &[&str]); 3] = [
    (
        "openai",
        &[
            "scripted",
            "reasoning",
            "refusal",
            "comments-5",
            "error-400",
            "error-401",
            "error-404",
            "error-422",
            "error-429",
            "error-500",
            "error-in-stream",
            "stall-head",
            "stall-3",
            "gpt-an_error_event_inside_a_stream",
            "gpt-cut_short",
            "gpt-hello",
            "gpt-in_the_background",
            "gpt-no_such_model",
            "gpt-rate_limited",
            "gpt-tool_calls",
        ],
    ),
    (
        "anthropic",
        &[
            "claude-a_prompt_too_long",
            "claude-an_error_inside_a_stream",
            "claude-an_invalid_request",
            "claude-betas",
            "claude-citations",
            "claude-edited",
            "claude-hello",
            "claude-no_such_model",
            "claude-overloaded",
            "claude-rate_limited",
            "claude-server_error",
            "claude-thinking",
            "claude-tool_calls",
            "claude-wrong_key",
        ],
    ),
    (
        "cohere",
        &[
            "embed-hello",
            "rerank-hello",
            "rerank-no_such_model",
            "rerank-rate_limited",
            "rerank-scripted",
        ],
    ),
];

/// What a vendor answers.
pub(crate) fn answer(request: &Received) -> Script {
    let path = request.path.split('?').next().unwrap_or_default();
    let reply = on_record(path, request).or_else(|| kept(path, request));
    reply.map_or_else(|| by_the_book(request), Script::from)
}

/// The case that a model's name leads to, of the surface at a path.
fn on_record(path: &str, request: &Received) -> Option<Reply> {
    let (vendor, surface) = match (request.method.as_str(), path) {
        ("POST", "/v1/messages") => ("anthropic/tests/fixtures/anthropic", "messages"),
        ("POST", "/v1/messages/count_tokens") => {
            ("anthropic/tests/fixtures/anthropic", "count_tokens")
        }
        ("POST", "/v1/responses") => ("openai/tests/fixtures/openai", "responses"),
        ("POST", "/v1/rerank" | "/v2/rerank") => ("cohere/tests/fixtures/cohere", "rerank"),
        ("POST", "/v2/embed") => ("cohere/tests/fixtures/cohere", "embeddings"),
        _ => return None,
    };
    let asked: Asked = serde_json::from_slice(&request.body).ok()?;
    let (_, case) = asked.model.split_once('-')?;
    let form = if asked.stream { "streamed" } else { "whole" };
    let said = |surface, case: &str| recorded(&format!("{vendor}/{surface}/{case}"));
    said(surface, &format!("{case}_{form}"))
        .or_else(|| said(surface, case))
        // A refusal is the same, whatever was asked.
        .or_else(|| said("chat", case))
}

#[derive(Deserialize)]
struct Asked {
    model: String,
    #[serde(default)]
    stream: bool,
}
