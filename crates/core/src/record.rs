//! How one request went: the one thing that logs, metrics, stores and hooks are made from.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::StatusCode;
use serde::Serialize;
use smallvec::SmallVec;

use crate::{
    Cost, Decision, ErrorKind, Finish, KeyId, RequestId, SurfaceKind, TargetId, Unpriced, Unsaid,
    Usage, Why,
};

/// How one request went. There is exactly one per request, however it ends.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Record {
    /// The request's name.
    pub request_id: RequestId,
    /// When it arrived.
    #[serde(rename = "timestamp", serialize_with = "instant")]
    pub started: SystemTime,
    /// From its first byte to the last byte of the reply.
    #[serde(rename = "duration_ms", serialize_with = "millis")]
    pub duration: Duration,
    /// How much of that was ours: not spent waiting for an upstream.
    #[serde(rename = "overhead_ms", serialize_with = "millis")]
    pub overhead: Duration,
    /// From its first byte to the first event of a stream.
    #[serde(rename = "ttft_ms", serialize_with = "maybe_millis")]
    pub time_to_first_token: Option<Duration>,
    /// What was asked for.
    pub surface: SurfaceKind,
    /// Who asked.
    pub key: Option<KeyId>,
    /// The model that the client named.
    pub requested_model: Arc<str>,
    /// The model that was meant, after aliases.
    pub model: Arc<str>,
    /// Whether the client asked for a stream.
    pub stream: bool,
    /// Who answered, or was asked last.
    pub target: Option<TargetId>,
    /// Why it went there; `None` if it ended before anybody was considered.
    pub decision: Option<Decision>,
    /// Every call that was made, in the order in which they began.
    pub attempts: SmallVec<[Attempt; 1]>,
    /// How it ended.
    pub outcome: Outcome,
    /// The status that the client saw (or would have seen).
    #[serde(serialize_with = "status_code")]
    pub status: StatusCode,
    /// What was consumed, as far as it is known.
    pub usage: Option<Usage>,
    /// What that cost.
    #[serde(rename = "cost")]
    pub price: Price,
    /// Why the model stopped.
    pub finish: Option<Finish>,
    /// What the target could not be told.
    pub unsaid: Vec<Unsaid>,
    /// What went wrong, in words.
    pub error: Option<String>,
}

impl Record {
    /// The record of a request that has just arrived: abandoned, until something better is known.
    pub fn open(request_id: RequestId, surface: SurfaceKind, key: Option<KeyId>) -> Self {
        Self {
            request_id,
            started: SystemTime::now(),
            duration: Duration::ZERO,
            overhead: Duration::ZERO,
            time_to_first_token: None,
            surface,
            key,
            requested_model: Arc::default(),
            model: Arc::default(),
            stream: false,
            target: None,
            decision: None,
            attempts: SmallVec::new(),
            outcome: Outcome::Cancelled,
            status: StatusCode::from_u16(499).expect("in range"),
            usage: None,
            price: Price::NoUsage,
            finish: None,
            unsaid: Vec::new(),
            error: None,
        }
    }
}

/// The ways in which a request can end.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The client got a complete reply.
    Served,
    /// The request was not understood, or asked for what nobody has.
    Refused,
    /// Policy said no.
    Denied,
    /// Every target that was asked failed, or the reply broke off.
    Failed,
    /// The client left before the end.
    Cancelled,
}

impl Outcome {
    /// The outcome in the words of logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::Refused => "refused",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One call to one target.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Attempt {
    /// Who was asked.
    pub target: TargetId,
    /// Which of the target's keys was shown, by its place in the configuration, if it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<u16>,
    /// Why this call was made.
    pub why: Why,
    /// How long was waited before it: for a pause between two calls, and for a place at the target.
    #[serde(rename = "waited_ms", serialize_with = "millis")]
    pub waited: Duration,
    /// How long until an answer, a first event or a failure.
    #[serde(rename = "duration_ms", serialize_with = "millis")]
    pub duration: Duration,
    /// What went wrong; `None` where it answered, or where nobody waited for the answer.
    pub error: Option<ErrorKind>,
    /// The upstream's status, if it sent one.
    pub status: Option<u16>,
}

impl Attempt {
    /// The first call of `target`, which took `duration`.
    pub fn new(target: TargetId, duration: Duration) -> Self {
        let (key, why, waited) = (None, Why::First, Duration::ZERO);
        Self { target, key, why, waited, duration, error: None, status: None }
    }
}

/// What a request cost, if that can be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Price {
    /// Exactly this.
    Priced(Cost),
    /// Something, but a price is unknown: the first such. Never counted as zero.
    Unpriced(Unpriced),
    /// Nothing was consumed, as far as anybody said.
    NoUsage,
}

/// RFC 3339, in UTC, to the millisecond.
fn instant<S: serde::Serializer>(at: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&humantime::format_rfc3339_millis(*at))
}

/// Milliseconds with the microseconds behind the point.
pub(crate) fn millis<S: serde::Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(span.as_micros() as f64 / 1e3)
}

#[expect(clippy::ref_option, reason = "serde's signature")]
fn maybe_millis<S: serde::Serializer>(span: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
    match span {
        Some(span) => millis(span, to),
        None => to.serialize_none(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn status_code<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}
