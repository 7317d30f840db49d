//! How a target stands: what the engine remembers about it from one request to the next, and from
//! one configuration to the next.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use ferro_metrics::Standing as Seen;
use foldhash::fast::FixedState;
use tokio::time::Instant;

use crate::{
    Target, TargetParts,
    breaker::{BreakerSettings, Breakers, CircuitState},
    gate::Gate,
    hedge::FirstTokens,
    keys::{KeyPool, MOST_KEYS},
    pace::Latency,
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
    /// How long it takes with each model that the operator names, and with all others together: names
    /// that clients make up cost no memory.
    paces: HashMap<Box<str>, Arc<Pace>, FixedState>,
    other_pace: Arc<Pace>,
}

/// How long a target takes.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Of replies in one piece, and of streams' first events.
    latencies: [Latency; 2],
    pub(crate) first_tokens: FirstTokens,
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
            paces: named(parts).map(|model| (model.into(), Arc::new(Pace::new(now)))).collect(),
            other_pace: Arc::new(Pace::new(now)),
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
            paces: named(parts).map(|model| (model.into(), self.kept_pace(model, now))).collect(),
            other_pace: Arc::clone(&self.other_pace),
        }
    }
}

impl Standing {
    /// How long it takes with this model.
    pub(crate) fn pace(&self, model: &str) -> &Pace {
        self.paces.get(model).unwrap_or(&self.other_pace)
    }

    fn kept_pace(&self, model: &str, now: Instant) -> Arc<Pace> {
        self.paces.get(model).map_or_else(|| Arc::new(Pace::new(now)), Arc::clone)
    }
}

/// The models that the operator names.
fn named(parts: &TargetParts) -> impl Iterator<Item = &str> {
    parts.models.iter().chain(parts.facts.keys()).map(String::as_str)
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

impl Pace {
    fn new(now: Instant) -> Self {
        Self { latencies: [Latency::new(), Latency::new()], first_tokens: FirstTokens::new(now) }
    }

    /// How long it takes lately, until its answer or a stream's first event.
    pub(crate) fn latency(&self, is_stream: bool) -> &Latency {
        &self.latencies[usize::from(is_stream)]
    }
}
