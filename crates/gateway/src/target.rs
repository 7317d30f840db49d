//! A target as it is configured, made into one that can be asked.

use std::{sync::Arc, time::Duration};

use ferro_catalog::{Declared, TargetModels};
use ferro_config::{Prices, SecretRef, Target as TargetConfig};
use ferro_core::{BuildContext, Built, CredentialSource, Models, Origin, Settings, TargetId};
use ferro_engine::{
    CircuitSettings, Kept, Retry, Target, TargetParts, breaker::BreakerSettings,
    gate::GateSettings, keys::MOST_KEYS,
};
use ferro_transport::Timeouts;
use http::{HeaderMap, HeaderName};

use crate::recipe::{Made, Recipe, Wrong};

impl Recipe {
    /// The target of this configuration: the very same where nothing changed, and otherwise one that
    /// knows what is still true of the one before.
    pub(crate) fn target(
        &self,
        (path, config): (&str, &TargetConfig),
        first_token: Option<Duration>,
        known: &Arc<TargetModels>,
        before: Option<&Made>,
    ) -> Result<Arc<Target>, Wrong> {
        let old = before.and_then(|made| {
            let old = made.engine.targets().iter().find(|t| **t.id() == *config.virtual_key)?;
            let was = made.config.targets.iter().find(|t| t.virtual_key == config.virtual_key)?;
            Some((old, was))
        });
        let first_token = config.ttft_timeout.or(first_token);
        if let Some((old, was)) = old
            && was == config
            && old.parts().first_token == first_token
        {
            return Ok(Arc::clone(old));
        }
        let parts = TargetParts { first_token, ..self.parts(path, config, known)? };
        let Some((old, was)) = old else {
            return Ok(Arc::new(Target::new(parts, &self.metrics)));
        };
        let kept = kept(was, config);
        let target = Arc::new(Target::succeeding(parts, &self.metrics, old, &kept));
        // What another vendor listed, or this one to another account, says nothing here.
        if kept.is_same_place && kept.keys.first() == Some(&Some(0)) {
            target.set_discovered(old.discovered());
        }
        Ok(target)
    }

    /// What is known about its models: what the catalogue knows of its kind, under its prices.
    pub(crate) fn known(
        &self,
        path: &str,
        target: &TargetConfig,
    ) -> Result<Arc<TargetModels>, Wrong> {
        let declared: Vec<_> = target.prices.iter().map(declared).collect();
        let known = TargetModels::new(Arc::clone(&self.catalog), target.kind(), &declared);
        let wrong = |reason| Wrong { path: format!("{path}.prices"), reason };
        known.map(Arc::new).map_err(wrong)
    }

    fn parts(
        &self,
        path: &str,
        target: &TargetConfig,
        known: &Arc<TargetModels>,
    ) -> Result<TargetParts, Wrong> {
        let id = TargetId::from(target.virtual_key.as_str());
        let registered = self.registered.iter().find(|(other, _)| *other == id);
        let (built, keys) = match registered {
            Some((_, built)) => (built.clone(), vec![(Arc::clone(&built.credentials), 1.0)]),
            None => self.built(path, &id, target)?,
        };
        let timeouts = timeouts(&target.timeouts);
        let upstream = |origin: &Origin| self.connector.upstream(origin, timeouts);
        Ok(TargetParts {
            id,
            provider: built.provider,
            upstream: upstream(&built.origin),
            others: built.others.iter().map(|(name, origin)| (*name, upstream(origin))).collect(),
            keys,
            weight: target.weight.unwrap_or(1.0),
            retry: target.retry.as_ref().map(retry).unwrap_or_default(),
            circuit: target.circuit_breaker.as_ref().map(circuit),
            gate: target.concurrency.as_ref().and_then(gate),
            first_token: target.ttft_timeout,
            models: target.models.clone(),
            priced: target.prices.keys().filter(|model| *model != "*").cloned().collect(),
            known: Arc::clone(known) as Arc<dyn Models>,
        })
    }

    /// Has the kind's factory build the provider, once for each of its keys: the provider is the
    /// same, and what it is shown is not.
    fn built(
        &self,
        path: &str,
        id: &TargetId,
        target: &TargetConfig,
    ) -> Result<(Built, Vec<Shown>), Wrong> {
        let typed = keys(target);
        if typed.len() > MOST_KEYS {
            let reason = format!("{} keys for one target: at most {MOST_KEYS}", typed.len());
            return Err(Wrong { path: format!("{path}.keys"), reason });
        }
        let Some((first, more)) = typed.split_first() else {
            let built = self.built_with(path, id, target, None)?;
            let keys = vec![(Arc::clone(&built.credentials), 1.0)];
            return Ok((built, keys));
        };
        let are_all_drained = typed.iter().all(|key| key.weight <= 0.0);
        let share = |key: &TypedKey<'_>| if are_all_drained { 1.0 } else { key.weight };
        let built = self.built_with(path, id, target, Some(first))?;
        let mut keys = vec![(Arc::clone(&built.credentials), share(first))];
        for key in more {
            let other = self.built_with(path, id, target, Some(key))?;
            keys.push((other.credentials, share(key)));
        }
        Ok((built, keys))
    }

