//! When a stream's first token is late enough to ask somebody else as well.
//!
//! How long first tokens take is learned, for each target: hedging begins only once enough was seen,
//! and after a time within which nearly all of them come. What it may cost is an
//! [allowance](crate::allowance).

use std::{
    array,
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use tokio::time::Instant;

use crate::began::{Began, micros};

/// Each doubling of the time is cut into so many buckets, as a power of two: a time is known to
/// one part in eight.
const STEP_BITS: u32 = 3;
/// Everything below two to this power, in microseconds, is one bucket: a millisecond.
const LOWEST: u32 = 10;
/// As is everything above two to this power: a quarter of an hour.
const HIGHEST: u32 = 30;
const BUCKETS: usize = ((HIGHEST - LOWEST) << STEP_BITS) as usize;
/// What a new sample weighs, so that a sample can be halved a few times before it is forgotten.
const WEIGHT: u32 = 16;
/// All weights are halved when there is so much of them: about the last thousand samples count.
const FULL: u32 = 1_024 * WEIGHT;
/// And after so long, in microseconds: a target that is seldom asked is not judged by last week.
const HALF_LIFE: u64 = 60_000_000;

/// When to hedge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HedgeSettings {
    /// The share of first tokens, below 1, that come before a hedge is made.
    pub quantile: f64,
    /// How many have to have been seen lately.
    pub least_samples: u32,
    /// A hedge is made no earlier than this.
    pub earliest: Duration,
}

impl Default for HedgeSettings {
    fn default() -> Self {
        Self { quantile: 0.95, least_samples: 50, earliest: Duration::from_millis(200) }
    }
}

/// How long a target's first tokens take, lately: counts by magnitude, in fixed memory, without a
/// lock. Samples that come in while all are halved may be lost: it is an estimate.
#[derive(Debug)]
pub struct FirstTokens {
    began: Began,
    halved_at: AtomicU64,
    total: AtomicU32,
    counts: [AtomicU32; BUCKETS],
}

impl FirstTokens {
    /// Nothing is known yet.
    pub fn new(now: Instant) -> Self {
        Self {
            began: Began::new(now),
            halved_at: AtomicU64::new(0),
            total: AtomicU32::new(0),
            counts: array::from_fn(|_| AtomicU32::new(0)),
        }
    }

    /// A first token took this long.
    pub fn took(&self, now: Instant, span: Duration) {
        self.fade(now);
        self.counts[bucket(micros(span))].fetch_add(WEIGHT, Relaxed);
        self.total.fetch_add(WEIGHT, Relaxed);
    }

    /// How long to wait for a first token before somebody else is asked as well; `None` while too
    /// little is known.
    pub fn delay(&self, now: Instant, settings: &HedgeSettings) -> Option<Duration> {
        self.fade(now);
        let total = self.total.load(Relaxed);
        if total < settings.least_samples.max(1).saturating_mul(WEIGHT) {
            return None;
        }
        let wanted = f64::from(total) * settings.quantile.clamp(0.0, 1.0);
        let mut seen = 0.0;
        let reached = self.counts.iter().position(|count| {
            seen += f64::from(count.load(Relaxed));
            seen >= wanted
        });
        let ends = upper(reached.unwrap_or(BUCKETS - 1));
        Some(Duration::from_micros(ends).max(settings.earliest))
    }

    /// Halves all weights, if it is time to.
    fn fade(&self, now: Instant) {
        let now = self.began.micros(now);
        let halved_at = self.halved_at.load(Relaxed);
        let is_old = now.saturating_sub(halved_at) >= HALF_LIFE;
        if !is_old && self.total.load(Relaxed) < FULL {
            return;
        }
        // One of those who see that it is time does it.
        if self
            .halved_at
            .compare_exchange(halved_at, now.max(halved_at + 1), Relaxed, Relaxed)
            .is_err()
        {
            return;
        }
        let halvings = now.saturating_sub(halved_at) / HALF_LIFE;
        let shift = u32::try_from(halvings).unwrap_or(u32::MAX).clamp(1, u32::BITS - 1);
        let mut total = 0;
        for count in &self.counts {
            let halved = count.load(Relaxed) >> shift;
            count.store(halved, Relaxed);
            total += halved;
        }
        self.total.store(total, Relaxed);
    }
}

