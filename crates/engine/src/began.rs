//! Points in time as numbers that fit into an atomic: microseconds since something began.

use std::time::Duration;

use tokio::time::Instant;

/// When something began, which is what its points in time are counted from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began(Instant);

impl Began {
    pub(crate) fn new(now: Instant) -> Self {
        Self(now)
    }

    /// Microseconds from the beginning to `now`; 0 for what lies before it.
    pub(crate) fn micros(self, now: Instant) -> u64 {
        micros(now.saturating_duration_since(self.0))
    }
}

/// A span in microseconds: more than half a million years are as many.
pub(crate) fn micros(span: Duration) -> u64 {
    span.as_secs().saturating_mul(1_000_000).saturating_add(u64::from(span.subsec_micros()))
}
