//! From a configuration to an engine: once at the start, and again at every reload.

use std::{sync::Arc, time::Duration};

use ferro_catalog::{Shared, TargetModels};
use ferro_config::{Config, OnUnsupportedParam, Target as TargetConfig, Unresolved};
use ferro_core::{
    Built, ByScript, FetchPolicy, Limits, Observer, Plugin, Registry, Spool, Stage, TargetId,
    Transport, Whereabouts,
};
use ferro_engine::{
    Engine, Homes, Issuers, OnUnsaid, Parts, StreamTimes, Target,
    allowance::{Allowance, AllowanceSettings},
};
use ferro_metrics::Metrics;
use ferro_strategies::StrategyError;
use ferro_transport::Connector;
use http::HeaderName;

use crate::{GatewayError, routes::Routes};

/// The most bytes of a whole reply, or of one event.
const MAX_REPLY: usize = 50 << 20;

/// The environment, as a function.
pub(crate) type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Everything that outlives a configuration.
pub(crate) struct Recipe {
    pub(crate) registry: Registry,
    pub(crate) registered: Vec<(TargetId, Built)>,
    pub(crate) plugins: Vec<(Stage, Arc<dyn Plugin>)>,
    pub(crate) vars: Environment,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) issuers: Issuers,
    pub(crate) connector: Connector,
    pub(crate) metrics: Arc<Metrics>,
    /// What is known about models, of whichever configuration.
    pub(crate) catalog: Arc<Shared>,
    pub(crate) observers: Vec<Arc<dyn Observer>>,
    /// What there is to spend on asking targets again.
    pub(crate) retries: Arc<Allowance>,
    /// Who remembers where what upstreams keep lives.
    pub(crate) whereabouts: Arc<dyn Whereabouts>,
}

/// A target that could not be built, and so is not asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Skipped {
    /// Its name.
    pub target: TargetId,
    /// Why, and what would help.
    pub reason: String,
    /// The same, shown at its line of the file if it came from one.
    pub shown: String,
}

/// One configuration, made into what serves it.
pub(crate) struct Made {
    pub(crate) engine: Arc<Engine>,
    pub(crate) config: Arc<Config>,
    /// What is known about the models of the engine's targets, in their order.
    pub(crate) known: Vec<Arc<TargetModels>>,
    pub(crate) skipped: Vec<Skipped>,
}

impl Recipe {
    /// Makes an engine of a configuration. What `before` has of targets that did not change is
    /// kept: their connections, and what is known about them. What is wrong is looked for first:
    /// targets and routes share their limits with those of `before`, which a configuration that is
    /// refused does not touch.
    pub(crate) fn make(
        &self,
        mut config: Config,
        before: Option<&Made>,
    ) -> Result<Made, GatewayError> {
        if config.targets.is_empty() {
            let named = self.registered.iter().map(|(id, _)| TargetConfig::new(id.as_str()));
            config.targets = named.collect();
        }
        let found = config.validate();
        let errors = found.iter().filter(|found| found.is_error()).map(ToString::to_string);
        let mut wrong: Vec<_> = errors.chain(self.strangers(&config)).collect();
        let shown = |(path, error): (String, StrategyError)| {
            config.diagnostic(&path, error.to_string()).to_string()
        };
        wrong.extend(Routes::new(&config, &[], None).make().err().map(shown));
        let named = config.tokenizer.as_deref().unwrap_or(ByScript::NAME);
        let tokenizer = self.registry.tokenizer(named).map_err(|error| {
            wrong.push(config.diagnostic("tokenizer", error.to_string()).to_string());
        });
        let Some(tokenizer) = tokenizer.ok().filter(|_| wrong.is_empty()) else {
            return Err(GatewayError(wrong));
        };
        let (targets, known, skipped) = self.targets(&config, before);
        let routes = Routes::new(&config, &targets, before).make();
        let (routes, default_route) = routes.map_err(|wrong| GatewayError(vec![shown(wrong)]))?;
        self.retries.adopt(retries(&config));
        let engine = Engine::new(Parts {
            targets,
            routes,
            default_route,
            retries: Arc::clone(&self.retries),
            aliases: config.aliases.clone().into_iter().collect(),
            larger_models: config.context_fallback.clone().into_iter().collect(),
            session_headers: session_headers(&self.registry),
            plugins: self.plugins.clone(),
            observers: self.observers.clone(),
            request_timeout: config.request_timeout,
            stream: StreamTimes {
                commit_after: config.stream.commit_after,
                keep_alive: config.stream.keep_alive,
            },
            transport: Arc::clone(&self.transport),
            issuers: self.issuers.clone(),
            on_unsaid: on_unsaid(&config),
            fetch: fetch(&config),
            metrics: Arc::clone(&self.metrics),
            limits: limits(&config),
            max_reply: MAX_REPLY,
            tokenizer,
            whereabouts: Arc::clone(&self.whereabouts),
            homes: Homes {
                responses: config.responses_target.as_deref().map(TargetId::from),
                batches: config.batch_target.as_deref().map(TargetId::from),
            },
        });
        Ok(Made { engine, config: Arc::new(config), known, skipped })
    }

