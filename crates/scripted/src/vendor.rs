//! What the vendor says: a pure function of what it is asked.

use serde_json::{Value, json};

/// What a whole reply says.
pub const WHOLE_TEXT: &str = "Hello from the scripted upstream.";
/// What a streamed reply says, chunk by chunk.
pub const STREAM_TEXT: &[&str] = &["Hello", " from", " a", " stream."];

/// An answer, as it goes onto the wire.
pub(crate) enum Answer {
    Reply {
        status: u16,
        content_type: &'static str,
        headers: String,
        body: String,
    },
    /// Events, and then the connection closes without an end.
    Cut(String),
    /// The connection closes at once.
    Nothing,
}

pub(crate) fn answer(path: &str, body: &[u8]) -> Answer {
    if path.ends_with("/models") {
        let list = json!({"object": "list", "data": [{"id": "scripted", "object": "model", "created": 1}]});
        return json_reply(200, &list);
    }
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let model = request["model"].as_str().unwrap_or_default();
    if let Some(status) = model.strip_prefix("error-").and_then(|status| status.parse().ok()) {
        return refusal(status);
    }
    if model == "dead" {
        return Answer::Nothing;
    }
    if request["stream"] == true { stream(&request, model) } else { json_reply(200, &whole(model)) }
}

fn whole(model: &str) -> Value {
    json!({
        "id": "chatcmpl-scripted", "object": "chat.completion", "created": 1, "model": model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": WHOLE_TEXT, "refusal": null},
                     "logprobs": null, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16,
                  "prompt_tokens_details": {"cached_tokens": 4}},
        "system_fingerprint": "fp_scripted"
    })
}

fn stream(request: &Value, model: &str) -> Answer {
    let chunk = |choices: Value, usage: Value| {
        let chunk = json!({"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1,
                           "model": model, "choices": choices, "usage": usage});
        format!("data: {chunk}\n\n")
    };
    let said = |delta: Value, finish: Value| {
        chunk(json!([{"index": 0, "delta": delta, "finish_reason": finish}]), Value::Null)
    };
    let mut events = said(json!({"role": "assistant", "content": ""}), Value::Null);
    for text in STREAM_TEXT {
        events += &said(json!({"content": text}), Value::Null);
    }
    if model == "cut" {
        return Answer::Cut(events);
    }
    events += &said(json!({}), json!("stop"));
    if request["stream_options"]["include_usage"] == true {
        let usage = json!({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14});
        events += &chunk(json!([]), usage);
    }
    events += "data: [DONE]\n\n";
    let headers = String::new();
    Answer::Reply { status: 200, content_type: "text/event-stream", headers, body: events }
}

fn refusal(status: u16) -> Answer {
    let (kind, code) = match status {
        401 => ("invalid_request_error", "invalid_api_key"),
        404 => ("invalid_request_error", "model_not_found"),
        429 => ("requests", "rate_limit_exceeded"),
        500.. => ("server_error", "server_error"),
        _ => ("invalid_request_error", "invalid_value"),
    };
    let body = json!({"error": {"message": format!("scripted {status}"), "type": kind, "param": null, "code": code}});
    let headers = if status == 429 { "retry-after: 2\r\n".to_owned() } else { String::new() };
    let content_type = "application/json";
    Answer::Reply { status, content_type, headers, body: body.to_string() }
}

fn json_reply(status: u16, body: &Value) -> Answer {
    let (content_type, headers) = ("application/json", String::new());
    Answer::Reply { status, content_type, headers, body: body.to_string() }
}
