//! An upstream's refusal: its words and code from whichever envelope it uses, and what they mean.

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError};
use http::{StatusCode, response::Parts};
use serde_json::Value;

/// Longer words are cut: they are for a person.
const MAX_WORDS: usize = 2048;

/// Reads a refusal that came with a status.
pub(crate) fn read(head: &Parts, body: Bytes) -> ProviderError {
    let words = Words::read(&body);
    let error = ProviderError::from_response(head, body);
    let kind = words.kind(error.kind(), Some(head.status));
    words.dress(error.with_kind(kind))
}

/// Reads an error that came inside a reply whose status was a success.
pub(crate) fn in_band(body: Bytes) -> ProviderError {
    let words = Words::read(&body);
    let status = words.code.as_deref().and_then(|code| code.parse::<StatusCode>().ok());
    let kind = status.map_or(ErrorKind::Unavailable, ErrorKind::from_status);
    let kind = words.kind(kind, status);
    words.dress(ProviderError::new(kind).with_body(body))
}

#[derive(Default)]
struct Words {
    message: Option<String>,
    code: Option<String>,
    kind: Option<String>,
}

impl Words {
    fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let value = value.get(0).unwrap_or(&value); // some wrap the error in an array
        let error = value.get("error").unwrap_or(value);
        let error = error.get("error").unwrap_or(error);
        let at = |name: &str| error.get(name).or_else(|| value.get(name));
        let detail = value.get("detail");
        let candidates = [
            Some(error),
            at("message"),
            detail,
            detail.and_then(|d| d.get("error").or_else(|| d.get("message"))),
            detail.and_then(|d| d.get(0)?.get("msg")),
            value.get("errors").and_then(|errors| errors.get(0)?.get("message")),
        ];
        let message = candidates.into_iter().flatten().find_map(Value::as_str);
        let code = ["code", "error_code", "type"].into_iter().find_map(|name| text(at(name)?));
        Self {
            message: message.map(|message| message.chars().take(MAX_WORDS).collect()),
            code,
            kind: at("type").and_then(text),
        }
    }

    /// What the words say beyond the status.
    fn kind(&self, by_status: ErrorKind, status: Option<StatusCode>) -> ErrorKind {
        let code = self.code.as_deref().unwrap_or_default();
        let message = self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        let is = |words: &[&str]| {
            words.iter().any(|word| code == *word || self.kind.as_deref() == Some(word))
        };
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if is(&["insufficient_quota", "Arrearage"]) || says(&["credit balance"]) {
            return ErrorKind::Quota;
        }
        if by_status == ErrorKind::Invalid || status == Some(StatusCode::PAYLOAD_TOO_LARGE) {
            if is(&["context_length_exceeded"]) || says(TOO_LONG) {
                return ErrorKind::ContextLength;
            }
            if is(&["content_filter", "content_policy_violation", "data_inspection_failed"]) {
                return ErrorKind::ContentPolicy;
            }
            if is(&["API_KEY_INVALID", "invalid_api_key"]) || says(&["incorrect api key"]) {
                return ErrorKind::Unauthorized;
            }
            if is(&["model_not_found", "model_decommissioned"]) || says(&["not a valid model id"]) {
                return ErrorKind::NotFound;
            }
        }
        if is(&["overloaded_error", "engine_overloaded_error"]) {
            return ErrorKind::Overloaded;
        }
        if is(&["rate_limit_exceeded", "rate_limit_error"]) && by_status == ErrorKind::Unavailable {
            return ErrorKind::RateLimited;
        }
        by_status
    }

    fn dress(self, mut error: ProviderError) -> ProviderError {
        if let Some(message) = self.message {
            error = error.with_message(message);
        }
        if let Some(code) = self.code {
            error = error.with_code(code);
        }
        error
    }
}

const TOO_LONG: &[&str] = &[
    "maximum context length",
    "prompt is too long",
    "input is too long",
    "too large for model",
    "too many tokens",
    "exceeds the maximum number of tokens",
];

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &'static str) -> ProviderError {
        let head = http::Response::builder().status(status).body(()).unwrap().into_parts().0;
        read(&head, Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn words_are_found_in_every_envelope() {
        for body in [
            r#"{"error":{"message":"no","type":"t","param":null,"code":"c"}}"#,
            r#"{"error":"no"}"#,
            r#"{"code":"c","error":"no"}"#,
            r#"{"message":"no","type":"t","param":"p","code":"c"}"#,
            r#"{"detail":"no"}"#,
            r#"{"detail":{"error":"no"}}"#,
            r#"{"detail":[{"msg":"no"}]}"#,
            r#"{"error_code":"X","message":"no"}"#,
            r#"{"success":false,"errors":[{"code":1,"message":"no"}]}"#,
            r#"[{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}]"#,
        ] {
            assert_eq!(refused(418, body).message(), Some("no"), "{body}");
        }
    }

    #[test]
    fn the_words_say_more_than_the_status() {
        let kind = |status, body| refused(status, body).kind();
        let too_long = r#"{"error":{"message":"This model's maximum context length is 8","code":"context_length_exceeded"}}"#;
        assert_eq!(kind(400, too_long), ErrorKind::ContextLength);
        assert_eq!(kind(429, r#"{"error":{"code":"insufficient_quota"}}"#), ErrorKind::Quota);
        assert_eq!(kind(400, r#"{"error":{"code":"content_filter"}}"#), ErrorKind::ContentPolicy);
        assert_eq!(kind(400, r#"{"error":{"message":"bad temperature"}}"#), ErrorKind::Invalid);
        assert_eq!(kind(500, "<html>oops</html>"), ErrorKind::Unavailable);
    }
}