    /// Builds the provider from what is typed with its variables replaced.
    fn built_with(
        &self,
        path: &str,
        id: &TargetId,
        target: &TargetConfig,
        key: Option<&TypedKey<'_>>,
    ) -> Result<Built, Wrong> {
        let vars = &*self.vars;
        let kind_at = if target.provider.is_some() { "provider" } else { "virtual_key" };
        let wrong = |below: &str, reason: &dyn std::fmt::Display| Wrong {
            path: format!("{path}.{below}"),
            reason: reason.to_string(),
        };
        let factory =
            self.registry.provider(target.kind()).map_err(|error| wrong(kind_at, &error))?;
        let api_key = match key {
            Some(key) => Some(key.key.resolve(&format!("{path}.{}", key.path), vars)?),
            None => None,
        };
        let base_url = match &target.base_url {
            Some(url) => Some(url.resolve(&format!("{path}.base_url"), vars)?),
            None => None,
        };
        let settings = target.settings.resolve(&format!("{path}.settings"), vars)?;
        let headers = self.headers(path, target)?;
        let cx = BuildContext::new(id, &headers, vars)
            .with_base_url(base_url.as_deref())
            .with_api_key(api_key.as_ref())
            .with_models(&target.models);
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

/// What a target may be shown, and its share of the calls.
type Shown = (Arc<dyn CredentialSource>, f64);

/// A key as it is typed.
struct TypedKey<'a> {
    /// Where, below the target.
    path: String,
    key: &'a SecretRef,
    weight: f64,
}

/// The keys that are typed: one, several, or none, where the kind's variable has it.
fn keys(target: &TargetConfig) -> Vec<TypedKey<'_>> {
    if let Some(key) = &target.api_key {
        return vec![TypedKey { path: "api_key".to_owned(), key, weight: 1.0 }];
    }
    let typed = target.keys.iter().enumerate().map(|(index, key)| TypedKey {
        path: format!("keys[{index}].key"),
        key: &key.key,
        weight: key.weight.unwrap_or(1.0),
    });
    typed.collect()
}

/// What a target has in common with the one before.
fn kept(was: &TargetConfig, is: &TargetConfig) -> Kept {
    let (old, new) = (keys(was), keys(is));
    let same = |key: &TypedKey<'_>| old.iter().position(|other| other.key == key.key);
    let keys = match (old.is_empty(), new.is_empty()) {
        (true, true) => vec![Some(0)],
        _ => new.iter().map(same).collect(),
    };
    let is_same_place = was.kind() == is.kind() && was.base_url == is.base_url;
    Kept { is_same_place, keys }
}

fn circuit(typed: &ferro_config::CircuitBreaker) -> CircuitSettings {
    let breaker = BreakerSettings {
        consecutive: if typed.failure_threshold == 0 { 5 } else { typed.failure_threshold },
        success_threshold: typed.success_threshold,
        max_half: typed.max_half_threshold,
        open_for: typed.timeout,
        longest: typed.longest(),
        failure_rate: typed.failure_rate,
        minimum_volume: typed.minimum_requests,
        window: typed.window,
    };
    CircuitSettings { breaker, per_model: typed.per_model }
}

fn gate(typed: &ferro_config::Concurrency) -> Option<GateSettings> {
    Some(GateSettings {
        limit: typed.max_concurrency?,
        queue_size: typed.queue_size,
        queue_timeout: Some(typed.queue_timeout),
    })
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
    Retry {
        attempts: retry.attempts.max(1),
        on_status: retry.on_status_codes.clone(),
        backoff,
        longest_backoff: retry.max_backoff,
        longest_wait: retry.max_retry_after,
        attempt_timeout: retry.attempt_timeout,
        non_idempotent: retry.non_idempotent,
    }
}

/// What is typed of the prices of models: dollars, as they are written.
fn declared((model, prices): (&String, &Prices)) -> Declared {
    let prices = prices.iter().map(|(_, name, dollars)| (name.to_owned(), dollars.to_string()));
    Declared { id: model.clone(), prices: prices.collect(), ..Declared::default() }
}
