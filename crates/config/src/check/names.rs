//! Every place that names a target or a route names one that there is, and no way leads back to
//! where it began.

use std::collections::{HashMap, HashSet};

use crate::{Config, Mode, Route, Strategy, finding::Findings, paths::at};

/// So many routes may stand within one another, below the one that a request takes: the engine follows
/// them no further.
const DEEPEST: usize = 8;

/// The names that there are.
struct Known<'a> {
    targets: Vec<&'a str>,
    routes: Vec<&'a str>,
}

pub(super) fn check(config: &Config, findings: &mut Findings) {
    let known = Known {
        targets: names(config.targets.iter().map(|target| target.virtual_key.as_str())),
        routes: names(config.routes.iter().map(|route| route.name.as_str())),
    };
    for (path, name) in named_by("strategy", &config.strategy) {
        known.check(path, name, findings);
    }
    for (index, route) in config.routes.iter().enumerate() {
        let path = at("routes", index);
        for (place, name) in route.targets.iter().enumerate() {
            known.check(at(&format!("{path}.targets"), place), name, findings);
        }
        let strategy = format!("{path}.strategy");
        for (at, name) in named_by(&strategy, &route.strategy) {
            if !route.targets.iter().any(|member| member == name) {
                let message = format!("`{name}` is none of this route's targets");
                let members = route.targets.join(", ");
                findings.error(at, message, format!("`{path}.targets`: {members}"));
            }
        }
    }
    let only_targets = Known { routes: Vec::new(), ..known };
    for (key, name) in
        [("batch_target", &config.batch_target), ("responses_target", &config.responses_target)]
    {
        if let Some(name) = name {
            only_targets.check(key.to_owned(), name, findings);
        }
    }
    if !circles(config, findings) {
        depths(config, findings);
    }
    unreached(config, findings);
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut known: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    known.dedup();
    known
}

impl Known<'_> {
    fn check(&self, path: String, name: &str, findings: &mut Findings) {
        if self.targets.contains(&name) || self.routes.contains(&name) {
            return;
        }
        let or_route = if self.routes.is_empty() { "" } else { " or route" };
        let message = match name {
            "" => "the target is not named".to_owned(),
            name => format!("no target{or_route} is called `{name}`"),
        };
        let mut help = format!("targets: {}", self.targets.join(", "));
        if !self.routes.is_empty() {
            help = format!("{help}; routes: {}", self.routes.join(", "));
        }
        findings.error(path, message, help);
    }
}

