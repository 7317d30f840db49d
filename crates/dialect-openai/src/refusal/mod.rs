//! An upstream's refusal: its words and code from whichever envelope it uses, and what they mean. Also
//! for vendors whose wire is their own, because their envelopes are found among these.

mod kinds;
mod words;

use std::time::Duration;

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError};
use http::{StatusCode, response::Parts};

use words::Words;

/// A vendor's own codes, with what they mean.
pub type Codes = &'static [(&'static str, ErrorKind)];

/// A longer wait is a quota, not a pause.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a refusal that came with a status.
pub fn read(head: &Parts, body: Bytes, codes: Codes) -> ProviderError {
    let words = Words::read(&body);
    let error = ProviderError::from_response(head, body);
    let kind = kinds::find(&words, error.kind(), Some(head.status), codes);
    dress(words, error.with_kind(kind))
}

/// Reads an error that came inside a reply whose status was a success.
pub fn in_band(body: Bytes, codes: Codes) -> ProviderError {
    let words = Words::read(&body);
    let status = words.codes.iter().find_map(|code| code.parse::<StatusCode>().ok());
    let status = status.filter(|status| status.is_client_error() || status.is_server_error());
    let by_status = status.map_or(ErrorKind::Unavailable, ErrorKind::from_status);
    let mut kind = kinds::find(&words, by_status, status, codes);
    if kind == ErrorKind::Unavailable && words.is(&["invalid_request_error"]) {
        kind = ErrorKind::Invalid;
    }
    dress(words, ProviderError::new(kind).with_body(body))
}

/// What to make of a body that came with a success, and lacks what it should have: the error that it says,
/// or that it is no reply.
pub fn no_reply(body: &Bytes, lacks: &str) -> ProviderError {
    #[derive(serde::Deserialize)]
    struct Failed<'a> {
        #[serde(borrow)]
        error: &'a serde_json::value::RawValue,
    }
    let says = serde_json::from_slice::<Failed<'_>>(body).is_ok_and(|it| it.error.get() != "null");
    if says {
        return in_band(body.clone(), &[]);
    }
    let message = format!("the upstream's reply has no {lacks}");
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

fn dress(words: Words, mut error: ProviderError) -> ProviderError {
    let advised = error.retry_after().is_some();
    if let Some(wait) = words.wait.filter(|wait| !advised && *wait <= LONGEST_WAIT) {
        error = error.with_retry_after(wait);
    }
    if let Some(message) = words.message {
        error = error.with_message(message);
    }
    if let Some(code) = words.codes.into_iter().next() {
        error = error.with_code(code);
    }
    error
}

#[cfg(test)]
mod tests;
