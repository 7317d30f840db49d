//! Targets that fail are left alone, and asked again when it may help.

use std::time::Duration;

use ferro_scripted::{Reply, Script};

use crate::weather::{Vendor, Weather, healthy, refuses, well};

const OPENS: &str = "circuit_breaker: {failure_threshold: 5, timeout: 30s}, models: [m]";

#[tokio::test]
async fn of_one_dead_target_among_three_no_client_learns_and_its_share_moves() {
    let dead = Vendor::ill(|_| Script::new().close()).await;
    let (b, c) = (healthy().await, healthy().await);
    let targets = [("a", &dead.upstream, OPENS), ("b", &b, OPENS), ("c", &c, OPENS)];
    let weather = Weather::new("{mode: loadbalance}", &targets).await;
    let told = weather.ask_often(60, "m").await;
    assert!(told.iter().all(|told| told.status == 200), "{told:?}");
    let others = (b.requests().len(), c.requests().len());
    assert_eq!((dead.asked(), others.0 + others.1), (5, 60), "the threshold is five");
    assert!(others.0 > 15 && others.1 > 15, "{others:?}: its share is spread");
    let open = weather.metric(r#"gateway_circuit_breaker_state{provider="a"}"#);
    assert_eq!(open.as_deref(), Some("1"));
}

#[tokio::test]
async fn when_all_are_dead_clients_hear_when_to_come_back_and_it_is_true() {
    let opens =
        "circuit_breaker: {failure_threshold: 1, timeout: 1s, max_timeout: 1s}, models: [m]";
    let (a, b) = (Vendor::ill(refuses(503)).await, Vendor::ill(refuses(500)).await);
    let targets = [("a", &a.upstream, opens), ("b", &b.upstream, opens)];
    let weather = Weather::new("{mode: fallback}", &targets).await;
    let first = weather.ask("m", false).await;
    assert_eq!(first.status, 502, "the last one's words: {first:?}");
    for stream in [false, true] {
        let told = weather.ask("m", stream).await;
        assert_eq!((told.status, told.header("retry-after")), (503, Some("1")), "{told:?}");
        assert!(told.body.contains("upstream_unavailable"), "{told:?}");
    }
    assert_eq!((a.asked(), b.asked()), (1, 1), "an open circuit asks nobody");
    a.cure();
    b.cure();
    tokio::time::sleep(Duration::from_secs(1)).await; // as the client was told
    let told = weather.ask("m", false).await;
    assert_eq!((told.status, told.target(), a.asked()), (200, "a", 2), "one probe is enough");
    let closed = weather.metric(r#"gateway_circuit_breaker_state{provider="a"}"#);
    assert_eq!(closed.as_deref(), Some("0"));
}

#[tokio::test]
async fn a_target_that_asks_for_two_seconds_gets_them_and_its_circuit_stays_closed() {
    let limited = |_: &_| Reply::json(429, "{}").header("retry-after", "2").into();
    let (a, b) = (Vendor::ill(limited).await, healthy().await);
    let opens = "circuit_breaker: {failure_threshold: 1}, models: [m]";
    let targets = [("a", &a.upstream, opens), ("b", &b, opens)];
    let weather = Weather::new("{mode: fallback}", &targets).await;
    let told = weather.ask_often(5, "m").await;
    assert!(told.iter().all(|told| (told.status, told.target()) == (200, "b")), "{told:?}");
    assert_eq!(a.asked(), 1, "it is left alone");
    let closed = weather.metric(r#"gateway_circuit_breaker_state{provider="a"}"#);
    assert_eq!(closed.as_deref(), Some("0"));
    a.cure();
    tokio::time::sleep(Duration::from_secs(2)).await; // as it asked
    assert_eq!(weather.ask("m", false).await.target(), "a");
}

#[tokio::test]
async fn five_mistakes_of_one_caller_leave_the_circuit_closed_and_five_failures_open_it() {
    for (status, is_open) in [(400, false), (404, false), (422, false), (503, true), (500, true)] {
        let a = Vendor::ill(refuses(status)).await;
        let weather = Weather::new("{mode: fallback}", &[("a", &a.upstream, OPENS)]).await;
        weather.ask_often(5, "m").await;
        a.cure();
        let told = weather.ask("m", false).await;
        assert_eq!(told.status == 503, is_open, "{status}: {told:?}");
        assert_eq!(a.asked(), if is_open { 5 } else { 6 }, "{status}");
    }
}

#[tokio::test]
async fn where_the_only_owner_is_left_alone_the_model_is_unavailable_and_not_unknown() {
    let (owner, other) = (Vendor::ill(refuses(503)).await, healthy().await);
    let opens = "circuit_breaker: {failure_threshold: 1}, models: [m]";
    let targets = [("owner", &owner.upstream, opens), ("other", &other, "models: [another]")];
    let weather = Weather::new("{mode: fallback}", &targets).await;
    weather.ask("m", false).await;
    let told = weather.ask("m", false).await;
    assert_eq!(told.status, 503, "{told:?}");
    let wait: u64 = told.header("retry-after").unwrap().parse().unwrap();
    assert!((29..=38).contains(&wait), "thirty seconds, and up to a quarter more: {wait}");
    assert_eq!(other.requests().len(), 0, "it does not have the model");
}

#[tokio::test]
async fn a_slow_target_drains_where_the_fastest_is_asked_first() {
    let slow = |received: &_| well(received).slowly(64, Duration::from_millis(50));
    let (a, b) = (Vendor::ill(slow).await, healthy().await);
    let targets = [("a", &a.upstream, "models: [m]"), ("b", &b, "models: [m]")];
    let weather = Weather::new("{mode: least-latency}", &targets).await;
    // Whoever was never seen is tried now and then; from then on it is known who is slow.
    while a.asked() == 0 || b.requests().is_empty() {
        assert_eq!(weather.ask("m", false).await.status, 200);
    }
    let before = a.asked();
    let told = weather.ask_often(30, "m").await;
    assert!(told.iter().all(|told| told.status == 200), "{told:?}");
    let more = a.asked() - before;
    assert!(more <= 2, "it was asked {more} more times of 30");
}
