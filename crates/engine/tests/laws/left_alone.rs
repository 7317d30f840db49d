//! Which targets are left alone, for how long, and what the record tells of it.

use std::time::Duration;

use ferro_core::{
    Delta, ErrorKind, Fate, Flow, GuardContext, Outcome, Plugin, Record, Stage, Tap, TapSession,
    Why,
};
use ferro_engine::{
    AnswerBody, CircuitSettings, Kept, Retry, Target, breaker::BreakerSettings, gate::GateSettings,
};
use futures_util::{StreamExt, poll};
use tokio::time::{Instant, advance};

use crate::scenario::{A, Said, Scenario};

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
    let said = vec![Said::Refusal(503), Said::Silence, Said::Whole("{}")];
    let running = Scenario::new([("t", said)]).circuit(at_once()).start();
    running.ask(false).await.err().unwrap();
    advance(Duration::from_secs(10)).await;
    let mut probe = Box::pin(running.ask(true));
    assert!(poll!(probe.as_mut()).is_pending());
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!(problem.retry_after, Some(Duration::from_secs(1)), "it is being probed");
    drop(probe);
    running.ask(false).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_probe_whose_reader_never_reads_keeps_nobody_out() {
    let said = vec![Said::Refusal(503), Said::Stalled(vec![A]), Said::Whole("{}")];
    let running = Scenario::new([("t", said)]).circuit(at_once()).start();
    running.ask(false).await.err().unwrap();
    advance(Duration::from_secs(10)).await;
    let _unread = running.ask(true).await.unwrap();
    running.ask(false).await.unwrap();
    assert_eq!(running.engine.targets()[0].standing_now().circuit, Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_breaks_off_opens_the_circuit_again_although_it_had_begun() {
    let said = vec![Said::Refusal(503), Said::Broken(vec![A])];
    let running = Scenario::new([("t", said)]).circuit(at_once()).start();
    running.ask(false).await.err().unwrap();
    advance(Duration::from_secs(10)).await;
    assert!(running.read().await.1.is_some());
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!(problem.retry_after, Some(Duration::from_secs(10)));
}

#[tokio::test(start_paused = true)]
async fn clients_are_told_of_longer_and_longer_times_while_probes_fail_and_of_the_first_after_it() {
    let longest = Duration::from_secs(60);
    let said = [503, 503, 503, 503].map(Said::Refusal).into_iter();
    let said = said.chain([Said::Whole("{}"), Said::Refusal(503)]).collect();
    let settings = BreakerSettings { longest, ..at_once() };
    let running = Scenario::new([("t", said)]).circuit(settings).start();
    let mut told = Vec::new();
    for _ in 0..4 {
        running.ask(false).await.err().unwrap();
        let wait = running.ask(false).await.err().unwrap().retry_after.unwrap();
        told.push(wait.as_secs());
        advance(wait).await;
    }
    for (told, range) in told.iter().zip([10..=13, 20..=25, 40..=50, 45..=60]) {
        assert!(range.contains(told), "{told} is not in {range:?}");
    }
    running.ask(false).await.unwrap();
    running.ask(false).await.err().unwrap();
    let again = running.ask(false).await.err().unwrap().retry_after.unwrap();
    assert!((10..=13).contains(&again.as_secs()), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_lets_the_time_of_a_whole_request_pass_has_failed_and_nobody_else_is_asked() {
    let limit = Duration::from_secs(5);
    let running = Scenario::new([("a", vec![Said::Silence]), ("b", vec![Said::Whole("{}")])])
        .request_timeout(limit)
        .circuit(at_once())
        .start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (504, "gateway_timeout"));
    let record = running.record();
    let kinds: Vec<_> = record.attempts.iter().map(|attempt| attempt.error).collect();
    assert_eq!(kinds, [Some(ErrorKind::TotalTimeout)]);
    let circuits = running.engine.targets().iter().map(|target| target.standing_now().circuit);
    assert_eq!(circuits.collect::<Vec<_>>(), [Some(1), Some(0)]);
    assert_eq!(running.ask(false).await.unwrap().target.as_deref(), Some("b"));
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
    assert_eq!(begun.elapsed(), Duration::from_secs(5), "at both at once");
    let fates = running.records()[0].decision.as_ref().unwrap().considered.clone();
    assert!(fates.iter().all(|considered| considered.fate == Fate::Saturated), "{fates:?}");
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
async fn what_limits_a_stream_in_its_middle_takes_an_only_target_from_nobody() {
    let said = || vec![Said::Limited(vec![A]), Said::Whole("{}")];
    let alone = Scenario::new([("t", said())]).start();
    assert!(alone.read().await.1.is_some());
    alone.ask(false).await.unwrap();

    let running = Scenario::new([("a", said()), ("b", said().split_off(1))]).start();
    assert!(running.read().await.1.is_some());
    assert_eq!(running.ask(false).await.unwrap().target.as_deref(), Some("b"), "it rests");
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_was_cut_and_is_still_held_takes_up_no_place() {
    let gate = GateSettings { limit: 1, queue_size: 0, queue_timeout: None };
    let running = Scenario::new([("t", vec![Said::Broken(vec![A]), Said::Whole("{}")])])
        .targets_with(move |parts| parts.gate = Some(gate))
        .plugin(Stage::AfterRequest, Cuts)
        .start();
    let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else { panic!() };
    while events.next().await.unwrap().is_ok() {}
    assert_eq!(running.ask(false).await.err().unwrap().status.as_u16(), 502, "it was asked");
    drop(events);
}

/// Policy that lets nothing pass.
struct Cuts;

impl Plugin for Cuts {
    fn name(&self) -> &'static str {
        "cuts"
    }

    fn tap(&self) -> Option<&dyn Tap> {
        Some(self)
    }
}

impl Tap for Cuts {
    fn open(&self, _: &GuardContext<'_>) -> Box<dyn TapSession> {
        Box::new(Self)
    }
}

impl TapSession for Cuts {
    fn event(&mut self, _: &mut dyn Delta, _: Instant) -> Flow {
        Flow::Cut { reason: "scripted".to_owned() }
    }

    fn end(&mut self) -> Flow {
        Flow::Cut { reason: "scripted".to_owned() }
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_that_is_silent_is_left_alone_and_does_not_vouch_for_its_target() {
    let circuit = CircuitSettings { breaker: at_once(), per_model: true };
    let said = vec![Said::Unreachable, Said::Silence, Said::Whole("{}")];
    let retry = Retry { attempt_timeout: Some(Duration::from_secs(1)), ..Retry::default() };
    let running = Scenario::new([("t", said)])
        .retry(&retry)
        .targets_with(move |parts| parts.circuit = Some(circuit))
        .start();
    let state = || running.engine.targets()[0].standing_now().circuit;
    running.ask(false).await.err().unwrap();
    assert_eq!(state(), Some(1), "whoever cannot be reached cannot be reached for any model");
    assert_eq!(running.ask_for("other").await.err().unwrap().status.as_u16(), 503);
    advance(Duration::from_secs(10)).await;
    assert_eq!(running.ask(false).await.err().unwrap().status.as_u16(), 504);
    assert_eq!(state(), Some(2), "nobody knows yet whether it is well");
    assert_eq!(running.ask(false).await.err().unwrap().status.as_u16(), 503);
    running.ask_for("other").await.unwrap();
    assert_eq!(state(), Some(0));
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
