//! A call's permission to go to a target: its place there, the key that it shows, and the circuit's
//! permit, which learns how the call ended.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    thread,
};

use ferro_core::{CredentialSource, ErrorKind, Fate, ProviderError};
use http::StatusCode;
use tokio::time::Instant;

use crate::{
    Target,
    breaker::{Blame, Permits},
    gate::{Gate, Place},
    keys::{NoKey, Tried},
    pause::mixed,
};

/// Whoever wants to ask a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor<'a> {
    pub(crate) model: &'a str,
    /// The request's share of randomness.
    pub(crate) roll: u64,
    /// The only key that may be shown; any, if `None`.
    pub(crate) key: Option<u16>,
}

/// A call may go to a target. Dropped without an outcome, it says nothing about the target; dropped
/// by a panic, it says that the target failed.
#[derive(Debug)]
pub(crate) struct Pass {
    target: Arc<Target>,
    place: Option<Place>,
    permits: Option<Permits>,
    key: usize,
    tried: Tried,
    roll: u64,
    /// Whether somebody else can be asked instead, for whose sake this one may rest.
    pub(crate) has_others: bool,
    /// Whether a token that was refused has been replaced already.
    has_renewed: bool,
}

impl Target {
    /// Lets a call in, or says why it must stay out.
    pub(crate) fn enter(self: &Arc<Self>, visitor: Visitor<'_>) -> Result<Pass, Fate> {
        let now = Instant::now();
        // A target that is not to be asked at all is no reason to wait for a place there.
        let breakers = self.standing().breakers.as_ref();
        if let Some(wait) = breakers.and_then(|all| all.retry_after(visitor.model, now)) {
            return Err(Fate::Open(wait));
        }
        let key = self.key(Tried::default(), visitor, now)?;
        let place = match &self.standing().gate {
            None => None,
            Some(gate) => Some(gate.try_enter().ok_or(Fate::Saturated)?),
        };
        self.pass(visitor, place, key)
    }

    /// Why it would keep a call out at `now`; `None` if it would let it in.
    pub(crate) fn keeps_out(&self, visitor: Visitor<'_>, now: Instant) -> Option<Fate> {
        let standing = self.standing();
        let breakers = standing.breakers.as_ref();
        let is_full = |gate: &Arc<Gate>| gate.in_flight() >= gate.limit();
        let open = breakers.and_then(|all| all.retry_after(visitor.model, now)).map(Fate::Open);
        open.or_else(|| self.key(Tried::default(), visitor, now).err())
            .or_else(|| standing.gate.as_ref().is_some_and(is_full).then_some(Fate::Saturated))
    }

    /// Lets a call in that has waited for its place.
    pub(crate) fn enter_from_queue(
        self: &Arc<Self>,
        visitor: Visitor<'_>,
        place: Place,
    ) -> Result<Pass, Fate> {
        let key = self.key(Tried::default(), visitor, Instant::now())?;
        self.pass(visitor, Some(place), key)
    }

    /// Circuits are asked last: a probe's place is not held by somebody who has none here.
    fn pass(
        self: &Arc<Self>,
        visitor: Visitor<'_>,
        place: Option<Place>,
        key: usize,
    ) -> Result<Pass, Fate> {
        let permits = self.permits(visitor)?;
        self.standing().in_flight.fetch_add(1, Relaxed);
        let (target, tried, roll) = (Arc::clone(self), Tried::default(), visitor.roll);
        let (has_others, has_renewed) = (true, false);
        Ok(Pass { target, place, permits, key, tried, roll, has_others, has_renewed })
    }

    fn permits(&self, visitor: Visitor<'_>) -> Result<Option<Permits>, Fate> {
        let Some(breakers) = &self.standing().breakers else { return Ok(None) };
        let admitted = breakers.admit(visitor.model, Instant::now());
        admitted.map(Some).map_err(|open| Fate::Open(open.retry_after))
    }

    fn key(&self, tried: Tried, visitor: Visitor<'_>, now: Instant) -> Result<usize, Fate> {
        let keys = &self.standing().keys;
        let tried = visitor.key.map_or(tried, |only| tried.and_all_but(usize::from(only)));
        keys.pick(tried, visitor.roll, now).map_err(|none| match none {
            NoKey::Cooling(wait) if keys.len() > 1 => Fate::NoKey(wait),
            NoKey::Cooling(wait) => Fate::Cooling(wait),
            NoKey::AllTried => Fate::NoKey(std::time::Duration::ZERO),
        })
    }
}

