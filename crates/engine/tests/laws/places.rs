//! Places at targets that take so many calls at once: who has one, who waits, and who gives it back.

use std::time::Duration;

use ferro_core::{ErrorKind, Fate};
use ferro_engine::{AnswerBody, Retry, breaker::BreakerSettings, gate::GateSettings};
use futures_util::{StreamExt, poll};
use tokio::time::advance;

use crate::scenario::{A, Running, Said, Scenario};

const SECOND: Duration = Duration::from_secs(1);

/// One call at a time, and so many that wait.
fn narrow(scenario: Scenario, queue_size: u32) -> Scenario {
    let gate = GateSettings { limit: 1, queue_size, queue_timeout: None };
    scenario.targets_with(move |parts| parts.gate = Some(gate))
}

/// Who was asked for a request, and what came of it.
fn calls(running: &Running, request: usize) -> Vec<(String, Option<ErrorKind>)> {
    let records = running.records();
    let made = records[request].attempts.iter();
    made.map(|attempt| (attempt.target.to_string(), attempt.error)).collect()
}

fn holds() -> Said {
    Said::Stalled(vec![A])
}

#[tokio::test(start_paused = true)]
async fn where_all_are_full_whoever_has_a_place_first_is_asked() {
    let said = || vec![holds(), Said::Whole("{}")];
    let running = narrow(Scenario::new([("a", said()), ("b", said())]), 1).start();
    let _first = running.ask(true).await.unwrap();
    let second = running.ask(true).await.unwrap();
    let mut waiting = Box::pin(running.ask(false));
    assert!(poll!(waiting.as_mut()).is_pending());
    let waits = || running.engine.targets().iter().map(|t| t.standing_now().waiting);
    assert_eq!(waits().collect::<Vec<_>>(), [1, 1]);
    drop(second);
    assert_eq!(waiting.await.unwrap().target.as_deref(), Some("b"));
    assert_eq!(waits().collect::<Vec<_>>(), [0, 0], "it waits nowhere any more");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_was_waited_for_and_failed_is_not_waited_for_again() {
    let (a, b) = (vec![holds(), Said::Refusal(503)], vec![holds(), Said::Whole("{}")]);
    let running = narrow(Scenario::new([("a", a), ("b", b)]), 1).start();
    let first = running.ask(true).await.unwrap();
    let second = running.ask(true).await.unwrap();
    let mut waiting = Box::pin(running.ask(false));
    assert!(poll!(waiting.as_mut()).is_pending());
    drop(first);
    assert!(poll!(waiting.as_mut()).is_pending(), "it waits for the other one");
    drop(second);
    assert_eq!(waiting.await.unwrap().target.as_deref(), Some("b"));
    let over = Some(ErrorKind::Overloaded);
    assert_eq!(calls(&running, 2), [("a".to_owned(), over), ("b".to_owned(), None)]);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_rests_by_the_time_that_it_has_a_place_is_not_asked() {
    let a = vec![Said::Limited(vec![A])];
    let b = vec![holds(), Said::Whole("{}")];
    let running = narrow(Scenario::new([("a", a), ("b", b)]), 1).start();
    let AnswerBody::Stream(mut first) = running.ask(true).await.unwrap().body else { panic!() };
    let second = running.ask(true).await.unwrap();
    let mut waiting = Box::pin(running.ask(false));
    assert!(poll!(waiting.as_mut()).is_pending());
    while first.next().await.unwrap().is_ok() {}
    assert!(poll!(waiting.as_mut()).is_pending());
    drop(second);
    assert_eq!(waiting.await.unwrap().target.as_deref(), Some("b"));
    let decision = running.records().pop().unwrap();
    let fate = decision.decision.as_ref().unwrap().considered[0].fate;
    assert_eq!(fate, Fate::Cooling(Duration::from_secs(30)));
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_not_to_be_asked_is_no_reason_to_wait_for_a_place() {
    let span = Duration::from_secs(10);
    let breaker =
        BreakerSettings { consecutive: 1, open_for: span, longest: span, ..Default::default() };
    let said = vec![Said::Refusal(503), Said::Silence];
    let running = narrow(Scenario::new([("t", said)]).circuit(breaker), 5).start();
    running.ask(false).await.err().unwrap();
    advance(span).await;
    let mut probe = Box::pin(running.ask(false));
    assert!(poll!(probe.as_mut()).is_pending());
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), problem.retry_after), (503, Some(SECOND)));
}

#[tokio::test(start_paused = true)]
async fn whoever_pauses_gives_its_place_to_others_and_has_it_back_after_them() {
    let retry = Retry { attempts: 2, ..Retry::default() };
    let limited = || Said::RefusalFor(429, SECOND);
    let said = vec![limited(), Said::Whole("{}"), Said::Whole("{}")];
    let running = narrow(Scenario::new([("t", said)]).retry(&retry), 0).start();
    let mut pausing = Box::pin(running.ask(false));
    assert!(poll!(pausing.as_mut()).is_pending());
    running.ask(false).await.unwrap();
    pausing.await.unwrap();

    let said = vec![limited(), holds()];
    let running = narrow(Scenario::new([("t", said)]).retry(&retry), 0).start();
    let mut pausing = Box::pin(running.ask(false));
    assert!(poll!(pausing.as_mut()).is_pending());
    let _holder = running.ask(true).await.unwrap();
    let problem = pausing.await.err().unwrap();
    assert_eq!(problem.status.as_u16(), 429, "it is somebody else's by now");
    assert_eq!(running.record().attempts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_circuit_that_opened_during_a_pause_is_not_passed_by() {
    let breaker = BreakerSettings { consecutive: 1, ..BreakerSettings::default() };
    let retry = Retry { attempts: 3, ..Retry::default() };
    let running =
        Scenario::new([("t", vec![Said::Refusal(503)])]).retry(&retry).circuit(breaker).start();
    assert_eq!(running.ask(false).await.err().unwrap().status.as_u16(), 503);
    assert_eq!(running.record().attempts.len(), 1);
}
