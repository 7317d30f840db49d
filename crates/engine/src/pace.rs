//! How long a target takes, lately.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use tokio::time::Instant;

/// What was measured this long ago counts for a third of what is measured now.
const MEMORY: Duration = Duration::from_secs(10);

/// How long a target takes, lately: a mean that follows a rise at once and forgets it slowly, so that
/// one that has become slow is left alone before many have waited for it.
///
/// Two requests that end together may overwrite one another's sample. It is a mean: that is harmless,
/// and a lock would not be.
#[derive(Debug)]
pub(crate) struct Latency {
    began: Instant,
    /// In microseconds; 0 while nothing was measured.
    mean: AtomicU64,
    /// When it was measured last, in milliseconds since the beginning.
    at: AtomicU64,
}

impl Latency {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), mean: AtomicU64::new(0), at: AtomicU64::new(0) }
    }

    /// A call took this long: until its answer, or a stream's first event.
    pub(crate) fn measured(&self, took: Duration) {
        let sample = micros(took).max(1);
        let now = millis(self.began.elapsed());
        let (mean, at) = (self.mean.load(Relaxed), self.at.swap(now, Relaxed));
        let next = if mean == 0 || sample >= mean {
            sample
        } else {
            let since = Duration::from_millis(now.saturating_sub(at));
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

    /// The mean, and how old its last sample is by now.
    pub(crate) fn read(&self, now: Instant) -> Option<(Duration, Duration)> {
        let mean = self.mean.load(Relaxed);
        if mean == 0 {
            return None;
        }
        let at = Duration::from_millis(self.at.load(Relaxed));
        let age = now.saturating_duration_since(self.began).saturating_sub(at);
        Some((Duration::from_micros(mean), age))
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
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
        let latency = Latency::new();
        assert_eq!(latency.read(Instant::now()), None);
        let millis = Duration::from_millis;
        latency.measured(millis(100));
        latency.measured(millis(900));
        assert_eq!(latency.read(Instant::now()), Some((millis(900), Duration::ZERO)));
        latency.measured(millis(100));
        let (mean, _) = latency.read(Instant::now()).unwrap();
        assert!(mean > millis(800) && mean < millis(900), "{mean:?}");
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(latency.read(Instant::now()), Some((mean, Duration::from_secs(60))));
        latency.measured(millis(100));
        let (mean, age) = latency.read(Instant::now()).unwrap();
        assert!(mean < millis(110) && age.is_zero(), "{mean:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_was_given_up_tells_only_that_it_would_have_taken_longer() {
        let (latency, millis) = (Latency::new(), Duration::from_millis);
        latency.measured(millis(500));
        latency.took_longer_than(millis(200));
        assert_eq!(latency.read(Instant::now()), Some((millis(500), Duration::ZERO)));
        latency.took_longer_than(millis(800));
        assert_eq!(latency.read(Instant::now()), Some((millis(800), Duration::ZERO)));
    }
}
