//! Which targets are left alone, for how long, and what the record tells of it.

use std::time::Duration;

use ferro_core::{Fate, Outcome, Record, Why};
use ferro_engine::{Kept, Retry, Target, breaker::BreakerSettings, gate::GateSettings};
use tokio::time::{Instant, advance};

use crate::scenario::{Said, Scenario};

const A: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";

/// Opens at the first failure, for exactly ten seconds.
fn at_once() -> BreakerSettings {
    let span = Duration::from_secs(10);
    BreakerSettings { consecutive: 1, open_for: span, longest: span, ..BreakerSettings::default() }
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_says_when_it_is_probed_and_one_probe_is_enough() {
    let said = vec![Said::Refusal(503), Said::Whole("{}"), Said::Whole("{}")];
    let running = Scenario::new([("t", said)]).circuit(at_once()).start();
    running.ask(false).await.err().unwrap();
    advance(Duration::from_millis(2_500)).await;
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (503, "upstream_unavailable"));
    assert_eq!(problem.retry_after, Some(Duration::from_secs(8)), "7.5 s, rounded up");
    let records = running.records();
    let decision = records[1].decision.as_ref().unwrap();
    assert_eq!(decision.considered[0].fate, Fate::Open(Duration::from_millis(7_500)));
    assert_eq!((records[1].outcome, records[1].attempts.len()), (Outcome::Failed, 0));
    advance(Duration::from_secs(8)).await;
    running.ask(false).await.unwrap();
    running.ask(false).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_judged_at_its_end_and_by_nobody_if_its_client_leaves() {
    let said = || vec![Said::Stalled(vec![A]), Said::Broken(vec![A]), Said::Whole("{}")];
    let running = Scenario::new([("t", said())]).circuit(at_once()).start();
    drop(running.ask(true).await.unwrap());
    let (text, problem) = running.read().await;
    assert_eq!((text.as_str(), problem.is_some()), (A, true));
    assert_eq!(running.ask(false).await.err().unwrap().status.as_u16(), 503);
}

#[tokio::test(start_paused = true)]
async fn a_probe_whose_client_leaves_gives_its_place_to_the_next() {
    let said = vec![Said::Refusal(503), Said::Stalled(vec![A]), Said::Whole("{}")];
    let running = Scenario::new([("t", said)]).circuit(at_once()).start();
    running.ask(false).await.err().unwrap();
    advance(Duration::from_secs(10)).await;
    let probe = running.ask(true).await.unwrap();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!(problem.retry_after, Some(Duration::from_secs(1)), "it is being probed");
    drop(probe);
    running.ask(false).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failure_of_the_target() {
    let running = Scenario::new([("t", vec![Said::Panic])]).circuit(at_once()).start();
    let asked = std::panic::AssertUnwindSafe(running.ask(false));
    futures_util::FutureExt::catch_unwind(asked).await.err().unwrap();
    assert_eq!(running.ask(false).await.err().unwrap().status.as_u16(), 503);
}

#[tokio::test(start_paused = true)]
async fn a_limited_target_is_cooled_for_as_long_as_it_asks_and_its_circuit_stays_closed() {
    let wait = Duration::from_secs(2);
    let a = vec![Said::RefusalFor(429, wait), Said::Whole("{}")];
    let b = vec![Said::Whole("{}"), Said::Whole("{}")];
    let running = Scenario::new([("a", a), ("b", b)]).circuit(at_once()).start();
    for (after, expected) in [(0, "b"), (1, "b"), (1, "a")] {
        advance(Duration::from_secs(after)).await;
        let answer = running.ask(false).await.unwrap();
        assert_eq!(answer.target.as_deref(), Some(expected));
    }
    let records = running.records();
    let fates: Vec<_> = records[1].decision.as_ref().unwrap().considered.iter().collect();
    assert_eq!(fates[0].fate, Fate::Cooling(Duration::from_secs(1)));
    assert_eq!(fates[1].fate, Fate::Asked);
    assert_eq!(records[0].attempts[1].why, Why::NextTarget);
}

#[tokio::test(start_paused = true)]
async fn a_full_target_is_passed_over_and_waited_for_when_all_are_full() {
    let gate =
        GateSettings { limit: 1, queue_size: 1, queue_timeout: Some(Duration::from_secs(5)) };
    let said = || vec![Said::Stalled(vec![A]), Said::Whole("{}")];
    let running = Scenario::new([("a", said()), ("b", said())])
        .targets_with(move |parts| parts.gate = Some(gate))
        .start();
    let first = running.ask(true).await.unwrap();
    let second = running.ask(true).await.unwrap();
    assert_eq!((first.target.as_deref(), second.target.as_deref()), (Some("a"), Some("b")));
    let begun = Instant::now();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (429, "provider_saturated"));
    assert_eq!(problem.retry_after, Some(Duration::from_secs(1)));
    assert_eq!(begun.elapsed(), Duration::from_secs(10), "five seconds at each");
    let (waiting, ()) = tokio::join!(running.ask(false), async {
        advance(Duration::from_secs(1)).await;
        drop(first);
    });
    assert_eq!(waiting.unwrap().target.as_deref(), Some("a"));
    let records = running.records();
    let waited = records.iter().find(|record| record.outcome == Outcome::Served).unwrap();
    assert!(waited.attempts[0].waited >= Duration::from_secs(1), "{waited:?}");
    let fates = |record: &Record| -> Vec<Fate> {
        record.decision.as_ref().unwrap().considered.iter().map(|c| c.fate).collect()
    };
    assert_eq!(fates(waited), [Fate::Asked, Fate::Saturated]);
    drop(second);
    let records = running.records();
    let second = records.last().unwrap();
    assert_eq!(fates(second), [Fate::Saturated, Fate::Asked], "the first was passed over");
}

#[tokio::test(start_paused = true)]
async fn what_is_known_of_a_target_outlives_its_configuration_as_far_as_it_still_holds() {
    let said = vec![Said::Refusal(503)];
    let running = Scenario::new([("t", said)]).circuit(at_once()).start();
    running.ask(false).await.err().unwrap();
    let old = &running.engine.targets()[0];
    let metrics = running.engine.metrics();
    let succeeding = |is_same_place| {
        let kept = Kept { is_same_place, keys: vec![Some(0)] };
        let mut parts = old.parts().clone();
        parts.circuit.iter_mut().for_each(|circuit| circuit.breaker.consecutive = 7);
        Target::succeeding(parts, metrics, old, &kept).standing_now().circuit
    };
    assert_eq!((succeeding(true), succeeding(false)), (Some(1), Some(0)));
}

#[tokio::test(start_paused = true)]
async fn retries_are_a_share_of_what_is_asked() {
    let retry = Retry { attempts: 2, ..Retry::default() };
    let said = (0..200).map(|_| Said::Refusal(503)).collect();
    let running = Scenario::new([("t", said)]).retry(&retry).start();
    for _ in 0..100 {
        running.ask(false).await.err().unwrap();
    }
    let calls: usize = running.records().iter().map(|record| record.attempts.len()).sum();
    assert!((120..=160).contains(&calls), "{calls} calls of 100 requests");
}
