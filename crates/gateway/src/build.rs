//! From a configuration to an engine, without any I/O.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use ferro_config::{Config, Diagnostic, Prices, Target as TargetConfig, Unresolved};
use ferro_core::{
    BuildContext, Limits, ModelFacts, Plugin, Rates, Registry, Settings, Stage, TargetId,
};
use ferro_engine::{Engine, Parts, Retry, Target, TargetParts};
use ferro_metrics::Metrics;
use ferro_transport::{Connector, Timeouts};
use http::HeaderMap;

use crate::Gateway;

/// The most bytes of a whole reply, or of one event.
const MAX_REPLY: usize = 50 << 20;

/// The environment, as a function.
type Environment = Box<dyn Fn(&str) -> Option<String>>;

/// A gateway to be. Nothing is opened before the first request.
pub struct GatewayBuilder {
    config: Config,
    registry: Registry,
    plugins: Vec<(Stage, Arc<dyn Plugin>)>,
    vars: Environment,
}

/// Why a gateway cannot be built: everything that is wrong, a line each.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used:\n  {}", .0.join("\n  "))]
pub struct GatewayError(Vec<String>);

impl GatewayBuilder {
    pub(crate) fn new(config: Config, registry: Registry) -> Self {
        let vars = Box::new(|name: &str| std::env::var(name).ok());
        Self { config, registry, plugins: Vec::new(), vars }
    }

    /// Reads this environment instead of the process's own.
    #[must_use]
    pub fn environment(self, vars: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self { vars: Box::new(vars), ..self }
    }

    /// Adds a piece of policy at a stage, behind those that are there.
    #[must_use]
    pub fn register_plugin(mut self, stage: Stage, plugin: Arc<dyn Plugin>) -> Self {
        self.plugins.push((stage, plugin));
        self
    }

    /// Builds it, or says everything that is wrong.
    pub fn build(self) -> Result<Gateway, GatewayError> {
        let found = self.config.validate();
        let errors = found.iter().filter(|found| found.is_error());
        let mut wrong: Vec<_> = errors.map(ToString::to_string).collect();
        let metrics = Arc::new(Metrics::new());
        let connector = Connector::new();
        let mut targets = Vec::new();
        for (index, target) in self.config.targets.iter().enumerate() {
            let path = format!("targets[{index}]");
            match self.target(&path, target, &connector) {
                Ok(parts) => targets.push(Arc::new(Target::new(parts, &metrics))),
                Err(found) => wrong.push(found.to_string()),
            }
        }
        let strategy = ferro_strategies::by_mode(self.config.strategy.served().as_str());
        let (Some(strategy), true) = (strategy, wrong.is_empty()) else {
            return Err(GatewayError(wrong));
        };
        let defaults = Limits::default();
        let engine = Engine::new(Parts {
            targets,
            strategy,
            aliases: self.config.aliases.clone().into_iter().collect(),
            plugins: self.plugins,
            transport: connector.transport(Timeouts::default()),
            metrics,
            limits: Limits { body: self.config.max_request_bytes.unwrap_or(defaults.body) },
            max_reply: MAX_REPLY,
        });
        let ingresses = self.registry.ingresses().to_vec();
        Ok(Gateway { engine, config: self.config, ingresses })
    }

    fn target(
        &self,
        path: &str,
        target: &TargetConfig,
        connector: &Connector,
    ) -> Result<TargetParts, Diagnostic> {
        let at = |below: &str, error: &dyn fmt::Display| {
            self.config.diagnostic(&format!("{path}{below}"), error.to_string())
        };
        let named_by = if target.provider.is_some() { ".provider" } else { ".virtual_key" };
        let factory = self.registry.provider(target.kind()).map_err(|e| at(named_by, &e))?;
        let id = TargetId::from(target.virtual_key.as_str());
        let unset = |e: Unresolved| self.config.diagnostic(&e.path, e.to_string());
        let key = target.key();
        let key = key.map(|(below, key)| key.resolve(&format!("{path}.{below}"), &*self.vars));
        let api_key = key.transpose().map_err(unset)?;
        let base_url = target.base_url.as_ref();
        let base_url = base_url.map(|url| url.resolve(&format!("{path}.base_url"), &*self.vars));
        let base_url = base_url.transpose().map_err(unset)?;
        let settings = target.settings.resolve(&format!("{path}.settings"), &*self.vars);
        let cx = BuildContext {
            target: &id,
            base_url: base_url.as_deref(),
            api_key: api_key.as_ref(),
            headers: &HeaderMap::new(),
            models: &target.models,
            vars: &*self.vars,
        };
        let built =
            factory.build(&cx, Settings(settings.map_err(unset)?)).map_err(|e| at("", &e))?;
        let (other, named): (Vec<_>, Vec<_>) =
            target.prices.iter().partition(|(model, _)| *model == "*");
        Ok(TargetParts {
            id,
            provider: built.provider,
            upstream: connector.upstream(&built.origin, Timeouts::default()),
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
