//! Who can be asked.

use super::{
    numbers::{budget, count, share},
    texts::{base_url, headers, opaque, secret},
};
use crate::{
    Config, Prices, Retry, Target,
    finding::Findings,
    paths::{at, join},
};

/// The most calls that may be under way at a target, or wait for one.
const MAX_CALLS: u32 = 10_000;

/// The longest first wait that is worth typing, in milliseconds.
const MAX_BACKOFF_MS: u64 = 60_000;

pub(super) fn check(config: &Config, findings: &mut Findings) {
    for (index, target) in config.targets.iter().enumerate() {
        let path = at("targets", index);
        names(&path, target, &config.targets[..index], findings);
        if let Some(url) = &target.base_url {
            base_url(format!("{path}.base_url"), url, findings);
        }
        keys(&path, target, findings);
        headers(&format!("{path}.headers"), &target.headers, findings);
        share(format!("{path}.weight"), target.weight, findings);
        models(&path, target, findings);
        if let Some(again) = &target.retry {
            retry(&format!("{path}.retry"), again, findings);
        }
        limits(&path, target, findings);
        times(&path, target, findings);
        opaque(&format!("{path}.settings"), &target.settings.0, findings);
        for (model, charged) in &target.prices {
            prices(&join(&format!("{path}.prices"), model), charged, findings);
        }
    }
}

fn names(at: &str, target: &Target, before: &[Target], findings: &mut Findings) {
    let path = format!("{at}.virtual_key");
    let name = target.virtual_key.as_str();
    if name.is_empty() {
        let help = "write a name; one that is a kind of provider needs no `provider` beside it";
        findings.error(path, "the target has no name", help);
    } else if let Some(first) = before.iter().position(|other| other.virtual_key == name) {
        let message = format!("`{name}` is the name of targets[{first}] already");
        let help = format!("give it a name of its own, and say `provider: {}`", target.kind());
        findings.error(path, message, help);
    } else if name.contains(char::is_whitespace) {
        findings.error(path, format!("`{name}` has white space in it"), "write it without");
    }
    if target.provider.as_deref() == Some("") {
        let help = "write the kind of provider, or leave the key out";
        findings.error(format!("{at}.provider"), "the kind of provider is empty", help);
    }
}

fn keys(path: &str, target: &Target, findings: &mut Findings) {
    if let Some(key) = &target.api_key {
        secret(format!("{path}.api_key"), key, findings);
    }
    if target.api_key.is_some() && !target.keys.is_empty() {
        let help = "put it into the list, or leave the list out";
        findings.error(format!("{path}.api_key"), "there are `keys` besides", help);
    }
    for (index, key) in target.keys.iter().enumerate() {
        let path = format!("{path}.keys[{index}]");
        share(format!("{path}.weight"), key.weight, findings);
        secret(format!("{path}.key"), &key.key, findings);
        if key.key.typed().is_empty() {
            findings.error(format!("{path}.key"), "there is no key", "write `${VARIABLE}`");
        }
    }
}

fn models(path: &str, target: &Target, findings: &mut Findings) {
    for (index, model) in target.models.iter().enumerate() {
        let path = at(&format!("{path}.models"), index);
        let help = "write the exact name of one model";
        if model.is_empty() || model.contains(char::is_whitespace) || model.contains('*') {
            findings.error(path, format!("`{model}` is not a model's name"), help);
        } else if target.models[..index].contains(model) {
            findings.error(path, format!("`{model}` is listed twice"), "list it once");
        }
    }
}

fn retry(path: &str, retry: &Retry, findings: &mut Findings) {
    count(format!("{path}.attempts"), retry.attempts.into(), 1, findings);
    for (index, status) in retry.on_status_codes.iter().enumerate() {
        if !(100..600).contains(status) {
            let path = at(&format!("{path}.on_status_codes"), index);
            findings.error(path, format!("{status} is not an HTTP status"), "100 to 599");
        }
    }
    count(format!("{path}.initial_backoff_ms"), retry.initial_backoff_ms, 100, findings);
    if retry.initial_backoff_ms > MAX_BACKOFF_MS {
        let message = format!("{} milliseconds is too long a first wait", retry.initial_backoff_ms);
        let help = format!("at most {MAX_BACKOFF_MS}; it doubles with each attempt");
        findings.error(format!("{path}.initial_backoff_ms"), message, help);
    }
}

fn limits(path: &str, target: &Target, findings: &mut Findings) {
    if let Some(breaker) = &target.circuit_breaker {
        let path = format!("{path}.circuit_breaker");
        let counts = [
            ("failure_threshold", breaker.failure_threshold, 5),
            ("success_threshold", breaker.success_threshold, 1),
            ("max_half_threshold", breaker.max_half_threshold, 1),
        ];
        for (key, value, default) in counts {
            count(format!("{path}.{key}"), value.into(), default, findings);
        }
        budget(format!("{path}.timeout"), Some(breaker.timeout), findings);
    }
    let Some(limit) = &target.concurrency else { return };
    let path = format!("{path}.concurrency");
    if let Some(calls) = limit.max_concurrency.filter(|calls| !(1..=MAX_CALLS).contains(calls)) {
        let help = format!("1 to {MAX_CALLS}; without the key there is no limit");
        findings.error(format!("{path}.max_concurrency"), format!("{calls} is out of range"), help);
    }
    if limit.queue_size > MAX_CALLS {
        let message = format!("{} is out of range", limit.queue_size);
        findings.error(format!("{path}.queue_size"), message, format!("0 to {MAX_CALLS}"));
    }
    count(format!("{path}.queue_size"), limit.queue_size.into(), 1000, findings);
}

fn times(path: &str, target: &Target, findings: &mut Findings) {
    let times = &target.timeouts;
    for (key, time) in [
        ("connect", times.connect),
        ("first_byte", times.first_byte),
        ("idle", times.idle),
        ("total", times.total),
    ] {
        budget(format!("{path}.timeouts.{key}"), time, findings);
    }
}

fn prices(path: &str, prices: &Prices, findings: &mut Findings) {
    for (key, price) in [
        ("input_per_m_tokens", prices.input_per_m_tokens),
        ("output_per_m_tokens", prices.output_per_m_tokens),
        ("cache_read_per_m_tokens", prices.cache_read_per_m_tokens),
        ("cache_write_per_m_tokens", prices.cache_write_per_m_tokens),
    ] {
        if let Some(price) = price.filter(|price| !price.is_finite() || *price < 0.0) {
            let help = "dollars per million tokens; leave the key out if it is not known";
            findings.error(format!("{path}.{key}"), format!("{price} is not a price"), help);
        }
    }
}