    /// Whoever looks at the metrics is told how the targets of this stand.
    pub(crate) fn watch(&self, made: &Made) {
        let engine = Arc::downgrade(&made.engine);
        self.metrics.ask_standings(move |tell| {
            let Some(engine) = engine.upgrade() else { return };
            engine.targets().iter().for_each(|target| tell(target.id(), target.standing_now()));
        });
    }

    /// Providers that were registered for a target that there is not.
    fn strangers(&self, config: &Config) -> Vec<String> {
        let is_target = |id: &TargetId| config.targets.iter().any(|t| *t.virtual_key == **id);
        let strangers = self.registered.iter().filter(|(id, _)| !is_target(id));
        strangers
            .map(|(id, _)| format!("the registered provider `{id}` is the provider of no target"))
            .collect()
    }

    fn targets(&self, config: &Config, before: Option<&Made>) -> Targets {
        let (mut targets, mut all_known, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        for (index, target) in config.targets.iter().enumerate() {
            let path = format!("targets[{index}]");
            let made = self.known(&path, target).and_then(|known| {
                let first_token = config.stream.ttft_timeout;
                Ok((self.target((&path, target), first_token, &known, before)?, known))
            });
            match made {
                Ok((target, known)) => {
                    targets.push(target);
                    all_known.push(known);
                }
                Err(wrong) => {
                    self.metrics.provider_init_failure(target.kind());
                    let target = TargetId::from(target.virtual_key.as_str());
                    let shown = config.diagnostic(&wrong.path, wrong.reason.as_str()).to_string();
                    skipped.push(Skipped { target, reason: wrong.reason, shown });
                }
            }
        }
        (targets, all_known, skipped)
    }
}

/// Targets, what is known about the models of each, and who could not be built.
type Targets = (Vec<Arc<Target>>, Vec<Arc<TargetModels>>, Vec<Skipped>);

/// What keeps a target from being built, and at which key.
pub(crate) struct Wrong {
    pub(crate) path: String,
    pub(crate) reason: String,
}

impl From<Unresolved> for Wrong {
    fn from(error: Unresolved) -> Self {
        Self { reason: error.to_string(), path: error.path }
    }
}

/// How much of the recent traffic may be retries.
fn retries(config: &Config) -> AllowanceSettings {
    AllowanceSettings {
        share: config.retry_budget.ratio,
        floor: f64::from(config.retry_budget.minimum_per_second),
        window: Duration::from_secs(10),
    }
}

fn on_unsaid(config: &Config) -> OnUnsaid {
    match config.compatibility.on_unsupported_param {
        OnUnsupportedParam::Warn => OnUnsaid::Warn,
        OnUnsupportedParam::Drop => OnUnsaid::Drop,
        OnUnsupportedParam::Reject => OnUnsaid::Reject,
    }
}

/// How media are fetched, where the operator allows it.
/// How much of a request is read, and where what is large lies meanwhile.
fn limits(config: &Config) -> Limits {
    let defaults = Limits::default();
    let spool = match config.spool_dir.as_deref() {
        None => Some(Spool::of_the_system()),
        Some("") => None,
        Some(folder) => Some(Spool::new(folder)),
    };
    let (body, upload) = (config.max_request_bytes, config.max_upload_bytes);
    let (body, upload) = (body.unwrap_or(defaults.body), upload.unwrap_or(defaults.upload));
    defaults.with_body(body).with_upload(upload).with_spool(spool)
}

fn fetch(config: &Config) -> Option<FetchPolicy> {
    let typed = config.media.fetch.as_ref()?;
    let mut policy = FetchPolicy::default();
    policy.hosts.clone_from(&typed.hosts);
    (policy.max_bytes, policy.most) = (typed.max_bytes, typed.max_count);
    (policy.patience, policy.redirects) = (typed.timeout, typed.max_redirects);
    Some(policy)
}

/// The headers in which clients of any dialect name their session.
fn session_headers(registry: &Registry) -> Vec<HeaderName> {
    let named = registry.ingresses().iter().flat_map(|ingress| ingress.session_headers);
    let mut headers: Vec<HeaderName> = named.filter_map(|name| name.parse().ok()).collect();
    headers.dedup();
    headers
}
