//! How many extra calls there may be: a share of the recent requests.
//!
//! Retries against storms, and hedges against their price. When much fails at once, what was a
//! request becomes several calls, just when the vendors can bear it least; with an allowance the
//! calls in all are never more than the requests and a share of them.

use std::{
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    began::Began,
    recent::{Counts, Recent},
};

/// A share in millionths.
const WHOLE: f64 = 1e6;
/// A floor in thousandths.
const THOUSANDTHS: f64 = 1e3;

/// How many extra calls there may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AllowanceSettings {
    /// Extra calls for each recent request: 0.2 is one for five.
    pub share: f64,
    /// Extra calls in a second that are always allowed, so that a quiet gateway retries, too.
    pub floor: f64,
    /// How far back requests are recent.
    pub window: Duration,
}

impl AllowanceSettings {
    /// For retries: one for five requests of the last ten seconds, and three in any second.
    pub const RETRIES: Self = Self { share: 0.2, floor: 3.0, window: Duration::from_secs(10) };
    /// For hedges: one for twenty requests of the last minute.
    pub const HEDGES: Self = Self { share: 0.05, floor: 0.0, window: Duration::from_secs(60) };
}

/// What there is to spend on extra calls, without a lock.
#[derive(Debug)]
pub struct Allowance {
    began: Began,
    share: AtomicU32,
    /// For the whole window.
    floor: AtomicU32,
    recent: Recent,
}

impl Allowance {
    /// An allowance of which nothing is spent.
    pub fn new(settings: AllowanceSettings, now: Instant) -> Self {
        let allowance = Self {
            began: Began::new(now),
            share: AtomicU32::new(0),
            floor: AtomicU32::new(0),
            recent: Recent::new(settings.window),
        };
        allowance.adopt(settings);
        allowance
    }

    /// Other settings. What was spent stays spent.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "floats are cast to the nearest number that there is, and nonsense to 0"
    )]
    pub fn adopt(&self, settings: AllowanceSettings) {
        let floor = settings.floor * settings.window.as_secs_f64() * THOUSANDTHS;
        self.share.store((settings.share * WHOLE) as u32, Relaxed);
        self.floor.store(floor as u32, Relaxed);
        self.recent.set_window(settings.window);
    }

    /// A request has come in.
    pub fn requested(&self, now: Instant) {
        self.recent.add(self.began.micros(now), Counts { all: 1, some: 0 });
    }

    /// Whether there may be one more extra call. If so, it is spent.
    pub fn spend(&self, now: Instant) -> bool {
        let now = self.began.micros(now);
        // Spent first and given back if it was too much: two that ask at once may both be refused,
        // but never is more spent than there is.
        self.recent.add(now, Counts { all: 0, some: 1 });
        let Counts { all, some } = self.recent.sum(now);
        let share = f64::from(all) * f64::from(self.share.load(Relaxed)) / WHOLE;
        let allowed = share + f64::from(self.floor.load(Relaxed)) / THOUSANDTHS;
        let is_within = f64::from(some) <= allowed;
        if !is_within {
            self.recent.take_back(now);
        }
        is_within
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn spent(allowance: &Allowance, asked: usize, now: Instant) -> usize {
        (0..asked).filter(|_| allowance.spend(now)).count()
    }

    #[test]
    fn extra_calls_are_a_share_of_the_recent_requests_and_a_floor() {
        let now = Instant::now();
        let allowance = Allowance::new(AllowanceSettings::RETRIES, now);
        assert_eq!(spent(&allowance, 1_000, now), 30, "the floor of ten seconds");
        (0..1_000).for_each(|_| allowance.requested(now));
        assert_eq!(spent(&allowance, 1_000, now), 200);
        assert_eq!(spent(&allowance, 1_000, now), 0);
        let later = now + Duration::from_secs(10);
        assert_eq!(spent(&allowance, 1_000, later), 30, "what is old neither gives nor takes");
    }

    #[test]
    fn without_a_floor_the_first_extra_call_waits_for_enough_requests() {
        let now = Instant::now();
        let allowance = Allowance::new(AllowanceSettings::HEDGES, now);
        let first = (1..100).find(|_| {
            allowance.requested(now);
            allowance.spend(now)
        });
        assert_eq!(first, Some(20));
    }

    #[test]
    fn a_storm_multiplies_calls_by_one_and_a_fifth_at_most() {
        let mut now = Instant::now();
        let settings = AllowanceSettings { floor: 0.0, ..AllowanceSettings::RETRIES };
        let allowance = Allowance::new(settings, now);
        let mut retries = 0;
        for _ in 0..10_000 {
            now += Duration::from_millis(10);
            allowance.requested(now);
            retries += spent(&allowance, 3, now);
        }
        assert!((1_900..=2_200).contains(&retries), "{retries} retries of 10000 requests");
    }

    #[test]
    fn other_settings_do_not_forget_what_was_spent() {
        let now = Instant::now();
        let allowance = Allowance::new(AllowanceSettings::RETRIES, now);
        assert_eq!(spent(&allowance, 10, now), 10);
        allowance.adopt(AllowanceSettings { floor: 2.0, ..AllowanceSettings::RETRIES });
        assert_eq!(spent(&allowance, 100, now), 10);
    }

    #[test]
    fn many_that_ask_at_once_never_spend_more_than_there_is() {
        let now = Instant::now();
        let allowance = Allowance::new(AllowanceSettings::RETRIES, now);
        (0..1_000).for_each(|_| allowance.requested(now));
        let total: usize = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(|| spent(&allowance, 500, now))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert!(total <= 230, "{total}");
        assert!(total + spent(&allowance, 500, now) == 230, "what was refused at once is left");
    }

    #[test]
    fn nonsense_allows_nothing() {
        let now = Instant::now();
        for nonsense in [f64::NAN, -1.0] {
            let settings =
                AllowanceSettings { share: nonsense, floor: nonsense, window: Duration::MAX };
            let allowance = Allowance::new(settings, now);
            allowance.requested(now);
            assert!(!allowance.spend(now));
        }
    }
}
