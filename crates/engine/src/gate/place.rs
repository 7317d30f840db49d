//! A place inside a gate, a place in its queue, and how many have either.

use std::sync::Arc;

use ferro_core::KeyId;

use super::Gate;

/// How many are inside, and how many wait, in one word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load(pub(super) u64);

const ONE_WAITS: u64 = 1 << 32;

impl Load {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    pub(super) fn inside(self) -> u32 {
        self.0 as u32
    }

    pub(super) fn waiting(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub(super) fn entered(self) -> Self {
        Self(self.0 + 1)
    }

    pub(super) fn left(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    pub(super) fn one_more_waits(self) -> Self {
        Self(self.0 + ONE_WAITS)
    }

    pub(super) fn one_less_waits(self) -> Self {
        Self(self.0.saturating_sub(ONE_WAITS))
    }
}

/// A call's place at its target, for as long as this lives. Then the next has it.
#[derive(Debug)]
#[must_use = "the place is free again once this is dropped"]
pub struct Place(Option<Arc<Gate>>);

impl Place {
    pub(super) fn new(gate: Arc<Gate>) -> Self {
        Self(Some(gate))
    }

    /// Drops it without giving the place back.
    pub(super) fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(gate) = self.0.take() {
            gate.left();
        }
    }
}

/// A call that waits. Dropped, it leaves the queue, if it still stands there.
#[derive(Debug)]
pub(super) struct Waiting {
    gate: Arc<Gate>,
    key: Option<KeyId>,
    ticket: u64,
}

impl Waiting {
    pub(super) fn new(gate: Arc<Gate>, key: Option<KeyId>, ticket: u64) -> Self {
        Self { gate, key, ticket }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.gate.gave_up(self.key.as_ref(), self.ticket);
    }
}
