//! An error of the vendor's: its words, and what they mean.

use bytes::Bytes;
use ferro_core::{ErrorKind as Kind, ProviderError};
use http::{StatusCode, response::Parts};
use serde::Deserialize;
use serde_json::Value;

/// Longer words are cut: they are for a person.
const MAX_WORDS: usize = 2048;

/// What the vendor's types of errors mean.
const TYPES: &[(&str, Kind)] = &[
    ("invalid_request_error", Kind::Invalid),
    ("authentication_error", Kind::Unauthorized),
    ("permission_error", Kind::Unauthorized),
    ("billing_error", Kind::Quota),
    ("not_found_error", Kind::NotFound),
    ("request_too_large", Kind::ContextLength),
    ("rate_limit_error", Kind::RateLimited),
    ("timeout_error", Kind::Timeout),
    ("overloaded_error", Kind::Overloaded),
    ("api_error", Kind::Unavailable),
];

/// What words mean that stand in a refused request, whatever its type.
const PHRASES: &[(&str, Kind)] = &[
    ("prompt is too long", Kind::ContextLength),
    ("exceed context limit", Kind::ContextLength),
    ("input is too long", Kind::ContextLength),
    ("credit balance", Kind::Quota),
    ("content filtering policy", Kind::ContentPolicy),
    ("usage policy", Kind::ContentPolicy),
];

/// Reads a refusal that came with a status.
///
/// ```
/// use ferro_core::ErrorKind;
/// let head = http::Response::builder().status(400).body(()).unwrap().into_parts().0;
/// let body = br#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}"#;
/// let error = ferro_dialect_anthropic::refuse(&head, body.as_slice().into());
/// assert_eq!(error.kind(), ErrorKind::ContextLength);
/// ```
pub fn refuse(head: &Parts, body: Bytes) -> ProviderError {
    let words = Words::read(&body);
    let error = ProviderError::from_response(head, body);
    let by_status = match head.status {
        StatusCode::PAYLOAD_TOO_LARGE => Kind::ContextLength,
        _ => error.kind(),
    };
    let kind = words.kind(by_status);
    words.dress(error.with_kind(kind))
}

/// Reads an error that came inside a reply whose status was a success.
pub(crate) fn in_band(body: Bytes) -> ProviderError {
    let words = Words::read(&body);
    let by_type = TYPES.iter().find(|(named, _)| words.named.as_deref() == Some(named));
    let by_code = words.status.map_or(Kind::Unavailable, Kind::from_status);
    let kind = words.kind(by_type.map_or(by_code, |(_, kind)| *kind));
    words.dress(ProviderError::new(kind).with_body(body))
}

/// What an error says.
#[derive(Debug, Default)]
struct Words {
    named: Option<String>,
    message: Option<String>,
    /// The status that a host's own error names where an event of the vendor's should be.
    status: Option<StatusCode>,
}

impl Words {
    fn read(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Envelope {
            #[serde(default)]
            error: Value,
            // What stands between us and the vendor has words of its own.
            #[serde(default)]
            message: Value,
        }
        let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else { return Self::default() };
        let text = |value: &Value| value.as_str().map(cut).filter(|text| !text.is_empty());
        let error = &envelope.error;
        let message = text(&error["message"]).or_else(|| text(error));
        let status = error["code"].as_u64().and_then(|code| u16::try_from(code).ok());
        Self {
            named: text(&error["type"]).or_else(|| text(&error["status"])),
            message: message.or_else(|| text(&envelope.message)),
            status: status.and_then(|code| StatusCode::from_u16(code).ok()),
        }
    }

    /// What the words mean, `by_status` unless they say more.
    fn kind(&self, by_status: Kind) -> Kind {
        let is_telling = matches!(by_status, Kind::Invalid | Kind::Unauthorized);
        let said = self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        let by_phrase = PHRASES.iter().find(|(phrase, _)| is_telling && said.contains(phrase));
        let by_type = TYPES.iter().find(|(named, kind)| {
            // A status says more than `invalid_request_error`, and as much as the others.
            self.named.as_deref() == Some(named)
                && matches!(by_status, Kind::Invalid | Kind::Unavailable)
                && !matches!(kind, Kind::Invalid | Kind::Unavailable)
        });
        by_phrase.or(by_type).map_or(by_status, |(_, kind)| *kind)
    }

    fn dress(self, mut error: ProviderError) -> ProviderError {
        if let Some(message) = self.message {
            error = error.with_message(message);
        }
        if let Some(named) = self.named {
            error = error.with_code(named);
        }
        error
    }
}

fn cut(words: &str) -> String {
    words.trim().chars().take(MAX_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, named: &str, message: &str) -> ProviderError {
        let head = http::Response::builder().status(status).body(()).unwrap().into_parts().0;
        let body =
            serde_json::json!({"type": "error", "error": {"type": named, "message": message}});
        refuse(&head, body.to_string().into())
    }

    #[test]
    fn every_status_and_type_has_its_kind() {
        for (status, named, message, kind) in [
            (400, "invalid_request_error", "temperature: no", Kind::Invalid),
            (400, "invalid_request_error", "prompt is too long: 9 > 8", Kind::ContextLength),
            (
                400,
                "invalid_request_error",
                "input length and `max_tokens` exceed context limit: 1 + 2 > 2",
                Kind::ContextLength,
            ),
            (400, "invalid_request_error", "Your credit balance is too low", Kind::Quota),
            (
                400,
                "invalid_request_error",
                "Output blocked by content filtering policy",
                Kind::ContentPolicy,
            ),
            (401, "authentication_error", "invalid x-api-key", Kind::Unauthorized),
            (402, "billing_error", "no", Kind::Quota),
            (403, "permission_error", "no", Kind::Unauthorized),
            (404, "not_found_error", "model: x", Kind::NotFound),
            (413, "request_too_large", "no", Kind::ContextLength),
            (429, "rate_limit_error", "no", Kind::RateLimited),
            (500, "api_error", "no", Kind::Unavailable),
            (500, "overloaded_error", "Overloaded", Kind::Overloaded),
            (504, "timeout_error", "no", Kind::Timeout),
            (529, "overloaded_error", "Overloaded", Kind::Overloaded),
        ] {
            let error = refused(status, named, message);
            assert_eq!(error.kind(), kind, "{status} {named} {message}");
            assert_eq!((error.code(), error.message()), (Some(named), Some(message)));
        }
    }

    #[test]
    fn an_error_inside_a_success_is_known_by_its_type() {
        for (named, kind) in TYPES {
            let body =
                serde_json::json!({"type": "error", "error": {"type": named, "message": "m"}});
            assert_eq!(in_band(body.to_string().into()).kind(), *kind, "{named}");
        }
        assert_eq!(in_band(Bytes::from_static(b"{\"error\":\"x\"}")).kind(), Kind::Unavailable);
    }
}
