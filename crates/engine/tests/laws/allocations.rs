//! What each request passes costs no allocation where nothing is wrong.

use std::{sync::Arc, time::Duration};

use allocation_counter::measure;
use ferro_core::{CredentialSource, KeyId, Speaker, StaticCredential, TargetId};
use ferro_engine::{
    affinity::{Affinity, TargetNumber},
    allowance::{Allowance, AllowanceSettings},
    breaker::{Blame, BreakerSettings, Breakers},
    cooling::Cooling,
    gate::{Gate, GateSettings},
    hedge::{FirstTokens, HedgeSettings},
    keys::{KeyPool, Tried},
};
use tokio::time::Instant;

/// How often each thing is done.
const TIMES: u64 = 200;

#[test]
fn a_circuit_a_gate_and_a_key_are_passed_without_allocating() {
    let now = Instant::now();
    let settings = BreakerSettings { failure_rate: Some(0.5), ..Default::default() };
    let circuits = [false, true].map(|per_model| Breakers::new(settings, per_model, now));
    let limits = GateSettings { limit: 2, queue_size: 10, queue_timeout: None };
    let gate = Arc::new(Gate::new(limits));
    let source = || Arc::new(StaticCredential::default()) as Arc<dyn CredentialSource>;
    let keys = KeyPool::new((0..9).map(|_| (source(), 1.0)).collect(), now).unwrap();
    let cooling = Cooling::new(now);
    let pass = |roll: u64| {
        for breakers in &circuits {
            breakers.admit("m", now).unwrap().succeeded(now);
        }
        assert!(gate.try_enter().is_some());
        assert!(keys.pick(Tried::default(), roll, now).is_ok());
        assert!(cooling.is_cooling(now).is_none());
    };
    pass(0);
    assert_eq!(measure(|| (0..TIMES).for_each(pass)).count_total, 0);
}

#[test]
fn an_open_circuit_refuses_without_allocating() {
    let now = Instant::now();
    let breakers = Breakers::new(BreakerSettings::default(), false, now);
    (0..5).for_each(|_| {
        breakers.admit("m", now).unwrap().failed(Blame::Target, now, 0);
    });
    let refuse = |_| assert!(breakers.admit("m", now).is_err());
    assert_eq!(measure(|| (0..TIMES).for_each(refuse)).count_total, 0);
}

#[test]
fn requests_and_first_tokens_are_counted_without_allocating() {
    let now = Instant::now();
    let allowance = Allowance::new(AllowanceSettings::RETRIES, now);
    let (times, settings) = (FirstTokens::new(now), HedgeSettings::default());
    let count = |n: u64| {
        allowance.requested(now);
        allowance.spend(now);
        times.took(now, Duration::from_millis(n));
        times.delay(now, &settings);
    };
    assert_eq!(measure(|| (0..TIMES).for_each(count)).count_total, 0);
}

#[test]
fn a_prompt_is_recalled_and_remembered_without_allocating() {
    let now = Instant::now();
    let affinity = Affinity::new(Affinity::LIFETIME, 7, now);
    let (tenant, text) = (KeyId::from("tenant"), "All the same. ".repeat(10_000));
    let target = TargetNumber::of(&TargetId::from("east"));
    let ask = |_| {
        let mut trail = affinity.trail(Some(&tenant), "m");
        trail.text(Speaker::User, &text);
        trail.session("session");
        affinity.remember(&trail, target, now);
        assert!(affinity.recall(&trail, now).is_some());
    };
    assert_eq!(measure(|| (0..TIMES).for_each(ask)).count_total, 0);
}
