//! How often a target is asked, how many at once, and when not at all.

use super::numbers::{budget, count, part, statuses};
use crate::{CircuitBreaker, Concurrency, Config, Retry, Target, finding::Findings};

/// The most calls that may be under way at a target, or wait for one.
const MAX_CALLS: u32 = 10_000;

/// The longest first wait that is worth typing, in milliseconds.
const MAX_BACKOFF_MS: u64 = 60_000;

/// Checks the limits of the target that stands at `path`.
pub(super) fn check(path: &str, target: &Target, findings: &mut Findings) {
    if let Some(again) = &target.retry {
        retry(&format!("{path}.retry"), again, findings);
    }
    if let Some(circuit) = &target.circuit_breaker {
        breaker(&format!("{path}.circuit_breaker"), circuit, findings);
    }
    if let Some(limit) = &target.concurrency {
        concurrency(&format!("{path}.concurrency"), limit, findings);
    }
}

/// What all targets share.
pub(super) fn retry_budget(config: &Config, findings: &mut Findings) {
    let ratio = config.retry_budget.ratio;
    if !ratio.is_finite() || ratio < 0.0 {
        let message = format!("{ratio} is not how many retries a request gets");
        let help = "write a number from 0 on, such as 0.2: two retries for ten requests";
        findings.error("retry_budget.ratio", message, help);
    }
}

fn retry(path: &str, retry: &Retry, findings: &mut Findings) {
    count(format!("{path}.attempts"), retry.attempts.into(), 1, findings);
    statuses(&format!("{path}.on_status_codes"), &retry.on_status_codes, findings);
    count(format!("{path}.initial_backoff_ms"), retry.initial_backoff_ms, 100, findings);
    if retry.initial_backoff_ms > MAX_BACKOFF_MS {
        let message = format!("{} milliseconds is too long a first wait", retry.initial_backoff_ms);
        let help = format!("at most {MAX_BACKOFF_MS}; it doubles with each attempt");
        findings.error(format!("{path}.initial_backoff_ms"), message, help);
    }
    budget(format!("{path}.max_backoff"), Some(retry.max_backoff), findings);
    budget(format!("{path}.attempt_timeout"), retry.attempt_timeout, findings);
}

fn breaker(path: &str, breaker: &CircuitBreaker, findings: &mut Findings) {
    let counts = [
        ("failure_threshold", breaker.failure_threshold, 5),
        ("success_threshold", breaker.success_threshold, 1),
        ("max_half_threshold", breaker.max_half_threshold, 1),
    ];
    for (key, value, default) in counts {
        count(format!("{path}.{key}"), value.into(), default, findings);
    }
    budget(format!("{path}.timeout"), Some(breaker.timeout), findings);
    if let Some(rate) = breaker.failure_rate {
        part(format!("{path}.failure_rate"), rate, findings);
    }
    if breaker.minimum_requests == 0 {
        let help = "write 1 or more, or leave the key out for 20";
        findings.error(format!("{path}.minimum_requests"), "none is no share of none", help);
    }
    budget(format!("{path}.window"), Some(breaker.window), findings);
    budget(format!("{path}.max_timeout"), Some(breaker.max_timeout), findings);
}

fn concurrency(path: &str, limit: &Concurrency, findings: &mut Findings) {
    if let Some(calls) = limit.max_concurrency.filter(|calls| !(1..=MAX_CALLS).contains(calls)) {
        let help = format!("1 to {MAX_CALLS}; without the key there is no limit");
        findings.error(format!("{path}.max_concurrency"), format!("{calls} is out of range"), help);
    }
    if limit.queue_size > MAX_CALLS {
        let message = format!("{} is out of range", limit.queue_size);
        let help = format!("0, with which none waits, to {MAX_CALLS}");
        findings.error(format!("{path}.queue_size"), message, help);
    }
    budget(format!("{path}.queue_timeout"), Some(limit.queue_timeout), findings);
}
