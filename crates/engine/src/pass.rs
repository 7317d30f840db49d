//! A call's permission to go to a target: its place there, and the circuit's permit, which learns how
//! the call ended.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    thread,
    time::Duration,
};

use ferro_core::{ErrorKind, Fate, ProviderError};
use tokio::time::Instant;

use crate::{
    Target,
    breaker::{Blame, Permits},
};

/// Whoever wants to ask a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor<'a> {
    pub(crate) model: &'a str,
    /// The request's share of randomness.
    pub(crate) roll: u64,
}

/// A call may go to a target. Dropped without an outcome, it says nothing about the target; dropped
/// by a panic, it says that the target failed.
#[derive(Debug)]
pub(crate) struct Pass {
    target: Arc<Target>,
    permits: Option<Permits>,
    roll: u64,
}

impl Target {
    /// Lets a call in, or says why it must stay out. Circuits are asked last: a probe's place is not
    /// held by somebody who has none here.
    pub(crate) fn enter(self: &Arc<Self>, visitor: Visitor<'_>) -> Result<Pass, Fate> {
        let now = Instant::now();
        let standing = self.standing();
        if let Some(wait) = standing.cooling.is_cooling(now) {
            return Err(Fate::Cooling(wait));
        }
        let permits = match &standing.breakers {
            None => None,
            Some(breakers) => match breakers.admit(visitor.model, now) {
                Ok(permits) => Some(permits),
                Err(open) => return Err(Fate::Open(open.retry_after)),
            },
        };
        standing.in_flight.fetch_add(1, Relaxed);
        Ok(Pass { target: Arc::clone(self), permits, roll: visitor.roll })
    }
}

impl Pass {
    pub(crate) fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The target has answered, and kept its word to the end.
    pub(crate) fn succeeded(&mut self) {
        if let Some(permits) = self.permits.take() {
            permits.succeeded(Instant::now());
        }
    }

    /// The target has failed at `model`. What follows is in the failure's class.
    pub(crate) fn failed(&mut self, error: &ProviderError, model: &str) {
        let class = error.kind().class();
        if let Some(span) = class.cools.time(error.retry_after()) {
            self.target.standing().cooling.cool(Instant::now(), span);
        }
        if class.opens {
            self.blame(whose(error.kind(), model));
        } else {
            self.permits = None;
        }
    }

    /// For how long the target is still to be left alone.
    pub(crate) fn cooling(&self) -> Option<Duration> {
        self.target.standing().cooling.is_cooling(Instant::now())
    }

    fn blame(&mut self, blame: Blame<'_>) {
        if let Some(permits) = self.permits.take() {
            permits.failed(blame, Instant::now(), self.roll);
        }
    }
}

/// A target that cannot be reached cannot be reached for any model.
fn whose(kind: ErrorKind, model: &str) -> Blame<'_> {
    match kind {
        ErrorKind::Transport | ErrorKind::ConnectTimeout => Blame::Target,
        _ => Blame::Model(model),
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if thread::panicking() {
            self.blame(Blame::Target);
        }
        self.target.standing().in_flight.fetch_sub(1, Relaxed);
    }
}
