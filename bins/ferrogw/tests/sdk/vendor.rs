//! The vendors: what they are on record with, what they keep, and the scripted upstream's own answers
//! to the rest.

use ferro_scripted::{Received, Reply, Script, by_the_book};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::recorded::recorded;

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

const RESPONSES: &str = "openai/tests/fixtures/openai/responses";

/// What is done with the things that OpenAI keeps: by the types of its library (openai 3.54.0).
fn kept(path: &str, request: &Received) -> Option<Reply> {
    let segments: Vec<_> = path.strip_prefix("/v1/")?.split('/').collect();
    let body = match (request.method.as_str(), &segments[..]) {
        ("GET", ["responses", RESPONSE]) if request.path.contains("stream=true") => {
            return recorded(&format!("{RESPONSES}/hello_streamed"));
        }
        ("GET", ["responses", RESPONSE]) => return recorded(&format!("{RESPONSES}/hello_whole")),
        ("POST", ["responses", RESPONSE, "cancel"]) => {
            return recorded(&format!("{RESPONSES}/in_the_background_whole"));
        }
        ("DELETE", ["responses", RESPONSE]) => {
            json!({"id": RESPONSE, "object": "response", "deleted": true})
        }
        ("GET", ["responses", RESPONSE, "input_items"]) => page(request, &item()),
        ("POST", ["responses", "input_tokens"]) => {
            json!({"object": "response.input_tokens", "input_tokens": 11})
        }
        ("POST", ["responses", "compact"]) => json!({
            "id": RESPONSE, "object": "response.compaction", "created_at": 1,
            "output": [item(), {"id": "cmp_1", "type": "compaction", "encrypted_content": "c2VhbA=="}],
            "usage": usage(),
        }),
        ("POST", ["conversations"] | ["conversations", CONVERSATION]) => {
            json!({"id": CONVERSATION, "object": "conversation", "created_at": 1, "metadata": {}})
        }
        ("GET", ["conversations", CONVERSATION, "items"]) => page(request, &item()),
        ("DELETE", ["conversations", CONVERSATION]) => {
            json!({"id": CONVERSATION, "object": "conversation.deleted", "deleted": true})
        }
        ("POST", ["fine_tuning", "jobs"]) => json!({
            "id": "ftjob_1", "object": "fine_tuning.job", "created_at": 1, "model": "scripted",
            "status": "queued", "training_file": FILE, "seed": 7, "result_files": [],
        }),
        ("POST", ["files"]) | ("GET", ["files", FILE]) => file(),
        ("GET", ["files"]) => page(request, &file()),
        ("DELETE", ["files", FILE]) => json!({"id": FILE, "object": "file", "deleted": true}),
        ("GET", ["files", FILE, "content"]) => {
            let bytes: Vec<_> = (0..=u8::MAX).cycle().take(1 << 12).collect();
            return Some(Reply::new(200, "application/octet-stream", bytes));
        }
        ("GET", ["files", OUTPUT, "content"]) => {
            return Some(Reply::new(200, "application/octet-stream", "{\"b\":\"\u{e9}\"}\n"));
        }
        ("POST", ["uploads"]) => upload("pending"),
        ("POST", ["uploads", UPLOAD, "parts"]) => {
            json!({"id": "part_1", "object": "upload.part", "created_at": 1, "upload_id": UPLOAD})
        }
        ("POST", ["uploads", UPLOAD, "complete"]) => upload("completed"),
        ("POST", ["uploads", UPLOAD, "cancel"]) => upload("cancelled"),
        ("POST", ["batches"]) => batch("validating"),
        ("GET", ["batches"]) => page(request, &batch("completed")),
        ("GET", ["batches", BATCH]) => batch("completed"),
        ("POST", ["batches", BATCH, "cancel"]) => batch("cancelling"),
        _ => return None,
    };
    Some(Reply::json(200, body.to_string()))
}

/// What the fixtures call every response.
const RESPONSE: &str = "resp_conformance";
const CONVERSATION: &str = "conv_1";
const FILE: &str = "file-1";
const OUTPUT: &str = "file-2";
const UPLOAD: &str = "upload_1";
const BATCH: &str = "batch_1";

fn file() -> Value {
    json!({
        "id": FILE, "object": "file", "bytes": 8, "created_at": 1, "expires_at": 3601,
        "filename": "requests.jsonl", "purpose": "batch", "status": "processed",
    })
}

fn upload(status: &str) -> Value {
    json!({
        "id": UPLOAD, "object": "upload", "bytes": 8, "created_at": 1, "expires_at": 3601,
        "filename": "requests.jsonl", "purpose": "batch", "status": status,
        "file": (status == "completed").then(file),
    })
}

fn batch(status: &str) -> Value {
    json!({
        "id": BATCH, "object": "batch", "endpoint": "/v1/responses", "input_file_id": FILE,
        "completion_window": "24h", "status": status, "output_file_id": OUTPUT, "created_at": 1,
        "errors": null, "metadata": {"who": "a program"},
        "request_counts": {"total": 1, "completed": 1, "failed": 0},
        "usage": usage(),
    })
}

fn usage() -> Value {
    json!({
        "input_tokens": 3, "input_tokens_details": {"cached_tokens": 1}, "output_tokens": 4,
        "output_tokens_details": {"reasoning_tokens": 2}, "total_tokens": 7,
    })
}

fn item() -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "user", "status": "completed",
        "content": [{"type": "input_text", "text": "Hello"}],
    })
}

/// The first page of a list, or the last: whoever asks for what comes after something has that.
fn page(request: &Received, item: &Value) -> Value {
    let is_last = request.path.contains("after=");
    json!({
        "object": "list", "data": [item], "first_id": item["id"], "last_id": item["id"],
        "has_more": !is_last,
    })
}
