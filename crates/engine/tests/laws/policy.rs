//! Guards decide before the upstream is asked, taps while the reply passes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::scenario::{A, Said, Scenario};
use async_trait::async_trait;
use ferro_core::{
    Delta, Flow, Guard, GuardContext, Observer, Outcome, Plugin, PluginError, Record, Recording,
    Reservation, Stage, Subject, Tap, TapSession, Verdict,
};
use ferro_engine::AnswerBody;
use ferro_wire::Rope;
use futures_util::StreamExt;
use http::StatusCode;
use tokio::time::Instant;

const B: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n";

/// What happened, in order.
type Diary = Arc<Mutex<Vec<String>>>;

/// A guard that decides what it is told to.
struct Decides(fn(&Diary) -> Result<Verdict, PluginError>, Diary);

#[async_trait]
impl Guard for Decides {
    async fn admit(
        &self,
        _: &GuardContext<'_>,
        request: &mut dyn Subject,
    ) -> Result<Verdict, PluginError> {
        self.1.lock().unwrap().push(format!("guard sees {}", request.model()));
        self.0(&self.1)
    }
}

impl Observer for Decides {
    fn observe(&self, record: &Arc<Record>) {
        self.1.lock().unwrap().push(format!("observed {}", record.outcome.as_str()));
    }
}

impl Plugin for Decides {
    fn name(&self) -> &'static str {
        "decides"
    }

    fn guard(&self) -> Option<&dyn Guard> {
        Some(self)
    }

    fn observer(&self) -> Option<&dyn Observer> {
        Some(self)
    }
}

struct Slot(Diary);

impl Reservation for Slot {
    fn settle(self: Box<Self>, record: &Record) {
        self.0.lock().unwrap().push(format!("slot settled: {}", record.outcome.as_str()));
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a decision")]
fn deny(_: &Diary) -> Result<Verdict, PluginError> {
    Ok(Verdict::Deny {
        status: StatusCode::TOO_MANY_REQUESTS,
        code: "rate_limit_exceeded".into(),
        reason: "enough".to_owned(),
        retry_after: Some(Duration::from_secs(3)),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a decision")]
fn reserve(diary: &Diary) -> Result<Verdict, PluginError> {
    Ok(Verdict::Reserve(Box::new(Slot(Arc::clone(diary)))))
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a decision")]
fn answer(_: &Diary) -> Result<Verdict, PluginError> {
    Ok(Verdict::Answer(Recording::Whole(Rope::from(b"{\"recorded\":true}".to_vec()))))
}

fn breaks(_: &Diary) -> Result<Verdict, PluginError> {
    Err(PluginError::new("decides", "its memory is gone"))
}

#[tokio::test]
async fn a_denied_request_is_observed_and_asks_nobody() {
    let diary = Diary::default();
    let running = Scenario::new([("t", vec![])])
        .plugin(Stage::BeforeRequest, Decides(deny, Arc::clone(&diary)))
        .plugin(Stage::OnError, Decides(deny, Arc::clone(&diary)))
        .start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), problem.kind), (429, "rate_limit_error"));
    assert_eq!(problem.retry_after, Some(Duration::from_secs(3)));
    assert_eq!(problem.message, "request rejected by decides (before_request): enough");
    assert_eq!(*diary.lock().unwrap(), ["guard sees m", "observed denied"], "aliases come first");
    assert_eq!(running.record().outcome, Outcome::Denied);
}

#[tokio::test]
async fn a_guard_that_breaks_fails_closed_and_keeps_its_reason_to_itself() {
    let running = Scenario::new([("t", vec![])])
        .plugin(Stage::BeforeRequest, Decides(breaks, Diary::default()))
        .start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (500, "plugin_error"));
    assert!(!problem.message.contains("memory"), "{}", problem.message);
}

#[tokio::test]
async fn a_reservation_is_settled_with_the_record() {
    let diary = Diary::default();
    let running = Scenario::new([("t", vec![Said::Whole("{}")])])
        .plugin(Stage::BeforeRequest, Decides(reserve, Arc::clone(&diary)))
        .start();
    running.ask(false).await.unwrap();
    assert_eq!(*diary.lock().unwrap(), ["guard sees m", "slot settled: served"]);
}

#[tokio::test]
async fn an_answer_of_policy_does_not_skip_the_guards_behind_it() {
    let diary = Diary::default();
    let running = Scenario::new([("t", vec![])])
        .plugin(Stage::BeforeRequest, Decides(answer, Diary::default()))
        .plugin(Stage::BeforeRequest, Decides(reserve, Arc::clone(&diary)))
        .start();
    let AnswerBody::Whole(whole) = running.ask(false).await.unwrap().body else { panic!() };
    assert_eq!(whole.body().to_bytes(), "{\"recorded\":true}");
    assert_eq!(*diary.lock().unwrap(), ["guard sees m", "slot settled: served"]);
    assert!(running.record().attempts.is_empty());
}

/// Holds every event with an `a` back, for five seconds; cuts at an event with a `b`.
struct Holds {
    until_due: bool,
}

struct Holding(bool);

impl Tap for Holds {
    fn open(&self, _: &GuardContext<'_>) -> Box<dyn TapSession> {
        Box::new(Holding(self.until_due))
    }
}

impl Plugin for Holds {
    fn name(&self) -> &'static str {
        "holds"
    }

    fn tap(&self) -> Option<&dyn Tap> {
        Some(self)
    }
}

impl TapSession for Holding {
    fn event(&mut self, event: &mut dyn Delta, now: Instant) -> Flow {
        let mut text = String::new();
        event.texts(&mut |_, words| text.push_str(words));
        match text.as_str() {
            "a" => Flow::Hold { until: now + Duration::from_secs(5) },
            "b" if !self.0 => Flow::Cut { reason: "no b".to_owned() },
            _ => Flow::Pass,
        }
    }

