//! A target's circuit and, where the operator asks for them, one for each of its models that fail.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::time::Instant;

use super::{Breaker, BreakerSettings, CircuitOpen, Permit, permit::Ticket};

/// The most models of one target that have a circuit of their own. Of the others, what fails counts
/// against the target.
pub const MOST_MODELS: usize = 64;

/// What a failure says something about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Blame<'a> {
    /// The target: it could not be reached, or cannot be talked to.
    Target,
    /// This model of it, which was asked for. Counts against the target where its models have no
    /// circuits of their own.
    Model(&'a str),
    /// The same, and it has not answered: the target is not known to be well either.
    Silence(&'a str),
}

/// The circuits of one target.
///
/// A model gets a circuit with its first failure: names that clients make up, and that the target
/// does not know, cost nothing.
#[derive(Debug)]
pub struct Breakers {
    target: Arc<Breaker>,
    models: Option<Arc<Models>>,
}

/// Permission to pass all circuits on a call's way.
#[derive(Debug)]
#[must_use = "the circuits want to hear how the call ended"]
pub struct Permits {
    target: Permit,
    model: Option<Permit>,
    models: Option<Arc<Models>>,
}

#[derive(Debug)]
struct Models {
    /// Replaced as a whole when a model fails for the first time, so that to look up is no lock.
    known: ArcSwap<HashMap<Box<str>, Arc<Breaker>>>,
    /// Taken to replace them.
    settings: Mutex<BreakerSettings>,
}

impl Breakers {
    /// Closed circuits: one for the target, and one for each of its models if so wanted.
    pub fn new(settings: BreakerSettings, is_per_model: bool, now: Instant) -> Self {
        let target = Arc::new(Breaker::new(settings, now));
        Self { target, models: is_per_model.then(|| Arc::new(Models::new(settings))) }
    }

    /// These circuits with other settings and the state that they are in, for a target that was
    /// configured anew.
    pub fn adopted(&self, settings: BreakerSettings, is_per_model: bool) -> Self {
        self.target.adopt(settings);
        let known = self.models.as_ref().filter(|_| is_per_model);
        let models = known.map_or_else(|| Arc::new(Models::new(settings)), Arc::clone);
        models.adopt(settings);
        Self { target: Arc::clone(&self.target), models: is_per_model.then_some(models) }
    }

    /// Lets a call for `model` pass, or says when to ask again.
    pub fn admit(&self, model: &str, now: Instant) -> Result<Permits, CircuitOpen> {
        let target = self.target.admit(now)?;
        let Some(models) = &self.models else {
            return Ok(Permits { target, model: None, models: None });
        };
        let breaker = models.known.load().get(model).map(Arc::clone);
        let model = breaker.map(|breaker| breaker.admit(now)).transpose()?;
        Ok(Permits { target, model, models: Some(Arc::clone(models)) })
    }

    /// When a call for `model` has a chance to pass; `None` if it has one now.
    pub fn retry_after(&self, model: &str, now: Instant) -> Option<Duration> {
        let models = self.models.as_ref();
        let of_model = models.and_then(|models| models.known.load().get(model)?.retry_after(now));
        self.target.retry_after(now).max(of_model)
    }

    /// The target's own circuit.
    pub fn target(&self) -> &Arc<Breaker> {
        &self.target
    }
}

impl Permits {
    /// Whether a half-open circuit learns from this call how it goes on.
    pub fn is_probe(&self) -> bool {
        self.target.is_probe() || self.model.as_ref().is_some_and(Permit::is_probe)
    }

    /// The target has begun to answer; see [`Permit::begun`].
    pub fn begun(&mut self) {
        self.target.begun();
        self.model.iter_mut().for_each(Permit::begun);
    }

    /// The call succeeded.
    pub fn succeeded(self, now: Instant) {
        self.target.succeeded(now);
        if let Some(model) = self.model {
            model.succeeded(now);
        }
    }

    /// The call failed. `roll` is the request's share of randomness.
    pub fn failed(self, blame: Blame<'_>, now: Instant, roll: u64) {
        let (model, has_answered) = match blame {
            Blame::Target => (None, false),
            Blame::Model(name) => (Some(name), true),
            Blame::Silence(name) => (Some(name), false),
        };
        let (Some(name), Some(models)) = (model, self.models) else {
            return self.target.failed(now, roll);
        };
        if let Some(permit) = self.model {
            permit.failed(now, roll);
        } else if let Some(breaker) = models.breaker(name, now) {
            // Let through before the circuit was there, which is as if in its first life.
            breaker.failed(Ticket::FIRST, now, roll);
        } else {
            return self.target.failed(now, roll);
        }
        // Where it answered it was to blame for nothing.
        if has_answered {
            self.target.succeeded(now);
        }
    }
}

impl Models {
    fn new(settings: BreakerSettings) -> Self {
        Self { known: ArcSwap::default(), settings: Mutex::new(settings) }
    }

    fn adopt(&self, settings: BreakerSettings) {
        let mut current = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        *current = settings;
        self.known.load().values().for_each(|breaker| breaker.adopt(settings));
    }

    /// A model's circuit, made if there is room for one: circuits of models that have recovered make
    /// room, and those of models that nobody has asked for since they failed, a long time ago.
    fn breaker(&self, model: &str, now: Instant) -> Option<Arc<Breaker>> {
        let settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = HashMap::clone(&self.known.load());
        if let Some(breaker) = known.get(model) {
            return Some(Arc::clone(breaker));
        }
        if known.len() >= MOST_MODELS {
            known.retain(|_, breaker| !breaker.is_idle(now, settings.memory()));
        }
        if known.len() >= MOST_MODELS {
            return None;
        }
        let breaker = Arc::new(Breaker::new(*settings, now));
        known.insert(model.into(), Arc::clone(&breaker));
        self.known.store(Arc::new(known));
        Some(breaker)
    }
}
