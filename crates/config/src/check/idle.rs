//! Settings that do nothing where they stand: each is understood, and its neighbour would have to
//! say something else before it counted.

use crate::{
    CircuitBreaker, Concurrency, Config, Mode, Retry, Route, Strategy, Target,
    finding::{Finding, Findings},
};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    rules("strategy", &config.strategy, findings);
    alone("strategy", &config.strategy, findings);
    for (index, target) in config.targets.iter().enumerate() {
        limits(&format!("targets[{index}]"), target, findings);
    }
    for (index, route) in config.routes.iter().enumerate() {
        let path = format!("routes[{index}]");
        rules(&format!("{path}.strategy"), &route.strategy, findings);
        alone(&format!("{path}.strategy"), &route.strategy, findings);
        within(&path, route, findings);
    }
}

/// What is for another strategy than the one that is chosen.
fn rules(path: &str, strategy: &Strategy, findings: &mut Findings) {
    let (mode, plain) = (strategy.mode, Strategy::default());
    for (key, theirs, is_said) in [
        ("conditions", Mode::Conditional, !strategy.conditions.is_empty()),
        ("content_conditions", Mode::ContentBased, !strategy.content_conditions.is_empty()),
        ("ab_variants", Mode::AbTest, !strategy.ab_variants.is_empty()),
        ("sticky", Mode::AbTest, strategy.sticky.is_some()),
        (
            "unpriced_strategy",
            Mode::CostOptimized,
            strategy.unpriced_strategy != plain.unpriced_strategy,
        ),
        ("output_share", Mode::CostOptimized, strategy.output_share.is_some()),
    ] {
        if is_said && mode != theirs {
            let message = format!("`{key}` is for `{theirs}`: under `{mode}` it does nothing");
            let help = "choose its mode, leave it out, or put it into a route of its own";
            let idle = Finding::error(format!("{path}.{key}"), message).help(help);
            findings.0.push(idle.warning().given(format!("{path}.mode")));
        }
    }
}

/// What is about the targets behind the first, where there is none.
fn alone(path: &str, strategy: &Strategy, findings: &mut Findings) {
    if strategy.mode != Mode::Single {
        return;
    }
    for key in beyond_the_first(strategy) {
        let message = format!("`single` asks the first target alone: `{key}` does nothing");
        let help = "choose another mode, or leave it out";
        let idle = Finding::error(format!("{path}.{key}"), message).help(help);
        findings.0.push(idle.warning().given(format!("{path}.mode")));
    }
}

/// What counts for a request is said by the route that takes it, not by those within.
fn within(path: &str, route: &Route, findings: &mut Findings) {
    // Of `single` it has been said already.
    if !route.when.is_empty() || route.strategy.mode == Mode::Single {
        return;
    }
    for key in beyond_the_first(&route.strategy) {
        let message = format!("`{key}` does nothing here: no request begins at this route");
        let help = "say it where requests begin: in the route with `when`, or at the top level";
        let idle = Finding::error(format!("{path}.strategy.{key}"), message).help(help);
        findings.0.push(idle.warning().given(format!("{path}.when")));
    }
}

/// The keys that say something about more than one target, as far as they are used.
fn beyond_the_first(strategy: &Strategy) -> impl Iterator<Item = &'static str> + use<> {
    let keys = [
        ("failover_on_status_codes", !strategy.failover_on_status_codes.is_empty()),
        ("affinity", strategy.affinity.is_some()),
        ("hedging", strategy.hedging.is_some()),
    ];
    keys.into_iter().filter(|(_, is_said)| *is_said).map(|(key, _)| key)
}

fn limits(path: &str, target: &Target, findings: &mut Findings) {
    if let Some(again) = &target.retry {
        retry(&format!("{path}.retry"), again, findings);
    }
    if let Some(circuit) = &target.circuit_breaker {
        breaker(&format!("{path}.circuit_breaker"), circuit, findings);
    }
    let is_open = |limit: &&Concurrency| limit.max_concurrency.is_none();
    if let Some(limit) = target.concurrency.as_ref().filter(is_open)
        && *limit != Concurrency::default()
    {
        let message = "without `max_concurrency` there is no limit, and nobody waits";
        let help = "write it, or leave the section out";
        findings.warn(format!("{path}.concurrency.max_concurrency"), message, help);
    }
}

fn retry(path: &str, retry: &Retry, findings: &mut Findings) {
    let plain = Retry::default();
    let waits = |of: &Retry| (of.initial_backoff_ms, of.max_backoff, of.max_retry_after);
    let says_when = !retry.on_status_codes.is_empty() || waits(retry) != waits(&plain);
    if retry.attempts <= plain.attempts && says_when {
        let message = "nothing is asked again: there is one call in all";
        findings.warn(
            format!("{path}.attempts"),
            message,
            "write how many there may be, such as 3",
        );
    }
}

/// Of a breaker that goes by failures in a row.
fn breaker(path: &str, breaker: &CircuitBreaker, findings: &mut Findings) {
    let plain = CircuitBreaker::default();
    for (key, is_said) in [
        ("minimum_requests", breaker.minimum_requests != plain.minimum_requests),
        ("window", breaker.window != plain.window),
    ] {
        if is_said && breaker.failure_rate.is_none() {
            let message = format!("`{key}` is about a share of failures, and none is said");
            let idle = Finding::error(format!("{path}.{key}"), message);
            let idle = idle.help("write `failure_rate`, such as 0.5").warning();
            findings.0.push(idle.given(format!("{path}.failure_rate")));
        }
    }
}
