//! Refusals, in the shapes that vendors give them.

use crate::Reply;

/// Whose shape a refusal's body has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// OpenAI's envelope, which most vendors use.
    OpenAi,
    /// Anthropic's.
    Anthropic,
    /// Google's.
    Google,
    /// Cohere's.
    Cohere,
    /// Amazon's.
    Aws,
    /// What `FastAPI` gives, and so many self-hosted servers.
    FastApi,
    /// Words alone.
    Plain,
    /// A page, as proxies in front of a vendor give it.
    Html,
    /// Nothing.
    Empty,
}

impl Shape {
    /// The shapes by the names that a model's name uses.
    pub(crate) const BY_NAME: [(&str, Self); 9] = [
        ("openai", Self::OpenAi),
        ("anthropic", Self::Anthropic),
        ("google", Self::Google),
        ("cohere", Self::Cohere),
        ("aws", Self::Aws),
        ("fastapi", Self::FastApi),
        ("plain", Self::Plain),
        ("html", Self::Html),
        ("empty", Self::Empty),
    ];
}

/// A refusal with the words, codes and headers that a vendor sends with such a status.
pub fn refusal(status: u16, shape: Shape) -> Reply {
    let (content_type, body) = body(status, shape);
    let reply = Reply::new(status, content_type, body);
    match status {
        429 => reply
            .header("retry-after", "2")
            .header("x-ratelimit-limit-requests", "60")
            .header("x-ratelimit-remaining-requests", "0")
            .header("x-ratelimit-reset-requests", "2s"),
        503 | 529 => reply.header("retry-after", "1"),
        _ => reply,
    }
}

fn body(status: u16, shape: Shape) -> (&'static str, String) {
    const JSON: &str = "application/json";
    let words = format!("scripted {status}: {}", words(status));
    match shape {
        Shape::OpenAi => {
            let (kind, code, param) = openai(status);
            let body = format!(
                r#"{{"error":{{"message":"{words}","type":"{kind}","param":{param},"code":{code}}}}}"#
            );
            (JSON, body)
        }
        Shape::Anthropic => {
            let kind = anthropic(status);
            let body = format!(
                r#"{{"type":"error","error":{{"type":"{kind}","message":"{words}"}},"request_id":"req_scripted"}}"#
            );
            (JSON, body)
        }
        Shape::Google => {
            let name = google(status);
            let body =
                format!(r#"{{"error":{{"code":{status},"message":"{words}","status":"{name}"}}}}"#);
            (JSON, body)
        }
        Shape::Cohere => (JSON, format!(r#"{{"id":"scripted","message":"{words}"}}"#)),
        Shape::Aws => (JSON, format!(r#"{{"message":"{words}"}}"#)),
        Shape::FastApi => (JSON, format!(r#"{{"detail":"{words}"}}"#)),
        Shape::Plain => ("text/plain", words),
        Shape::Html => ("text/html", format!("<html><h1>{words}</h1></html>")),
        Shape::Empty => ("text/plain", String::new()),
    }
}

fn words(status: u16) -> &'static str {
    match status {
        400 => "the request is not valid",
        401 => "incorrect API key provided",
        403 => "this project may not use the model",
        404 => "the model does not exist",
        413 => "the request is too large",
        429 => "rate limit reached for requests",
        503 | 529 => "the engine is overloaded",
        500.. => "the server had an error while processing the request",
        _ => "refused",
    }
}

/// `type`, and `code` and `param` as JSON.
fn openai(status: u16) -> (&'static str, &'static str, &'static str) {
    const INVALID: &str = "invalid_request_error";
    match status {
        400 => (INVALID, r#""invalid_value""#, r#""messages""#),
        401 => (INVALID, r#""invalid_api_key""#, "null"),
        404 => (INVALID, r#""model_not_found""#, "null"),
        429 => ("requests", r#""rate_limit_exceeded""#, "null"),
        500.. => ("server_error", "null", "null"),
        _ => (INVALID, "null", "null"),
    }
}

fn anthropic(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

fn google(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_that_is_json_is_json() {
        for status in [400, 401, 403, 404, 413, 418, 429, 500, 503, 529] {
            for (name, shape) in Shape::BY_NAME {
                let (content_type, text) = body(status, shape);
                let is_json = serde_json::from_str::<serde_json::Value>(&text).is_ok();
                assert_eq!(is_json, content_type == "application/json", "{name}: {text}");
            }
        }
    }
}
