//! How long a target takes, lately.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    began::{Began, micros},
    hedge::FirstTokens,
};

/// How long a target takes with one model, or with several together, on one surface.
#[derive(Debug)]
pub(crate) struct Pace {
    began: Began,
    /// Of replies in one piece, and of streams' first events.
    latencies: [Latency; 2],
    pub(crate) first_tokens: FirstTokens,
}

impl Pace {
    /// Nothing is known yet.
    pub(crate) fn new(now: Instant) -> Self {
        let latencies = [Latency::new(now), Latency::new(now)];
        Self { began: Began::new(now), latencies, first_tokens: FirstTokens::new(now) }
    }

    /// A point in time in microseconds since this was new, as its latencies are read.
    pub(crate) fn micros(&self, now: Instant) -> u64 {
        self.began.micros(now)
    }

    /// How long it takes lately, until its answer or a stream's first event.
    pub(crate) fn latency(&self, is_stream: bool) -> &Latency {
        &self.latencies[usize::from(is_stream)]
    }
}

/// What was measured this long ago counts for a third of what is measured now.
const MEMORY: Duration = Duration::from_secs(10);

/// How long a target takes, lately: a mean that follows a rise at once and forgets it slowly, so that
/// one that has become slow is left alone before many have waited for it.
///
/// Two requests that end together may overwrite one another's sample. It is a mean: that is harmless,
/// and a lock would not be.
#[derive(Debug)]
pub(crate) struct Latency {
    began: Began,
    /// In microseconds; 0 while nothing was measured.
    mean: AtomicU64,
    /// When it was measured last, in microseconds since the beginning.
    at: AtomicU64,
}

impl Latency {
    fn new(now: Instant) -> Self {
        Self { began: Began::new(now), mean: AtomicU64::new(0), at: AtomicU64::new(0) }
    }

    /// A call took this long: until its answer, or a stream's first event.
    pub(crate) fn measured(&self, took: Duration) {
        let sample = micros(took).max(1);
        let now = self.began.micros(Instant::now());
        let (mean, at) = (self.mean.load(Relaxed), self.at.swap(now, Relaxed));
        let next = if mean == 0 || sample >= mean {
            sample
        } else {
            let since = Duration::from_micros(now.saturating_sub(at));
            let kept = (-since.as_secs_f64() / MEMORY.as_secs_f64()).exp().clamp(0.0, 0.9);
            mean - scaled(mean - sample, 1.0 - kept)
        };
        self.mean.store(next, Relaxed);
    }

    /// A call would have taken longer than this: what is known to be no less stays as it is.
    pub(crate) fn took_longer_than(&self, span: Duration) {
        if micros(span) > self.mean.load(Relaxed) {
            self.measured(span);
        }
    }

    /// The mean, and how old its last sample is at `now`, in microseconds since it was new: whoever
    /// reads many converts one point in time.
    #[inline]
    pub(crate) fn read(&self, now: u64) -> Option<(Duration, Duration)> {
        let mean = self.mean.load(Relaxed);
        let age = now.saturating_sub(self.at.load(Relaxed));
        (mean != 0).then(|| (Duration::from_micros(mean), Duration::from_micros(age)))
    }
}

/// A share of an amount.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1 of a positive amount"
)]
fn scaled(amount: u64, share: f64) -> u64 {
    (amount as f64 * share) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_rise_counts_at_once_and_is_forgotten_slowly() {
        let latency = Latency::new(Instant::now());
        let read = || latency.read(latency.began.micros(Instant::now()));
        assert_eq!(read(), None);
        let millis = Duration::from_millis;
        latency.measured(millis(100));
        latency.measured(millis(900));
        assert_eq!(read(), Some((millis(900), Duration::ZERO)));
        latency.measured(millis(100));
        let (mean, _) = read().unwrap();
        assert!(mean > millis(800) && mean < millis(900), "{mean:?}");
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(read(), Some((mean, Duration::from_secs(60))));
        latency.measured(millis(100));
        let (mean, age) = read().unwrap();
        assert!(mean < millis(110) && age.is_zero(), "{mean:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_was_given_up_tells_only_that_it_would_have_taken_longer() {
        let (latency, millis) = (Latency::new(Instant::now()), Duration::from_millis);
        let read = || latency.read(latency.began.micros(Instant::now()));
        latency.measured(millis(500));
        latency.took_longer_than(millis(200));
        assert_eq!(read(), Some((millis(500), Duration::ZERO)));
        latency.took_longer_than(millis(800));
        assert_eq!(read(), Some((millis(800), Duration::ZERO)));
    }
}
