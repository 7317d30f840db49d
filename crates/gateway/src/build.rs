//! A gateway to be: what it is made of, and how it comes to be, without any I/O.

use std::{fmt, io::Write, sync::Arc, time::Duration};

use ferro_access::Doors;
use ferro_catalog::Shared;
use ferro_config::Config;
use ferro_core::{Built, Observer, Plugin, Registry, Stage, TargetId};
use ferro_engine::allowance::{Allowance, AllowanceSettings};
use ferro_engine::{Issuers, Memory};
use ferro_metrics::Metrics;
use ferro_transport::{Connector, Proxies, Timeouts};
use tokio::time::Instant;

use crate::{
    Event, Gateway, RecordFormat,
    history::History,
    hook::{Hook, Hooks, subject},
    outbox::Outbox,
    recipe::{Environment, Recipe},
    record_log::RecordLog,
};

/// As many events as hooks may be behind.
const HOOK_QUEUE: usize = 256;
/// As many records as the log may be behind.
const RECORD_QUEUE: usize = 4096;

/// As many records as stay in memory, to be explained.
const HISTORY: usize = 10_000;

/// A gateway to be. Nothing is opened before the first request.
pub struct GatewayBuilder {
    config: Config,
    registry: Registry,
    doors: Doors,
    registered: Vec<(TargetId, Built)>,
    plugins: Vec<(Stage, Arc<dyn Plugin>)>,
    hooks: Vec<Hook>,
    record_log: Option<(Box<dyn Write + Send>, RecordFormat)>,
    history: usize,
    vars: Environment,
}

/// Why a gateway cannot be built: everything that is wrong, each at its line of the file if it came
/// from one.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used:\n\n{}", .0.join("\n\n"))]
pub struct GatewayError(pub(crate) Vec<String>);

impl GatewayError {
    /// What is wrong, one text each.
    pub fn reasons(&self) -> &[String] {
        &self.0
    }
}

impl Default for GatewayBuilder {
    fn default() -> Self {
        Self {
            config: Config::default(),
            registry: Registry::new(),
            doors: Doors::closed(),
            registered: Vec::new(),
            plugins: Vec::new(),
            hooks: Vec::new(),
            record_log: None,
            history: HISTORY,
            vars: Arc::new(|name| std::env::var(name).ok()),
        }
    }
}

impl GatewayBuilder {
    /// What an operator typed. Without it there are only the providers that are registered.
    #[must_use]
    pub fn config(self, config: Config) -> Self {
        Self { config, ..self }
    }

    /// The kinds of providers, the plugins and the dialects that a configuration may name.
    #[must_use]
    pub fn registry(self, registry: Registry) -> Self {
        Self { registry, ..self }
    }

    /// Who is let in over HTTP. Unless told otherwise, nobody: a program that has asked who comes
    /// before it passes a request on says [`Doors::open`].
    #[must_use]
    pub fn doors(self, doors: Doors) -> Self {
        Self { doors, ..self }
    }

    /// Reads this environment instead of the process's own.
    #[must_use]
    pub fn environment(
        self,
        vars: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self { vars: Arc::new(vars), ..self }
    }

    /// Adds a provider that the program has made itself. The target of this name uses it, whatever
    /// kind the configuration says; where the configuration lists no targets at all, it is one.
    #[must_use]
    pub fn register_provider(mut self, target: impl Into<TargetId>, provider: Built) -> Self {
        let target = target.into();
        self.registered.retain(|(other, _)| *other != target);
        self.registered.push((target, provider));
        self
    }

    /// Adds a piece of policy at a stage, behind those that are there.
    #[must_use]
    pub fn register_plugin(mut self, stage: Stage, plugin: Arc<dyn Plugin>) -> Self {
        self.plugins.push((stage, plugin));
        self
    }

    /// Adds somebody who hears how every request ended, on a thread of its own. Events that come
    /// while 256 are waiting are dropped, and counted.
    #[must_use]
    pub fn add_hook(mut self, hook: impl FnMut(&Event) + Send + 'static) -> Self {
        self.hooks.push(Box::new(hook));
        self
    }

