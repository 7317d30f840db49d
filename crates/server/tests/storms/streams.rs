//! Streams that stall, or break off, before their first event and after it.

use ferro_scripted::{Events, Received, Script};

use crate::weather::{Vendor, Weather, healthy};

pub(crate) fn stalls(events: usize) -> impl Fn(&Received) -> Script + Send + Sync + 'static {
    move |_| Events::of_text(&["ill", " fated"]).stall_after(events).into()
}

#[tokio::test]
async fn a_target_that_stalls_before_its_first_event_is_left_unseen() {
    let (a, b) = (Vendor::ill(stalls(0)).await, healthy().await);
    let stalls = "ttft_timeout: 200ms, circuit_breaker: {failure_threshold: 2}, models: [m]";
    let targets = [("a", &a.upstream, stalls), ("b", &b, "models: [m]")];
    let weather = Weather::new("{mode: fallback}", &targets).await;
    for _ in 0..4 {
        let told = weather.ask("m", true).await;
        assert_eq!((told.status, told.target()), (200, "b"), "{told:?}");
        assert!(told.body.contains("well") && told.body.contains("[DONE]"), "{told:?}");
        assert!(!told.body.contains("ill"), "{told:?}");
    }
    assert_eq!(a.asked(), 2, "to stall is to fail");
}

#[tokio::test]
async fn a_stream_that_breaks_off_before_its_first_event_moves_on_unseen() {
    let cut = |_: &Received| Events::of_text(&["ill"]).cut_after(0).into();
    let (a, b) = (Vendor::ill(cut).await, healthy().await);
    let targets = [("a", &a.upstream, "models: [m]"), ("b", &b, "models: [m]")];
    let weather = Weather::new("{mode: fallback}", &targets).await;
    let told = weather.ask("m", true).await;
    assert_eq!((told.status, told.target()), (200, "b"), "{told:?}");
    assert!(told.body.contains("[DONE]") && !told.body.contains("error"), "{told:?}");
}

#[tokio::test]
async fn a_stream_that_breaks_off_later_says_so_and_counts_as_a_failure() {
    let cut = |_: &Received| Events::of_text(&["ill", " fated", " end"]).cut_after(2).into();
    let (a, b) = (Vendor::ill(cut).await, healthy().await);
    let opens = "circuit_breaker: {failure_threshold: 1}, models: [m]";
    let targets = [("a", &a.upstream, opens), ("b", &b, "models: [m]")];
    let weather = Weather::new("{mode: fallback}", &targets).await;
    let told = weather.ask("m", true).await;
    assert_eq!((told.status, told.target()), (200, "a"), "{told:?}");
    assert!(told.body.contains("ill") && told.body.contains("error"), "{told:?}");
    assert!(!told.body.contains("[DONE]"), "{told:?}");
    let told = weather.ask("m", true).await;
    assert_eq!((told.target(), a.asked()), ("b", 1), "its circuit is open");
}
