//! What each request pays for breakers, limits, key pools, allowances and affinity where nothing is
//! wrong, in time and in allocations: `cargo bench -p ferro-engine`.

use std::{sync::Arc, time::Duration};

use divan::{AllocProfiler, Bencher, black_box};
use ferro_core::{
    CredentialSource, KeyId, Speaker, StaticCredential, Subject, TargetId, chat::ChatRequest,
    document::TextSample,
};
use ferro_engine::{
    affinity::{Affinity, TargetNumber, Trail},
    allowance::{Allowance, AllowanceSettings},
    breaker::{Breaker, BreakerSettings, Breakers},
    cooling::Cooling,
    gate::{Gate, GateSettings},
    hedge::{FirstTokens, HedgeSettings},
    keys::{KeyPool, Tried},
};
use tokio::time::Instant;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench(threads = [1, 2])]
fn a_closed_circuit_is_passed(bencher: Bencher<'_, '_>) {
    let now = Instant::now();
    let breaker = Arc::new(Breaker::new(BreakerSettings::default(), now));
    bencher.bench(|| breaker.admit(black_box(now)).map(|permit| permit.succeeded(now)).is_ok());
}

#[divan::bench(threads = [1, 2])]
fn a_closed_circuit_with_a_rate_is_passed(bencher: Bencher<'_, '_>) {
    let now = Instant::now();
    let settings = BreakerSettings { failure_rate: Some(0.5), ..Default::default() };
    let breaker = Arc::new(Breaker::new(settings, now));
    bencher.bench(|| breaker.admit(black_box(now)).map(|permit| permit.succeeded(now)).is_ok());
}

#[divan::bench(args = [false, true])]
fn a_targets_closed_circuits_are_passed(bencher: Bencher<'_, '_>, is_per_model: bool) {
    let now = Instant::now();
    let breakers = Breakers::new(BreakerSettings::default(), is_per_model, now);
    bencher.bench(|| breakers.admit(black_box("m"), now).map(|it| it.succeeded(now)).is_ok());
}

#[divan::bench]
fn an_open_circuit_refuses(bencher: Bencher<'_, '_>) {
    let now = Instant::now();
    let settings = BreakerSettings { consecutive: 1, ..Default::default() };
    let breaker = Arc::new(Breaker::new(settings, now));
    breaker.admit(now).expect("it is closed").failed(now, 7);
    bencher.bench(|| breaker.admit(black_box(now)).is_err());
}

#[divan::bench(threads = [1, 2])]
fn a_gate_is_entered_and_left(bencher: Bencher<'_, '_>) {
    let settings = GateSettings { limit: 100, queue_size: 100, queue_timeout: None };
    let gate = Arc::new(Gate::new(settings));
    bencher.bench(|| gate.try_enter().is_some());
}

#[divan::bench]
fn a_target_is_not_cooling(bencher: Bencher<'_, '_>) {
    let now = Instant::now();
    let cooling = Cooling::new(now);
    bencher.bench(|| cooling.is_cooling(black_box(now)));
}

#[divan::bench(args = [1, 4, 64])]
fn a_key_is_drawn(bencher: Bencher<'_, '_>, keys: usize) {
    let now = Instant::now();
    let source = || Arc::new(StaticCredential::default()) as Arc<dyn CredentialSource>;
    let keys = (0..keys).map(|_| (source(), 1.0)).collect();
    let pool = KeyPool::new(keys, now).expect("so many are possible");
    bencher.bench(|| pool.pick(Tried::default(), black_box(7), now));
}

#[divan::bench(threads = [1, 2])]
fn a_request_is_counted_for_the_allowance(bencher: Bencher<'_, '_>) {
    let now = Instant::now();
    let allowance = Allowance::new(AllowanceSettings::RETRIES, now);
    bencher.bench(|| allowance.requested(black_box(now)));
}

