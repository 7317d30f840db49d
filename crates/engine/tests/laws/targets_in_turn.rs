//! Which targets are asked, how often, and what the client sees when they fail.

use std::time::Duration;

use crate::scenario::{A, Said, Scenario};
use ferro_core::{ErrorKind, Outcome};
use ferro_engine::Retry;
use tokio::time::Instant;

fn thrice(on_status: &[u16]) -> Retry {
    Retry { attempts: 3, on_status: on_status.to_vec(), ..Retry::default() }
}

#[tokio::test]
async fn a_stream_that_dies_before_its_first_event_moves_on_unseen() {
    for said in [
        Said::Refusal(503),
        Said::Broken(vec![]),
        Said::Events(vec![]),
        Said::Broken(vec![": processing\n\n", ": still processing\n\n"]),
    ] {
        let running =
            Scenario::new([("a", vec![said]), ("b", vec![Said::Events(vec![A])])]).start();
        assert_eq!(running.read().await.0, A);
        let record = running.record();
        assert_eq!((record.outcome, record.target.as_deref()), (Outcome::Served, Some("b")));
        let asked: Vec<_> = record.attempts.iter().map(|attempt| attempt.target.as_str()).collect();
        assert_eq!(asked, ["a", "b"]);
        assert!(record.attempts[0].error.is_some() && record.attempts[1].error.is_none());
    }
}

#[tokio::test]
async fn signs_of_life_before_the_first_event_are_passed_on_with_it() {
    let running = Scenario::new([("t", vec![Said::Events(vec![": one\n\n", ": two\n\n", A])])]);
    let running = running.start();
    assert_eq!(running.read().await.0, format!(": one\n\n: two\n\n{A}"));
    assert_eq!(running.record().usage.as_ref().unwrap().completion_tokens, 3);
}

#[tokio::test]
async fn a_request_that_is_wrong_is_not_walked_around_with() {
    let running = Scenario::new([("a", vec![Said::Refusal(400)]), ("b", vec![])]).start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (400, "invalid_request"));
    assert_eq!(running.record().attempts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_is_tried_again_after_a_jittered_pause() {
    let said = vec![Said::Refusal(503), Said::Refusal(502), Said::Whole("{}")];
    let running = Scenario::new([("t", said)]).retry(&thrice(&[])).start();
    let begun = Instant::now();
    running.ask(false).await.unwrap();
    assert!(begun.elapsed() <= Duration::from_millis(100 + 200), "{:?}", begun.elapsed());
    let kinds: Vec<_> = running.record().attempts.iter().map(|attempt| attempt.error).collect();
    assert_eq!(kinds, [Some(ErrorKind::Overloaded), Some(ErrorKind::Unavailable), None]);
    assert!(running.record().overhead < Duration::from_millis(50), "waiting is not our work");
}

#[tokio::test(start_paused = true)]
async fn an_upstreams_advice_is_followed_unless_it_is_too_long() {
    let wait = Duration::from_secs(2);
    let said = vec![Said::RefusalFor(429, wait), Said::Whole("{}")];
    let running = Scenario::new([("t", said)]).retry(&thrice(&[])).start();
    let begun = Instant::now();
    running.ask(false).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 2);

    let said = vec![Said::RefusalFor(429, Duration::from_secs(31))];
    let running = Scenario::new([("t", said)]).retry(&thrice(&[])).start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!(problem.retry_after, Some(Duration::from_secs(31)));
    assert_eq!(running.record().attempts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn only_the_listed_statuses_are_tried_again() {
    let said = vec![Said::Refusal(429), Said::Refusal(500)];
    let running = Scenario::new([("t", said)]).retry(&thrice(&[429])).start();
    assert_eq!(running.ask(false).await.err().unwrap().status.as_u16(), 502);
    assert_eq!(running.record().attempts.len(), 2, "a 500 is not among them");
}

#[tokio::test(start_paused = true)]
async fn a_reply_in_one_piece_has_a_limit_and_a_stream_has_none() {
    let limit = Duration::from_secs(5);
    let targets = || [("a", vec![Said::Silence]), ("b", vec![])];
    let running = Scenario::new(targets()).request_timeout(limit).start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (504, "gateway_timeout"));
    assert!(problem.message.contains("request_timeout"), "{}", problem.message);
    assert_eq!(running.record().outcome, Outcome::Failed);

    let running = Scenario::new(targets()).request_timeout(limit).start();
    let asked = tokio::time::timeout(10 * limit, running.ask(true)).await;
    assert!(asked.is_err(), "a stream takes its time");
}

#[tokio::test]
async fn a_model_that_nobody_owns_is_not_found() {
    let running = Scenario::new([("t", vec![])]).start();
    let body = br#"{"model":"nobodys","messages":[{}]}"#.to_vec();
    let request = ferro_core::chat::ChatRequest::parse(body).unwrap();
    let opened = running
        .engine
        .open_request::<ferro_core::surface::Chat>(crate::scenario::caller(), request);
    let problem = opened.run().await.err().unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (404, "model_not_found"));
    assert_eq!(running.record().outcome, Outcome::Refused);
}
