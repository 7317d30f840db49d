//! However a request ends, it is accounted for once, with what was consumed until then.

use std::sync::{Arc, Mutex};

use crate::scenario::{A, Said, Scenario, caller};
use ferro_core::{ErrorKind, Inbound, Observer, Outcome, Plugin, Price, Problem, Record, Stage};
use ferro_engine::AnswerBody;
use futures_util::{FutureExt, StreamExt};
use http::{HeaderMap, StatusCode};

const B: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n";

#[tokio::test]
async fn a_reply_in_one_piece_is_served_and_priced() {
    let running = Scenario::new([("t", vec![Said::Whole("{}")])]).start();
    running.ask(false).await.unwrap();
    let record = running.record();
    assert_eq!((record.outcome, record.status.as_u16()), (Outcome::Served, 200));
    assert_eq!((&*record.requested_model, &*record.model), ("fast", "m"));
    let Price::Priced(cost) = record.price else { panic!("{:?}", record.price) };
    assert_eq!(cost.total.nanos(), 3 + 8); // 3 tokens at 1, 4 at 2 nano-dollars
}

#[tokio::test]
async fn a_stream_that_is_read_to_its_end_is_served() {
    let running = Scenario::new([("t", vec![Said::Events(vec![A, B])])]).start();
    let (text, problem) = running.read().await;
    assert_eq!((text, problem.is_none()), (format!("{A}{B}"), true));
    let record = running.record();
    assert_eq!(record.outcome, Outcome::Served);
    assert_eq!(
        record.usage.as_ref().unwrap().completion_tokens,
        2,
        "the last count is what counts"
    );
    assert!(record.time_to_first_token.is_some());
}

#[tokio::test]
async fn a_client_that_leaves_is_cancelled_with_the_usage_so_far() {
    let running = Scenario::new([("t", vec![Said::Stalled(vec![A, B])])]).start();
    let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else { panic!() };
    events.next().await.unwrap().unwrap();
    events.next().await.unwrap().unwrap();
    drop(events);
    let record = running.record();
    assert_eq!((record.outcome, record.status.as_u16()), (Outcome::Cancelled, 499));
    assert_eq!(record.usage.as_ref().unwrap().completion_tokens, 2);
    assert!(matches!(record.price, Price::Priced(_)), "what was consumed is paid for");
}

#[tokio::test]
async fn a_client_that_leaves_before_an_answer_is_cancelled_and_the_call_is_told() {
    let running = Scenario::new([("t", vec![Said::Silence])]).start();
    assert!(running.ask(true).now_or_never().is_none());
    let record = running.record();
    assert_eq!((record.outcome, record.attempts.len()), (Outcome::Cancelled, 1));
    assert_eq!(record.target.as_deref(), Some("t"));
}

#[tokio::test]
async fn a_stream_that_breaks_off_has_failed_and_is_no_success() {
    let running = Scenario::new([("t", vec![Said::Broken(vec![A])])]).start();
    let (text, problem) = running.read().await;
    assert_eq!((&*text, problem.unwrap().status.as_u16()), (A, 502));
    let record = running.record();
    assert_eq!(record.outcome, Outcome::Failed);
    assert_eq!(record.attempts[0].error, Some(ErrorKind::Interrupted));
    assert!(
        running
            .engine
            .metrics()
            .render()
            .contains(r#"gateway_requests_total{provider="t",model="m",status="error"} 1"#)
    );
}

#[tokio::test]
async fn a_request_that_is_wrong_is_refused() {
    let running = Scenario::new([("t", vec![])]).start();
    let inbound = Inbound::new(HeaderMap::new(), "{\"messages\":[{}]}");
    let opened = running.engine.open::<ferro_core::surface::Chat>(caller(), inbound).await;
    assert_eq!(opened.err().unwrap().status.as_u16(), 400);
    assert_eq!(running.record().outcome, Outcome::Refused);
}

#[tokio::test]
async fn a_panic_is_a_failure_and_not_a_client_that_left() {
    let running = Scenario::new([("t", vec![Said::Panic])]).start();
    let asked = std::panic::AssertUnwindSafe(running.ask(false)).catch_unwind().await;
    assert!(asked.is_err());
    assert_eq!(running.record().outcome, Outcome::Failed);
}

#[tokio::test]
async fn a_reply_in_one_piece_is_no_success_where_its_reader_can_only_take_events() {
    let unasked = |_: &_| {
        Problem::new(StatusCode::BAD_GATEWAY, "upstream_error", "upstream_error", "in one piece")
    };
    let running = Scenario::new([("t", vec![Said::Whole("{}")])]).start();
    let problem = running.ask(true).await.unwrap().events(unasked).err().unwrap();
    let record = running.record();
    assert_eq!((record.outcome, record.status), (Outcome::Failed, problem.status));
    assert_eq!(record.error.as_deref(), Some("in one piece"));
    assert!(matches!(record.price, Price::Priced(_)), "what was consumed is paid for");

    let running = Scenario::new([("t", vec![Said::Whole("{}")])]).start();
    drop(running.ask(true).await.unwrap());
    assert_eq!(running.record().outcome, Outcome::Served, "whoever can take it has it");
}

#[tokio::test]
async fn bytes_are_no_client_that_left_where_their_reader_can_only_take_events() {
    let unasked =
        |_: &_| Problem::new(StatusCode::BAD_GATEWAY, "upstream_error", "upstream_error", "bytes");
    let running = Scenario::new([("t", vec![Said::Bytes])]).start();
    let problem = running.ask(true).await.unwrap().events(unasked).err().unwrap();
    let record = running.record();
    assert_eq!((record.outcome, record.status), (Outcome::Failed, problem.status));
    assert_eq!(record.error.as_deref(), Some("bytes"));
}

#[tokio::test]
async fn what_is_refused_is_counted_as_rejected_and_who_leaves_as_such() {
    let running = Scenario::new([("t", vec![Said::Silence])]).start();
    assert!(running.ask_for("nobodys").await.is_err());
    assert!(running.ask(true).now_or_never().is_none());
    let text = running.engine.metrics().render();
    for line in [
        r#"gateway_requests_total{provider="none",model="unknown",status="rejected"} 1"#,
        r#"gateway_requests_total{provider="t",model="m",status="error"} 1"#,
        r#"gateway_provider_errors_total{provider="t",error_type="client_canceled"} 1"#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[tokio::test]
async fn whoever_asks_for_failures_is_told_of_failures_alone() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let said = vec![Said::Whole("{}"), Said::Refusal(503)];
    let running =
        Scenario::new([("t", said)]).plugin(Stage::OnError, Hears(Arc::clone(&told))).start();
    running.ask(false).await.unwrap();
    running.ask(false).await.err().unwrap();
    assert_eq!(*told.lock().unwrap(), [Outcome::Failed]);
}

/// Hears how requests ended.
struct Hears(Arc<Mutex<Vec<Outcome>>>);

impl Plugin for Hears {
    fn name(&self) -> &'static str {
        "hears"
    }

    fn observer(&self) -> Option<&dyn Observer> {
        Some(self)
    }
}

impl Observer for Hears {
    fn observe(&self, record: &Arc<Record>) {
        self.0.lock().unwrap().push(record.outcome);
    }
}
