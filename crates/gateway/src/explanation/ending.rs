//! How each call of a request ended, as far as its record tells.

use ferro_core::{Attempt, ErrorKind, Outcome, Record};

/// How a call ended.
pub(super) enum Ending {
    /// With the reply.
    Answered,
    /// The client left while the reply came.
    Left,
    /// The reply had begun.
    BrokeOff(ErrorKind),
    /// Nobody waited for it any more, for this reason.
    NotWaitedFor(&'static str),
    /// In vain.
    Failed(ErrorKind),
}

impl Ending {
    /// How this call of the record's ended.
    pub(super) fn of(record: &Record, attempt: &Attempt) -> Self {
        let of_target = |other: &&Attempt| Some(&other.target) == record.target.as_ref();
        let answering = record.attempts.iter().rev().find(of_target);
        let is_answering = answering.is_some_and(|answering| std::ptr::eq(answering, attempt));
        let has_left = record.outcome == Outcome::Cancelled;
        match (attempt.error, has_begun(record)) {
            (Some(error), true) if is_answering => Self::BrokeOff(error),
            (Some(error), _) => Self::Failed(error),
            (None, false) if has_left => Self::NotWaitedFor("as the client had left"),
            (None, true) if has_left && is_answering => Self::Left,
            (None, _) if is_answering => Self::Answered,
            (None, _) => Self::NotWaitedFor("as another had begun to answer"),
        }
    }
}

/// Whether the client has seen a first event.
pub(super) fn has_begun(record: &Record) -> bool {
    record.time_to_first_token.is_some()
}
