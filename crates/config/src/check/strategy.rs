//! In which order targets are asked: at the top level, and in each route.

use std::time::Duration;

use ferro_strategies::{CONDITION_KEYS, Condition, ContentRule, Sticky, StrategyError};
use http::{HeaderName, header};

use super::{
    numbers::{budget, part, share, statuses},
    texts::shown_in_header,
};
use crate::{AffinityBy, Mode, Strategy, finding::Findings, nearest::nearest, paths::at};

/// The longest that a target is remembered: far longer than any vendor keeps a prompt.
const LONGEST_STAY: Duration = Duration::from_hours(96);

/// Checks the strategy that stands at `path`.
pub(super) fn check(path: &str, strategy: &Strategy, findings: &mut Findings) {
    has_rules(path, strategy, findings);
    conditions(path, strategy, findings);
    content_conditions(path, strategy, findings);
    variants(path, strategy, findings);
    output_share(path, strategy, findings);
    let codes = &strategy.failover_on_status_codes;
    statuses(&format!("{path}.failover_on_status_codes"), codes, findings);
    affinity(path, strategy, findings);
    hedging(path, strategy, findings);
}

/// A strategy that goes by rules has some.
fn has_rules(path: &str, strategy: &Strategy, findings: &mut Findings) {
    let (key, is_empty) = match strategy.mode {
        Mode::Conditional => ("conditions", strategy.conditions.is_empty()),
        Mode::ContentBased => ("content_conditions", strategy.content_conditions.is_empty()),
        Mode::AbTest => ("ab_variants", strategy.ab_variants.is_empty()),
        _ => return,
    };
    if is_empty {
        let message = format!("`{}` goes by `{path}.{key}`, and there are none", strategy.mode);
        let help = format!("list at least one in `{path}.{key}`");
        findings.error(format!("{path}.mode"), message, help);
    }
}

fn conditions(path: &str, strategy: &Strategy, findings: &mut Findings) {
    for (index, rule) in strategy.conditions.iter().enumerate() {
        let path = at(&format!("{path}.conditions"), index);
        if !is_known(&rule.key) {
            let message = format!("a rule with the key `{}` never matches", rule.key);
            findings.warn(format!("{path}.key"), message, known_keys(&rule.key));
        }
        sees(format!("{path}.key"), &rule.key, findings);
        compares(format!("{path}.value"), &rule.value, findings);
    }
}

/// A condition that compares with something.
pub(super) fn compares(path: String, value: &str, findings: &mut Findings) {
    if value.is_empty() {
        let help = "write what it must be, such as a model's name or its beginning";
        findings.error(path, "the rule compares with nothing", help);
    }
}

/// A header that a rule can see. Callers' keys are taken out of a request before anything looks at it.
pub(super) fn sees(path: String, key: &str, findings: &mut Findings) {
    let header = key.strip_prefix("header:").and_then(|name| HeaderName::try_from(name).ok());
    if header.is_some_and(|name| name == header::AUTHORIZATION) {
        let message = "callers' keys are taken out of the headers before anybody sees these";
        let help = "look at another header; callers are known by their keys as `key`";
        findings.warn(path, message, help);
    }
}

/// Whether a condition can look at what `key` names.
pub(super) fn is_known(key: &str) -> bool {
    Condition::new(key, "", "").is_known()
}

/// What a condition can look at, and what was probably meant.
pub(super) fn known_keys(typed: &str) -> String {
    let meant = nearest(typed, CONDITION_KEYS).map(|word| format!("did you mean `{word}`? "));
    format!("{}known: {}", meant.unwrap_or_default(), CONDITION_KEYS.join(", "))
}

fn content_conditions(path: &str, strategy: &Strategy, findings: &mut Findings) {
    for (index, rule) in strategy.content_conditions.iter().enumerate() {
        let path = format!("{}.value", at(&format!("{path}.content_conditions"), index));
        if rule.value.is_empty() {
            findings.error(path, "the rule looks for nothing", "write what the prompt says");
        } else if let Err(error) = ContentRule::new(rule.test.as_str(), &rule.value, "") {
            let (message, help) = pattern_words(&error);
            findings.error(path, message, help);
        }
    }
}

