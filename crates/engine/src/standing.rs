//! How a target stands: what the engine remembers about it from one request to the next, and from
//! one configuration to the next.

use std::sync::{Arc, atomic::AtomicU32};

use ferro_core::SurfaceKind;
use tokio::time::Instant;

use crate::{
    TargetParts,
    breaker::{BreakerSettings, Breakers},
    cooling::Cooling,
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

/// What another configuration of a target has in common with the one before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Kept {
    /// It is the same vendor at the same address: what was learnt about its health and its pace
    /// still holds.
    pub place: bool,
    /// It is shown the same keys: what those have been refused for still holds.
    pub keys: bool,
}

/// What is remembered of a target.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) breakers: Option<Breakers>,
    pub(crate) cooling: Arc<Cooling>,
    /// Calls under way, until their replies have ended.
    pub(crate) in_flight: Arc<AtomicU32>,
    latencies: Arc<[Latency; 2]>,
}

impl Standing {
    /// Nothing is known yet.
    pub(crate) fn new(parts: &TargetParts) -> Self {
        let now = Instant::now();
        Self {
            breakers: parts.circuit.map(|circuit| fresh(circuit, now)),
            cooling: Arc::new(Cooling::new(now)),
            in_flight: Arc::default(),
            latencies: Arc::new([Latency::new(), Latency::new()]),
        }
    }

    /// What is remembered of this target where it is configured anew. Settings are the new ones;
    /// what was learnt stays as far as it still holds.
    pub(crate) fn adopted(&self, parts: &TargetParts, kept: Kept) -> Self {
        let new = Self::new(parts);
        if !kept.place {
            return new;
        }
        let breakers = parts.circuit.and_then(|circuit| {
            let old = self.breakers.as_ref()?;
            Some(old.adopted(circuit.breaker, circuit.per_model))
        });
        Self {
            breakers: breakers.or(new.breakers),
            cooling: if kept.keys { Arc::clone(&self.cooling) } else { new.cooling },
            in_flight: Arc::clone(&self.in_flight),
            latencies: Arc::clone(&self.latencies),
        }
    }

    /// How long it takes lately, until its answer or a stream's first event.
    pub(crate) fn latency(&self, _: SurfaceKind, is_stream: bool) -> &Latency {
        &self.latencies[usize::from(is_stream)]
    }
}

fn fresh(circuit: CircuitSettings, now: Instant) -> Breakers {
    Breakers::new(circuit.breaker, circuit.per_model, now)
}
