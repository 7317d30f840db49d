//! A second target is started while the first is slow to begin.

use std::{sync::Arc, time::Duration};

use ferro_core::{Price, Why};
use ferro_engine::{
    Hedging, Parts,
    allowance::{Allowance, AllowanceSettings},
    hedge::HedgeSettings,
};
use tokio::time::Instant;

use crate::scenario::{Running, Said, Scenario};

const A: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
const B: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n";

/// Hedges as soon as one first token was seen, as often as `share` of the requests.
fn hedging(share: f64) -> impl FnOnce(&mut Parts) + 'static {
    move |parts| {
        let settings = AllowanceSettings { share, ..AllowanceSettings::HEDGES };
        parts.default_route.hedging = Some(Hedging {
            settings: HedgeSettings { least_samples: 1, ..HedgeSettings::default() },
            allowance: Arc::new(Allowance::new(settings, Instant::now())),
        });
    }
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

#[tokio::test(start_paused = true)]
async fn where_both_fail_nobody_is_asked_twice_and_the_next_is_asked() {
    let a = vec![Said::Events(vec![A]), Said::LateRefusal(503)];
    let targets = [("a", a), ("b", vec![Said::Refusal(503)]), ("c", vec![Said::Events(vec![B])])];
    let running = Scenario::new(targets).with(hedging(1.0)).start();
    drop(running.ask(true).await.unwrap());
    let answer = running.ask(true).await.unwrap();
    assert_eq!(answer.target.as_deref(), Some("c"));
    drop(answer);
    let record = running.records().pop().unwrap();
    let asked: Vec<_> = record.attempts.iter().map(|attempt| attempt.target.as_str()).collect();
    assert_eq!(asked, ["a", "b", "c"]);
}
