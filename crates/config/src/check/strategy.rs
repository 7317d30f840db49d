//! In which order targets are asked: at the top level, and in each route.

use http::HeaderName;

use super::numbers::{budget, part, share, statuses};
use crate::{
    AffinityBy, ContentTest, Mode, Strategy, finding::Findings, nearest::nearest, paths::at,
};

/// What a rule of `conditional` may look at, and a condition of a route.
const CONDITION_KEYS: &[&str] =
    &["model", "model_prefix", "user", "key", "header:<name>", "metadata:<name>"];

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

/// Whether a condition can look at what `key` names.
pub(super) fn is_known(key: &str) -> bool {
    match key.split_once(':') {
        Some(("header", name)) => is_header(name),
        Some(("metadata", name)) => !name.is_empty(),
        Some(_) => false,
        None => CONDITION_KEYS.contains(&key),
    }
}

/// What a condition can look at, and what was probably meant.
pub(super) fn known_keys(typed: &str) -> String {
    let meant = nearest(typed, CONDITION_KEYS).map(|word| format!("did you mean `{word}`? "));
    format!("{}known: {}", meant.unwrap_or_default(), CONDITION_KEYS.join(", "))
}

fn is_header(name: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok()
}

fn content_conditions(path: &str, strategy: &Strategy, findings: &mut Findings) {
    for (index, rule) in strategy.content_conditions.iter().enumerate() {
        let path = format!("{}.value", at(&format!("{path}.content_conditions"), index));
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

fn variants(path: &str, strategy: &Strategy, findings: &mut Findings) {
    let variants = &strategy.ab_variants;
    let list = format!("{path}.ab_variants");
    for (index, variant) in variants.iter().enumerate() {
        share(format!("{}.weight", at(&list, index)), variant.weight, findings);
    }
    if !variants.is_empty() && variants.iter().all(|variant| variant.weight == Some(0.0)) {
        let message = "every weight is 0: the variants get equal shares";
        findings.warn(list, message, "leave the weights out, or write shares");
    }
    let Some(sticky) = strategy.sticky.as_deref() else { return };
    let is_sticky =
        ["user", "key"].contains(&sticky) || sticky.strip_prefix("header:").is_some_and(is_header);
    if !is_sticky {
        let message = format!("nobody is known by `{sticky}`");
        findings.error(format!("{path}.sticky"), message, "known: user, key, header:<name>");
    }
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
    let Some(header) = affinity.header.as_deref() else { return };
    if !is_header(header) {
        let message = format!("`{header}` is not a header's name");
        let help = "letters, digits and `-`, such as `X-Session`";
        findings.error(format!("{path}.header"), message, help);
    } else if affinity.by == AffinityBy::Prefix {
        let message = "by `prefix` no session is looked for, and so no header";
        let help = "write `by: session` or `by: session_or_prefix`, or leave the header out";
        findings.warn(format!("{path}.header"), message, help);
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
    if strategy.mode == Mode::Single {
        let message = "`single` asks nobody but the first target: there is none to hedge with";
        findings.warn(path, message, "choose another mode, or leave the section out");
    }
}
