//! An upstream call that failed, with the upstream's own words.

use std::{error::Error as StdError, fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, response::Parts};

use crate::{Credential, ErrorKind, retry_after};

/// An upstream call that did not produce a reply.
///
/// The engine acts on [`kind`](Self::kind); the client is shown the upstream's own words where the
/// two speak the same dialect. Not `Clone`: a failure has one owner, who reports it.
#[derive(Debug)]
pub struct ProviderError(Box<Details>);

#[derive(Debug)]
struct Details {
    kind: ErrorKind,
    status: Option<StatusCode>,
    headers: HeaderMap,
    body: Bytes,
    message: Option<String>,
    code: Option<String>,
    field: Option<Box<str>>,
    retry_after: Option<Duration>,
    has_expired: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ProviderError {
    /// An error of `kind` with nothing else known.
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Details {
            kind,
            status: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            message: None,
            code: None,
            field: None,
            retry_after: None,
            has_expired: false,
            source: None,
        }))
    }

    /// An upstream's refusal: classified by status, its body and headers kept as they came, its
    /// advice on when to come back read in every form in use.
    pub fn from_response(head: &Parts, body: Bytes) -> Self {
        let mut error = Self::new(ErrorKind::from_status(head.status));
        error.0.status = Some(head.status);
        error.0.headers = head.headers.clone();
        error.0.retry_after = retry_after::read(&head.headers);
        error.0.body = body;
        error
    }

    /// Corrects the kind, where the body says more than the status.
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Says in words what happened: the upstream's own where it had any.
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = Some(message.into());
        self
    }

    /// Keeps the upstream's own code for the error.
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Names the field of the request that is at fault, as the client knows it:
    /// `messages[2].content[0].image_url.url`.
    pub fn with_field(mut self, field: impl Into<Box<str>>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Keeps the upstream's words as they came, where they arrived inside a stream.
    pub fn with_body(mut self, body: Bytes) -> Self {
        self.0.body = body;
        self
    }

    /// Attaches advice on when to come back that stood in the body.
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Says that the credential was good once and is not any more, where the upstream says so and its
    /// status does not: whoever issues it may be asked for another.
    pub fn with_expired_credential(mut self) -> Self {
        self.0.has_expired = true;
        self
    }

    /// Attaches the cause.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The upstream's status, if it answered at all.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Whether it was the credential that was refused, and another one may be taken: by the status,
    /// or because the upstream says that it has [expired](Self::with_expired_credential).
    pub fn is_credential_spent(&self) -> bool {
        let is_refused = self.0.has_expired || self.0.status == Some(StatusCode::UNAUTHORIZED);
        is_refused && self.0.kind == ErrorKind::Unauthorized
    }

    /// The upstream's headers, if it answered at all.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The upstream's own words, as they came.
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// The upstream's words or ours, for a person.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The upstream's own code for the error.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The field of the request that is at fault, where it is one field's.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Whether it was found wrong here what the request says, or that the vendor cannot be told it:
    /// the words are then for whoever wrote the request. What has a cause tells of the way out.
    pub fn is_about_request(&self) -> bool {
        let is_clients = self.kind().is_clients() || self.kind() == ErrorKind::Unsupported;
        is_clients && self.0.status.is_none() && self.0.body.is_empty() && self.0.source.is_none()
    }

    /// How long the upstream asked us to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Replaces all of `credential` that must not be seen, as [`redact`](Self::redact) does.
    pub fn mask(&mut self, credential: &Credential) {
        credential.secrets().for_each(|secret| self.redact(secret.expose()));
    }

    /// Replaces `secret` wherever the upstream echoed it, so that no client reads our credential in
    /// a vendor's error.
    pub fn redact(&mut self, secret: &str) {
        const MASK: &str = "[REDACTED]";
        if secret.len() < 8 {
            return; // too short to be a key: replacing it would maul ordinary words
        }
        if memchr::memmem::find(&self.0.body, secret.as_bytes()).is_some() {
            let body = String::from_utf8_lossy(&self.0.body).replace(secret, MASK);
            self.0.body = Bytes::from(body);
        }
        for value in self.0.headers.values_mut() {
            if memchr::memmem::find(value.as_bytes(), secret.as_bytes()).is_some() {
                *value = HeaderValue::from_static(MASK);
            }
        }
        for words in [&mut self.0.message, &mut self.0.code].into_iter().flatten() {
            if words.contains(secret) {
                *words = words.replace(secret, MASK);
            }
        }
        // A cause cannot be edited; one that tells the secret is kept as its words.
        let Some(cause) = &self.0.source else { return };
        if told(&**cause).contains(secret) || format!("{cause:?}").contains(secret) {
            let words = told(&**cause).replace(secret, MASK);
            self.0.source = Some(words.into());
        }
    }
}

/// A cause and its own causes, in words.
fn told(cause: &(dyn StdError + 'static)) -> String {
    let mut words = cause.to_string();
    let mut below = cause.source();
    while let Some(cause) = below {
        words = format!("{words}: {cause}");
        below = cause.source();
    }
    words
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.status {
            Some(status) => write!(f, "upstream answered {}", status.as_u16())?,
            None => write!(f, "upstream call failed ({})", self.0.kind.as_str())?,
        }
        match (&self.0.message, &self.0.source) {
            (Some(message), _) => write!(f, ": {message}"),
            (None, Some(source)) => write!(f, ": {source}"),
            (None, None) => Ok(()),
        }
    }
}

impl StdError for ProviderError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echoed_credential_does_not_leave_with_the_error() {
        let head = http::Response::builder().status(401).body(()).unwrap().into_parts().0;
        let body = Bytes::from_static(br#"{"error":{"message":"bad key sk-123456789"}}"#);
        let mut error =
            ProviderError::from_response(&head, body).with_message("bad key sk-123456789");
        error.redact("sk-123456789");
        assert!(!format!("{error:?} {error}").contains("sk-123456789"));
        assert!(error.body().ends_with(b"[REDACTED]\"}}"));
    }

    #[test]
    fn a_cause_does_not_tell_the_credential_either() {
        let inner = std::io::Error::other("GET https://h/v1?key=sk-123456789 failed");
        let mut error = ProviderError::new(ErrorKind::Transport)
            .with_source(ProviderError::new(ErrorKind::Transport).with_source(inner));
        error.redact("sk-123456789");
        let cause = error.source().unwrap();
        let all = format!("{error:?} {error} {cause:?} {cause}");
        assert!(!all.contains("sk-123456789") && all.contains("key=[REDACTED] failed"), "{all}");
    }
}
