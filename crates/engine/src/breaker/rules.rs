//! The rules of a circuit as calls read them: numbers that a reload changes under their eyes.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::{
    BreakerSettings,
    word::{MOST_FAILURES, MOST_PROBES, MOST_SUCCESSES},
};
use crate::recent::Counts;

/// A rate in millionths.
const WHOLE: f64 = 1e6;

/// The settings that calls look at.
#[derive(Debug, Default)]
pub(super) struct Rules {
    consecutive: AtomicU32,
    success_threshold: AtomicU32,
    max_half: AtomicU32,
    /// In millionths; 0 if there is no such rule.
    failure_rate: AtomicU32,
    minimum_volume: AtomicU32,
}

impl Rules {
    pub(super) fn new(settings: &BreakerSettings) -> Self {
        let rules = Self::default();
        rules.set(settings);
        rules
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a million"
    )]
    pub(super) fn set(&self, settings: &BreakerSettings) {
        let rate = settings.failure_rate.filter(|rate| *rate > 0.0);
        let millionths = rate.map_or(0, |rate| (rate.min(1.0) * WHOLE).ceil() as u32);
        self.consecutive.store(settings.consecutive.clamp(1, MOST_FAILURES), Relaxed);
        self.success_threshold.store(settings.success_threshold.clamp(1, MOST_SUCCESSES), Relaxed);
        self.max_half.store(settings.max_half.clamp(1, MOST_PROBES), Relaxed);
        self.failure_rate.store(millionths, Relaxed);
        self.minimum_volume.store(settings.minimum_volume.max(1), Relaxed);
    }
    pub(super) fn consecutive(&self) -> u32 {
        self.consecutive.load(Relaxed)
    }

    pub(super) fn success_threshold(&self) -> u32 {
        self.success_threshold.load(Relaxed)
    }

    pub(super) fn max_half(&self) -> u32 {
        self.max_half.load(Relaxed)
    }

    /// Whether recent calls need to be counted.
    pub(super) fn has_rate(&self) -> bool {
        self.failure_rate.load(Relaxed) != 0
    }

    /// Whether too many of the recent calls, which are enough to tell, have failed.
    pub(super) fn is_rate_exceeded(&self, recent: Counts) -> bool {
        let rate = f64::from(self.failure_rate.load(Relaxed));
        let is_enough = recent.all >= self.minimum_volume.load(Relaxed);
        rate > 0.0 && is_enough && f64::from(recent.some) * WHOLE >= f64::from(recent.all) * rate
    }
}
