//! Several keys of one target: which is shown, which rests, and what that may cost.

use std::{sync::Arc, time::Duration};

use ferro_core::{ErrorKind, Fate, Why};
use ferro_engine::{
    AnswerBody, Retry,
    allowance::{Allowance, AllowanceSettings},
};
use tokio::time::{Instant, advance};

use crate::scenario::{A, Said, Scenario, caller};

/// Targets with so many keys each.
fn with_keys(
    count: usize,
    targets: impl IntoIterator<Item = (&'static str, Vec<Said>)>,
) -> Scenario {
    Scenario::new(targets).targets_with(move |parts| {
        let (source, _) = parts.keys[0].clone();
        parts.keys = (0..count).map(|_| (Arc::clone(&source), 1.0)).collect();
    })
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_limited_rests_for_as_long_as_it_asks_and_the_others_are_shown_meanwhile() {
    let wait = Duration::from_secs(2);
    let said = (0..20).map(|n| match n {
        0 => Said::RefusalFor(429, wait),
        _ => Said::Whole("{}"),
    });
    let running = with_keys(3, [("t", said.collect())]).start();
    for roll in 0..12 {
        running.ask_as(ferro_engine::Caller { roll, ..caller() }, false).await.unwrap();
    }
    let records = running.records();
    let (limited, next) = (&records[0].attempts[0], &records[0].attempts[1]);
    assert_eq!((limited.error, next.error), (Some(ErrorKind::RateLimited), None));
    assert_eq!((limited.why, next.why), (Why::First, Why::NextKey));
    assert_ne!(limited.key, next.key);
    let shown: Vec<_> = records[1..].iter().map(|record| record.attempts[0].key).collect();
    assert!(!shown.contains(&limited.key) && shown.iter().any(|key| *key != next.key), "{shown:?}");
    advance(wait).await;
    running.ask(false).await.unwrap();
    assert_eq!(
        running.records()[12].attempts[0].key,
        limited.key,
        "the same roll, and its rest is over"
    );
}

#[tokio::test(start_paused = true)]
async fn a_target_is_left_when_each_of_its_keys_was_shown_once() {
    let said = (0..3).map(|_| Said::Refusal(401)).collect();
    let running =
        with_keys(3, [("a", said), ("b", vec![Said::Whole("{}"), Said::Whole("{}")])]).start();
    for _ in 0..2 {
        assert_eq!(running.ask(false).await.unwrap().target.as_deref(), Some("b"));
    }
    let records = running.records();
    let mut shown: Vec<_> = records[0].attempts.iter().filter_map(|attempt| attempt.key).collect();
    shown.truncate(3);
    shown.sort_unstable();
    assert_eq!((records[0].attempts.len(), shown), (4, vec![0, 1, 2]));
    let fate = records[1].decision.as_ref().unwrap().considered[0].fate;
    assert_eq!((fate, records[1].attempts.len()), (Fate::NoKey(Duration::from_secs(300)), 1));
}

#[tokio::test(start_paused = true)]
async fn the_last_key_of_an_only_target_does_not_rest_so_that_its_vendors_words_are_heard() {
    let said = [401, 401, 401].map(Said::Refusal).into_iter().chain([Said::Whole("{}")]);
    let running = with_keys(2, [("t", said.collect())]).start();
    for _ in 0..2 {
        assert_eq!(&*running.ask(false).await.err().unwrap().code, "upstream_auth_error");
    }
    running.ask(false).await.unwrap();
    let calls: Vec<_> = running.records().iter().map(|record| record.attempts.len()).collect();
    assert_eq!(calls, [2, 1, 1], "the other one rests");
}

#[tokio::test(start_paused = true)]
async fn what_a_key_may_not_do_is_tried_with_others_as_often_as_there_is_to_spend() {
    let said = (0..20).map(|_| Said::Refusal(403)).collect();
    let settings = AllowanceSettings { share: 0.5, floor: 0.0, ..AllowanceSettings::RETRIES };
    let running = with_keys(8, [("t", said)])
        .with(move |parts| parts.retries = Arc::new(Allowance::new(settings, Instant::now())))
        .start();
    for _ in 0..4 {
        let problem = running.ask(false).await.err().unwrap();
        assert_eq!(&*problem.code, "upstream_auth_error", "{problem}");
    }
    let calls: Vec<_> = running.records().iter().map(|record| record.attempts.len()).collect();
    assert_eq!(calls, [1, 2, 1, 2], "a call more for every second request");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_not_taken_does_not_open_the_circuit_and_a_probe_goes_on_with_the_next() {
    let span = Duration::from_secs(10);
    let breaker = ferro_engine::breaker::BreakerSettings {
        consecutive: 1,
        open_for: span,
        longest: span,
        ..Default::default()
    };
    let said = vec![Said::Refusal(503), Said::Refusal(401), Said::Whole("{}")];
    let running = with_keys(2, [("t", said)]).circuit(breaker).start();
    running.ask(false).await.err().unwrap();
    advance(span).await;
    running.ask(false).await.unwrap();
    assert_eq!(running.engine.targets()[0].standing_now().circuit, Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_retry_shows_a_key_again_and_a_stream_that_moved_on_to_another_ends_with_that() {
    let retry = Retry { attempts: 2, backoff: Duration::ZERO, ..Retry::default() };
    let said = vec![Said::Refusal(503), Said::Refusal(401), Said::Events(vec![A])];
    let running = with_keys(2, [("t", said)]).retry(&retry).start();
    let AnswerBody::Stream(events) = running.ask(true).await.unwrap().body else { panic!() };
    drop(events);
    let record = running.record();
    let calls: Vec<_> = record.attempts.iter().map(|attempt| (attempt.why, attempt.key)).collect();
    assert_eq!([calls[0].0, calls[1].0, calls[2].0], [Why::First, Why::Retry, Why::NextKey]);
    assert_eq!(calls[0].1, calls[1].1, "a 503 says nothing of the key");
    assert_ne!(calls[1].1, calls[2].1);
}