/// Why a pattern cannot be searched for: of the parser's message the last line, which has the reason;
/// those before draw the pattern.
fn pattern_words(error: &StrategyError) -> (&'static str, String) {
    match error {
        StrategyError::Pattern { source: regex::Error::Syntax(text), .. } => {
            let reason = text.lines().last().unwrap_or(text).trim_start_matches("error: ");
            ("this is not a regular expression", format!("{reason}; the syntax is RE2's"))
        }
        _ => (
            "to search for this takes too much memory",
            "write a shorter text, or repeat less: each repetition is written out".to_owned(),
        ),
    }
}

fn variants(path: &str, strategy: &Strategy, findings: &mut Findings) {
    let variants = &strategy.ab_variants;
    let list = format!("{path}.ab_variants");
    for (index, variant) in variants.iter().enumerate() {
        let path = at(&list, index);
        share(format!("{path}.weight"), variant.weight, findings);
        shown_in_header(format!("{path}.label"), &variant.label, findings);
    }
    let is_drawn = strategy.mode == Mode::AbTest && !variants.is_empty();
    let all_are = |weight| is_drawn && variants.iter().all(|variant| variant.weight == weight);
    if all_are(Some(0.0)) {
        let message = "every weight is 0: the variants get equal shares";
        findings.warn(list, message, "leave the weights out, or write shares");
    } else if variants.len() > 1 && all_are(None) {
        let message = "no variant says its `weight`: they get equal shares";
        findings.warn(list, message, "write `weight: 1` at each if that is meant");
    }
    let Some(sticky) = strategy.sticky.as_deref() else { return };
    if sticky.parse::<Sticky>().is_err() {
        let message = format!("nobody is known by `{sticky}`");
        findings.error(format!("{path}.sticky"), message, "known: user, key, header:<name>");
    }
    sees(format!("{path}.sticky"), sticky, findings);
}

fn output_share(path: &str, strategy: &Strategy, findings: &mut Findings) {
    let share = strategy.output_share;
    if let Some(share) = share.filter(|share| !share.is_finite() || *share < 0.0) {
        let message = format!("no reply is {share} times as long as its prompt");
        let help = "write a number from 0 on, such as 0.5";
        findings.error(format!("{path}.output_share"), message, help);
    }
}

fn affinity(path: &str, strategy: &Strategy, findings: &mut Findings) {
    let Some(affinity) = &strategy.affinity else { return };
    let path = format!("{path}.affinity");
    budget(format!("{path}.ttl"), Some(affinity.ttl), findings);
    if affinity.ttl > LONGEST_STAY {
        findings.error(format!("{path}.ttl"), "nobody is remembered for so long", "at most 96h");
    }
    let Some(header) = affinity.header.as_deref() else { return };
    if HeaderName::try_from(header).is_err() {
        let message = format!("`{header}` is not a header's name");
        let help = "letters, digits and `-`, such as `X-Session`";
        findings.error(format!("{path}.header"), message, help);
    } else if affinity.by == AffinityBy::Prefix {
        let message = "by `prefix` no session is looked for, and so no header";
        let help = "write `by: session` or `by: session_or_prefix`, or leave the header out";
        findings.warn(format!("{path}.header"), message, help);
    } else {
        sees(format!("{path}.header"), &format!("header:{header}"), findings);
    }
}

fn hedging(path: &str, strategy: &Strategy, findings: &mut Findings) {
    let Some(hedging) = &strategy.hedging else { return };
    let path = format!("{path}.hedging");
    if hedging.quantile >= 1.0 {
        let message = format!("no stream is slower than {} of all", hedging.quantile);
        let help = "write a share above 0 and below 1, such as 0.95";
        findings.error(format!("{path}.quantile"), message, help);
    } else {
        part(format!("{path}.quantile"), hedging.quantile, findings);
    }
    part(format!("{path}.max_extra"), hedging.max_extra, findings);
}
