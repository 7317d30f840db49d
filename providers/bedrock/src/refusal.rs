//! What AWS says when it refuses, before a reply or inside one.

use std::borrow::Cow;

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError, chat::Text};
use http::{StatusCode, response::Parts};
use serde::Deserialize;

/// The words of a refusal, and the name of its kind where that stands in the body.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Words<'a> {
    #[serde(borrow)]
    message: Option<Text<'a>>,
    #[serde(borrow, rename = "Message")]
    older: Option<Text<'a>>,
    #[serde(borrow, rename = "__type")]
    named: Option<Text<'a>>,
    #[serde(borrow, rename = "code")]
    code: Option<Text<'a>>,
    #[serde(rename = "originalStatusCode")]
    original_status: Option<u16>,
    #[serde(borrow, rename = "originalMessage")]
    original: Option<Text<'a>>,
    /// Where a host does not know the operation, and says so with a success.
    #[serde(borrow, rename = "Output")]
    output: Option<Named<'a>>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, rename = "__type")]
    named: Option<Text<'a>>,
}

/// What is said of a session that is over.
const EXPIRED: &[&str] = &["ExpiredTokenException", "ExpiredToken"];

/// Reads a refusal in place of a reply.
pub(crate) fn read(head: &Parts, body: Bytes) -> ProviderError {
    let said = head.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let said = said.map(str::to_owned);
    let words: Words<'_> = serde_json::from_slice(&body).unwrap_or_default();
    let name = said.as_deref().or(words.named.as_deref()).or(words.code.as_deref());
    let name = name.map(bare).unwrap_or_default().to_owned();
    let message = words.words();
    let kind = kind(&name, &message, words.original_status);
    let message = message.into_owned();
    let error = ProviderError::from_response(head, body);
    let error = kind.into_iter().fold(error, ProviderError::with_kind);
    // AWS refuses what a role was given for a while with 403, like what was never allowed.
    let error = if EXPIRED.contains(&&*name) { error.with_expired_credential() } else { error };
    told(error, &name, message)
}

/// Reads an exception that came inside a stream.
pub(crate) fn exception(name: &str, payload: &[u8]) -> ProviderError {
    let words: Words<'_> = serde_json::from_slice(payload).unwrap_or_default();
    let (name, message) = (bare(name), words.words());
    let kind = kind(name, &message, words.original_status).unwrap_or(ErrorKind::Unavailable);
    let error = ProviderError::new(kind).with_body(Bytes::copy_from_slice(payload));
    told(error, name, message.into_owned())
}

/// An error in place of a reply that came with a success, if it is one.
pub(crate) fn in_success(body: &Bytes) -> Option<ProviderError> {
    let words: Words<'_> = serde_json::from_slice(body).ok()?;
    let output = words.output.as_ref().and_then(|output| output.named.as_deref());
    let name = bare(words.named.as_deref().or(output)?);
    let message = words.words();
    let kind = kind(name, &message, words.original_status).unwrap_or(ErrorKind::Unavailable);
    let error = ProviderError::new(kind).with_body(body.clone());
    Some(told(error, name, message.into_owned()))
}

fn told(error: ProviderError, name: &str, message: String) -> ProviderError {
    let error = if name.is_empty() { error } else { error.with_code(name) };
    match (message.is_empty(), name.is_empty()) {
        (false, _) => error.with_message(message),
        (true, false) => error.with_message(name),
        (true, true) => error,
    }
}

impl Words<'_> {
    fn words(&self) -> Cow<'_, str> {
        let said = self.message.as_deref().or(self.older.as_deref()).unwrap_or_default();
        match self.original.as_deref().filter(|original| !original.is_empty()) {
            Some(original) if said.is_empty() => Cow::Borrowed(original),
            Some(original) if !said.contains(original) => {
                Cow::Owned(format!("{said} ({original})"))
            }
            _ => Cow::Borrowed(said),
        }
    }
}

/// A kind's name without its name space, and without the address behind it.
fn bare(name: &str) -> &str {
    let name = name.rsplit('#').next().unwrap_or(name);
    name.split(':').next().unwrap_or(name).trim()
}

/// What is to be done; `None` where only the status tells.
fn kind(name: &str, message: &str, original: Option<u16>) -> Option<ErrorKind> {
    let is = |word: &str| name.len() == word.len() && name.eq_ignore_ascii_case(word);
    let one_of = |words: &[&str]| words.iter().any(|word| is(word));
    Some(match () {
        () if one_of(&["ThrottlingException", "TooManyRequestsException"]) => {
            ErrorKind::RateLimited
        }
        () if is("ServiceQuotaExceededException") => ErrorKind::Quota,
        () if one_of(&["ModelNotReadyException", "ServiceUnavailableException"]) => {
            ErrorKind::Overloaded
        }
        () if is("ModelTimeoutException") => ErrorKind::Timeout,
        () if one_of(&["InternalServerException", "InternalFailure"]) => ErrorKind::Unavailable,
        () if one_of(&["ModelErrorException", "ModelStreamErrorException"]) => {
            let original = original.and_then(|code| StatusCode::from_u16(code).ok());
            original.map_or(ErrorKind::Unavailable, ErrorKind::from_status)
        }
        () if one_of(&["ResourceNotFoundException", "UnknownOperationException"]) => {
            ErrorKind::NotFound
        }
        // A model that the account may not use is none of this target's; the key is not at fault.
        () if is("AccessDeniedException") && message.contains("access to the model") => {
            ErrorKind::NotFound
        }
        () if one_of(EXPIRED) => ErrorKind::Unauthorized,
        () if one_of(&[
            "AccessDeniedException",
            "UnrecognizedClientException",
            "InvalidSignatureException",
            "IncompleteSignatureException",
            "MissingAuthenticationTokenException",
            "InvalidClientTokenId",
        ]) =>
        {
            ErrorKind::Unauthorized
        }
        () if is("ValidationException") => invalid(message),
        () => return None,
    })
}

/// What exactly a request is wrong in, by the words: there is one name for all of it.
fn invalid(message: &str) -> ErrorKind {
    const NO_MODEL: [&str; 3] = ["model identifier is invalid", "on-demand throughput", "model ID"];
    const TOO_LONG: [&str; 6] = [
        "Input is too long",
        "prompt is too long",
        "Too many input tokens",
        "exceed context limit",
        "maximum context length",
        "maximum number of tokens",
    ];
    let says = |words: &[&str]| {
        let message = message.to_ascii_lowercase();
        words.iter().any(|words| message.contains(&words.to_ascii_lowercase()))
    };
    match () {
        () if says(&TOO_LONG) => ErrorKind::ContextLength,
        () if says(&NO_MODEL) => ErrorKind::NotFound,
        () if says(&["content filtering policy"]) => ErrorKind::ContentPolicy,
        () => ErrorKind::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_is_over_is_told_from_what_was_never_allowed() {
        for (name, is_spent) in [
            ("ExpiredTokenException", true),
            ("ExpiredToken", true),
            ("AccessDeniedException", false),
            ("InvalidSignatureException", false),
        ] {
            let head = http::Response::builder().status(403).header("x-amzn-errortype", name);
            let head = head.body(()).unwrap().into_parts().0;
            let error = read(&head, Bytes::from_static(b"{}"));
            assert_eq!(error.kind(), ErrorKind::Unauthorized, "{name}");
            assert_eq!(error.is_credential_spent(), is_spent, "{name}");
        }
    }
}