    fn due(&mut self, _: Instant) -> Flow {
        Flow::Pass
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_held_passes_when_its_time_has_come() {
    let running = Scenario::new([("t", vec![Said::Stalled(vec![A])])])
        .plugin(Stage::AfterRequest, Holds { until_due: true })
        .start();
    let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else { panic!() };
    let begun = Instant::now();
    let mut text = String::new();
    while text.is_empty() {
        text = String::from_utf8(events.next().await.unwrap().unwrap().bytes.to_vec()).unwrap();
    }
    assert_eq!((&*text, begun.elapsed().as_secs()), (A, 5));
}

#[tokio::test]
async fn what_is_held_passes_with_the_next_event_or_at_the_end() {
    for events in [vec![A, B], vec![B, A]] {
        let running = Scenario::new([("t", vec![Said::Events(events.clone())])])
            .plugin(Stage::AfterRequest, Holds { until_due: true })
            .start();
        let (text, problem) = running.read().await;
        assert!(problem.is_none());
        assert_eq!(text, events.concat());
    }
}

#[tokio::test]
async fn what_is_held_when_a_tap_cuts_is_never_shown() {
    let running = Scenario::new([("t", vec![Said::Events(vec![A, B])])])
        .plugin(Stage::AfterRequest, Holds { until_due: false })
        .start();
    let (text, problem) = running.read().await;
    assert_eq!(text, "");
    let problem = problem.unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (502, "response_rejected"));
    assert_eq!(running.record().outcome, Outcome::Denied);
}

#[tokio::test]
async fn a_whole_reply_that_a_tap_refuses_is_a_problem_and_no_stream() {
    let reply = r#"{"choices":[{"message":{"content":"b"}}]}"#;
    let running = Scenario::new([("t", vec![Said::Whole(reply)])])
        .plugin(Stage::AfterRequest, Holds { until_due: false })
        .start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!(problem.status.as_u16(), 502);
    assert_eq!(running.record().outcome, Outcome::Denied);
}

/// Holds the first events back for so many seconds each, lets the ones behind them pass, and counts
/// how often it is asked when a time has come.
struct Waits(Vec<u64>, Arc<Mutex<Vec<Duration>>>);

struct Waiting {
    times: Vec<u64>,
    due: Arc<Mutex<Vec<Duration>>>,
    begun: Instant,
}

impl Tap for Waits {
    fn open(&self, _: &GuardContext<'_>) -> Box<dyn TapSession> {
        let (times, due) = (self.0.iter().rev().copied().collect(), Arc::clone(&self.1));
        Box::new(Waiting { times, due, begun: Instant::now() })
    }
}

impl Plugin for Waits {
    fn name(&self) -> &'static str {
        "waits"
    }

    fn tap(&self) -> Option<&dyn Tap> {
        Some(self)
    }
}

impl TapSession for Waiting {
    fn event(&mut self, _: &mut dyn Delta, now: Instant) -> Flow {
        let held = |seconds| Flow::Hold { until: now + Duration::from_secs(seconds) };
        self.times.pop().map_or(Flow::Pass, held)
    }

    fn due(&mut self, _: Instant) -> Flow {
        self.due.lock().unwrap().push(self.begun.elapsed());
        Flow::Pass
    }
}

#[tokio::test(start_paused = true)]
async fn taps_are_asked_again_when_the_first_of_their_times_has_come() {
    for times in [[vec![9], vec![2]], [vec![2], vec![9]], [vec![9, 2], vec![9, 9]]] {
        let (due, events) = (Arc::default(), vec![A; times[0].len()]);
        let [first, second] = times.map(|times| Waits(times, Arc::clone(&due)));
        let running = Scenario::new([("t", vec![Said::Stalled(events)])])
            .plugin(Stage::AfterRequest, first)
            .plugin(Stage::AfterRequest, second)
            .start();
        let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else {
            panic!()
        };
        while events.next().await.unwrap().unwrap().bytes.is_empty() {}
        assert_eq!(due.lock().unwrap()[0], Duration::from_secs(2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_that_was_named_for_what_has_passed_since_comes_to_nothing() {
    let due = Arc::default();
    let running = Scenario::new([("t", vec![Said::Stalled(vec![A, B])])])
        .plugin(Stage::AfterRequest, Waits(vec![5], Arc::clone(&due)))
        .start();
    let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else { panic!() };
    while events.next().await.unwrap().unwrap().bytes.is_empty() {}
    let waited = tokio::time::timeout(Duration::from_secs(60), events.next()).await;
    assert!(waited.is_err() && due.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_more_is_held_back_than_a_reply_may_have() {
    let running = Scenario::new([("t", vec![Said::Stalled(vec![A; 9])])])
        .plugin(Stage::AfterRequest, Waits(vec![60; 9], Arc::default()))
        .with(|parts| parts.max_reply = 5 * A.len())
        .start();
    let (text, problem) = running.read().await;
    assert_eq!((text.as_str(), problem.unwrap().status.as_u16()), ("", 502));
    assert_eq!(
        running.record().usage.as_ref().unwrap().completion_tokens,
        6,
        "the sixth is too much"
    );
}
