//! The calls of one request: each is written down when it begins, so that one that is abandoned is
//! not forgotten.

use std::{mem, time::Duration};

use ferro_core::{Attempt, ProviderError, TargetId, Why};
use smallvec::SmallVec;
use tokio::time::Instant;

/// The calls of one request. Two are under way at most, and what is waited for either is waited once.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    /// In the order in which they began, as the record will have them.
    pub(crate) made: SmallVec<[Attempt; 1]>,
    under_way: SmallVec<[(usize, Instant); 2]>,
    /// When the first of those under way began, or of those that overlapped with them.
    since: Option<Instant>,
    /// Since when we have done nothing but wait.
    waiting: Option<Instant>,
    waited: Duration,
    /// When the last call ended: a reply begins then, so the clock is read once for both.
    ended: Option<Instant>,
    /// How long was waited since the last call, and will be told with the next.
    before: Duration,
}

/// A call that is about to begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beginning<'a> {
    pub(crate) target: &'a TargetId,
    pub(crate) key: Option<u16>,
    pub(crate) why: Why,
}

impl Calls {
    /// A call begins. What is returned names it.
    pub(crate) fn begin(&mut self, beginning: Beginning<'_>) -> usize {
        self.resume();
        let mut attempt = Attempt::new(beginning.target.clone(), Duration::ZERO);
        (attempt.key, attempt.why) = (beginning.key, beginning.why);
        attempt.waited = mem::take(&mut self.before);
        let (call, now) = (self.made.len(), Instant::now());
        self.made.push(attempt);
        self.under_way.push((call, now));
        self.since.get_or_insert(now);
        call
    }

    /// A call ended: with an answer, or a first frame, or like this. Returns how long it took.
    pub(crate) fn end(&mut self, call: usize, error: Option<&ProviderError>) -> Duration {
        let Some(at) = self.under_way.iter().position(|(other, _)| *other == call) else {
            return Duration::ZERO;
        };
        let (_, begun) = self.under_way.remove(at);
        let now = Instant::now();
        let took = now - begun;
        self.ended = Some(now);
        if self.under_way.is_empty() {
            self.waited += self.since.take().map_or(Duration::ZERO, |since| now - since);
        }
        let attempt = &mut self.made[call];
        attempt.duration = took;
        if let Some(error) = error {
            attempt.error = Some(error.kind());
            attempt.status = error.status().map(|status| status.as_u16());
            tracing::debug!(target = %attempt.target, %error, "call failed");
        }
        took
    }

    /// Nobody waits any longer for what is under way.
    pub(crate) fn abandon(&mut self, error: Option<&ProviderError>) {
        self.resume();
        while let Some((call, _)) = self.under_way.last().copied() {
            self.end(call, error);
        }
    }

    /// A pause begins, until [`resume`](Self::resume): it is not our work.
    pub(crate) fn pause(&mut self) {
        self.waiting.get_or_insert_with(Instant::now);
    }

    pub(crate) fn resume(&mut self) {
        let paused = self.waiting.take().map_or(Duration::ZERO, |begun| begun.elapsed());
        self.waited += paused;
        self.before += paused;
    }

    /// When the last call ended; now, if none was made.
    pub(crate) fn ended(&self) -> Instant {
        self.ended.unwrap_or_else(Instant::now)
    }

    /// How long was spent waiting for others so far.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beginning(target: &TargetId) -> Beginning<'_> {
        Beginning { target, key: None, why: Why::First }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_waited_for_two_at_once_is_waited_once() {
        let (target, second) = (TargetId::from("t"), Duration::from_secs(1));
        let mut calls = Calls::default();
        let first = calls.begin(beginning(&target));
        tokio::time::advance(second).await;
        let hedge = calls.begin(beginning(&target));
        tokio::time::advance(2 * second).await;
        assert_eq!(calls.end(first, None), 3 * second);
        tokio::time::advance(second).await;
        assert_eq!(calls.end(hedge, None), 3 * second);
        assert_eq!(calls.waited(), 4 * second);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_told_with_the_call_behind_it() {
        let (target, second) = (TargetId::from("t"), Duration::from_secs(1));
        let mut calls = Calls::default();
        calls.pause();
        tokio::time::advance(second).await;
        let call = calls.begin(beginning(&target));
        calls.abandon(None);
        assert_eq!((calls.made[call].waited, calls.waited()), (second, second));
        assert_eq!(calls.end(call, None), Duration::ZERO, "it has ended already");
    }
}
