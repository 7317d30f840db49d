//! A failure as a client will see it, before any dialect's envelope is put around it.

use std::{borrow::Cow, fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::{BadRequest, ErrorKind, ProviderError, TargetId};

/// A failure, for the client: the status, the words, and the upstream's own where there are any.
///
/// `kind` and `code` are from one fixed vocabulary that clients may match on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// The error's `type`.
    pub kind: &'static str,
    /// The error's `code`.
    pub code: Cow<'static, str>,
    /// What happened, to which target, and what to do.
    pub message: String,
    /// The field at fault.
    pub param: Option<Cow<'static, str>>,
    /// When asking again may help.
    pub retry_after: Option<Duration>,
    /// How long the gateway itself took, without the waiting for upstreams, where that is known.
    pub overhead: Option<Duration>,
    /// Who failed, if it was a target.
    pub target: Option<TargetId>,
    /// The upstream's own answer, if it gave one.
    pub upstream: Option<Box<UpstreamAnswer>>,
    /// What happened, for the record and the log: with hosts and addresses, which no client is told.
    pub detail: Option<String>,
}

/// An upstream's refusal as it came.
#[derive(Clone, Debug)]
pub struct UpstreamAnswer {
    /// Its status.
    pub status: Option<StatusCode>,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, with our credential masked.
    pub body: Bytes,
    /// Its own code for the error.
    pub code: Option<String>,
}

impl Problem {
    /// A problem with nothing else to say.
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            code: code.into(),
            message: message.into(),
            param: None,
            retry_after: None,
            overhead: None,
            target: None,
            upstream: None,
            detail: None,
        }
    }

    /// The same problem, where it is one field's fault.
    pub fn with_param(self, param: impl Into<Cow<'static, str>>) -> Self {
        Self { param: Some(param.into()), ..self }
    }

    /// The same problem, with advice on when to come back.
    pub fn with_retry_after(self, wait: Option<Duration>) -> Self {
        Self { retry_after: wait, ..self }
    }

    /// A target's failure, by the table that clients rely on.
    pub fn from_upstream(error: &ProviderError, target: Option<&TargetId>) -> Self {
        let (status, class) = (shown(error), error.kind().class());
        let retry_after = error.retry_after().or_else(|| {
            (status == StatusCode::TOO_MANY_REQUESTS).then_some(Duration::from_secs(1))
        });
        let upstream = (error.status().is_some() || !error.body().is_empty()).then(|| {
            Box::new(UpstreamAnswer {
                status: error.status(),
                headers: error.headers().clone(),
                body: error.body().clone(),
                code: error.code().map(str::to_owned),
            })
        });
        Self {
            retry_after,
            param: error.field().map(|field| Cow::Owned(field.to_owned())),
            target: target.cloned(),
            upstream,
            detail: Some(match target {
                Some(target) => format!("target `{target}`: {error}"),
                None => error.to_string(),
            }),
            ..Self::new(status, class.kind, class.code, words(error, target))
        }
    }
}

/// The status for the client. What it can mend keeps the upstream's status where that cannot be
/// mistaken; a client that reads 401 would doubt its own key, and one that reads 409 or 429 would ask
/// again.
fn shown(error: &ProviderError) -> StatusCode {
    use StatusCode as S;
    const KEPT: [StatusCode; 3] = [S::BAD_REQUEST, S::PAYLOAD_TOO_LARGE, S::UNPROCESSABLE_ENTITY];
    let own = error.status().filter(|own| error.kind().is_clients() && KEPT.contains(own));
    own.unwrap_or(error.kind().class().status)
}

fn words(error: &ProviderError, target: Option<&TargetId>) -> String {
    let target = target.map_or("the upstream", TargetId::as_str);
    let said = error.message().map(|message| format!(": {message}")).unwrap_or_default();
    match (error.kind(), error.status()) {
        (ErrorKind::Unauthorized, Some(status)) => format!(
            "target `{target}` refused the gateway's credential ({}){said}",
            status.as_u16()
        ),
        (_, Some(status)) => format!("target `{target}` answered {}{said}", status.as_u16()),
        (ErrorKind::Internal, _) => {
            "the gateway cannot read the request any more where it put it; its log says more"
                .to_owned()
        }
        // An upstream's own words, inside a reply that had begun.
        (kind, None) if !error.body().is_empty() => {
            format!("target `{target}` failed ({}){said}", kind.as_str())
        }
        // About the request, in our words: they are for whoever wrote it.
        (ErrorKind::Unsupported, None) if error.is_about_request() => {
            format!("target `{target}` cannot be asked this{said}")
        }
        (_, None) if error.is_about_request() => {
            format!("the request cannot be put to target `{target}`{said}")
        }
        // Ours name hosts and addresses, which are the operator's business.
        (kind, None) => {
            format!("target `{target}` failed ({}); the log says more", kind.as_str())
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.message, self.status.as_u16(), self.code)
    }
}

impl std::error::Error for Problem {}

impl From<&BadRequest> for Problem {
    fn from(bad: &BadRequest) -> Self {
        let is_ours = bad.status.is_server_error();
        let kind = if is_ours { "server_error" } else { "invalid_request_error" };
        Self {
            param: bad.param.clone(),
            ..Self::new(bad.status, kind, bad.code, bad.message.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: u16, kind: Option<ErrorKind>) -> (u16, &'static str, String, Option<u64>) {
        let head = http::Response::builder().status(status).body(()).unwrap().into_parts().0;
        let mut error = ProviderError::from_response(&head, Bytes::new());
        if let Some(kind) = kind {
            error = error.with_kind(kind);
        }
        let problem = Problem::from_upstream(&error, None);
        let wait = problem.retry_after.map(|wait| wait.as_secs());
        (problem.status.as_u16(), problem.kind, problem.code.into_owned(), wait)
    }

    #[test]
    fn upstream_statuses_become_what_clients_rely_on() {
        let row = |status, kind, code: &str, wait| (status, kind, code.to_owned(), wait);
        let invalid = |status| row(status, "invalid_request_error", "invalid_request", None);
        let limited = row(429, "rate_limit_error", "rate_limit_exceeded", Some(1));
        let auth = row(502, "upstream_error", "upstream_auth_error", None);
        let late = row(504, "upstream_error", "upstream_timeout", None);
        let other = row(502, "upstream_error", "upstream_error", None);
        assert_eq!(seen(429, None), limited);
        assert_eq!((seen(401, None), seen(403, None)), (auth.clone(), auth));
        assert_eq!(seen(404, None), row(404, "invalid_request_error", "model_not_found", None));
        assert_eq!((seen(400, None), seen(422, None)), (invalid(400), invalid(422)));
        assert_eq!((seen(408, None), seen(504, None)), (late.clone(), late));
        assert_eq!((seen(500, None), seen(502, None)), (other.clone(), other));
    }

    #[test]
    fn what_the_client_can_mend_never_looks_like_a_wrong_key_or_an_invitation_to_ask_again() {
        for status in [401, 403, 405, 408, 409, 429, 500] {
            let (shown, ..) = seen(status, Some(ErrorKind::Invalid));
            assert_eq!(shown, 400, "{status}");
            let (shown, ..) = seen(status, Some(ErrorKind::ContentPolicy));
            assert_eq!(shown, 400, "{status}");
        }
        assert_eq!(seen(413, None).0, 413);
    }
}
