//! The things that vendors keep, and what they say when they are made, looked at, changed and deleted:
//! constructed after the types of their libraries (openai 3.54.0, anthropic 2.12.0).

use ferro_scripted::{Received, Reply};
use serde_json::{Value, json};

use crate::recorded::recorded;

/// What the fixtures call every response.
const RESPONSE: &str = "resp_conformance";
const CONVERSATION: &str = "conv_1";
const FILE: &str = "file-1";
const OUTPUT: &str = "file-2";
const UPLOAD: &str = "upload_1";
const BATCH: &str = "batch_1";
const MESSAGES: &str = "msgbatch_1";

/// The answer to what is done with one of them, or with all; nothing where there is no such thing.
pub(crate) fn kept(path: &str, request: &Received) -> Option<Reply> {
    let segments: Vec<_> = path.strip_prefix("/v1/")?.split('/').collect();
    let (kind, rest) = segments.split_first()?;
    let method = request.method.as_str();
    let body = match *kind {
        "messages" => return messages(method, rest, request),
        "files" if request.header("anthropic-version").is_some() => {
            return message_files(method, rest);
        }
        "responses" => return responses(method, rest, request),
        "files" => return files(method, rest, request),
        "conversations" => conversations(method, rest, request)?,
        "uploads" => uploads(method, rest)?,
        "batches" => batches(method, rest, request)?,
        "fine_tuning" if method == "POST" && rest == ["jobs"] => json!({
            "id": "ftjob_1", "object": "fine_tuning.job", "created_at": 1, "model": "scripted",
            "status": "queued", "training_file": FILE, "seed": 7, "result_files": [],
        }),
        _ => return None,
    };
    Some(json(&body))
}

fn responses(method: &str, rest: &[&str], request: &Received) -> Option<Reply> {
    let recorded = |case| recorded(&format!("openai/tests/fixtures/openai/responses/{case}"));
    let body = match (method, rest) {
        ("GET", [RESPONSE]) if request.path.contains("stream=true") => {
            return recorded("hello_streamed");
        }
        ("GET", [RESPONSE]) => return recorded("hello_whole"),
        ("POST", [RESPONSE, "cancel"]) => return recorded("in_the_background_whole"),
        ("DELETE", [RESPONSE]) => json!({"id": RESPONSE, "object": "response", "deleted": true}),
        ("GET", [RESPONSE, "input_items"]) => page(request, &item()),
        ("POST", ["input_tokens"]) => {
            json!({"object": "response.input_tokens", "input_tokens": 11})
        }
        ("POST", ["compact"]) => json!({
            "id": RESPONSE, "object": "response.compaction", "created_at": 1, "usage": usage(),
            "output": [item(), {"id": "cmp_1", "type": "compaction", "encrypted_content": "c2VhbA=="}],
        }),
        _ => return None,
    };
    Some(json(&body))
}

fn files(method: &str, rest: &[&str], request: &Received) -> Option<Reply> {
    let bytes = |bytes: Vec<u8>| Some(Reply::new(200, "application/octet-stream", bytes));
    let body = match (method, rest) {
        ("POST", []) | ("GET", [FILE]) => file(),
        ("GET", []) => page(request, &file()),
        ("DELETE", [FILE]) => json!({"id": FILE, "object": "file", "deleted": true}),
        ("GET", [FILE, "content"]) => return bytes((0..=u8::MAX).cycle().take(1 << 12).collect()),
        ("GET", [OUTPUT, "content"]) => return bytes("{\"b\":\"\u{e9}\"}\n".into()),
        _ => return None,
    };
    Some(json(&body))
}

fn conversations(method: &str, rest: &[&str], request: &Received) -> Option<Value> {
    Some(match (method, rest) {
        ("POST", [] | [CONVERSATION]) => {
            json!({"id": CONVERSATION, "object": "conversation", "created_at": 1, "metadata": {}})
        }
        ("GET", [CONVERSATION, "items"]) => page(request, &item()),
        ("DELETE", [CONVERSATION]) => {
            json!({"id": CONVERSATION, "object": "conversation.deleted", "deleted": true})
        }
        _ => return None,
    })
}