#[divan::bench]
fn a_first_tokens_time_is_learned(bencher: Bencher<'_, '_>) {
    let now = Instant::now();
    let times = FirstTokens::new(now);
    bencher.bench(|| times.took(black_box(now), Duration::from_millis(300)));
}

#[divan::bench]
fn a_hedges_delay_is_known(bencher: Bencher<'_, '_>) {
    let now = Instant::now();
    let (times, settings) = (FirstTokens::new(now), HedgeSettings::default());
    (0..500).for_each(|n| times.took(now, Duration::from_millis(n)));
    bencher.bench(|| times.delay(black_box(now), &settings));
}

/// Prompts of so many bytes.
const PROMPTS: [usize; 3] = [2_000, 100_000, 1_000_000];

#[divan::bench(args = PROMPTS)]
fn a_prompts_trail_is_taken(bencher: Bencher<'_, '_>, bytes: usize) {
    let (affinity, text) = (affinity(), "0123456789".repeat(bytes / 10));
    let tenant = KeyId::from("team");
    bencher.bench(|| trail(&affinity, &tenant, black_box(&text)));
}

#[divan::bench(args = PROMPTS)]
fn a_known_prompt_is_recalled(bencher: Bencher<'_, '_>, bytes: usize) {
    let (affinity, now) = (affinity(), Instant::now());
    let trail = trail(&affinity, &KeyId::from("team"), &"0123456789".repeat(bytes / 10));
    affinity.remember(&trail, TargetNumber::of(&TargetId::from("east")), now);
    bencher.bench(|| affinity.recall(black_box(&trail), now));
}

#[divan::bench(args = PROMPTS)]
fn an_unknown_prompt_is_not_recalled(bencher: Bencher<'_, '_>, bytes: usize) {
    let (affinity, now) = (affinity(), Instant::now());
    let trail = trail(&affinity, &KeyId::from("team"), &"0123456789".repeat(bytes / 10));
    bencher.bench(|| affinity.recall(black_box(&trail), now));
}

#[divan::bench(args = PROMPTS)]
fn a_prompt_is_remembered(bencher: Bencher<'_, '_>, bytes: usize) {
    let (affinity, now) = (affinity(), Instant::now());
    let trail = trail(&affinity, &KeyId::from("team"), &"0123456789".repeat(bytes / 10));
    let target = TargetNumber::of(&TargetId::from("east"));
    bencher.bench(|| affinity.remember(black_box(&trail), target, now));
}

/// What a stream pays for an estimate that it may need, where its request is large.
#[divan::bench(args = [100_000, 1_000_000])]
fn a_large_request_is_sampled(bencher: Bencher<'_, '_>, bytes: usize) {
    let request = large(bytes);
    bencher.bench(|| TextSample::of(&black_box(&request).doc().to_rope()));
}

/// What it would pay to count then.
#[divan::bench(args = [100_000, 1_000_000])]
fn a_large_request_is_counted(bencher: Bencher<'_, '_>, bytes: usize) {
    let request = large(bytes);
    bencher.with_inputs(|| request.clone()).bench_values(|request| request.prompt_tokens());
}

/// A chat of so many bytes, in many turns.
fn large(bytes: usize) -> ChatRequest {
    const TURN: &str = r#"{"role":"user","content":"Look at this, please:\n\n```rust\nfn main() {\n    println!(\"{}\", 1 + 1);\n}\n```\nThe rest of the file is as it was before the change."}"#;
    let turns = vec![TURN; bytes.div_ceil(TURN.len())].join(",");
    let body = format!(r#"{{"model":"m","stream":true,"messages":[{turns}]}}"#);
    ChatRequest::parse(body.into_bytes()).expect("it is a chat")
}

fn affinity() -> Affinity {
    Affinity::new(Affinity::LIFETIME, 7, Instant::now())
}

fn trail(affinity: &Affinity, tenant: &KeyId, text: &str) -> Trail {
    let mut trail = affinity.trail(Some(tenant), "model");
    trail.text(Speaker::User, text);
    trail
}
