//! What others have written breaks: the client gets words, and the record tells.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use ferro_core::{
    Delta, ErrorKind, Flow, Frame, Guard, GuardContext, Observer, Order, Outcome, Plugin,
    PluginError, Price, Record, Recording, Stage, Strategy, Subject, Tap, TapSession, Usage,
    Verdict, View,
};
use ferro_engine::{AnswerBody, breaker::BreakerSettings};
use futures_util::{FutureExt, StreamExt};
use http::StatusCode;

use crate::scenario::{A, KEY, Said, Scenario};

const ROLE: &str =
    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";

struct Panics;

impl Observer for Panics {
    fn observe(&self, _: &Arc<Record>) {
        panic!("scripted")
    }
}

#[async_trait]
impl Guard for Panics {
    async fn admit(
        &self,
        _: &GuardContext<'_>,
        _: &mut dyn Subject,
    ) -> Result<Verdict, PluginError> {
        panic!("scripted")
    }
}

impl Tap for Panics {
    fn open(&self, _: &GuardContext<'_>) -> Box<dyn TapSession> {
        Box::new(Self)
    }
}

impl TapSession for Panics {
    fn event(&mut self, _: &mut dyn Delta, _: tokio::time::Instant) -> Flow {
        panic!("scripted")
    }
}

impl Plugin for Panics {
    fn name(&self) -> &'static str {
        "panics"
    }

    fn guard(&self) -> Option<&dyn Guard> {
        Some(self)
    }

    fn tap(&self) -> Option<&dyn Tap> {
        Some(self)
    }

    fn observer(&self) -> Option<&dyn Observer> {
        Some(self)
    }
}

#[tokio::test]
async fn an_observer_that_panics_spoils_neither_the_reply_nor_what_others_hear() {
    let targets = || [("t", vec![Said::Whole("{}")])];
    let running = Scenario::new(targets()).observer(Panics).plugin(Stage::OnError, Panics).start();
    running.ask(false).await.unwrap();
    assert_eq!(running.record().outcome, Outcome::Served);
}

#[tokio::test]
async fn a_panic_on_top_of_a_panic_does_not_end_the_process() {
    let running = Scenario::new([("t", vec![Said::Panic])]).observer(Panics).start();
    let asked = std::panic::AssertUnwindSafe(running.ask(false)).catch_unwind().await;
    assert!(asked.is_err());
    assert_eq!(running.record().outcome, Outcome::Failed);
}

#[tokio::test]
async fn a_guard_that_panics_fails_closed() {
    let running = Scenario::new([("t", vec![])]).plugin(Stage::BeforeRequest, Panics).start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (500, "plugin_error"));
    let failed = r#"gateway_provider_errors_total{provider="none",error_type="plugin_error"} 1"#;
    assert!(running.engine.metrics().render().contains(failed));
}

#[tokio::test]
async fn a_tap_that_panics_ends_the_stream_with_a_problem() {
    let running = Scenario::new([("t", vec![Said::Events(vec![A])])])
        .plugin(Stage::AfterRequest, Panics)
        .observer(Panics)
        .start();
    let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else { panic!() };
    let problem = events.next().await.unwrap().unwrap_err();
    assert_eq!((problem.status.as_u16(), &*problem.code), (500, "internal_error"));
    assert!(events.next().await.is_none());
    assert_eq!(running.record().outcome, Outcome::Failed);
}

#[tokio::test]
async fn an_upstreams_side_that_panics_has_failed_and_a_tap_that_does_has_not() {
    let breaker = BreakerSettings { consecutive: 1, ..BreakerSettings::default() };
    let said = || vec![Said::PanicAfter(vec![A])];
    for taps in [false, true] {
        let mut scenario = Scenario::new([("t", said())]).circuit(breaker);
        if taps {
            scenario = scenario.plugin(Stage::AfterRequest, Panics);
        }
        let running = scenario.start();
        let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else {
            panic!()
        };
        let mut last = events.next().await.unwrap();
        if !taps {
            last = events.next().await.unwrap();
        }
        assert_eq!(last.unwrap_err().status.as_u16(), 500);
        let expected = (!taps).then_some(ErrorKind::Malformed);
        assert_eq!(running.record().attempts[0].error, expected);
        let circuit = running.engine.targets()[0].standing_now().circuit;
        assert_eq!(circuit, Some(u8::from(!taps)));
    }
}

struct Astray;

impl Strategy for Astray {
    fn order(&self, _: &View<'_>, out: &mut Order) {
        out.push(9, "nobody is there");
        out.push(1, "somebody is");
    }
}