/// The bucket of a time: its magnitude, and the next three bits.
fn bucket(micros: u64) -> usize {
    let clamped = micros.clamp(1 << LOWEST, (1 << HIGHEST) - 1);
    let magnitude = clamped.ilog2();
    let step = (clamped >> (magnitude - STEP_BITS)) & ((1 << STEP_BITS) - 1);
    (((magnitude - LOWEST) << STEP_BITS) as usize) | usize::try_from(step).unwrap_or(0)
}

/// Where a bucket ends, in microseconds.
fn upper(bucket: usize) -> u64 {
    let (magnitude, step) = (bucket >> STEP_BITS, bucket & ((1 << STEP_BITS) - 1));
    let unit = 1_u64 << (LOWEST - STEP_BITS) << magnitude;
    unit * (1 << STEP_BITS) + unit * (step as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: HedgeSettings =
        HedgeSettings { quantile: 0.95, least_samples: 50, earliest: Duration::ZERO };

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// Whether it is this, to one part in eight.
    fn is_about(delay: Option<Duration>, expected: Duration) -> bool {
        delay.is_some_and(|delay| delay >= expected && delay <= expected.mul_f64(1.13))
    }

    #[test]
    fn nothing_is_hedged_before_enough_was_seen() {
        let now = Instant::now();
        let times = FirstTokens::new(now);
        (0..49).for_each(|_| times.took(now, millis(100)));
        assert_eq!(times.delay(now, &EXACT), None);
        times.took(now, millis(100));
        assert!(is_about(times.delay(now, &EXACT), millis(100)));
    }

    #[test]
    fn the_delay_is_the_time_within_which_so_many_come() {
        let now = Instant::now();
        let times = FirstTokens::new(now);
        (1..=1_000).for_each(|n| times.took(now, millis(n)));
        for quantile in [0.5, 0.9, 0.95, 0.99] {
            let delay = times.delay(now, &HedgeSettings { quantile, ..EXACT });
            assert!(is_about(delay, Duration::from_secs_f64(quantile)), "{quantile}: {delay:?}");
        }
    }

    #[test]
    fn it_is_no_earlier_than_the_earliest() {
        let now = Instant::now();
        let times = FirstTokens::new(now);
        (0..100).for_each(|_| times.took(now, millis(2)));
        let settings = HedgeSettings::default();
        assert_eq!(times.delay(now, &settings), Some(settings.earliest));
    }

    #[test]
    fn a_target_that_has_become_slow_is_known_as_slow_soon() {
        let now = Instant::now();
        let times = FirstTokens::new(now);
        (0..100_000).for_each(|_| times.took(now, millis(100)));
        (0..200).for_each(|_| times.took(now, millis(2_000)));
        assert!(is_about(times.delay(now, &EXACT), millis(2_000)));
    }

    #[test]
    fn what_was_seen_long_ago_is_forgotten() {
        let now = Instant::now();
        let times = FirstTokens::new(now);
        (0..1_000).for_each(|_| times.took(now, millis(100)));
        let later = now + Duration::from_secs(60);
        assert!(times.delay(later, &EXACT).is_some());
        assert_eq!(times.delay(later + Duration::from_secs(600), &EXACT), None);
    }

    #[test]
    fn every_time_has_a_bucket_that_ends_after_it() {
        let mut last = 0;
        for shift in 0..64 {
            for micros in [1_u64 << shift, (1 << shift) + (1 << shift >> 1)] {
                let bucket = bucket(micros);
                assert!(bucket >= last && bucket < BUCKETS, "{micros}");
                last = bucket;
                let is_beyond = micros >= 1 << HIGHEST;
                assert!(upper(bucket) > micros || is_beyond, "{micros} in {bucket}");
            }
        }
        assert_eq!((bucket(0), bucket(u64::MAX)), (0, BUCKETS - 1));
    }

    #[test]
    fn no_setting_is_nonsense_enough_to_break_it() {
        let now = Instant::now();
        let times = FirstTokens::new(now);
        times.took(now, Duration::MAX);
        for quantile in [f64::NAN, -1.0, 7.0] {
            let settings = HedgeSettings { quantile, least_samples: 0, earliest: Duration::ZERO };
            assert!(times.delay(now, &settings).is_some());
        }
    }
}
