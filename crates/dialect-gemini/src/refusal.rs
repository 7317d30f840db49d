//! The vendor's errors: `{"error": {"code", "message", "status", "details"}}`, alone or in a list.
//!
//! Read: `https://ai.google.dev/gemini-api/docs/troubleshooting` and
//! `https://cloud.google.com/apis/design/errors`, 2026-11-29.

use std::time::Duration;

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError, retry_after};
use http::{StatusCode, response::Parts};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{Members, items, text};

/// Longer words are cut: they are for a person.
const MAX_WORDS: usize = 2048;
/// A longer wait is a quota, not a pause.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a refusal that came with a status.
pub(crate) fn read(head: &Parts, body: Bytes) -> ProviderError {
    let told = Told::read(&body);
    let plain = told.is_none().then(|| plain(&body)).flatten();
    let error = ProviderError::from_response(head, body);
    let Some(told) = told else {
        return plain.into_iter().fold(error, ProviderError::with_message);
    };
    let kind = told.kind(error.kind());
    told.dress(error.with_kind(kind))
}

/// Reads an error that came where a reply should be; `None` if it is none.
pub(crate) fn in_band(body: &[u8]) -> Option<ProviderError> {
    let told = Told::read(body)?;
    let status = told.code.and_then(|code| StatusCode::from_u16(code).ok());
    let by_status = status.map_or(ErrorKind::Unavailable, ErrorKind::from_status);
    let kind = told.kind(by_status);
    Some(told.dress(ProviderError::new(kind).with_body(Bytes::copy_from_slice(body))))
}

/// What an error says.
#[derive(Default)]
struct Told {
    code: Option<u16>,
    status: Option<String>,
    message: Option<String>,
    /// Why, in the vendor's own code: `API_KEY_INVALID`.
    reason: Option<String>,
    wait: Option<Duration>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    error: &'a RawValue,
}

impl Told {
    fn read(body: &[u8]) -> Option<Self> {
        let error = if body.trim_ascii_start().starts_with(b"[") {
            // Also behind pieces of a reply, which are none.
            let listed: Vec<&RawValue> = serde_json::from_slice(body).ok()?;
            let mut backwards = listed.into_iter().rev();
            backwards.find_map(|item| serde_json::from_str::<Envelope<'_>>(item.get()).ok())?.error
        } else {
            serde_json::from_slice::<Envelope<'_>>(body).ok()?.error
        };
        if let Some(message) = text(error.get()) {
            return Some(Self { message: Some(cut(&message)), ..Self::default() });
        }
        // Proxies write some of these members otherwise; what can be read is.
        let error = Members::of(error.get())?;
        let said = |members: &Members<'_>, name| {
            let said = text(members.get(name)?)?;
            (!said.is_empty()).then(|| cut(&said))
        };
        let details = error.get("details").map(items).unwrap_or_default();
        let details: Vec<_> =
            details.into_iter().filter_map(|detail| Members::of(detail.get())).collect();
        let delay = |detail: &Members<'_>| retry_after::span(&text(detail.get("retryDelay")?)?);
        Some(Self {
            code: error.get("code").and_then(|code| code.trim_matches('"').parse().ok()),
            status: said(&error, "status"),
            message: said(&error, "message"),
            reason: details.iter().find_map(|detail| said(detail, "reason")),
            wait: details.iter().find_map(delay),
        })
    }

    /// What the words mean, where the status alone suggests `kind`.
    fn kind(&self, kind: ErrorKind) -> ErrorKind {
        let message = self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
        // A quota of tokens is exhausted in the same words.
        let is_about_request = matches!(self.status.as_deref(), None | Some("INVALID_ARGUMENT"));
        let is_key = self.reason.as_deref().is_some_and(|reason| reason.starts_with("API_KEY_"));
        match self.status.as_deref() {
            _ if is_key || says(&["api key not valid", "api key expired"]) => {
                ErrorKind::Unauthorized
            }
            _ if is_about_request && says(TOO_LONG) => ErrorKind::ContextLength,
            // Where an account may not be used, or is not paid for: another one may do.
            Some("FAILED_PRECONDITION" | "UNAUTHENTICATED" | "PERMISSION_DENIED") => {
                ErrorKind::Unauthorized
            }
            Some("RESOURCE_EXHAUSTED") => ErrorKind::RateLimited,
            Some("UNAVAILABLE") => ErrorKind::Overloaded,
            Some("NOT_FOUND") => ErrorKind::NotFound,
            Some("DEADLINE_EXCEEDED") => ErrorKind::Timeout,
            Some("INVALID_ARGUMENT" | "OUT_OF_RANGE") if self.code.is_none() => ErrorKind::Invalid,
            _ if says(&["model is overloaded"]) => ErrorKind::Overloaded,
            _ => kind,
        }
    }

    fn dress(self, mut error: ProviderError) -> ProviderError {
        if let Some(wait) = self.wait.filter(|wait| *wait <= LONGEST_WAIT)
            && error.retry_after().is_none()
        {
            error = error.with_retry_after(wait);
        }
        if let Some(message) = self.message {
            error = error.with_message(message);
        }
        let code = self.reason.or(self.status).or(self.code.map(|code| code.to_string()));
        code.into_iter().fold(error, ProviderError::with_code)
    }
}

/// How a prompt is said to be too long.
const TOO_LONG: &[&str] = &[
    "exceeds the maximum number of tokens",
    "input token count",
    "input context is too long",
    "prompt is too long",
];

/// Words without an envelope. A page for a browser, or half of an envelope, says nothing to a client.
fn plain(body: &[u8]) -> Option<String> {
    let said = std::str::from_utf8(body).ok()?.trim();
    (said.len() > 1 && !said.starts_with(['{', '[', '<']) && said != "null").then(|| cut(said))
}

fn cut(said: &str) -> String {
    said.chars().take(MAX_WORDS).collect()
}

#[cfg(test)]
mod tests;