/// Every name that a strategy's rules and variants say, with its path.
fn named_by<'a>(
    path: &str,
    strategy: &'a Strategy,
) -> impl Iterator<Item = (String, &'a str)> + use<'a> {
    let place = |list: &str, index| format!("{path}.{list}[{index}].target_key");
    let conditions = strategy.conditions.iter().enumerate();
    let conditions = conditions.map(|(n, rule)| (place("conditions", n), &*rule.target_key));
    let contents = strategy.content_conditions.iter().enumerate();
    let contents = contents.map(|(n, rule)| (place("content_conditions", n), &*rule.target_key));
    let variants = strategy.ab_variants.iter().enumerate();
    let variants = variants.map(|(n, variant)| (place("ab_variants", n), &*variant.target_key));
    conditions.chain(contents).chain(variants).collect::<Vec<_>>().into_iter()
}

/// Routes that lead back to themselves, each named once: where the first route of the circle names
/// the next. Says whether there are any.
fn circles(config: &Config, findings: &mut Findings) -> bool {
    let mut told = Vec::new();
    for start in 0..config.routes.len() {
        let mut way = vec![start];
        if !told.contains(&start) && leads_back(config, start, &mut way) {
            let name = |route: &usize| config.routes[*route].name.as_str();
            let next = way.get(1).unwrap_or(&start);
            let member = |member: &String| member == name(next);
            let place = config.routes[start].targets.iter().position(member).unwrap_or_default();
            let names: Vec<_> = way.iter().chain([&start]).map(name).collect();
            let message = format!("the way leads back: {}", names.join(" → "));
            let path = format!("routes[{start}].targets[{place}]");
            findings.error(path, message, "take one of these routes out of another");
            told.extend(way);
        }
    }
    !told.is_empty()
}

/// Whether a route leads to `start` from where `way` ends. If so `way` is how; every route is gone
/// through once.
fn leads_back(config: &Config, start: usize, way: &mut Vec<usize>) -> bool {
    let mut seen = way.clone();
    let mut open: Vec<Vec<usize>> = vec![way.clone()];
    while let Some(here) = open.pop() {
        let Some(last) = here.last() else { continue };
        for member in &config.routes[*last].targets {
            let next = config.routes.iter().position(|route| route.name == *member);
            let Some(next) = next.filter(|_| !member.is_empty()) else { continue };
            if next == start {
                *way = here;
                return true;
            }
            if !seen.contains(&next) {
                seen.push(next);
                open.push([here.as_slice(), &[next]].concat());
            }
        }
    }
    false
}

/// Routes that no request can take, by whichever way.
fn unreached(config: &Config, findings: &mut Findings) {
    let reached = reached(config);
    for (index, route) in config.routes.iter().enumerate() {
        let name = route.name.as_str();
        if !name.is_empty() && !reached.contains(name) {
            let message = format!("no request takes the route `{name}`");
            let help = "say `when`, or name it among the targets of another route";
            findings.warn(at("routes", index), message, help);
        }
    }
}

/// The names of routes that requests take, and of those within them.
fn reached(config: &Config) -> HashSet<&str> {
    let begin = config.routes.iter().filter(|route| !route.when.is_empty());
    let begin = begin.map(|route| route.name.as_str());
    let mut open: Vec<_> = begin.chain(asked_by(&config.strategy)).collect();
    let (places, mut reached) = (places(config), HashSet::new());
    while let Some(name) = open.pop() {
        if let Some(place) = places.get(name).filter(|_| reached.insert(name)) {
            open.extend(config.routes[*place].targets.iter().map(String::as_str));
        }
    }
    reached
}

/// Where the route of each name stands.
fn places(config: &Config) -> HashMap<&str, usize> {
    config.routes.iter().enumerate().map(|(place, route)| (route.name.as_str(), place)).collect()
}

/// The names that the rules and variants of the strategy's own mode say.
fn asked_by(strategy: &Strategy) -> Vec<&str> {
    match strategy.mode {
        Mode::Conditional => strategy.conditions.iter().map(|rule| &*rule.target_key).collect(),
        Mode::ContentBased => {
            strategy.content_conditions.iter().map(|rule| &*rule.target_key).collect()
        }
        Mode::AbTest => strategy.ab_variants.iter().map(|variant| &*variant.target_key).collect(),
        _ => Vec::new(),
    }
}

/// Routes within routes that stand so deep that no request comes to the innermost.
fn depths(config: &Config, findings: &mut Findings) {
    let places = places(config);
    let inner = |route: &Route| -> Vec<usize> {
        route.targets.iter().filter_map(|name| places.get(&**name).copied()).collect()
    };
    let inner: Vec<_> = config.routes.iter().map(inner).collect();
    // Each time round one more level is counted.
    let mut below = vec![0; inner.len()];
    for _ in 0..=DEEPEST {
        let levels = |inner: &Vec<usize>| inner.iter().map(|at| below[*at] + 1).max();
        below = inner.iter().map(|inner| levels(inner).unwrap_or_default()).collect();
    }
    let by_rule = asked_by(&config.strategy);
    for (index, route) in config.routes.iter().enumerate() {
        // What a rule of the top level names stands within that already.
        let above = usize::from(by_rule.contains(&route.name.as_str()));
        let is_begun = above > 0 || !route.when.is_empty();
        if is_begun && below[index] + above > DEEPEST {
            let message = format!("more than {DEEPEST} routes stand within one another");
            let help = "name targets, or routes that stand further within";
            findings.error(format!("routes[{index}].targets"), message, help);
        }
    }
}
