//! A call's permission to pass a circuit, which knows the life of the circuit that it was given in.

use std::sync::Arc;

use tokio::time::Instant;

use super::Breaker;

/// What a call was let through as.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    /// In which life of the circuit. In another one its outcome means nothing.
    pub(super) generation: u32,
    /// The circuit was half open, and learns from it how it goes on.
    pub(super) is_probe: bool,
    /// It has one of the places that a half-open circuit has.
    pub(super) has_place: bool,
}

impl Ticket {
    /// What a circuit that has never opened lets a call through with.
    pub(super) const FIRST: Self = Self::ordinary(0);

    /// A call of a closed circuit.
    pub(super) const fn ordinary(generation: u32) -> Self {
        Self { generation, is_probe: false, has_place: false }
    }

    /// A call that finds out how the target is by now.
    pub(super) const fn probe(generation: u32) -> Self {
        Self { generation, is_probe: true, has_place: true }
    }
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

    /// The target has begun to answer. A probe's place is the next one's from now on: how long the
    /// rest takes is its reader's doing too, and one who never reads must not keep everybody out. How
    /// the call ends still counts.
    pub fn begun(&mut self) {
        if let Some(ticket) = self.ticket.as_mut().filter(|ticket| ticket.has_place) {
            self.breaker.released(*ticket);
            ticket.has_place = false;
        }
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
