//! The registry of one gateway, with every name in one place.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use crate::{
    ConnectionMeter, Series, Standing, Status, durations::Durations, series::ERROR_TYPES,
    standings::Standings, variants::Variants,
};

type Labels = Vec<(&'static str, String)>;

/// The metrics of one gateway.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Durations>,
    tokens_in: Family<Labels, Counter>,
    tokens_out: Family<Labels, Counter>,
    estimated: Family<Labels, Counter>,
    cost: Family<Labels, Counter<f64, AtomicU64>>,
    unpriced: Family<Labels, Counter>,
    provider_errors: Family<Labels, Counter>,
    rate_limited: Family<Labels, Counter>,
    /// Of those, by a plugin.
    rate_limited_by_plugin: Counter,
    hook_drops: Family<Labels, Counter>,
    record_drops: Counter,
    init_failures: Family<Labels, Counter>,
    catalog_loads: Family<Labels, Counter>,
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
        let rate_limited = Family::<Labels, Counter>::default();
        let mut this = Self {
            registry: Registry::default(),
            requests: Family::default(),
            durations: Family::default(),
            tokens_in: Family::default(),
            tokens_out: Family::default(),
            estimated: Family::default(),
            cost: Family::default(),
            unpriced: Family::default(),
            provider_errors: Family::default(),
            rate_limited_by_plugin: rate_limited
                .get_or_create_owned(&vec![("key_type", "plugin".to_owned())]),
            rate_limited,
            hook_drops: Family::default(),
            record_drops: Counter::default(),
            init_failures: Family::default(),
            catalog_loads: Family::default(),
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
        r.register(
            "gateway_requests_estimated",
            "Requests whose tokens were estimated, because their vendor did not count all of them",
            self.estimated.clone(),
        );
        r.register("gateway_request_cost_usd", "What requests cost", self.cost.clone());
        r.register("gateway_requests_unpriced", "Requests of unknown price", self.unpriced.clone());
        r.register(
            "gateway_provider_errors",
            "Failed calls, by kind",
            self.provider_errors.clone(),
        );
        r.register(
            "gateway_rate_limit_rejections",
            "Requests that a limit of rates refused, by whose it was",
            self.rate_limited.clone(),
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
            "gateway_catalog_loads",
            "Attempts to read the catalogue of models, by what serves now and how it went",
            self.catalog_loads.clone(),
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
        #[cfg(target_os = "linux")]
        r.register_collector(Box::new(crate::process::Process::new()));
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
            estimated: self.estimated.get_or_create_owned(&labels),
            cost: self.cost.get_or_create_owned(&labels),
            unpriced: self.unpriced.get_or_create_owned(&labels),
            errors: ERROR_TYPES.map(|error| {
                let provider = ("provider", provider.to_owned());
                self.provider_errors
                    .get_or_create_owned(&vec![provider, ("error_type", error.to_owned())])
            }),
        }
    }

    /// A plugin refused a request because there were too many.
    pub fn rate_limited_by_plugin(&self) {
        self.rate_limited_by_plugin.inc();
    }

    /// A call to `provider` failed. Takes a lock: for what has no handle in a [`Series`].
    pub fn provider_error(&self, provider: &str, error_type: &str) {
        let labels = vec![("provider", provider.to_owned()), ("error_type", error_type.to_owned())];
        self.provider_errors.get_or_create(&labels).inc();
    }

    /// An event was dropped because the hooks are behind.
    pub fn hook_event_dropped(&self, subject: &str) {
        self.hook_drops.get_or_create(&vec![("subject", subject.to_owned())]).inc();
    }

    /// Records were dropped: the log is behind, or cannot be written.
    pub fn records_dropped(&self, count: u64) {
        self.record_drops.inc_by(count);
    }

    /// A target of this kind could not be built.
    pub fn provider_init_failure(&self, kind: &str) {
        self.init_failures.get_or_create(&vec![("provider", kind.to_owned())]).inc();
    }

    /// A catalogue of models was read, or could not be: what was known before serves on then.
    pub fn catalog_load(&self, is_read: bool) {
        let (source, result) = if is_read { ("remote", "success") } else { ("fallback", "error") };
        let labels = vec![("source", source.to_owned()), ("result", result.to_owned())];
        self.catalog_loads.get_or_create(&labels).inc();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_errors_are_there_before_anything_happened() {
        let metrics = Metrics::new();
        metrics.series("p", "m");
        let text = metrics.render();
        for line in [
            r#"gateway_rate_limit_rejections_total{key_type="plugin"} 0"#,
            r#"gateway_provider_errors_total{provider="p",error_type="timeout"} 0"#,
            r#"gateway_provider_errors_total{provider="p",error_type="provider_error"} 0"#,
            r#"gateway_provider_errors_total{provider="p",error_type="client_canceled"} 0"#,
        ] {
            assert!(text.lines().any(|l| l == line), "{line} in {text}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_tells_about_itself() {
        let text = Metrics::new().render();
        let value = |name: &str| -> f64 {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
            line.unwrap_or_else(|| panic!("{name} in {text}")).parse().unwrap()
        };
        let [resident, mapped] =
            ["process_resident_memory_bytes", "process_virtual_memory_bytes"].map(value);
        assert!(resident > 100_000.0 && mapped >= resident, "{resident} of {mapped}");
        assert!(value("process_open_fds") >= 3.0);
        assert!(value("process_max_fds") >= value("process_open_fds"));
        assert!(value("process_threads") >= 1.0);
        assert!(value("process_cpu_seconds_total") >= 0.0);
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
        let age = now - value("process_start_time_seconds");
        assert!((-2.0..86_400.0).contains(&age), "{age} s old"); // in whole seconds since the boot
    }
}
