//! A second target is started while the first is slow to begin.

use std::{sync::Arc, time::Duration};

use ferro_core::{ErrorKind, Outcome, Price, Why};
use ferro_engine::{
    Hedging, Parts, Retry,
    allowance::{Allowance, AllowanceSettings},
    breaker::BreakerSettings,
    gate::GateSettings,
    hedge::HedgeSettings,
};
use tokio::time::{Instant, advance, timeout};

use crate::scenario::{A, Running, Said, Scenario};

const B: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n";

/// Hedges as soon as one first token was seen, as often as `share` of the requests.
pub(crate) fn hedging(share: f64) -> impl FnOnce(&mut Parts) + 'static {
    move |parts| {
        let settings = AllowanceSettings { share, ..AllowanceSettings::HEDGES };
        parts.default_route.hedging = Some(Hedging {
            settings: HedgeSettings { least_samples: 1, ..HedgeSettings::default() },
            allowance: Arc::new(Allowance::new(settings, Instant::now())),
        });
    }
}

/// The same, after a second.
fn late(said: Said) -> Said {
    Said::Late(Box::new(said))
}

/// Two requests, of which the second finds the first target slow.
async fn second_is_slow(a: Said, b: Said, share: f64) -> (Running, String) {
    let targets = [("a", vec![Said::Events(vec![A]), a]), ("b", vec![b])];
    let running = Scenario::new(targets).with(hedging(share)).start();
    drop(running.ask(true).await.unwrap());
    let answer = running.ask(true).await.unwrap();
    let ferro_engine::AnswerBody::Stream(events) = answer.body else { panic!("a stream") };
    let frames: Vec<_> = futures_util::StreamExt::collect(events).await;
    let text: Vec<_> = frames.into_iter().map(|frame| frame.unwrap().bytes).collect();
    (running, String::from_utf8(text.concat()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn whoever_begins_first_answers_and_both_are_recorded_and_paid_for() {
    let (running, text) = second_is_slow(Said::Silence, Said::Events(vec![B]), 1.0).await;
    assert_eq!(text, B);
    let record = running.records().pop().unwrap();
    let whys: Vec<_> = record.attempts.iter().map(|a| (a.target.as_str(), a.why)).collect();
    assert_eq!(whys, [("a", Why::First), ("b", Why::Hedge)]);
    assert_eq!(record.target.as_deref(), Some("b"));
    let hedge = record.decision.as_ref().unwrap().hedge.unwrap();
    assert!(hedge.won && hedge.after >= Duration::from_millis(200), "{hedge:?}");
    // Ten tokens read at each, and one written.
    let Price::Priced(cost) = record.price else { panic!("{:?}", record.price) };
    assert_eq!((cost.input.nanos(), cost.output.nanos()), (20, 2));
}

#[tokio::test(start_paused = true)]
async fn the_first_may_still_win() {
    let slow = Said::Slow(vec![A]);
    let (running, text) = second_is_slow(slow, Said::Silence, 1.0).await;
    assert_eq!(text, A);
    let record = running.records().pop().unwrap();
    assert_eq!((record.attempts.len(), record.target.as_deref()), (2, Some("a")));
    assert!(!record.decision.as_ref().unwrap().hedge.unwrap().won);
}

#[tokio::test(start_paused = true)]
async fn a_second_target_that_fails_leaves_the_first_its_time() {
    let (running, text) = second_is_slow(Said::Slow(vec![A]), Said::Refusal(503), 1.0).await;
    assert_eq!(text, A);
    assert_eq!(running.records().pop().unwrap().target.as_deref(), Some("a"));
}

#[tokio::test(start_paused = true)]
async fn hedges_are_a_share_of_the_requests() {
    let (running, text) = second_is_slow(Said::Slow(vec![A]), Said::Events(vec![B]), 0.05).await;
    assert_eq!(text, A, "one in twenty, and these are two");
    assert_eq!(running.records().pop().unwrap().attempts.len(), 1);
}

/// The circuits of all targets, which open at the first failure.
fn circuits(running: &Running) -> Vec<Option<u8>> {
    running.engine.targets().iter().map(|target| target.standing_now().circuit).collect()
}

fn opens_at_once() -> BreakerSettings {
    BreakerSettings { consecutive: 1, ..BreakerSettings::default() }
}

/// What became of the calls of a request.
fn calls(running: &Running, request: usize) -> Vec<(String, Option<ErrorKind>)> {
    let records = running.records();
    let made = records[request].attempts.iter();
    made.map(|attempt| (attempt.target.to_string(), attempt.error)).collect()
}

fn call(target: &str, error: Option<ErrorKind>) -> (String, Option<ErrorKind>) {
    (target.to_owned(), error)
}

#[tokio::test(start_paused = true)]
async fn where_both_fail_nobody_is_asked_twice_and_the_next_is_asked() {
    // Whichever of the two fails first.
    for b in [Said::Refusal(500), late(Said::Refusal(500))] {
        let a = vec![Said::Events(vec![A]), late(Said::Refusal(503))];
        let targets = [("a", a), ("b", vec![b]), ("c", vec![Said::Events(vec![B])])];
        let scenario = Scenario::new(targets).with(hedging(1.0));
        let running = scenario.circuit(opens_at_once()).start();
        drop(running.ask(true).await.unwrap());
        let answer = running.ask(true).await.unwrap();
        assert_eq!(answer.target.as_deref(), Some("c"));
        drop(answer);
        let (over, broken) = (Some(ErrorKind::Overloaded), Some(ErrorKind::Unavailable));
        assert_eq!(calls(&running, 1), [call("a", over), call("b", broken), call("c", None)]);
        assert_eq!(circuits(&running), [Some(1), Some(1), Some(0)]);
    }
}

#[tokio::test(start_paused = true)]
async fn whichever_of_the_two_fails_is_to_blame_and_the_other_answers() {
    let answers = || late(Said::Events(vec![A]));
    let fails = || late(Said::Refusal(503));
    let over = Some(ErrorKind::Overloaded);
    for (a, b, failed) in [(answers(), Said::Refusal(503), "b"), (fails(), answers(), "a")] {
        let targets = [("a", vec![Said::Events(vec![A]), a]), ("b", vec![b])];
        let scenario = Scenario::new(targets).with(hedging(1.0));
        let running = scenario.circuit(opens_at_once()).start();
        drop(running.ask(true).await.unwrap());
        let answer = running.ask(true).await.unwrap();
        assert_ne!(answer.target.as_deref(), Some(failed));
        drop(answer);
        let expected = ["a", "b"].map(|name| call(name, over.filter(|_| name == failed)));
        assert_eq!(calls(&running, 1), expected);
        let open = ["a", "b"].map(|name| Some(u8::from(name == failed)));
        assert_eq!(circuits(&running), open);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_in_one_piece_is_asked_for_once_however_slow_it_is() {
    let a = vec![Said::Events(vec![A]), late(Said::Whole("{}"))];
    let running = Scenario::new([("a", a), ("b", vec![])]).with(hedging(1.0)).start();
    drop(running.ask(true).await.unwrap());
    running.ask(false).await.unwrap();
    assert_eq!(calls(&running, 1), [call("a", None)]);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_breaks_off_after_another_was_abandoned_is_its_own_targets_failure() {
    let a = vec![Said::Events(vec![A]), late(Said::Broken(vec![A]))];
    let running = Scenario::new([("a", a), ("b", vec![Said::Silence])]).with(hedging(1.0)).start();
    drop(running.ask(true).await.unwrap());
    assert!(running.read().await.1.is_some());
    assert_eq!(calls(&running, 1), [call("a", Some(ErrorKind::Interrupted)), call("b", None)]);
}

#[tokio::test(start_paused = true)]
async fn who_has_failed_as_a_hedge_is_not_hedged_with_again() {
    let retry = Retry { attempts: 2, backoff: Duration::ZERO, ..Retry::default() };
    let a = vec![Said::Events(vec![A]), late(Said::Refusal(503)), Said::Silence];
    let targets = [("a", a), ("b", vec![Said::Refusal(503)]), ("c", vec![Said::Events(vec![B])])];
    let running = Scenario::new(targets).retry(&retry).with(hedging(2.0)).start();
    drop(running.ask(true).await.unwrap());
    assert_eq!(running.ask(true).await.unwrap().target.as_deref(), Some("c"));
    let record = running.records().pop().unwrap();
    let asked: Vec<_> = record.attempts.iter().map(|attempt| attempt.target.as_str()).collect();
    assert_eq!(asked, ["a", "b", "a", "c"]);
}

#[tokio::test(start_paused = true)]
async fn a_hedge_that_nobody_can_take_is_not_spent() {
    let span = Duration::from_secs(5);
    let breaker =
        BreakerSettings { consecutive: 1, open_for: span, longest: span, ..Default::default() };
    let a = vec![Said::Refusal(404), Said::Events(vec![A]), Said::Slow(vec![A]), Said::Silence];
    let b = vec![Said::Refusal(503), Said::Events(vec![B])];
    // Three requests have one hedge between them, and so have four.
    let running = Scenario::new([("a", a), ("b", b)]).with(hedging(0.4)).circuit(breaker).start();
    drop(running.ask(true).await);
    assert_eq!(running.engine.targets()[1].standing_now().circuit, Some(1), "b has failed");
    for _ in 0..2 {
        drop(running.ask(true).await.unwrap());
    }
    assert_eq!(running.records()[2].attempts.len(), 1, "nobody else can be asked");
    advance(span).await;
    assert_eq!(running.ask(true).await.unwrap().target.as_deref(), Some("b"));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_while_two_are_asked_blames_nobody_and_gives_both_places_back() {
    let breaker = BreakerSettings { consecutive: 1, ..BreakerSettings::default() };
    let a = vec![Said::Events(vec![A]), Said::Silence];
    let targets = [("a", a), ("b", vec![Said::Silence])];
    let running = Scenario::new(targets).with(hedging(1.0)).circuit(breaker).start();
    drop(running.ask(true).await.unwrap());
    assert!(timeout(Duration::from_secs(1), running.ask(true)).await.is_err());
    let record = running.records().pop().unwrap();
    assert_eq!((record.outcome, record.price), (Outcome::Cancelled, Price::NoUsage));
    let errors: Vec<_> = record.attempts.iter().map(|a| (a.target.as_str(), a.error)).collect();
    assert_eq!(errors, [("a", None), ("b", None)]);
    assert!(!record.decision.as_ref().unwrap().hedge.unwrap().won);
    for target in running.engine.targets() {
        let now = target.standing_now();
        assert_eq!((now.circuit, now.in_flight), (Some(0), 0), "{}", target.id());
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_is_abandoned_is_neither_blamed_nor_praised_and_has_its_place_free() {
    let breaker = BreakerSettings { consecutive: 1, ..BreakerSettings::default() };
    let gate = GateSettings { limit: 1, queue_size: 0, queue_timeout: None };
    for a in [Said::Silence, Said::Slow(vec![A])] {
        let first_wins = matches!(a, Said::Slow(_));
        let b = if first_wins { Said::Silence } else { Said::Events(vec![B]) };
        let targets = [("a", vec![Said::Events(vec![A]), a]), ("b", vec![b])];
        let scenario = Scenario::new(targets).with(hedging(1.0)).circuit(breaker);
        let running = scenario.targets_with(move |parts| parts.gate = Some(gate)).start();
        drop(running.ask(true).await.unwrap());
        let answer = running.ask(true).await.unwrap();
        let under_way = running.engine.targets().iter().map(|t| t.standing_now());
        let under_way: Vec<_> = under_way.map(|now| (now.circuit, now.in_flight)).collect();
        let (free, reads) = ((Some(0), 0), (Some(0), 1));
        assert_eq!(under_way, if first_wins { [reads, free] } else { [free, reads] });
        drop(answer);
    }
}

#[tokio::test(start_paused = true)]
async fn how_long_was_waited_in_vain_moves_the_time_after_which_another_is_asked() {
    let a = vec![Said::Events(vec![A]), Said::Silence, Said::Silence];
    let targets = [("a", a), ("b", vec![Said::Events(vec![B]), Said::Events(vec![B])])];
    let running = Scenario::new(targets).with(hedging(1.0)).start();
    for _ in 0..3 {
        drop(running.ask(true).await.unwrap());
    }
    let records = running.records();
    let after = |n: usize| records[n].decision.as_ref().unwrap().hedge.unwrap().after;
    assert_eq!(after(1), Duration::from_millis(200), "the earliest");
    assert!(after(2) > after(1), "{:?}: its first tokens take longer than that", after(2));
}

#[tokio::test(start_paused = true)]
async fn who_has_failed_as_a_hedge_is_passed_over_when_its_turn_comes() {
    let a = vec![Said::Events(vec![A]), late(Said::Refusal(503))];
    let targets = [("a", a), ("b", vec![Said::Refusal(503)]), ("c", vec![Said::Events(vec![B])])];
    let running = Scenario::new(targets).with(hedging(1.0)).start();
    drop(running.ask(true).await.unwrap());
    assert_eq!(running.ask(true).await.unwrap().target.as_deref(), Some("c"));
}
