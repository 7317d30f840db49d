//! How long an upstream may take, and what is said when it takes longer.

use std::{future::Future, time::Duration};

use ferro_core::{ErrorKind, Origin, ProviderError};
use tokio::time::{Instant, timeout_at};

/// How long an upstream may take, step by step. The defaults let a reasoning model think for ten
/// minutes before its first byte.
///
/// Whichever limit is exceeded, the call fails with the [`ErrorKind`] of its step
/// ([`Timeout`](ErrorKind::Timeout) for the first byte), its message names the step and the limit, and
/// the upstream call is closed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timeouts {
    /// Until there is a connection: name, proxy and TLS included. A call that finds an idle
    /// connection does not need one.
    pub connect: Duration,
    /// From then on until the head of the answer.
    pub first_byte: Duration,
    /// Between two pieces of the body.
    pub idle: Duration,
    /// From the call to the last byte of an answer, however busy it is. An answer whose content
    /// type is a stream of events may take longer than this once its head is there.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(10), first_byte: seconds(600), idle: seconds(300), total: None }
    }
}

impl Timeouts {
    /// When the answer to a call that begins at `start` must be whole.
    pub(crate) fn deadline(&self, start: Instant) -> Option<Instant> {
        self.total.map(|limit| after(start, limit))
    }

    /// When a step that begins at `start` must be over, in a call that must be by `deadline`.
    pub(crate) fn due(&self, step: Step, start: Instant, deadline: Option<Instant>) -> Due {
        let limit = match step {
            Step::Connect => self.connect,
            Step::FirstByte => self.first_byte,
            Step::Idle => self.idle,
            Step::Total => self.total.unwrap_or(Duration::MAX),
        };
        let own = Due { at: after(start, limit), step, limit };
        match self.total.zip(deadline) {
            Some((limit, at)) if at < own.at => Due { at, step: Step::Total, limit },
            _ => own,
        }
    }

    /// The answer of `origin`, if it comes by `deadline`.
    pub(crate) async fn by<T>(
        &self,
        deadline: Option<Instant>,
        origin: &Origin,
        answer: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let Some((limit, deadline)) = self.total.zip(deadline) else { return answer.await };
        let late = |_| Err(Step::Total.exceeded(origin, limit));
        timeout_at(deadline, answer).await.unwrap_or_else(late)
    }
}

/// The steps of a call that have a limit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Connect,
    FirstByte,
    Idle,
    Total,
}

impl Step {
    /// The error for a step that took longer than `limit`.
    pub(crate) fn exceeded(self, origin: &Origin, limit: Duration) -> ProviderError {
        let message = match self {
            Self::Connect => format!("connect timeout: no connection to {origin} within {limit:?}"),
            Self::FirstByte => {
                format!("first-byte timeout: {origin} did not begin to answer within {limit:?}")
            }
            Self::Idle => format!("idle timeout: {origin} fell silent for {limit:?} in its answer"),
            Self::Total => {
                format!("total timeout: the answer of {origin} was not whole within {limit:?}")
            }
        };
        ProviderError::new(self.kind()).with_message(message)
    }

    /// What is told of it: a call that never reached its target may be made again whatever it asks
    /// for, and one that had all the time there was is not made again at the same place.
    fn kind(self) -> ErrorKind {
        match self {
            Self::Connect => ErrorKind::ConnectTimeout,
            Self::FirstByte => ErrorKind::Timeout,
            Self::Idle => ErrorKind::IdleTimeout,
            Self::Total => ErrorKind::TotalTimeout,
        }
    }
}

/// When a step must be over, and whose limit that is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    pub(crate) at: Instant,
    step: Step,
    limit: Duration,
}

impl Due {
    /// The error for what was not there in time.
    pub(crate) fn exceeded(self, origin: &Origin) -> ProviderError {
        self.step.exceeded(origin, self.limit)
    }
}

/// The moment `limit` after `start`; a limit beyond the clock's range is no limit.
pub(crate) fn after(start: Instant, limit: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 86_400);
    start + limit.min(FAR)
}
