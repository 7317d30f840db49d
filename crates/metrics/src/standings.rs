//! How targets stand, asked when somebody looks and not before: what is set by the requests of a
//! quiet target would tell of its last one for ever.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

type Labels = Vec<(&'static str, String)>;
type Ask = Box<dyn Fn(&mut dyn FnMut(&str, Standing)) + Send + Sync>;

/// How a target stands.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Standing {
    /// Its circuit: 0 is closed, 1 is open, 2 is half open; `None` if it has none.
    pub circuit: Option<u8>,
    /// Calls under way.
    pub in_flight: u32,
    /// Calls that wait for a place.
    pub waiting: u32,
}

/// The gauges of all targets.
#[derive(Default)]
pub(crate) struct Standings {
    circuits: Family<Labels, Gauge>,
    in_flight: Family<Labels, Gauge>,
    waiting: Family<Labels, Gauge>,
    ask: Mutex<Option<Ask>>,
}

impl Standings {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "gateway_circuit_breaker_state",
            "Targets' circuits: 0 closed, 1 open, 2 half open",
            self.circuits.clone(),
        );
        registry.register(
            "gateway_target_in_flight",
            "Calls that targets have under way",
            self.in_flight.clone(),
        );
        registry.register(
            "gateway_target_waiting",
            "Calls that wait for a place at a target",
            self.waiting.clone(),
        );
    }

    /// Asks there from now on.
    pub(crate) fn ask(&self, ask: Ask) {
        *self.ask.lock().unwrap_or_else(PoisonError::into_inner) = Some(ask);
    }

    /// Sets the gauges to how targets stand now. Targets that there are no more have none.
    pub(crate) fn refresh(&self) {
        let ask = self.ask.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ask) = &*ask else { return };
        self.circuits.clear();
        self.in_flight.clear();
        self.waiting.clear();
        ask(&mut |target, standing| {
            let labels = vec![("provider", target.to_owned())];
            if let Some(circuit) = standing.circuit {
                self.circuits.get_or_create(&labels).set(circuit.into());
            }
            self.in_flight.get_or_create(&labels).set(standing.in_flight.into());
            self.waiting.get_or_create(&labels).set(standing.waiting.into());
        });
    }
}

impl fmt::Debug for Standings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Standings")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Metrics;

    #[test]
    fn targets_are_asked_how_they_stand_when_somebody_looks() {
        let metrics = Metrics::new();
        assert!(!metrics.render().contains("provider="));
        metrics
            .ask_standings(|tell| tell("a", Standing { circuit: Some(1), ..Standing::default() }));
        let text = metrics.render();
        assert!(text.contains("gateway_circuit_breaker_state{provider=\"a\"} 1"), "{text}");
        metrics.ask_standings(|tell| tell("b", Standing::default()));
        let text = metrics.render();
        assert!(!text.contains("provider=\"a\""), "it is no more: {text}");
        assert!(!text.contains("breaker_state{provider=\"b\""), "it has no circuit: {text}");
        assert!(text.contains("gateway_target_in_flight{provider=\"b\"} 0"), "{text}");
    }
}
