//! Rules and routes that no request comes to, because an earlier one takes all of theirs.

use crate::{Condition, Config, Strategy, When, finding::Findings};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    rules("strategy", &config.strategy, findings);
    for (index, route) in config.routes.iter().enumerate() {
        rules(&format!("routes[{index}].strategy"), &route.strategy, findings);
        let earlier = config.routes[..index].iter().enumerate().find(|(_, earlier)| {
            let covered =
                |one: &When| route.when.iter().any(|other| covers(seen(one), seen(other)));
            !earlier.when.is_empty() && earlier.when.iter().all(covered)
        });
        if let Some((place, earlier)) = earlier {
            let name = &earlier.name;
            let message = format!("`{name}` (routes[{place}]) takes each of these requests before");
            let help = "let it stand before that one, or say what else must hold there";
            findings.warn(format!("routes[{index}].when"), message, help);
        }
    }
}

fn rules(path: &str, strategy: &Strategy, findings: &mut Findings) {
    let asked = |rule: &Condition| (rule.key.clone(), rule.value.clone());
    let rules: Vec<_> = strategy.conditions.iter().map(asked).collect();
    for (index, (key, value)) in rules.iter().enumerate() {
        let is_before = |(one, wanted): &(String, String)| covers((one, wanted), (key, value));
        if let Some(place) = rules[..index].iter().position(is_before) {
            let message = format!("conditions[{place}] is met by each request that meets this one");
            let help = "let this one stand before it, or leave it out";
            findings.warn(format!("{path}.conditions[{index}]"), message, help);
        }
    }
}

fn seen(when: &When) -> (&str, &str) {
    (&when.key, &when.value)
}

/// Whether whatever meets the second condition meets the first one.
fn covers((one, wanted): (&str, &str), (other, said): (&str, &str)) -> bool {
    let is_header = |key: &str| key.starts_with("header:");
    match (one, other) {
        ("model_prefix", "model" | "model_prefix") => said.starts_with(wanted),
        _ if is_header(one) && is_header(other) => {
            one.eq_ignore_ascii_case(other) && wanted == said
        }
        _ => one == other && wanted == said,
    }
}
