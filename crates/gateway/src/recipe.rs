//! From a configuration to an engine: once at the start, and again at every reload.

use std::{collections::HashMap, sync::Arc, time::Duration};

use ferro_config::{Config, Prices, Target as TargetConfig, Unresolved};
use ferro_core::{
    BuildContext, Built, Limits, ModelFacts, Observer, Plugin, Rates, Registry, Settings, Stage,
    TargetId, Transport,
};
use ferro_engine::{Engine, Parts, Retry, StreamTimes, Target, TargetParts};
use ferro_metrics::Metrics;
use ferro_transport::{Connector, Timeouts};
use http::{HeaderMap, HeaderName};

use crate::{GatewayError, strategy::strategy};

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
    pub(crate) connector: Connector,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) observers: Vec<Arc<dyn Observer>>,
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
    pub(crate) skipped: Vec<Skipped>,
}

impl Recipe {
    /// Makes an engine of a configuration. What `before` has of targets that did not change is
    /// kept: their connections, and what is known about them.
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
        let strategy = strategy(&config.strategy).map_err(|error| {
            wrong.push(config.diagnostic("strategy", error.to_string()).to_string());
        });
        let (Ok(strategy), true) = (strategy, wrong.is_empty()) else {
            return Err(GatewayError(wrong));
        };
        let (targets, skipped) = self.targets(&config, before);
        let defaults = Limits::default();
        let engine = Engine::new(Parts {
            targets,
            strategy,
            aliases: config.aliases.clone().into_iter().collect(),
            plugins: self.plugins.clone(),
            observers: self.observers.clone(),
            request_timeout: config.request_timeout,
            stream: StreamTimes {
                commit_after: config.stream.commit_after,
                keep_alive: config.stream.keep_alive,
            },
            transport: Arc::clone(&self.transport),
            metrics: Arc::clone(&self.metrics),
            limits: Limits { body: config.max_request_bytes.unwrap_or(defaults.body) },
            max_reply: MAX_REPLY,
        });
        Ok(Made { engine, config: Arc::new(config), skipped })
    }

    /// Providers that were registered for a target that there is not.
    fn strangers(&self, config: &Config) -> Vec<String> {
        let is_target = |id: &TargetId| config.targets.iter().any(|t| *t.virtual_key == **id);
        let strangers = self.registered.iter().filter(|(id, _)| !is_target(id));
        strangers
            .map(|(id, _)| format!("the registered provider `{id}` is the provider of no target"))
            .collect()
    }

    fn targets(&self, config: &Config, before: Option<&Made>) -> (Vec<Arc<Target>>, Vec<Skipped>) {
        let (mut targets, mut skipped) = (Vec::new(), Vec::new());
        for (index, target) in config.targets.iter().enumerate() {
            let path = format!("targets[{index}]");
            match self.target(&path, target, before) {
                Ok(target) => targets.push(target),
                Err(wrong) => {
                    self.metrics.provider_init_failure(target.kind());
                    let target = TargetId::from(target.virtual_key.as_str());
                    let shown = config.diagnostic(&wrong.path, wrong.reason.as_str()).to_string();
                    skipped.push(Skipped { target, reason: wrong.reason, shown });
                }
            }
        }
        (targets, skipped)
    }

    fn target(
        &self,
        path: &str,
        config: &TargetConfig,
        before: Option<&Made>,
    ) -> Result<Arc<Target>, Wrong> {
        let old = before.and_then(|made| {
            let old = made.engine.targets().iter().find(|t| **t.id() == *config.virtual_key)?;
            let was = made.config.targets.iter().find(|t| t.virtual_key == config.virtual_key)?;
            Some((old, was))
        });
        if let Some((old, was)) = old
            && was == config
        {
            return Ok(Arc::clone(old));
        }
        let target = Arc::new(Target::new(self.parts(path, config)?, &self.metrics));
        // What another vendor listed, or this one to another account, says nothing here.
        if let Some((old, was)) = old
            && was.kind() == config.kind()
            && was.base_url == config.base_url
            && was.key() == config.key()
        {
            target.set_discovered(old.discovered());
        }
        Ok(target)
    }

    fn parts(&self, path: &str, target: &TargetConfig) -> Result<TargetParts, Wrong> {
        let id = TargetId::from(target.virtual_key.as_str());
        let registered = self.registered.iter().find(|(other, _)| *other == id);
        let built = match registered {
            Some((_, built)) => built.clone(),
            None => self.built(path, &id, target)?,
        };
        let (other, named): (Vec<_>, Vec<_>) =
            target.prices.iter().partition(|(model, _)| *model == "*");
        let facts_of = |(model, prices): (&String, &Prices)| (model.clone(), facts(prices));
        Ok(TargetParts {
            id,
            provider: built.provider,
            upstream: self.connector.upstream(&built.origin, timeouts(&target.timeouts)),
            credentials: built.credentials,
            weight: target.weight.unwrap_or(1.0),
            retry: target.retry.as_ref().map(retry).unwrap_or_default(),
            models: target.models.clone(),
            facts: named.into_iter().map(facts_of).collect::<HashMap<_, _>>(),
            other_facts: other.first().map(|(_, prices)| facts(prices)),
        })
    }

    /// Has the kind's factory build the provider, from what is typed with its variables replaced.
    fn built(&self, path: &str, id: &TargetId, target: &TargetConfig) -> Result<Built, Wrong> {
        let vars = &*self.vars;
        let kind_at = if target.provider.is_some() { "provider" } else { "virtual_key" };
        let wrong = |below: &str, reason: &dyn std::fmt::Display| Wrong {
            path: format!("{path}.{below}"),
            reason: reason.to_string(),
        };
        let factory =
            self.registry.provider(target.kind()).map_err(|error| wrong(kind_at, &error))?;
        let api_key = match target.key() {
            Some((below, key)) => Some(key.resolve(&format!("{path}.{below}"), vars)?),
            None => None,
        };
        let base_url = match &target.base_url {
            Some(url) => Some(url.resolve(&format!("{path}.base_url"), vars)?),
            None => None,
        };
        let settings = target.settings.resolve(&format!("{path}.settings"), vars)?;
        let cx = BuildContext {
            target: id,
            base_url: base_url.as_deref(),
            api_key: api_key.as_ref(),
            headers: &self.headers(path, target)?,
            models: &target.models,
            vars,
        };
        factory.build(&cx, Settings(settings)).map_err(|error| wrong(kind_at, &error))
    }

    fn headers(&self, path: &str, target: &TargetConfig) -> Result<HeaderMap, Wrong> {
        let mut headers = HeaderMap::new();
        for (name, value) in &target.headers {
            let at = format!("{path}.headers.{name}");
            let value = value.resolve(&at, &*self.vars)?.to_header("");
            let (Ok(name), Some(value)) = (HeaderName::from_bytes(name.as_bytes()), value) else {
                let reason = "no header is called that, or may hold that".to_owned();
                return Err(Wrong { path: at, reason });
            };
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// What keeps a target from being built, and at which key.
struct Wrong {
    path: String,
    reason: String,
}

impl From<Unresolved> for Wrong {
    fn from(error: Unresolved) -> Self {
        Self { reason: error.to_string(), path: error.path }
    }
}

fn timeouts(typed: &ferro_config::Timeouts) -> Timeouts {
    let defaults = Timeouts::default();
    Timeouts {
        connect: typed.connect.unwrap_or(defaults.connect),
        first_byte: typed.first_byte.unwrap_or(defaults.first_byte),
        idle: typed.idle.unwrap_or(defaults.idle),
        total: typed.total.or(defaults.total),
    }
}

fn retry(retry: &ferro_config::Retry) -> Retry {
    let defaults = Retry::default();
    let backoff = match retry.initial_backoff_ms {
        0 => defaults.backoff,
        millis => Duration::from_millis(millis),
    };
    Retry { attempts: retry.attempts.max(1), on_status: retry.on_status_codes.clone(), backoff }
}

fn facts(prices: &Prices) -> ModelFacts {
    let mut rates = Rates::default();
    rates.input = prices.input_per_m_tokens.map(nanos);
    rates.output = prices.output_per_m_tokens.map(nanos);
    rates.cache_read = prices.cache_read_per_m_tokens.map(nanos);
    rates.cache_write = prices.cache_write_per_m_tokens.map(nanos);
    let mut facts = ModelFacts::default();
    facts.rates = rates;
    facts
}

/// Dollars per million tokens, as typed, in nano-dollars: prices have far fewer digits than the
/// fifteen that a float keeps, so rounding restores what was typed.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a price is positive and far from the ends of the range; the cast saturates"
)]
fn nanos(dollars: f64) -> u64 {
    (dollars * 1e9).round() as u64
}