    /// Writes a line for every request that ended, on a thread of its own: at once where it is quiet,
    /// else many lines together, 20 ms after they came at the latest. Records that come while 4096 are
    /// waiting, or that cannot be written, are dropped and counted.
    #[must_use]
    pub fn log_records(self, out: impl Write + Send + 'static, format: RecordFormat) -> Self {
        Self { record_log: Some((Box::new(out), format)), ..self }
    }

    /// Keeps the records of so many requests in memory, to be explained: 10,000 unless told otherwise,
    /// at about one kilobyte each; none if 0.
    #[must_use]
    pub fn keep_records(self, count: usize) -> Self {
        Self { history: count, ..self }
    }

    /// Builds it, or says everything that is wrong. A target that cannot be built is left out and
    /// told by [`Gateway::skipped`]: one vendor's missing key does not stop the others.
    pub fn build(self) -> Result<Gateway, GatewayError> {
        let metrics = Arc::new(Metrics::new());
        let outboxes = outboxes(self.hooks, self.record_log, &metrics)
            .map_err(|error| GatewayError(vec![format!("a thread cannot be started: {error}")]))?;
        let proxies = Proxies::from_vars(&*self.vars);
        let proxies = proxies.map_err(|error| GatewayError(vec![error.to_string()]))?;
        let connector = Connector::builder().proxies(proxies).build();
        let history = Arc::new(History::of(self.history));
        let told = outboxes.iter().map(|outbox| Arc::clone(outbox) as Arc<dyn Observer>);
        let observers = told.chain([Arc::clone(&history) as Arc<dyn Observer>]).collect();
        let recipe = Recipe {
            registry: self.registry,
            registered: self.registered,
            plugins: self.plugins,
            vars: self.vars,
            transport: connector.transport(Timeouts::default()),
            issuers: Issuers {
                operators: connector.operators_transport(issuing(5)),
                metadata: connector.metadata_transport(issuing(1)),
            },
            connector,
            catalog: Arc::new(Shared::compiled()),
            metrics,
            observers,
            retries: Arc::new(Allowance::new(AllowanceSettings::RETRIES, Instant::now())),
            whereabouts: Arc::new(Memory::default()),
        };
        Gateway::assemble(self.config, recipe, self.doors, (outboxes, history))
    }
}

/// How long whoever issues credentials may take, with this time in seconds for a connection: a machine
/// outside of a cloud finds nobody where one would serve them, and must not wait for that.
fn issuing(connect: u64) -> Timeouts {
    let seconds = Duration::from_secs;
    let (first_byte, idle) = (seconds(15), seconds(15));
    Timeouts { connect: seconds(connect), first_byte, idle, total: Some(seconds(30)) }
}

fn outboxes(
    hooks: Vec<Hook>,
    record_log: Option<(Box<dyn Write + Send>, RecordFormat)>,
    metrics: &Arc<Metrics>,
) -> std::io::Result<Vec<Arc<Outbox>>> {
    let mut outboxes = Vec::new();
    if let Some((out, format)) = record_log {
        let (at_the_queue, at_the_end) = (Arc::clone(metrics), Arc::clone(metrics));
        let log = RecordLog::new(out, format, move |lines| at_the_end.records_dropped(lines));
        let dropped = move |_: &_| at_the_queue.records_dropped(1);
        outboxes.push(Arc::new(Outbox::start("records", RECORD_QUEUE, log, dropped)?));
    }
    if !hooks.is_empty() {
        let metrics = Arc::clone(metrics);
        let dropped = move |record: &_| metrics.hook_event_dropped(subject(record));
        outboxes.push(Arc::new(Outbox::start("hooks", HOOK_QUEUE, Hooks(hooks), dropped)?));
    }
    Ok(outboxes)
}

impl fmt::Debug for GatewayBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}