#[tokio::test]
async fn a_strategy_that_names_nobody_is_passed_over() {
    let targets = [("a", vec![]), ("b", vec![Said::Whole("{}")])];
    let running = Scenario::new(targets).strategy(Astray).start();
    assert_eq!(running.ask(false).await.unwrap().target.as_deref(), Some("b"));
}

#[tokio::test(start_paused = true)]
async fn the_pace_of_a_stream_is_not_our_work() {
    let running = Scenario::new([("t", vec![Said::Slow(vec![A, A, A])])]).start();
    running.read().await;
    let record = running.record();
    assert_eq!(record.duration.as_secs(), 3);
    assert!(record.overhead < Duration::from_millis(100), "{:?}", record.overhead);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_let_the_time_pass_has_failed_with_a_timeout() {
    let running =
        Scenario::new([("t", vec![Said::Silence])]).request_timeout(Duration::from_secs(5)).start();
    running.ask(false).await.err().unwrap();
    let record = running.record();
    assert_eq!(record.attempts[0].error, Some(ErrorKind::TotalTimeout));
    assert!(record.overhead < Duration::from_millis(100), "{:?}", record.overhead);
    let failed = r#"gateway_provider_errors_total{provider="t",error_type="timeout"} 1"#;
    assert!(running.engine.metrics().render().contains(failed));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_outlasts_the_request_is_not_waited_for() {
    let retry = ferro_engine::Retry { attempts: 3, ..Default::default() };
    let busy = || Said::RefusalFor(429, Duration::from_secs(20));
    let targets = [("a", vec![busy()]), ("b", vec![Said::Whole("{}")])];
    let running =
        Scenario::new(targets).retry(&retry).request_timeout(Duration::from_secs(5)).start();
    assert_eq!(running.ask(false).await.unwrap().target.as_deref(), Some("b"));
}

#[tokio::test]
async fn an_answer_that_begins_without_a_word_does_not_bind_the_stream() {
    let begun = Said::Broken(vec![ROLE, ": wait\n\n"]);
    let running = Scenario::new([("a", vec![begun]), ("b", vec![Said::Events(vec![ROLE, A])])]);
    let running = running.start();
    assert_eq!(running.read().await.0, format!("{ROLE}{A}"));
    assert_eq!(running.record().target.as_deref(), Some("b"));
}

#[tokio::test]
async fn signs_of_life_without_end_are_not_held_without_end() {
    const SIGN: &str = ": still thinking about it\n\n";
    let running = Scenario::new([("t", vec![Said::Stalled(vec![SIGN; 5_000])])]).start();
    let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else { panic!() };
    let first = events.next().await.unwrap().unwrap().bytes.len();
    assert!((64 << 10..128 << 10).contains(&first), "{first}");
}

#[tokio::test]
async fn what_cannot_be_shown_to_a_tap_does_not_pass() {
    let tail = "data: {\"choices\":[]}\n\ndata: no end";
    let counts = Counts::default();
    let running = Scenario::new([("t", vec![Said::Events(vec![A, tail, A])])])
        .plugin(Stage::AfterRequest, counts.clone())
        .start();
    let (text, problem) = running.read().await;
    assert_eq!(text, format!("{A}data: {{\"choices\":[]}}\n\n"));
    assert_eq!(problem.unwrap().status.as_u16(), 502);
    let record = running.record();
    assert_eq!(
        (record.outcome, record.attempts[0].error),
        (Outcome::Failed, Some(ErrorKind::Malformed))
    );
}

/// Counts what a tap is asked; holds for no time at all.
#[derive(Clone, Default)]
struct Counts {
    is_impatient: bool,
    due: Arc<AtomicUsize>,
    ends: Arc<AtomicUsize>,
}

impl Plugin for Counts {
    fn name(&self) -> &'static str {
        "counts"
    }

    fn tap(&self) -> Option<&dyn Tap> {
        Some(self)
    }
}

impl Tap for Counts {
    fn open(&self, _: &GuardContext<'_>) -> Box<dyn TapSession> {
        Box::new(self.clone())
    }
}

impl TapSession for Counts {
    fn event(&mut self, _: &mut dyn Delta, now: tokio::time::Instant) -> Flow {
        if self.is_impatient { Flow::Hold { until: now } } else { Flow::Pass }
    }

    fn due(&mut self, now: tokio::time::Instant) -> Flow {
        self.due.fetch_add(1, Ordering::Relaxed);
        Flow::Hold { until: now }
    }

    fn end(&mut self) -> Flow {
        self.ends.fetch_add(1, Ordering::Relaxed);
        Flow::Pass
    }
}

#[tokio::test(start_paused = true)]
async fn a_tap_that_holds_for_no_time_does_not_spin() {
    let counts = Counts { is_impatient: true, ..Counts::default() };
    let running = Scenario::new([("t", vec![Said::Stalled(vec![A])])])
        .plugin(Stage::AfterRequest, counts.clone())
        .start();
    let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else { panic!() };
    let empty = events.next().await.unwrap().unwrap();
    assert!(empty.bytes.is_empty());
    let waited = tokio::time::timeout(Duration::from_secs(1), events.next()).await;
    assert!(waited.is_err());
    let asked = counts.due.load(Ordering::Relaxed);
    assert!((1..=1_001).contains(&asked), "{asked}");
}

#[tokio::test]
async fn every_tap_is_told_of_the_end_whether_or_not_the_reply_is_a_stream() {
    for said in [Said::Whole("{}"), Said::Events(vec![A])] {
        let is_stream = matches!(said, Said::Events(_));
        let counts = Counts::default();
        let running =
            Scenario::new([("t", vec![said])]).plugin(Stage::AfterRequest, counts.clone()).start();
        if let AnswerBody::Stream(events) = running.ask(is_stream).await.unwrap().body {
            events.for_each(|_| async {}).await;
        }
        assert_eq!(counts.ends.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn a_stream_that_fails_is_settled_with_its_last_item() {
    let running = Scenario::new([("t", vec![Said::Broken(vec![A])])]).start();
    let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else { panic!() };
    events.next().await.unwrap().unwrap();
    events.next().await.unwrap().unwrap_err();
    assert_eq!(running.record().outcome, Outcome::Failed, "although the stream is still held");
}

#[tokio::test]
async fn no_error_tells_the_credential() {
    for said in [Said::Leak, Said::LeakingStream] {
        let running = Scenario::new([("t", vec![said])]).start();
        let problem = match running.ask(true).await {
            Err(problem) => problem,
            Ok(answer) => {
                let AnswerBody::Stream(mut events) = answer.body else { panic!() };
                loop {
                    if let Err(problem) = events.next().await.unwrap() {
                        break problem;
                    }
                }
            }
        };
        let record = running.record();
        assert!(!format!("{problem:?} {record:?}").contains(KEY), "{problem}");
        // Where it stood is for the record alone.
        let told = record.error.as_deref().unwrap_or_default();
        assert!(told.contains("[REDACTED]?") && !problem.message.contains("[REDACTED]"), "{told}");
    }
}

/// Decides the same for every request.
struct Decides(fn() -> Verdict);

#[async_trait]
impl Guard for Decides {
    async fn admit(
        &self,
        _: &GuardContext<'_>,
        _: &mut dyn Subject,
    ) -> Result<Verdict, PluginError> {
        Ok(self.0())
    }
}

impl Plugin for Decides {
    fn name(&self) -> &'static str {
        "decides"
    }

    fn guard(&self) -> Option<&dyn Guard> {
        Some(self)
    }
}

#[tokio::test]
async fn a_recorded_stream_is_not_paid_for_again() {
    let recorded = || {
        let mut frame = Frame::new(A);
        frame.usage = Some(Usage::new(10, 10));
        Verdict::Answer(Recording::Frames(vec![frame]))
    };
    let running =
        Scenario::new([("t", vec![])]).plugin(Stage::BeforeRequest, Decides(recorded)).start();
    assert_eq!(running.read().await.0, A);
    let record = running.record();
    assert_eq!((record.usage.clone(), record.price), (None, Price::NoUsage));
}

#[tokio::test]
async fn a_limit_that_does_not_say_when_to_come_back_says_in_a_second() {
    let deny = || Verdict::Deny {
        status: StatusCode::TOO_MANY_REQUESTS,
        code: "rate_limit_exceeded".into(),
        reason: "enough".to_owned(),
        retry_after: None,
    };
    let running =
        Scenario::new([("t", vec![])]).plugin(Stage::BeforeRequest, Decides(deny)).start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!(problem.retry_after, Some(Duration::from_secs(1)));
}

#[tokio::test]
async fn a_client_that_leaves_with_the_last_event_has_been_served() {
    let running = Scenario::new([("t", vec![Said::Last(vec![A, A])])]).start();
    let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else { panic!() };
    events.next().await.unwrap().unwrap();
    events.next().await.unwrap().unwrap();
    drop(events);
    let record = running.record();
    assert_eq!(
        (record.outcome, record.usage.as_ref().unwrap().completion_tokens),
        (Outcome::Served, 2)
    );
}
