//! Many at once, while a target is killed and comes back.

use ferro_scripted::Upstream;

use crate::weather::{PATIENCE, Told, Vendor, Weather, healthy, is_stream, well};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_at_once_do_not_learn_that_a_target_was_killed_and_restarted() {
    let (a, b) = (healthy().await, healthy().await);
    let opens = "circuit_breaker: {failure_threshold: 5, timeout: 100ms}, models: [m]";
    let targets = [("a", &a, opens), ("b", &b, opens)];
    let weather = Weather::new("{mode: loadbalance}", &targets).await;
    let address = a.address();
    let mut asked = weather.ask_at_once(400, "m");
    a.wait_for_requests(20, PATIENCE).await.unwrap();
    drop(a);
    let mut more = weather.ask_at_once(300, "m");
    while let Some(told) = asked.join_next().await {
        fine(&told.unwrap());
    }
    let again = Upstream::builder().address(address).answers(well).start().await.unwrap();
    let mut last = weather.ask_at_once(300, "m");
    for crowd in [&mut more, &mut last] {
        while let Some(told) = crowd.join_next().await {
            fine(&told.unwrap());
        }
    }
    // It is asked again, once it has been left alone for its time.
    let back = async {
        while again.requests().is_empty() {
            fine(&weather.ask("m", false).await);
        }
    };
    tokio::time::timeout(PATIENCE, back).await.unwrap();
}

fn fine(told: &Told) {
    assert_eq!(told.status, 200, "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_is_full_is_waited_for_only_when_the_others_are_full() {
    let slow = |received: &_| {
        assert!(!is_stream(received));
        well(received)
    };
    let (a, b) = (Vendor::ill(slow).await, healthy().await);
    let narrow = "concurrency: {max_concurrency: 1, queue_size: 100}, models: [m]";
    let targets = [("a", &a.upstream, narrow), ("b", &b, narrow)];
    let weather = Weather::new("{mode: fallback}", &targets).await;
    let mut asked = weather.ask_at_once(60, "m");
    while let Some(told) = asked.join_next().await {
        fine(&told.unwrap());
    }
    assert_eq!(a.asked() + b.requests().len(), 60);
    assert!(!b.requests().is_empty(), "the sibling was free first");
}
