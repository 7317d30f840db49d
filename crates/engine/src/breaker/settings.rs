//! When a circuit opens, for how long, and what closes it again.

use std::time::Duration;

/// When a circuit opens, for how long, and what closes it again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerSettings {
    /// So many failures in a row open it; 0 counts as 1.
    pub consecutive: u32,
    /// So many probes have to succeed before it is closed; 0 counts as 1.
    pub success_threshold: u32,
    /// The most probes under way at once while it is half open; 0 counts as 1.
    pub max_half: u32,
    /// For how long it stays open at first. A probe that fails doubles it.
    pub open_for: Duration,
    /// The longest that it stays open. Where this is not longer than `open_for`, every time is
    /// exactly `open_for`: without jitter, too.
    pub longest: Duration,
    /// The share of recent calls, above 0 and up to 1, whose failure opens it even if they do not
    /// fail in a row.
    pub failure_rate: Option<f64>,
    /// The rate says nothing about fewer recent calls than this.
    pub minimum_volume: u32,
    /// How far back the rate looks.
    pub window: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            consecutive: 5,
            success_threshold: 1,
            max_half: 1,
            open_for: Duration::from_secs(30),
            longest: Duration::from_secs(300),
            failure_rate: None,
            minimum_volume: 20,
            window: Duration::from_secs(60),
        }
    }
}

impl BreakerSettings {
    /// How long a circuit stays open that has opened `reopened` times since it was closed last:
    /// doubled each time, and up to a quarter longer (as `share`, of one, says), so that several
    /// gateways do not probe in step.
    pub(super) fn open_time(&self, reopened: u32, share: f64) -> Duration {
        let longest = self.longest.max(self.open_for);
        let doubled = self.open_for.saturating_mul(1 << reopened.min(20)).min(longest);
        let extra = doubled / 4;
        // The product is no longer than `extra`, which a `Duration` holds.
        doubled.saturating_add(extra.mul_f64(share.clamp(0.0, 1.0))).min(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failed_probe_doubles_the_open_time_up_to_the_longest() {
        let settings = BreakerSettings { longest: Duration::from_secs(200), ..Default::default() };
        let times: Vec<_> = (0..5).map(|n| settings.open_time(n, 0.0).as_secs()).collect();
        assert_eq!(times, [30, 60, 120, 200, 200]);
    }

    #[test]
    fn jitter_lengthens_by_a_quarter_at_most_and_never_beyond_the_longest() {
        let settings = BreakerSettings::default();
        assert_eq!(settings.open_time(0, 1.0), Duration::from_millis(37_500));
        assert_eq!(settings.open_time(0, 0.5), Duration::from_millis(33_750));
        assert_eq!(settings.open_time(u32::MAX, 1.0), settings.longest);
        let exact = BreakerSettings { longest: Duration::ZERO, ..settings };
        assert_eq!(exact.open_time(9, 1.0), exact.open_for);
    }

    #[test]
    fn no_setting_is_too_long_to_be_counted() {
        let (open_for, longest) = (Duration::MAX, Duration::MAX);
        let settings = BreakerSettings { open_for, longest, ..Default::default() };
        assert_eq!(settings.open_time(u32::MAX, 0.5), Duration::MAX);
    }
}
