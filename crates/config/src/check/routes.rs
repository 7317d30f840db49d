//! Which requests go which way: routes, and names that lead somewhere.

use super::{
    strategy::{self, compares, is_known, known_keys, sees},
    texts::is_one_word,
};
use crate::{Config, Mode, Route, Target, finding::Findings, paths::at};

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
    } else if !is_one_word(name) {
        let message =
            format!("`{}` has white space or a control character in it", name.escape_debug());
        findings.error(path, message, "write it without");
    }
}

fn conditions(path: &str, route: &Route, findings: &mut Findings) {
    for (index, condition) in route.when.iter().enumerate() {
        let path = at(&format!("{path}.when"), index);
        if !is_known(&condition.key) {
            let message = format!("no request is known by `{}`", condition.key);
            findings.error(format!("{path}.key"), message, known_keys(&condition.key));
        }
        sees(format!("{path}.key"), &condition.key, findings);
        compares(format!("{path}.value"), &condition.value, findings);
    }
}

/// Weights that say nothing about anybody: of all targets, and of each route's.
fn weights(config: &Config, findings: &mut Findings) {
    let named = |name: &String| config.targets.iter().find(|t| t.virtual_key == *name);
    let all: Vec<_> = config.targets.iter().collect();
    shares("targets".to_owned(), config.strategy.mode, &all, findings);
    for (index, route) in config.routes.iter().enumerate() {
        // Where a route is among them its own targets count, too.
        let targets: Option<Vec<_>> = route.targets.iter().map(named).collect();
        if let Some(targets) = targets {
            shares(format!("routes[{index}].targets"), route.strategy.mode, &targets, findings);
        }
    }
}

fn shares(path: String, mode: Mode, targets: &[&Target], findings: &mut Findings) {
    let all_are = |weight| targets.iter().all(|target| target.weight == weight);
    match mode {
        _ if targets.is_empty() => {}
        Mode::LoadBalance if all_are(Some(0.0)) => {
            let message = "every weight is 0: the targets get equal shares";
            findings.warn(path, message, "leave the weights out, or write shares");
        }
        _ if all_are(Some(0.0)) => {
            let message = "every weight is 0: none of the targets is drained";
            findings.warn(path, message, "leave out whom nobody is to ask, or the weights");
        }
        Mode::LoadBalance if targets.len() > 1 && all_are(None) => {
            let message = "no target says its `weight`: they get equal shares";
            findings.warn(path, message, "write `weight: 1` at each if that is meant");
        }
        _ => {}
    }
}
