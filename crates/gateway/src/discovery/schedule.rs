//! When each target is asked for its models.

use std::{collections::HashMap, sync::Arc, time::Duration};

use ferro_core::TargetId;
use ferro_engine::Target;
use tokio::time::Instant;

/// After so long a vendor that did not list its models is asked again, for the first time.
const AGAIN: Duration = Duration::from_secs(60);
/// Targets that a reload brought are found after this long at the latest.
const LOOK: Duration = Duration::from_secs(60);

/// When each target is asked for its models.
pub(super) struct Schedule {
    every: Duration,
    known: HashMap<TargetId, Turn>,
}

#[derive(Clone, Copy)]
struct Turn {
    at: Instant,
    /// How often in a row it did not list them.
    failures: u32,
}

impl Schedule {
    pub(super) fn new(every: Duration) -> Self {
        Self { every, known: HashMap::new() }
    }

    /// The targets whose turn it is: those of which nothing is known, and those whose time has come.
    pub(super) fn due(&mut self, targets: &[Arc<Target>], now: Instant) -> Vec<Arc<Target>> {
        self.known.retain(|id, _| targets.iter().any(|target| target.id() == id));
        let is_due =
            |target: &&Arc<Target>| self.known.get(target.id()).is_none_or(|turn| turn.at <= now);
        targets.iter().filter(is_due).map(Arc::clone).collect()
    }

    /// A target has listed its models, or not. `roll` is between 0 and 1: targets that were asked
    /// together are not always asked together.
    pub(super) fn settle(&mut self, target: &TargetId, has_listed: bool, now: Instant, roll: f64) {
        let before = self.known.get(target).map_or(0, |turn| turn.failures);
        let (failures, wait) = if has_listed {
            (0, self.every)
        } else {
            let doubled = AGAIN.saturating_mul(1 << before.min(16));
            (before + 1, doubled.min(self.every))
        };
        let at = now + wait.mul_f64(0.9 + 0.2 * roll);
        self.known.insert(target.clone(), Turn { at, failures });
    }

    /// When to look again.
    pub(super) fn next(&self, now: Instant) -> Instant {
        let look = now + LOOK.min(self.every);
        self.known.values().map(|turn| turn.at).chain([look]).min().unwrap_or(look)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(schedule: &mut Schedule, has_listed: bool, roll: f64) -> u64 {
        let (target, now) = (TargetId::from("t"), Instant::now());
        schedule.settle(&target, has_listed, now, roll);
        (schedule.known[&target].at - now).as_secs()
    }

    #[test]
    fn an_interval_is_kept_give_or_take_a_tenth() {
        let mut schedule = Schedule::new(Duration::from_secs(1_000));
        assert_eq!(wait(&mut schedule, true, 0.0), 900);
        assert_eq!(wait(&mut schedule, true, 0.5), 1_000);
        assert_eq!(wait(&mut schedule, true, 1.0), 1_100);
    }

    #[test]
    fn who_did_not_list_is_asked_again_soon_and_then_ever_later_up_to_the_interval() {
        let mut schedule = Schedule::new(Duration::from_secs(600));
        let waits: Vec<_> = (0..6).map(|_| wait(&mut schedule, false, 0.5)).collect();
        assert_eq!(waits, [60, 120, 240, 480, 600, 600]);
        assert_eq!(wait(&mut schedule, true, 0.5), 600);
        assert_eq!(wait(&mut schedule, false, 0.5), 60, "it begins anew");
        let mut often = Schedule::new(Duration::from_secs(10));
        assert_eq!(wait(&mut often, false, 0.5), 10);
    }

    #[test]
    fn whoever_waits_looks_for_new_targets_in_between() {
        let (mut schedule, now) = (Schedule::new(Duration::from_secs(3_600)), Instant::now());
        assert_eq!(schedule.next(now) - now, LOOK);
        schedule.settle(&"t".into(), true, now, 0.5);
        assert_eq!(schedule.next(now) - now, LOOK);
        schedule.settle(&"u".into(), false, now, 0.0);
        assert_eq!((schedule.next(now) - now).as_secs(), 54);
    }
}
