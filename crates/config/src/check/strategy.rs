//! In which order targets are asked.

use http::HeaderName;

use super::numbers::share;
use crate::{Config, ContentTest, Mode, finding::Findings, nearest::nearest, paths::at};

/// What a rule of `conditional` may look at.
const CONDITION_KEYS: &[&str] =
    &["model", "model_prefix", "user", "key", "header:<name>", "metadata:<name>"];

pub(super) fn check(config: &Config, findings: &mut Findings) {
    has_rules(config, findings);
    conditions(config, findings);
    content_conditions(config, findings);
    variants(config, findings);
    weights(config, findings);
    output_share(config, findings);
}

/// A strategy that goes by rules has some.
fn has_rules(config: &Config, findings: &mut Findings) {
    let strategy = &config.strategy;
    let (key, is_empty) = match strategy.mode {
        Mode::Conditional => ("conditions", strategy.conditions.is_empty()),
        Mode::ContentBased => ("content_conditions", strategy.content_conditions.is_empty()),
        Mode::AbTest => ("ab_variants", strategy.ab_variants.is_empty()),
        _ => return,
    };
    if is_empty {
        let message = format!("`{}` goes by `strategy.{key}`, and there are none", strategy.mode);
        findings.error("strategy.mode", message, format!("list at least one in `strategy.{key}`"));
    }
}

fn conditions(config: &Config, findings: &mut Findings) {
    for (index, rule) in config.strategy.conditions.iter().enumerate() {
        let path = at("strategy.conditions", index);
        if !is_known(&rule.key) {
            let meant =
                nearest(&rule.key, CONDITION_KEYS).map(|word| format!("did you mean `{word}`? "));
            let help = format!("{}known: {}", meant.unwrap_or_default(), CONDITION_KEYS.join(", "));
            let message = format!("a rule with the key `{}` never matches", rule.key);
            findings.warn(format!("{path}.key"), message, help);
        }
        if rule.value.is_empty() {
            let help = "write what it must be, such as a model's name or its beginning";
            findings.error(format!("{path}.value"), "the rule compares with nothing", help);
        }
    }
}

fn is_known(key: &str) -> bool {
    match key.split_once(':') {
        Some(("header", name)) => is_header(name),
        Some(("metadata", name)) => !name.is_empty(),
        Some(_) => false,
        None => CONDITION_KEYS.contains(&key),
    }
}

fn is_header(name: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok()
}

fn content_conditions(config: &Config, findings: &mut Findings) {
    for (index, rule) in config.strategy.content_conditions.iter().enumerate() {
        let path = format!("{}.value", at("strategy.content_conditions", index));
        if rule.value.is_empty() {
            findings.error(path, "the rule looks for nothing", "write what the prompt says");
        } else if rule.test == ContentTest::Regex
            && let Err(error) = regex_syntax::parse(&rule.value)
        {
            findings.error(path, "this is not a regular expression", regex_words(&error));
        }
    }
}

/// The last line of the parser's message, which has the reason; those before draw the pattern.
fn regex_words(error: &regex_syntax::Error) -> String {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or(&text).trim_start_matches("error: ");
    format!("{reason}; the syntax is RE2's")
}

fn variants(config: &Config, findings: &mut Findings) {
    let variants = &config.strategy.ab_variants;
    for (index, variant) in variants.iter().enumerate() {
        share(format!("strategy.ab_variants[{index}].weight"), variant.weight, findings);
    }
    if !variants.is_empty() && variants.iter().all(|variant| variant.weight == Some(0.0)) {
        let message = "every weight is 0: the variants get equal shares";
        findings.warn("strategy.ab_variants", message, "leave the weights out, or write shares");
    }
    let Some(sticky) = config.strategy.sticky.as_deref() else { return };
    let is_sticky =
        ["user", "key"].contains(&sticky) || sticky.strip_prefix("header:").is_some_and(is_header);
    if !is_sticky {
        let message = format!("nobody is known by `{sticky}`");
        findings.error("strategy.sticky", message, "known: user, key, header:<name>");
    }
}

fn output_share(config: &Config, findings: &mut Findings) {
    let share = config.strategy.output_share;
    if let Some(share) = share.filter(|share| !share.is_finite() || *share < 0.0) {
        let message = format!("no reply is {share} times as long as its prompt");
        findings.error("strategy.output_share", message, "write a number from 0 on, such as 0.5");
    }
}

/// Weights that leave nobody to ask.
fn weights(config: &Config, findings: &mut Findings) {
    let all_zero = config.targets.iter().all(|target| target.weight == Some(0.0));
    if config.strategy.mode == Mode::LoadBalance && all_zero && !config.targets.is_empty() {
        let message = "every weight is 0: the targets get equal shares";
        findings.warn("targets", message, "leave the weights out, or write shares");
    }
}
