//! When a circuit opens, for how long, and what closes it again.

use std::time::Duration;

/// When a circuit opens, for how long, and what closes it again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerSettings {
    /// So many failures in a row open it; 0 counts as 1.
    pub consecutive: u32,
    /// So many probes have to succeed before it is closed; 0 counts as 1.
    pub success_threshold: u32,
    /// The most probes at once while it is half open that have not begun to answer; 0 counts as 1.
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
    /// gateways do not probe in step. Where there is no room above it, it is as much shorter: the
    /// longest times are those of long outages, when all of them are at it.
    pub(super) fn open_time(&self, reopened: u32, share: f64) -> Duration {
        let longest = self.longest.max(self.open_for);
        let doubled = self.open_for.saturating_mul(1 << reopened.min(20)).min(longest);
        let extra = doubled / 4;
        // Invariant: neither end is shorter than what the operator has set, or longer.
        let (low, high) = match doubled.checked_add(extra).filter(|high| *high <= longest) {
            Some(high) => (doubled, high),
            None => (longest.saturating_sub(longest / 4).max(self.open_for), longest),
        };
        // The product is no longer than what lies between the two, which a `Duration` holds.
        let spread = high.saturating_sub(low).mul_f64(share.clamp(0.0, 1.0));
        low.saturating_add(spread).min(high)
    }

    /// How long a failure is of any interest: no circuit is open for longer after it.
    pub(super) fn memory(&self) -> Duration {
        self.longest.max(self.open_for).max(self.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failed_probe_doubles_the_open_time_up_to_the_longest() {
        let settings = BreakerSettings { longest: Duration::from_secs(200), ..Default::default() };
        let times: Vec<_> = (0..5).map(|n| settings.open_time(n, 1.0).as_secs_f64()).collect();
        assert_eq!(times, [37.5, 75.0, 150.0, 200.0, 200.0]);
    }

    #[test]
    fn jitter_lengthens_by_a_quarter_at_most_and_never_beyond_the_longest() {
        let settings = BreakerSettings::default();
        assert_eq!(settings.open_time(0, 1.0), Duration::from_millis(37_500));
        assert_eq!(settings.open_time(0, 0.5), Duration::from_millis(33_750));
        assert_eq!(settings.open_time(u32::MAX, 1.0), settings.longest);
        let exact = BreakerSettings { longest: Duration::ZERO, ..settings };
        assert_eq!(exact.open_time(9, 1.0), exact.open_for);
        assert_eq!(exact.open_time(9, 0.0), exact.open_for);
    }

    #[test]
    fn gateways_do_not_probe_in_step_after_the_longest_time_either() {
        let settings = BreakerSettings::default();
        let ends = [0.0, 1.0].map(|share| settings.open_time(20, share).as_secs());
        assert_eq!(ends, [225, 300]);
        let close = BreakerSettings { longest: Duration::from_secs(35), ..settings };
        let ends = [0.0, 1.0].map(|share| close.open_time(0, share).as_secs());
        assert_eq!(ends, [30, 35], "never shorter than the first time");
    }

    #[test]
    fn no_setting_is_too_long_to_be_counted() {
        let (open_for, longest) = (Duration::MAX, Duration::MAX);
        let settings = BreakerSettings { open_for, longest, ..Default::default() };
        assert_eq!(settings.open_time(u32::MAX, 1.0), Duration::MAX);
        let unlimited = BreakerSettings { open_for: Duration::from_secs(1), ..settings };
        assert!(unlimited.open_time(u32::MAX, 0.5) >= Duration::from_secs(1 << 20));
    }
}
