//! What Cohere says where it does not answer, and what that means.

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError, chat::Text};
use http::response::Parts;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Longer words are cut: they are for a person.
const MAX_WORDS: usize = 2048;

/// Words that say more than the status: what they hold, what they then mean, and instead of what.
const PHRASES: &[(&str, ErrorKind, &[ErrorKind])] = &[
    ("too many tokens", ErrorKind::ContextLength, &[ErrorKind::Invalid]),
    ("maximum context length", ErrorKind::ContextLength, &[ErrorKind::Invalid]),
    ("blocked output", ErrorKind::ContentPolicy, &[ErrorKind::Invalid, ErrorKind::RateLimited]),
    ("blocked input", ErrorKind::ContentPolicy, &[ErrorKind::Invalid, ErrorKind::RateLimited]),
    ("invalid api token", ErrorKind::Unauthorized, &[ErrorKind::Invalid, ErrorKind::RateLimited]),
    ("billing limit", ErrorKind::Quota, &[ErrorKind::RateLimited]),
    ("limited to 1000 api calls / month", ErrorKind::Quota, &[ErrorKind::RateLimited]),
];

/// Reads a refusal: `{"message":…}`, or what clouds that host the models put around it.
pub fn refuse(head: &Parts, body: Bytes) -> ProviderError {
    let message = words(&body);
    let error = ProviderError::from_response(head, body);
    let kind = meant(error.kind(), message.as_deref());
    dressed(error.with_kind(kind), message)
}

/// An error that came with a success, or among a stream's events.
pub(crate) fn in_band(body: Bytes, by_itself: ErrorKind) -> ProviderError {
    let message = words(&body);
    let by_words = message.as_deref().map(|message| meant(ErrorKind::Invalid, Some(message)));
    let kind = by_words.filter(|kind| *kind != ErrorKind::Invalid).unwrap_or(by_itself);
    dressed(ProviderError::new(kind).with_body(body), message)
}

fn dressed(error: ProviderError, message: Option<String>) -> ProviderError {
    match message {
        Some(message) => error.with_message(message),
        None => error,
    }
}

fn meant(by_status: ErrorKind, message: Option<&str>) -> ErrorKind {
    let said = message.unwrap_or_default().to_ascii_lowercase();
    let fits = |(phrase, _, instead_of): &&(&str, ErrorKind, &[ErrorKind])| {
        instead_of.contains(&by_status) && said.contains(phrase)
    };
    PHRASES.iter().find(fits).map_or(by_status, |(_, kind, _)| *kind)
}

/// The words for a person, wherever they stand.
fn words(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow, default)]
        message: Option<&'a RawValue>,
        #[serde(borrow, default)]
        error: Option<&'a RawValue>,
        #[serde(borrow, default)]
        detail: Option<&'a RawValue>,
        #[serde(borrow, default)]
        delta: Option<&'a RawValue>,
    }
    fn find(json: &str, depth: u8) -> Option<String> {
        if let Ok(text) = serde_json::from_str::<Text<'_>>(json) {
            return Some(text.0.trim().chars().take(MAX_WORDS).collect())
                .filter(|said: &String| !said.is_empty() && !said.starts_with('<'));
        }
        let envelope = serde_json::from_str::<Envelope<'_>>(json).ok().filter(|_| depth > 0)?;
        let places = [envelope.message, envelope.error, envelope.detail, envelope.delta];
        places.into_iter().flatten().find_map(|raw| find(raw.get(), depth - 1))
    }
    find(std::str::from_utf8(body).ok()?, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &'static str) -> ProviderError {
        let head = http::Response::builder().status(status).body(()).unwrap().into_parts().0;
        refuse(&head, Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn words_are_found_in_every_envelope() {
        for body in [
            r#"{"message":"no"}"#,
            r#"{"id":"1","message":" no "}"#,
            r#"{"error":{"code":"x","message":"no"}}"#,
            r#"{"error":"no"}"#,
            r#"{"detail":"no"}"#,
            "\"no\"",
        ] {
            assert_eq!(refused(400, body).message(), Some("no"), "{body}");
        }
        for body in ["", "<html>", "{", "[]", "{\"message\":\"<html>\"}"] {
            assert_eq!(refused(400, body).message(), None, "{body}");
        }
    }

    #[test]
    fn the_words_say_more_than_the_status() {
        use ErrorKind as K;
        for (status, message, kind) in [
            (400, r#"{"message":"too many tokens: size limit exceeded by 9"}"#, K::ContextLength),
            (400, r#"{"message":"blocked output: please adjust"}"#, K::ContentPolicy),
            (498, r#"{"message":"invalid api token"}"#, K::Unauthorized),
            (429, r#"{"message":"You have reached your billing limit."}"#, K::Quota),
            (
                429,
                r#"{"message":"You are using a Trial key, which is limited to 1000 API calls / month."}"#,
                K::Quota,
            ),
            (429, r#"{"message":"limited to 20 API calls / minute"}"#, K::RateLimited),
            (404, r#"{"message":"model 'x' not found"}"#, K::NotFound),
            (
                400,
                r#"{"message":"invalid request: message must be at least 1 token long"}"#,
                K::Invalid,
            ),
        ] {
            assert_eq!(refused(status, message).kind(), kind, "{message}");
        }
    }
}
