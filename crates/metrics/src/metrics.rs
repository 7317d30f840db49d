//! The registry of one gateway, with every name in one place.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::{ConnectionMeter, Series, Standing, Status, standings::Standings, variants::Variants};

type Labels = Vec<(&'static str, String)>;
type Histograms = Family<Labels, Histogram, fn() -> Histogram>;

/// Seconds. The first twelve are as old dashboards have them; the rest tell long answers apart.
const DURATIONS: [f64; 16] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0,
];

/// The metrics of one gateway.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Histograms,
    tokens_in: Family<Labels, Counter>,
    tokens_out: Family<Labels, Counter>,
    cost: Family<Labels, Counter<f64, AtomicU64>>,
    unpriced: Family<Labels, Counter>,
    provider_errors: Family<Labels, Counter>,
    hook_drops: Family<Labels, Counter>,
    record_drops: Counter,
    init_failures: Family<Labels, Counter>,
    connections: Family<Labels, Gauge>,
    transitions: Family<Labels, Counter>,
    in_flight: Gauge,
    standings: Standings,
    variants: Variants,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Metrics of which nothing has been counted.
    pub fn new() -> Self {
        let mut this = Self {
            registry: Registry::default(),
            requests: Family::default(),
            durations: Histograms::new_with_constructor(|| Histogram::new(DURATIONS)),
            tokens_in: Family::default(),
            tokens_out: Family::default(),
            cost: Family::default(),
            unpriced: Family::default(),
            provider_errors: Family::default(),
            hook_drops: Family::default(),
            record_drops: Counter::default(),
            init_failures: Family::default(),
            connections: Family::default(),
            transitions: Family::default(),
            in_flight: Gauge::default(),
            standings: Standings::default(),
            variants: Variants::default(),
        };
        this.register();
        this
    }

    /// The encoder adds `_total` to the name of a counter.
    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("gateway_requests", "Requests, by how they ended", self.requests.clone());
        r.register(
            "gateway_request_duration_seconds",
            "From first to last byte",
            self.durations.clone(),
        );
        r.register("gateway_tokens_input", "Tokens read", self.tokens_in.clone());
        r.register("gateway_tokens_output", "Tokens written", self.tokens_out.clone());
        r.register("gateway_request_cost_usd", "What requests cost", self.cost.clone());
        r.register("gateway_requests_unpriced", "Requests of unknown price", self.unpriced.clone());
        r.register(
            "gateway_provider_errors",
            "Failed calls, by kind",
            self.provider_errors.clone(),
        );
        r.register("gateway_hook_events_dropped", "Events no hook heard", self.hook_drops.clone());
        r.register(
            "gateway_records_dropped",
            "Records that no log took",
            self.record_drops.clone(),
        );
        r.register(
            "gateway_provider_init_failures",
            "Targets that could not be built",
            self.init_failures.clone(),
        );
        r.register(
            "gateway_server_connections_current",
            "Connections of clients",
            self.connections.clone(),
        );
        r.register(
            "gateway_server_connection_transitions",
            "Connections of clients that came into a state",
            self.transitions.clone(),
        );
        r.register("gateway_requests_in_flight", "Requests under way", self.in_flight.clone());
        self.standings.register(r);
        self.variants.register(r);
    }

    /// The handles of a (provider, model) pair. Takes a lock: resolve once, keep.
    pub fn series(&self, provider: &str, model: &str) -> Series {
        let labels = vec![("provider", provider.to_owned()), ("model", model.to_owned())];
        let requests = ["success", "error", "rejected"].map(|status| {
            let mut labels = labels.clone();
            labels.push(("status", status.to_owned()));
            self.requests.get_or_create_owned(&labels)
        });
        Series {
            requests,
            duration: self.durations.get_or_create_owned(&labels),
            tokens_in: self.tokens_in.get_or_create_owned(&labels),
            tokens_out: self.tokens_out.get_or_create_owned(&labels),
            cost: self.cost.get_or_create_owned(&labels),
            unpriced: self.unpriced.get_or_create_owned(&labels),
        }
    }

    /// A call to `provider` failed.
    pub fn provider_error(&self, provider: &str, error_type: &str) {
        let labels = vec![("provider", provider.to_owned()), ("error_type", error_type.to_owned())];
        self.provider_errors.get_or_create(&labels).inc();
    }

    /// An event was dropped because the hooks are behind.
    pub fn hook_event_dropped(&self, subject: &str) {
        self.hook_drops.get_or_create(&vec![("subject", subject.to_owned())]).inc();
    }

    /// A record was dropped because the log is behind.
    pub fn record_dropped(&self) {
        self.record_drops.inc();
    }

    /// A target of this kind could not be built.
    pub fn provider_init_failure(&self, kind: &str) {
        self.init_failures.get_or_create(&vec![("provider", kind.to_owned())]).inc();
    }

    /// The handles by which clients' connections are counted.
    pub fn connection_meter(&self) -> ConnectionMeter {
        let transition =
            |state: &str| self.transitions.get_or_create_owned(&vec![("state", state.to_owned())]);
        ConnectionMeter {
            active: self.connections.get_or_create_owned(&vec![("state", "active".to_owned())]),
            opened: transition("new"),
            closed: transition("closed"),
        }
    }

    /// Requests under way.
    pub fn in_flight(&self) -> &Gauge {
        &self.in_flight
    }

    /// A request of an experiment ended. The operator names the variants, so there are few.
    pub fn variant(&self, variant: &str, status: Status) {
        self.variants.count(variant, status);
    }

    /// Where to ask how targets stand, whenever somebody looks: in place of where it was asked
    /// before.
    pub fn ask_standings(
        &self,
        ask: impl Fn(&mut dyn FnMut(&str, Standing)) + Send + Sync + 'static,
    ) {
        self.standings.ask(Box::new(ask));
    }

    /// Everything, in the OpenMetrics text format.
    pub fn render(&self) -> String {
        self.standings.refresh();
        let mut out = String::new();
        encode(&mut out, &self.registry).expect("writing to a string does not fail");
        out
    }
}