impl Pass {
    pub(crate) fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// What the call shows.
    pub(crate) fn credentials(&self) -> &Arc<dyn CredentialSource> {
        let found = self.target.standing().keys.source(self.key);
        found.expect("the pool picked it")
    }

    /// Which key that is, where there are several.
    pub(crate) fn key(&self) -> Option<u16> {
        let is_one_of_many = self.target.standing().keys.len() > 1;
        is_one_of_many.then(|| u16::try_from(self.key).ok())?
    }

    /// The target has begun to answer.
    pub(crate) fn begun(&mut self) {
        self.permits.iter_mut().for_each(Permits::begun);
    }

    /// The target has answered, and kept its word to the end.
    pub(crate) fn succeeded(&mut self) {
        if let Some(permits) = self.permits.take() {
            permits.succeeded(Instant::now());
        }
    }

    /// The target has failed at `model`. What follows is in the failure's class; only that a rest is
    /// for the sake of others who can be asked instead, targets or keys. Without them the next request
    /// asks again, and its client hears the vendor's own words.
    pub(crate) fn failed(&mut self, error: &ProviderError, model: &str) {
        let class = error.kind().class();
        let renews = self.may_renew(error);
        self.tried.insert(self.key);
        let keys = &self.target.standing().keys;
        let cooling = class.cools.time(error.retry_after());
        if let Some(span) = cooling.filter(|_| !is_forbidden(error) && !renews) {
            let now = Instant::now();
            if self.has_others || keys.has_other(self.key, now) {
                keys.cool(self.key, now, span);
            }
        }
        if class.opens {
            self.blame(whose(error, model));
        } else {
            self.permits = None;
        }
    }

    /// Whether what was refused was issued for a while, and whoever issues it can be asked for another:
    /// once. It may have been withdrawn before its time, and a key that is merely written down stays
    /// what it is.
    fn may_renew(&self, error: &ProviderError) -> bool {
        let is_spent = error.is_credential_spent();
        is_spent && !self.has_renewed && self.credentials().at_hand().is_none()
    }

    /// Shows what the same source issues next in place of what was refused; `false` if it has no
    /// other.
    pub(crate) fn renew(&mut self, error: &ProviderError, visitor: Visitor<'_>) -> bool {
        let renews = self.may_renew(error);
        self.has_renewed |= renews;
        renews && self.again(visitor)
    }

    /// Takes another of the target's keys, which is shown in place of the one that was not taken;
    /// `false` if there is none.
    pub(crate) fn next_key(&mut self, visitor: Visitor<'_>) -> bool {
        let next = Visitor { roll: mixed(visitor.roll, 1), ..visitor };
        let Ok(key) = self.target.key(self.tried, next, Instant::now()) else { return false };
        self.key = key;
        self.again(visitor)
    }

    /// Asks the circuits anew, for another call.
    pub(crate) fn again(&mut self, visitor: Visitor<'_>) -> bool {
        let permits = self.target.permits(visitor);
        permits.map(|permits| self.permits = permits).is_ok()
    }

    /// Gives the place to somebody else for as long as this call waits.
    pub(crate) fn step_aside(&mut self) {
        self.place = None;
    }

    /// Takes a place again; `false` if there is none.
    pub(crate) fn step_back(&mut self) -> bool {
        let Some(gate) = &self.target.standing().gate else { return true };
        self.place = gate.try_enter();
        self.place.is_some()
    }

    fn blame(&mut self, blame: Blame<'_>) {
        if let Some(permits) = self.permits.take() {
            permits.failed(blame, Instant::now(), self.roll);
        }
    }
}

/// A target that cannot be reached cannot be reached for any model.
fn whose<'a>(error: &ProviderError, model: &'a str) -> Blame<'a> {
    match error.kind() {
        ErrorKind::Transport | ErrorKind::ConnectTimeout => Blame::Target,
        ErrorKind::Timeout | ErrorKind::TotalTimeout if error.status().is_none() => {
            Blame::Silence(model)
        }
        _ => Blame::Model(model),
    }
}

/// A key that may not do this one thing may do others: whoever asks for what it may not have must not
/// take the key from everybody. So it does not rest, and is shown again by the next request.
pub(crate) fn is_forbidden(error: &ProviderError) -> bool {
    error.status() == Some(StatusCode::FORBIDDEN) && !error.is_credential_spent()
}

impl Drop for Pass {
    fn drop(&mut self) {
        if thread::panicking() {
            self.blame(Blame::Target);
        }
        self.target.standing().in_flight.fetch_sub(1, Relaxed);
    }
}
