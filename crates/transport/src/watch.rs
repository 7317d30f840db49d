//! Watches over the time that an answer's body takes.

use std::task::{Context, Poll, ready};

use ferro_core::{Origin, ProviderError};
use http::{HeaderMap, header};
use tokio::time::Instant;

use crate::{
    Timeouts,
    alarm::Alarm,
    timeouts::{Due, Step},
};

/// The time that one body may take, and what it has taken.
pub(crate) struct Watch {
    timeouts: Timeouts,
    /// When the whole must be there, if it must.
    deadline: Option<Instant>,
    /// Since when a piece is waited for, once one is: what comes without a wait is not timed.
    since: Option<Instant>,
}

impl Watch {
    /// Begins with the body of an answer that has these headers, and must be whole by `deadline`
    /// unless it is a stream of events.
    pub(crate) fn new(headers: &HeaderMap, timeouts: Timeouts, deadline: Option<Instant>) -> Self {
        let deadline = deadline.filter(|_| !is_events(headers));
        Self { timeouts, deadline, since: None }
    }

    /// A piece has come.
    pub(crate) fn begin_anew(&mut self) {
        self.since = None;
    }

    /// Ready once the body of `origin`'s answer, of which nothing is there, has taken too long.
    pub(crate) fn poll_late(
        &mut self,
        alarm: &mut Alarm,
        origin: &Origin,
        cx: &mut Context<'_>,
    ) -> Poll<ProviderError> {
        let due = self.due();
        ready!(alarm.poll_due(due.at, cx));
        Poll::Ready(due.exceeded(origin))
    }

    fn due(&mut self) -> Due {
        let since = *self.since.get_or_insert_with(Instant::now);
        self.timeouts.due(Step::Idle, since, self.deadline)
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
