//! What types cannot say: numbers in their ranges, names that exist, keys that go together. One
//! part of the schema a file.

mod aliases;
mod general;
mod mcp;
mod numbers;
mod observability;
mod plugins;
mod strategy;
mod targets;
mod texts;

use crate::{Config, finding::Findings};

/// Whether every target is known, so that a name can be said to be none of theirs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum References {
    /// They are.
    Checked,
    /// One could not be read.
    Open,
}

/// Everything that is wrong or odd, in the order of the schema.
pub(crate) fn check(config: &Config, references: References) -> Findings {
    let mut findings = Findings::default();
    general::check(config, &mut findings);
    strategy::check(config, &mut findings);
    targets::check(config, &mut findings);
    plugins::check(config, &mut findings);
    aliases::check(config, &mut findings);
    mcp::check(config, &mut findings);
    observability::check(config, &mut findings);
    if references == References::Checked {
        names(config, &mut findings);
    }
    findings
}

/// Every place that names a target names one that there is.
fn names(config: &Config, findings: &mut Findings) {
    let mut known: Vec<_> = config.targets.iter().map(|t| t.virtual_key.as_str()).collect();
    known.retain(|name| !name.is_empty());
    known.dedup();
    let mut check = |path: String, name: &str| {
        if !known.contains(&name) {
            let message = match name {
                "" => "the target is not named".to_owned(),
                name => format!("no target is called `{name}`"),
            };
            findings.error(path, message, format!("targets: {}", known.join(", ")));
        }
    };
    for (index, rule) in config.strategy.conditions.iter().enumerate() {
        check(format!("strategy.conditions[{index}].target_key"), &rule.target_key);
    }
    for (index, rule) in config.strategy.content_conditions.iter().enumerate() {
        check(format!("strategy.content_conditions[{index}].target_key"), &rule.target_key);
    }
    for (index, variant) in config.strategy.ab_variants.iter().enumerate() {
        check(format!("strategy.ab_variants[{index}].target_key"), &variant.target_key);
    }
    for (key, name) in
        [("batch_target", &config.batch_target), ("responses_target", &config.responses_target)]
    {
        if let Some(name) = name {
            check(key.to_owned(), name);
        }
    }
}
