//! Watches over the time that an answer's body takes.

use std::{
    task::{Context, Poll, ready},
    time::Duration,
};

use ferro_core::{Origin, ProviderError};
use http::{HeaderMap, header};
use tokio::time::Instant;

use crate::{
    Timeouts,
    alarm::Alarm,
    timeouts::{Step, after},
};

/// The time that one body may take, and what it has taken.
pub(crate) struct Watch {
    idle: Duration,
    /// The limit for the whole, and when it falls due.
    total: Option<(Duration, Instant)>,
    last: Instant,
}

impl Watch {
    /// Begins with the body of an answer that has these headers, and must be whole by `deadline`
    /// unless it is a stream of events.
    pub(crate) fn new(headers: &HeaderMap, timeouts: Timeouts, deadline: Option<Instant>) -> Self {
        let total = timeouts.total.zip(deadline).filter(|_| !is_events(headers));
        Self { idle: timeouts.idle, total, last: Instant::now() }
    }

    /// A piece has come.
    pub(crate) fn begin_anew(&mut self) {
        self.last = Instant::now();
    }

    /// Ready once the body of `origin`'s answer has taken too long.
    pub(crate) fn poll_late(
        &self,
        alarm: &mut Alarm,
        origin: &Origin,
        cx: &mut Context<'_>,
    ) -> Poll<ProviderError> {
        let (due, step, limit) = self.due();
        ready!(alarm.poll_due(due, cx));
        Poll::Ready(step.exceeded(origin, limit))
    }

    /// When the wait is over, and whose limit that is.
    fn due(&self) -> (Instant, Step, Duration) {
        let idle = (after(self.last, self.idle), Step::Idle, self.idle);
        match self.total {
            Some((limit, due)) if due < idle.0 => (due, Step::Total, limit),
            _ => idle,
        }
    }
}

/// Whether a body is a stream of events, which has no time by which it must be whole.
fn is_events(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    ["event-stream", "eventstream", "ndjson", "jsonl", "json-seq"]
        .iter()
        .any(|ending| kind.ends_with(ending))
}
