//! Two counts over the recent past, without a lock: so many, and so many of them of one sort.

use std::{
    array,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use crate::began::micros;

/// Into how many slices the recent past is cut: it is forgotten a tenth at a time.
const SLICES: usize = 10;
/// The most that a slice counts on either side. Beyond it both sides are halved, which keeps their
/// ratio.
const MOST: u32 = (1 << COUNT_BITS) - 1;
const COUNT_BITS: u32 = 20;
const TICK_BITS: u32 = 24;

/// Two counts over a sliding window. Points in time are microseconds since any fixed one.
#[derive(Debug)]
pub(crate) struct Recent {
    /// How long a slice is, in microseconds; at least one.
    slice: AtomicU64,
    slices: [AtomicU64; SLICES],
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Counts {
    pub(crate) all: u32,
    pub(crate) some: u32,
}

/// One slice as it stands in its atomic: which one it is, and its counts.
#[derive(Clone, Copy)]
struct Slice {
    tick: u32,
    counts: Counts,
}

impl Recent {
    pub(crate) fn new(window: Duration) -> Self {
        let slices = array::from_fn(|_| AtomicU64::new(0));
        Self { slice: AtomicU64::new(slice(window)), slices }
    }

    /// Counts over another window from now on. What was counted is forgotten if it is another one.
    pub(crate) fn set_window(&self, window: Duration) {
        let new = slice(window);
        if self.slice.swap(new, Relaxed) != new {
            self.clear();
        }
    }

    /// Counts one of all, or one of some, or both.
    pub(crate) fn add(&self, now: u64, added: Counts) {
        self.change(now, |counts| Counts {
            all: counts.all + added.all,
            some: counts.some + added.some,
        });
    }

    /// Takes back one of some.
    pub(crate) fn take_back(&self, now: u64) {
        self.change(now, |counts| Counts { some: counts.some.saturating_sub(1), ..counts });
    }

    /// What was counted within the window that ends now.
    pub(crate) fn sum(&self, now: u64) -> Counts {
        let tick = self.tick(now);
        let mut sum = Counts::default();
        for slot in &self.slices {
            let slice = Slice::unpack(slot.load(Relaxed));
            if (age(tick, slice.tick) as usize) < SLICES {
                sum.all += slice.counts.all;
                sum.some += slice.counts.some;
            }
        }
        sum
    }

    pub(crate) fn clear(&self) {
        self.slices.iter().for_each(|slot| slot.store(0, Relaxed));
    }

    fn change(&self, now: u64, change: impl Fn(Counts) -> Counts) {
        let tick = self.tick(now);
        let slot = &self.slices[tick as usize % SLICES];
        // Whoever read the clock a while ago may find that a later slice has taken the place, and is
        // counted into that one.
        let _ = slot.fetch_update(Relaxed, Relaxed, |word| {
            let mut slice = Slice::unpack(word);
            let is_empty = slice.counts == Counts::default();
            let is_late = !is_empty && (age(slice.tick, tick) as usize) <= SLICES;
            if !is_late {
                slice = Slice { tick, counts: Counts::default() };
            }
            let mut counts = change(slice.counts);
            if counts.all > MOST || counts.some > MOST {
                counts = Counts { all: counts.all / 2, some: counts.some / 2 };
            }
            Some(Slice { counts, ..slice }.pack())
        });
    }

    /// Which slice a point in time is in. Begins again after sixteen million, which is seen as the
    /// distance between two.
    fn tick(&self, now: u64) -> u32 {
        ((now / self.slice.load(Relaxed).max(1)) & ((1 << TICK_BITS) - 1)) as u32
    }
}

impl Slice {
    fn pack(self) -> u64 {
        u64::from(self.tick) << (2 * COUNT_BITS)
            | u64::from(self.counts.all.min(MOST)) << COUNT_BITS
            | u64::from(self.counts.some.min(MOST))
    }

    #[expect(clippy::cast_possible_truncation, reason = "each part is masked to its bits")]
    fn unpack(word: u64) -> Self {
        let mask = u64::from(MOST);
        let counts = Counts { all: (word >> COUNT_BITS & mask) as u32, some: (word & mask) as u32 };
        Self { tick: (word >> (2 * COUNT_BITS)) as u32, counts }
    }
}

/// How many slices lie between one and a later one.
fn age(tick: u32, earlier: u32) -> u32 {
    tick.wrapping_sub(earlier) & ((1 << TICK_BITS) - 1)
}

fn slice(window: Duration) -> u64 {
    (micros(window) / SLICES as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Counts = Counts { all: 1, some: 0 };
    const BOTH: Counts = Counts { all: 1, some: 1 };
    const SECOND: u64 = 1_000_000;

    #[test]
    fn what_is_older_than_the_window_is_forgotten_slice_by_slice() {
        let recent = Recent::new(Duration::from_secs(10));
        for second in 0..10 {
            recent.add(second * SECOND, BOTH);
            recent.add(second * SECOND, ALL);
        }
        assert_eq!(recent.sum(9 * SECOND), Counts { all: 20, some: 10 });
        assert_eq!(recent.sum(12 * SECOND), Counts { all: 14, some: 7 });
        assert_eq!(recent.sum(19 * SECOND), Counts::default());
        assert_eq!(recent.sum(u64::MAX), Counts::default());
    }

    #[test]
    fn a_slice_that_is_full_keeps_its_ratio() {
        let recent = Recent::new(Duration::from_secs(10));
        recent.add(0, Counts { all: MOST, some: MOST / 4 });
        recent.add(0, ALL);
        let Counts { all, some } = recent.sum(0);
        assert!(all > MOST / 4 && all.abs_diff(some * 4) < 8, "{all} {some}");
        recent.clear();
        recent.add(0, Counts { all: MOST, some: 0 });
        recent.add(0, Counts { all: MOST, some: MOST });
        let Counts { all, some } = recent.sum(0);
        assert!(all.abs_diff(some * 2) < 8, "{all} {some}");
    }

    #[test]
    fn another_window_begins_empty_and_the_same_one_goes_on() {
        let recent = Recent::new(Duration::from_secs(10));
        recent.add(0, ALL);
        recent.set_window(Duration::from_secs(10));
        assert_eq!(recent.sum(0), ALL);
        recent.set_window(Duration::from_secs(20));
        assert_eq!(recent.sum(0), Counts::default());
    }

    #[test]
    fn a_late_count_does_not_bring_back_an_old_slice() {
        let recent = Recent::new(Duration::from_secs(10));
        recent.add(15 * SECOND, ALL);
        recent.add(5 * SECOND, BOTH);
        assert_eq!(recent.sum(15 * SECOND), Counts { all: 2, some: 1 });
    }

    #[test]
    fn no_window_is_too_short_or_too_long() {
        for window in [Duration::ZERO, Duration::MAX] {
            let recent = Recent::new(window);
            recent.add(u64::MAX, BOTH);
            assert_eq!(recent.sum(u64::MAX), BOTH, "{window:?}");
        }
    }
}
