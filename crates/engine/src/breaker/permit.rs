//! A call's permission to pass a circuit, which knows the life of the circuit that it was given in.

use std::sync::Arc;

use tokio::time::Instant;

use super::Breaker;

/// What a call was let through as.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    /// In which life of the circuit. In another one its outcome means nothing.
    pub(super) generation: u32,
    /// It has one of the places that a half-open circuit has.
    pub(super) is_probe: bool,
}

impl Ticket {
    /// What a circuit that has never opened lets a call through with.
    pub(super) const FIRST: Self = Self { generation: 0, is_probe: false };
}

/// A call may pass. Dropped without an outcome, it gives a probe's place back and says nothing.
#[derive(Debug)]
#[must_use = "the circuit wants to hear how the call ended"]
pub struct Permit {
    breaker: Arc<Breaker>,
    /// `None` once the outcome was told.
    ticket: Option<Ticket>,
}

impl Permit {
    pub(super) fn new(breaker: Arc<Breaker>, ticket: Ticket) -> Self {
        Self { breaker, ticket: Some(ticket) }
    }

    /// Whether the circuit is half open and learns from this call how it goes on.
    pub fn is_probe(&self) -> bool {
        self.ticket.is_some_and(|ticket| ticket.is_probe)
    }

    /// The call succeeded.
    pub fn succeeded(mut self, now: Instant) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.succeeded(ticket, now);
        }
    }

    /// The call failed in a way that the target is to blame for. `roll` is the request's share of
    /// randomness: it spreads the open time.
    pub fn failed(mut self, now: Instant, roll: u64) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.failed(ticket, now, roll);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.released(ticket);
        }
    }
}
