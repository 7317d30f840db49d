//! Which requests go which way: routes, and names that lead somewhere.

use super::strategy::{self, compares, is_known, known_keys};
use crate::{Config, Mode, Route, Strategy, finding::Findings, paths::at};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    for (index, route) in config.routes.iter().enumerate() {
        let path = at("routes", index);
        name(&path, index, config, findings);
        conditions(&path, route, findings);
        strategy::check(&format!("{path}.strategy"), &route.strategy, findings);
        if route.targets.is_empty() {
            let help = "list names of targets, or of other routes";
            findings.error(format!("{path}.targets"), "the route leads nowhere", help);
        }
        for (place, name) in route.targets.iter().enumerate() {
            if !name.is_empty() && route.targets[..place].contains(name) {
                let path = at(&format!("{path}.targets"), place);
                findings.error(path, format!("`{name}` is listed twice"), "list it once");
            }
        }
    }
    weights(config, findings);
}

fn name(path: &str, index: usize, config: &Config, findings: &mut Findings) {
    let name = config.routes[index].name.as_str();
    let path = format!("{path}.name");
    let other = config.routes[..index].iter().position(|other| other.name == name);
    let target = config.targets.iter().position(|target| target.virtual_key == name);
    if name.is_empty() {
        findings.error(path, "the route has no name", "write one");
    } else if let Some(first) = other {
        let message = format!("`{name}` is the name of routes[{first}] already");
        findings.error(path, message, "give it a name of its own");
    } else if let Some(target) = target {
        let message = format!("`{name}` is the name of targets[{target}] already");
        findings.error(path, message, "give the route a name of its own");
    } else if name.contains(char::is_whitespace) {
        findings.error(path, format!("`{name}` has white space in it"), "write it without");
    }
}

fn conditions(path: &str, route: &Route, findings: &mut Findings) {
    for (index, condition) in route.when.iter().enumerate() {
        let path = at(&format!("{path}.when"), index);
        if !is_known(&condition.key) {
            let message = format!("no request is known by `{}`", condition.key);
            findings.error(format!("{path}.key"), message, known_keys(&condition.key));
        }
        compares(format!("{path}.value"), &condition.value, findings);
    }
}

/// Weights that leave nobody to ask: of all targets, and of each route's.
fn weights(config: &Config, findings: &mut Findings) {
    let is_drained = |name: &str| {
        let target = config.targets.iter().find(|target| target.virtual_key == name);
        target.is_some_and(|target| target.weight == Some(0.0))
    };
    let mut warn = |path: String, strategy: &Strategy, names: Vec<&str>| {
        let all_drained = !names.is_empty() && names.into_iter().all(is_drained);
        if strategy.mode == Mode::LoadBalance && all_drained {
            let message = "every weight is 0: the targets get equal shares";
            findings.warn(path, message, "leave the weights out, or write shares");
        }
    };
    let all = config.targets.iter().map(|target| target.virtual_key.as_str());
    warn("targets".to_owned(), &config.strategy, all.collect());
    for (index, route) in config.routes.iter().enumerate() {
        let names = route.targets.iter().map(String::as_str).collect();
        warn(format!("routes[{index}].targets"), &route.strategy, names);
    }
}
