//! What strategies are shown of the targets, and who is not shown at all.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ferro_core::{
    DiscoveredModel, Order, Outcome, Strategy, View, chat::ChatRequest, surface::Chat,
};

use crate::scenario::{A, Said, Scenario, caller};

/// For each request, what was shown of each candidate: name, calls under way, latency.
type Shown = Arc<Mutex<Vec<Vec<(String, u32, Option<Duration>)>>>>;

/// As listed, and remembers what it was shown.
struct Remembers(Shown);

impl Strategy for Remembers {
    fn order(&self, view: &View<'_>, out: &mut Order) {
        let seen = view.candidates.iter();
        let seen = seen.map(|c| (c.target.to_string(), c.in_flight, c.latency)).collect();
        self.0.lock().unwrap().push(seen);
        (0..view.candidates.len()).for_each(|at| out.push(at, "as listed"));
    }
}

#[tokio::test(start_paused = true)]
async fn calls_under_way_are_counted_until_their_reply_has_ended() {
    let shown = Shown::default();
    let said = || vec![Said::Stalled(vec![A]), Said::Whole("{}"), Said::Whole("{}")];
    let scenario = Scenario::new([("t", said())]).strategy(Remembers(Arc::clone(&shown)));
    let running = scenario.start();
    let stream = running.ask(true).await.unwrap();
    running.ask(false).await.unwrap();
    drop(stream);
    running.ask(false).await.unwrap();
    let under_way: Vec<_> = shown.lock().unwrap().iter().map(|seen| seen[0].1).collect();
    assert_eq!(under_way, [0, 1, 0]);
}

#[tokio::test(start_paused = true)]
async fn streams_and_whole_replies_are_timed_apart() {
    let shown = Shown::default();
    let said = vec![Said::Whole("{}"), Said::Whole("{}"), Said::Events(vec![A])];
    let scenario = Scenario::new([("t", said)]).strategy(Remembers(Arc::clone(&shown)));
    let running = scenario.start();
    for stream in [false, false, true] {
        running.ask(stream).await.unwrap();
    }
    let known: Vec<_> = shown.lock().unwrap().iter().map(|seen| seen[0].2.is_some()).collect();
    assert_eq!(known, [false, true, false], "nothing is known of its streams yet");
}

#[tokio::test]
async fn a_drained_target_is_asked_by_nobody_also_when_the_others_fail() {
    let targets = [("drained", vec![]), ("t", vec![Said::Refusal(503)])];
    let running = Scenario::new(targets).start();
    assert_eq!(running.ask(false).await.err().unwrap().status.as_u16(), 503);
    let record = running.record();
    assert_eq!((record.attempts.len(), record.target.as_deref()), (1, Some("t")));
}

#[tokio::test]
async fn where_all_are_drained_all_are_equal() {
    let targets = [("drained-a", vec![Said::Refusal(503)]), ("drained-b", vec![Said::Whole("{}")])];
    let running = Scenario::new(targets).start();
    running.ask(false).await.unwrap();
    assert_eq!(running.record().outcome, Outcome::Served);
}

#[tokio::test(start_paused = true)]
async fn models_that_are_listed_are_timed_apart_and_all_others_together() {
    let shown = Shown::default();
    let said = (0..6).map(|_| Said::Whole("{}")).collect();
    let scenario = Scenario::new([("t", said)]).strategy(Remembers(Arc::clone(&shown)));
    let running = scenario.start();
    let listed = vec![DiscoveredModel::new("discovered")];
    running.engine.targets()[0].set_discovered(Arc::new(listed));
    // The operator names the first, the vendor the third.
    for model in ["m", "made-up", "discovered", "m", "made-up-too", "discovered"] {
        let body = format!(r#"{{"model":"{model}","messages":[{{}}]}}"#);
        let request = ChatRequest::parse(body.into_bytes()).unwrap();
        let opened = running.engine.open_request::<Chat>(caller(), request);
        opened.run().await.unwrap();
    }
    let known: Vec<_> = shown.lock().unwrap().iter().map(|seen| seen[0].2.is_some()).collect();
    assert_eq!(known, [false, false, false, true, true, true]);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_was_abandoned_is_known_to_take_at_least_as_long() {
    let shown = Shown::default();
    let a = vec![Said::Events(vec![A]), Said::Silence, Said::Events(vec![A])];
    let running = Scenario::new([("a", a), ("b", vec![Said::Events(vec![A])])])
        .strategy(Remembers(Arc::clone(&shown)))
        .with(crate::hedges::hedging(1.0))
        .start();
    for _ in 0..3 {
        drop(running.ask(true).await.unwrap());
    }
    let latency = shown.lock().unwrap()[2][0].2.unwrap();
    assert!(latency >= Duration::from_millis(200), "{latency:?}");
}
