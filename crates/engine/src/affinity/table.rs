//! A fixed table of words: for a hash, a target and when that was written.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A hash has this many slots to be in: one cache line's half.
const WAYS: usize = 4;
const SET_BITS: u32 = 14;
const TAG_BITS: u32 = 28;
const STEP_BITS: u32 = 16;
/// How much of a word is the target.
pub(super) const TARGET_BITS: u32 = 20;

/// So many steps ahead of the reader's clock is not long ago: somebody has a later one.
const AHEAD: u64 = 16;

/// The table.
#[derive(Debug)]
pub(super) struct Table {
    slots: Box<[AtomicU64]>,
}

/// A slot's word, taken apart.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Entry {
    tag: u64,
    step: u64,
    target: u32,
}

impl Table {
    pub(super) fn new() -> Self {
        let slots = (0..WAYS << SET_BITS).map(|_| AtomicU64::new(0)).collect();
        Self { slots }
    }

    /// Writes who it is. Where all slots of this hash are taken, the oldest makes room.
    pub(super) fn put(&self, mark: u64, step: u64, target: u32) {
        let entry = Entry { tag: tag(mark), step: step & mask(STEP_BITS), target };
        let set = self.set(mark);
        let own = set.iter().find(|slot| Entry::read(slot).is_some_and(|old| old.tag == entry.tag));
        let oldest = || {
            set.iter().max_by_key(|slot| Entry::read(slot).map_or(u64::MAX, |old| old.age(step)))
        };
        let Some(slot) = own.or_else(oldest) else { return };
        // What stands there already is not written: the line stays with whoever reads it.
        if slot.load(Relaxed) != entry.pack() {
            slot.store(entry.pack(), Relaxed);
        }
    }

    /// Who was written, if it is no more than `lifetime` steps ago.
    pub(super) fn find(&self, mark: u64, step: u64, lifetime: u32) -> Option<u32> {
        let tag = tag(mark);
        let entry = self.set(mark).iter().filter_map(Entry::read).find(|entry| entry.tag == tag)?;
        (lifetime > 0 && entry.age(step) <= u64::from(lifetime)).then_some(entry.target)
    }

    fn set(&self, mark: u64) -> &[AtomicU64] {
        let first = usize::try_from(mark & mask(SET_BITS)).unwrap_or(0) * WAYS;
        self.slots.get(first..first + WAYS).unwrap_or_default()
    }
}

impl Entry {
    /// What a slot holds; an empty one holds nothing.
    #[expect(clippy::cast_possible_truncation, reason = "masked to 20 bits")]
    fn read(slot: &AtomicU64) -> Option<Self> {
        let word = slot.load(Relaxed);
        (word != 0).then(|| Self {
            tag: word >> (STEP_BITS + TARGET_BITS),
            step: word >> TARGET_BITS & mask(STEP_BITS),
            target: (word & mask(TARGET_BITS)) as u32,
        })
    }

    fn pack(self) -> u64 {
        self.tag << (STEP_BITS + TARGET_BITS)
            | self.step << TARGET_BITS
            | u64::from(self.target) & mask(TARGET_BITS)
    }

    /// How many steps ago it was written. The clock goes round after a week.
    fn age(self, step: u64) -> u64 {
        let age = step.wrapping_sub(self.step) & mask(STEP_BITS);
        if age > mask(STEP_BITS) - AHEAD { 0 } else { age }
    }
}

/// The part of a hash that tells those apart that share a set.
fn tag(mark: u64) -> u64 {
    mark >> (u64::BITS - TAG_BITS)
}

const fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}
