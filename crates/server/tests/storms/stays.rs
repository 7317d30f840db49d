//! Who stays with a target, and who gets a second one, as a file says it.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use ferro_scripted::{Received, Upstream};

use crate::{
    streams::stalls,
    weather::{Weather, healthy, refuses, well},
};

const NAMES: [&str; 3] = ["a", "b", "c"];
const NOBODY: usize = NAMES.len();

/// A vendor that is down while `down` says its place.
async fn one_of(place: usize, down: &Arc<AtomicUsize>) -> Upstream {
    let down = Arc::clone(down);
    let answers = move |received: &Received| match down.load(Relaxed) == place {
        true => refuses(503)(received),
        false => well(received),
    };
    Upstream::builder().answers(answers).start().await.unwrap()
}

#[tokio::test]
async fn a_session_stays_with_its_target_and_moves_once_where_that_fails() {
    let down = Arc::new(AtomicUsize::new(NOBODY));
    let (a, b, c) = (one_of(0, &down).await, one_of(1, &down).await, one_of(2, &down).await);
    let more = "models: [m], circuit_breaker: {failure_threshold: 1, timeout: 10m}";
    let targets = [("a", &a, more), ("b", &b, more), ("c", &c, more)];
    let weather = Weather::new("{mode: loadbalance, affinity: {}}", &targets).await;

    let mut seen = BTreeSet::new();
    for session in 0..40 {
        let told = weather.ask_in(&format!("session-{session}"), "m").await;
        seen.insert(told.target().to_owned());
    }
    assert_eq!(seen.len(), 3, "sessions are spread: {seen:?}");

    let first = weather.ask_in("one", "m").await.target().to_owned();
    for _ in 0..20 {
        assert_eq!(weather.ask_in("one", "m").await.target(), first);
    }
    down.store(NAMES.iter().position(|name| *name == first).unwrap(), Relaxed);
    let moved = weather.ask_in("one", "m").await;
    assert_eq!(moved.status, 200, "{moved:?}");
    assert_ne!(moved.target(), first);
    down.store(NOBODY, Relaxed);
    for _ in 0..20 {
        assert_eq!(weather.ask_in("one", "m").await.target(), moved.target());
    }
}

#[tokio::test]
async fn a_rule_goes_before_the_target_that_has_answered_a_session_so_far() {
    let down = Arc::new(AtomicUsize::new(1));
    let (a, b) = (one_of(0, &down).await, one_of(1, &down).await);
    let rule = "conditions: [{key: model, value: m, target_key: b}]";
    let strategy = format!("{{mode: conditional, affinity: {{}}, {rule}}}");
    let targets = [("a", &a, "models: [m]"), ("b", &b, "models: [m]")];
    let weather = Weather::new(&strategy, &targets).await;
    assert_eq!(weather.ask_in("one", "m").await.target(), "a");
    down.store(NOBODY, Relaxed);
    assert_eq!(weather.ask_in("one", "m").await.target(), "b");
}

/// As many first tokens as have to be seen before anybody is hedged.
const SEEN: usize = 50;

#[tokio::test]
async fn a_stream_that_is_late_to_begin_is_asked_for_elsewhere_too() {
    let asked = AtomicUsize::new(0);
    let a = move |received: &Received| match asked.fetch_add(1, Relaxed) < SEEN {
        true => well(received),
        false => stalls(0)(received),
    };
    let a = Upstream::builder().answers(a).start().await.unwrap();
    let b = healthy().await;
    let targets = [("a", &a, "models: [m]"), ("b", &b, "models: [m]")];
    let weather = Weather::new("{mode: fallback, hedging: {}}", &targets).await;
    for _ in 0..SEEN {
        assert_eq!(weather.ask("m", true).await.target(), "a");
    }
    let told = weather.ask("m", true).await;
    assert_eq!((told.status, told.target()), (200, "b"), "{told:?}");
    assert!(told.body.contains("[DONE]"), "{told:?}");
    assert_eq!((a.requests().len(), b.requests().len()), (SEEN + 1, 1));
}
