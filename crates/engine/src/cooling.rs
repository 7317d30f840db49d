//! Leaving alone for a while what asked for it: a target, or one of its keys.
//!
//! A target that says "too many requests" is well, so its circuit stays closed; it is merely not
//! asked until the time that it named.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use tokio::time::Instant;

use crate::began::{Began, micros};

/// Until when something is left alone. One number, without a lock.
#[derive(Debug)]
pub struct Cooling {
    began: Began,
    /// In microseconds since the beginning.
    until: AtomicU64,
}

impl Cooling {
    /// Nothing asked to be left alone yet.
    pub fn new(now: Instant) -> Self {
        Self { began: Began::new(now), until: AtomicU64::new(0) }
    }

    /// Leaves it alone for `span` from now on. A shorter span than what is left changes nothing:
    /// the upstream's longest word counts.
    pub fn cool(&self, now: Instant, span: Duration) {
        self.until.fetch_max(self.began.micros(now).saturating_add(micros(span)), Relaxed);
    }

    /// For how much longer it is left alone; `None` if it may be asked.
    pub fn is_cooling(&self, now: Instant) -> Option<Duration> {
        let left = self.until.load(Relaxed).saturating_sub(self.began.micros(now));
        (left > 0).then(|| Duration::from_micros(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn it_is_left_alone_for_as_long_as_it_asked() {
        let now = Instant::now();
        let cooling = Cooling::new(now);
        assert_eq!(cooling.is_cooling(now), None);
        cooling.cool(now, 2 * SECOND);
        assert_eq!(cooling.is_cooling(now), Some(2 * SECOND));
        assert_eq!(cooling.is_cooling(now + SECOND), Some(SECOND));
        assert_eq!(cooling.is_cooling(now + 2 * SECOND), None);
    }

    #[test]
    fn a_shorter_time_does_not_shorten_a_longer_one() {
        let now = Instant::now();
        let cooling = Cooling::new(now);
        cooling.cool(now, 10 * SECOND);
        cooling.cool(now + SECOND, 2 * SECOND);
        assert_eq!(cooling.is_cooling(now + SECOND), Some(9 * SECOND));
        cooling.cool(now + SECOND, 20 * SECOND);
        assert_eq!(cooling.is_cooling(now + SECOND), Some(20 * SECOND));
    }

    #[test]
    fn no_time_is_too_long_to_be_counted() {
        let now = Instant::now();
        let cooling = Cooling::new(now + SECOND);
        cooling.cool(now, Duration::MAX);
        assert!(cooling.is_cooling(now).is_some());
    }
}
