//! The routes of a configuration, made into what the engine goes by.

use std::{collections::HashMap, sync::Arc};

use ferro_config::{AffinityBy, Config, Mode, Route as RouteConfig, Strategy as Typed, When};
use ferro_core::{TargetId, View};
use ferro_engine::{
    Hedging, Member, Route, Stays, Takes, Target,
    affinity::Affinity,
    allowance::{Allowance, AllowanceSettings},
    hedge::HedgeSettings,
};
use ferro_strategies::{Condition, StrategyError};
use tokio::time::Instant;

use crate::{recipe::Made, strategy::strategy};

/// A configuration's routes in the making.
pub(crate) struct Routes<'a> {
    config: &'a Config,
    /// What names lead to. A target that could not be built is led to by none.
    members: HashMap<&'a str, Member>,
    targets: usize,
    before: Option<&'a Made>,
}

/// A strategy that cannot be built, and where it stands.
type Wrong = (String, StrategyError);

impl<'a> Routes<'a> {
    pub(crate) fn new(
        config: &'a Config,
        targets: &'a [Arc<Target>],
        before: Option<&'a Made>,
    ) -> Self {
        let routes = config.routes.iter().enumerate();
        let routes = routes.map(|(index, route)| (route.name.as_str(), Member::Route(index)));
        let built = targets.iter().enumerate();
        let built = built.map(|(index, target)| (target.id().as_str(), Member::Target(index)));
        Self { config, members: routes.chain(built).collect(), targets: targets.len(), before }
    }

    /// The named routes, and the default one.
    pub(crate) fn make(&self) -> Result<(Vec<Route>, Route), Wrong> {
        let named = self.config.routes.iter().enumerate();
        let named = named.map(|(index, route)| self.named(index, route));
        let mut default = self.route("", &self.config.strategy, "strategy")?;
        let targets = (0..self.targets).map(Member::Target);
        default.members = targets.chain(self.routes_named_by(&self.config.strategy)).collect();
        Ok((named.collect::<Result<_, _>>()?, default))
    }

    /// The routes that a strategy's rules or variants name, each once: where all targets are members,
    /// these are besides.
    fn routes_named_by(&self, typed: &Typed) -> Vec<Member> {
        let names: Vec<&str> = match typed.mode {
            Mode::Conditional => typed.conditions.iter().map(|rule| &*rule.target_key).collect(),
            Mode::ContentBased => {
                typed.content_conditions.iter().map(|rule| &*rule.target_key).collect()
            }
            Mode::AbTest => typed.ab_variants.iter().map(|variant| &*variant.target_key).collect(),
            _ => Vec::new(),
        };
        let mut routes = Vec::new();
        for member in names.into_iter().filter_map(|name| self.members.get(name)) {
            if matches!(member, Member::Route(_)) && !routes.contains(member) {
                routes.push(*member);
            }
        }
        routes
    }

    fn named(&self, index: usize, config: &RouteConfig) -> Result<Route, Wrong> {
        let path = format!("routes[{index}].strategy");
        let mut route = self.route(&config.name, &config.strategy, &path)?;
        let members = config.targets.iter();
        route.members = members.filter_map(|name| self.members.get(&**name).copied()).collect();
        route.takes = takes(&config.when);
        Ok(route)
    }

    fn route(&self, name: &str, typed: &Typed, path: &str) -> Result<Route, Wrong> {
        let strategy = strategy(typed).map_err(|error| (path.to_owned(), error))?;
        let mut route = Route::default_of(0, typed.mode.as_str(), strategy);
        route.name = TargetId::from(name);
        route.failover_on.clone_from(&typed.failover_on_status_codes);
        let old = self.before.and_then(|made| made.engine.route_named(name));
        route.stays = typed.affinity.as_ref().map(|typed| stays(typed, old));
        route.hedging = typed.hedging.as_ref().map(|typed| hedging(typed, old));
        Ok(route)
    }
}

/// All of the conditions must hold. A route without any takes nothing of its own.
fn takes(when: &[When]) -> Option<Takes> {
    let conditions: Vec<_> =
        when.iter().map(|when| Condition::new(&when.key, &when.value, "")).collect();
    let all = move |view: &View<'_>| conditions.iter().all(|condition| condition.matches(view));
    (!when.is_empty()).then(|| Box::new(all) as Takes)
}

/// Who has answered what is known across configurations.
fn stays(typed: &ferro_config::Affinity, old: Option<&Route>) -> Stays {
    let old = old.and_then(|route| route.stays.as_ref());
    let memory = old.map_or_else(
        || Arc::new(Affinity::new(typed.ttl, rand::random(), Instant::now())),
        |old| Arc::clone(&old.memory),
    );
    memory.adopt(typed.ttl);
    Stays {
        header: typed.header.as_ref().and_then(|name| name.parse().ok()),
        by_session: typed.by != AffinityBy::Prefix,
        by_prefix: typed.by != AffinityBy::Session,
        memory,
    }
}

/// What was spent stays spent across configurations.
fn hedging(typed: &ferro_config::Hedging, old: Option<&Route>) -> Hedging {
    let spent = AllowanceSettings { share: typed.max_extra, ..AllowanceSettings::HEDGES };
    let old = old.and_then(|route| route.hedging.as_ref());
    let allowance = old.map_or_else(
        || Arc::new(Allowance::new(spent, Instant::now())),
        |old| Arc::clone(&old.allowance),
    );
    allowance.adopt(spent);
    Hedging {
        settings: HedgeSettings { quantile: typed.quantile, ..HedgeSettings::default() },
        allowance,
    }
}
