//! From a configuration to an engine: once at the start, and again at every reload.

use std::{collections::HashMap, sync::Arc, time::Duration};

use ferro_config::{Config, Prices, Target as TargetConfig};
use ferro_core::{
    BuildContext, Built, Limits, ModelFacts, Observer, Plugin, Rates, Registry, Secret, Settings,
    Stage, TargetId, Transport,
};
use ferro_engine::{Engine, Parts, Retry, StreamTimes, Target, TargetParts};
use ferro_metrics::Metrics;
use ferro_transport::{Connector, Timeouts};
use http::HeaderMap;

use crate::{GatewayError, build::COMMIT_AFTER};

/// The most bytes of a whole reply, or of one event.
const MAX_REPLY: usize = 50 << 20;
/// A silent stream shows that it is alive this often.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

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
            let named = |(id, _): &(TargetId, Built)| TargetConfig {
                virtual_key: id.to_string(),
                ..TargetConfig::default()
            };
            config.targets = self.registered.iter().map(named).collect();
        }
        let mut wrong = config.validate();
        wrong.extend(self.strangers(&config));
        let strategy = ferro_strategies::by_mode(&config.strategy.mode);
        let (Some(strategy), true) = (strategy, wrong.is_empty()) else {
            return Err(GatewayError(wrong));
        };
        let (mut targets, mut skipped) = (Vec::new(), Vec::new());
        for target in &config.targets {
            match self.target(target, before) {
                Ok(target) => targets.push(target),
                Err(reason) => {
                    self.metrics.provider_init_failure(target.kind());
                    let target = TargetId::from(target.virtual_key.as_str());
                    skipped.push(Skipped { target, reason });
                }
            }
        }
        let defaults = Limits::default();
        let engine = Engine::new(Parts {
            targets,
            strategy,
            aliases: config.aliases.clone().into_iter().collect(),
            plugins: self.plugins.clone(),
            observers: self.observers.clone(),
            request_timeout: None,
            stream: StreamTimes { commit_after: COMMIT_AFTER, keep_alive: KEEP_ALIVE },
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

    fn target(&self, config: &TargetConfig, before: Option<&Made>) -> Result<Arc<Target>, String> {
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
        let target = Arc::new(Target::new(self.parts(config)?, &self.metrics));
        if let Some((old, _)) = old {
            target.set_discovered(old.discovered());
        }
        Ok(target)
    }

    fn parts(&self, target: &TargetConfig) -> Result<TargetParts, String> {
        let id = TargetId::from(target.virtual_key.as_str());
        let registered = self.registered.iter().find(|(other, _)| *other == id);
        let built = match registered {
            Some((_, built)) => built.clone(),
            None => self.built(&id, target)?,
        };
        let (other, named): (Vec<_>, Vec<_>) =
            target.prices.iter().partition(|(model, _)| *model == "*");
        Ok(TargetParts {
            id,
            provider: built.provider,
            upstream: self.connector.upstream(&built.origin, Timeouts::default()),
            credentials: built.credentials,
            weight: target.weight.unwrap_or(1.0),
            retry: target.retry.as_ref().map(retry).unwrap_or_default(),
            models: target.models.clone(),
            facts: named
                .into_iter()
                .map(|(model, p)| (model.clone(), facts(p)))
                .collect::<HashMap<_, _>>(),
            other_facts: other.first().map(|(_, prices)| facts(prices)),
        })
    }

    fn built(&self, id: &TargetId, target: &TargetConfig) -> Result<Built, String> {
        let factory = self.registry.provider(target.kind()).map_err(|error| error.to_string())?;
        let api_key = target.api_key.as_deref().map(|key| self.resolve(key)).transpose()?;
        let cx = BuildContext {
            target: id,
            base_url: target.base_url.as_deref(),
            api_key: api_key.as_ref(),
            headers: &HeaderMap::new(),
            models: &target.models,
            vars: &*self.vars,
        };
        factory.build(&cx, Settings(target.settings.clone())).map_err(|error| error.to_string())
    }

    /// `${VARIABLE}` or the key itself. What it resolves to is never printed.
    fn resolve(&self, text: &str) -> Result<Secret, String> {
        match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => (self.vars)(name)
                .map(Secret::new)
                .ok_or_else(|| format!("api_key: the variable {name} is not set")),
            None => Ok(Secret::new(text)),
        }
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