fn uploads(method: &str, rest: &[&str]) -> Option<Value> {
    Some(match (method, rest) {
        ("POST", []) => upload("pending"),
        ("POST", [UPLOAD, "parts"]) => {
            json!({"id": "part_1", "object": "upload.part", "created_at": 1, "upload_id": UPLOAD})
        }
        ("POST", [UPLOAD, "complete"]) => upload("completed"),
        ("POST", [UPLOAD, "cancel"]) => upload("cancelled"),
        _ => return None,
    })
}

fn batches(method: &str, rest: &[&str], request: &Received) -> Option<Value> {
    Some(match (method, rest) {
        ("POST", []) => batch("validating"),
        ("GET", []) => page(request, &batch("completed")),
        ("GET", [BATCH]) => batch("completed"),
        ("POST", [BATCH, "cancel"]) => batch("cancelling"),
        _ => return None,
    })
}

fn messages(method: &str, rest: &[&str], request: &Received) -> Option<Reply> {
    let listed = || {
        let batch = message_batch(request, "ended");
        json!({"data": [batch], "has_more": false, "first_id": MESSAGES, "last_id": MESSAGES})
    };
    let body = match (method, rest) {
        ("POST", ["batches"]) => message_batch(request, "in_progress"),
        ("GET", ["batches"]) => listed(),
        ("GET", ["batches", MESSAGES]) => message_batch(request, "ended"),
        ("POST", ["batches", MESSAGES, "cancel"]) => message_batch(request, "canceling"),
        ("DELETE", ["batches", MESSAGES]) => {
            json!({"id": MESSAGES, "type": "message_batch_deleted"})
        }
        ("GET", ["batches", MESSAGES, "results"]) => {
            let line =
                |id: &str| json!({"custom_id": id, "result": {"type": "expired"}}).to_string();
            let lines = format!("{}\n{}\n", line("one"), line("gr\u{fc}n"));
            return Some(Reply::new(200, "application/x-jsonl", lines));
        }
        ("GET", ["batches", _]) => return Some(no_such_batch()),
        _ => return None,
    };
    Some(json(&body))
}

fn no_such_batch() -> Reply {
    let error = json!({"type": "not_found_error", "message": "There is no such batch."});
    Reply::json(404, json!({"type": "error", "error": error, "request_id": "req_1"}).to_string())
}

/// A batch, whose results are at the vendor's own address.
fn message_batch(request: &Received, status: &str) -> Value {
    let host = request.header("host").unwrap_or_default();
    let results = format!("http://{host}/v1/messages/batches/{MESSAGES}/results");
    json!({
        "id": MESSAGES, "type": "message_batch", "processing_status": status,
        "archived_at": null, "cancel_initiated_at": null, "created_at": "2026-11-24T18:37:24Z",
        "ended_at": null, "expires_at": "2026-11-25T18:37:24Z",
        "request_counts": {"processing": 0, "succeeded": 2, "errored": 0, "canceled": 0, "expired": 0},
        "results_url": (status == "ended").then_some(results),
    })
}

fn message_files(method: &str, rest: &[&str]) -> Option<Reply> {
    let file = || {
        json!({
            "id": "file_1", "type": "file", "filename": "a.txt", "mime_type": "text/plain",
            "size_bytes": 2, "created_at": "2026-11-24T18:37:24Z", "downloadable": true,
        })
    };
    let body = match (method, rest) {
        ("POST", []) | ("GET", ["file_1"]) => file(),
        ("GET", []) => {
            json!({"data": [file()], "has_more": false, "first_id": "file_1", "last_id": "file_1"})
        }
        ("GET", ["file_1", "content"]) => {
            return Some(Reply::new(200, "text/plain", "gr\u{fc}n\n"));
        }
        ("DELETE", ["file_1"]) => json!({"id": "file_1", "type": "file_deleted"}),
        _ => return None,
    };
    Some(json(&body))
}

fn json(body: &Value) -> Reply {
    Reply::json(200, body.to_string())
}

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
