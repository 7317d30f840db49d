//! What can go wrong with an upstream call, in terms that the engine can act on.

use std::{error::Error as StdError, fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, response::Parts};
use serde::Serialize;

use crate::retry_after;

/// What a caller should do about a failed call: the one table from which retry, failover, breakers,
/// metrics and the client's status are derived.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is wrong; no target would accept it.
    Invalid,
    /// The request does not fit the model's context; a larger model might take it.
    ContextLength,
    /// The vendor's policy refuses this content.
    ContentPolicy,
    /// This vendor cannot be told something that the request says.
    Unsupported,
    /// This target's credential is wrong; another target may do.
    Unauthorized,
    /// This target's account is out of money.
    Quota,
    /// This target does not have that model.
    NotFound,
    /// This target is refusing for now: too many requests.
    RateLimited,
    /// This target is refusing for now: it has too much to do.
    Overloaded,
    /// This target is broken for now.
    Unavailable,
    /// No connection, or it broke before an answer came.
    Transport,
    /// Nothing came back in time.
    Timeout,
    /// The upstream answered in a way that its own contract does not allow.
    Malformed,
    /// The stream stopped before it said that it was finished.
    Interrupted,
}

impl ErrorKind {
    /// The kind in the words of metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::ContextLength => "context_length",
            Self::ContentPolicy => "content_policy",
            Self::Unsupported => "unsupported",
            Self::Unauthorized => "unauthorized",
            Self::Quota => "quota",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::Unavailable => "unavailable",
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::Malformed => "malformed",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether asking the same target again could help.
    pub fn is_transient(self) -> bool {
        use ErrorKind as K;
        match self {
            K::RateLimited | K::Overloaded | K::Unavailable | K::Transport | K::Timeout => true,
            K::Malformed | K::Interrupted => true,
            K::Invalid | K::ContextLength | K::ContentPolicy | K::Unsupported => false,
            K::Unauthorized | K::Quota | K::NotFound => false,
        }
    }

    /// Whether another target could answer where this one did not. A request that is wrong is wrong
    /// everywhere: walking on would only ask everybody and report the last one's words.
    pub fn is_worth_another_target(self) -> bool {
        !matches!(self, Self::Invalid | Self::ContextLength | Self::ContentPolicy)
    }

    /// The kind that a status alone suggests.
    pub fn from_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 | 403 => Self::Unauthorized,
            402 => Self::Quota,
            404 => Self::NotFound,
            408 | 504 => Self::Timeout,
            429 | 498 => Self::RateLimited,
            503 | 529 => Self::Overloaded,
            400..=499 => Self::Invalid,
            _ => Self::Unavailable,
        }
    }
}

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
    retry_after: Option<Duration>,
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
            retry_after: None,
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

    /// How long the upstream asked us to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
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
    fn statuses_are_sorted_by_what_to_do_about_them() {
        let kind = |status| ErrorKind::from_status(StatusCode::from_u16(status).unwrap());
        assert_eq!(kind(400), ErrorKind::Invalid);
        assert_eq!(kind(401), ErrorKind::Unauthorized);
        assert_eq!(kind(403), ErrorKind::Unauthorized);
        assert_eq!(kind(404), ErrorKind::NotFound);
        assert_eq!(kind(408), ErrorKind::Timeout);
        assert_eq!(kind(429), ErrorKind::RateLimited);
        assert_eq!(kind(500), ErrorKind::Unavailable);
        assert_eq!(kind(529), ErrorKind::Overloaded);
    }

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
