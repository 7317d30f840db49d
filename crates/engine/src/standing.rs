//! How a target stands: what the engine remembers about it from one request to the next, and from
//! one configuration to the next.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use ferro_metrics::Standing as Seen;
use tokio::time::Instant;

use crate::{
    Target, TargetParts,
    breaker::{BreakerSettings, Breakers, CircuitState},
    gate::Gate,
    keys::{KeyPool, MOST_KEYS},
    paces::Paces,
};

/// When a target that fails is left alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CircuitSettings {
    /// When its circuits open, and for how long.
    pub breaker: BreakerSettings,
    /// Whether each model has a circuit of its own.
    pub per_model: bool,
}

/// What a target that is configured anew has in common with the one before.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Kept {
    /// It is the same vendor at the same address: what was learnt about its health and its pace
    /// still holds.
    pub is_same_place: bool,
    /// For each of its keys, which one of the former it is: what that was refused for still holds.
    pub keys: Vec<Option<usize>>,
}

/// What is remembered of a target.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) breakers: Option<Breakers>,
    pub(crate) keys: KeyPool,
    pub(crate) gate: Option<Arc<Gate>>,
    /// Calls under way, until their replies have ended.
    pub(crate) in_flight: Arc<AtomicU32>,
    pub(crate) paces: Paces,
}

impl Standing {
    /// Nothing is known yet.
    pub(crate) fn new(parts: &TargetParts) -> Self {
        let now = Instant::now();
        let fresh =
            |circuit: CircuitSettings| Breakers::new(circuit.breaker, circuit.per_model, now);
        let keys = parts.keys.iter().take(MOST_KEYS).cloned().collect();
        Self {
            breakers: parts.circuit.map(fresh),
            keys: KeyPool::new(keys, now).expect("no more are taken than a pool holds"),
            gate: parts.gate.map(|settings| Arc::new(Gate::new(settings))),
            in_flight: Arc::default(),
            paces: Paces::default(),
        }
    }

    /// What is remembered of this target where it is configured anew. Settings are the new ones;
    /// what was learnt stays as far as it still holds.
    pub(crate) fn adopted(&self, parts: &TargetParts, kept: &Kept) -> Self {
        let new = Self::new(parts);
        if !kept.is_same_place {
            return new;
        }
        let breakers = self.breakers.as_ref().zip(parts.circuit);
        let breakers =
            breakers.map(|(old, circuit)| old.adopted(circuit.breaker, circuit.per_model));
        let gate = self.gate.as_ref().zip(parts.gate).map(|(old, settings)| {
            old.resize(settings);
            Arc::clone(old)
        });
        let now = Instant::now();
        for (index, of) in kept.keys.iter().enumerate() {
            of.iter().for_each(|of| new.keys.inherit(index, &self.keys, *of, now));
        }
        Self {
            breakers: breakers.or(new.breakers),
            keys: new.keys,
            gate: gate.or(new.gate),
            in_flight: Arc::clone(&self.in_flight),
            paces: self.paces.clone(),
        }
    }
}

impl Target {
    /// How it stands now, for whoever looks.
    pub fn standing_now(&self) -> Seen {
        let standing = self.standing();
        let state = |breakers: &Breakers| breakers.target().state(Instant::now());
        let circuit = standing.breakers.as_ref().map(|breakers| match state(breakers) {
            CircuitState::Closed => 0,
            CircuitState::Open => 1,
            CircuitState::HalfOpen => 2,
        });
        let waiting = standing.gate.as_ref().map_or(0, |gate| gate.waiting());
        Seen { circuit, in_flight: standing.in_flight.load(Relaxed), waiting }
    }
}
