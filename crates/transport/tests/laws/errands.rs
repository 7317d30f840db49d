//! Requests that outlive the call that they belong to.

use std::time::Duration;

use ferro_transport::{Connector, Timeouts};
use tokio::time::{Instant, pause, resume, timeout};

use crate::origin::{Listener, SOON, get, post, within};

#[tokio::test]
async fn an_errand_is_sent_though_nobody_waits_for_it_and_the_end_waits_for_it() {
    let (listener, connector) = (Listener::bind().await, Connector::new());
    let upstream = listener.upstream(&connector, Timeouts::default());
    upstream.errands().unwrap().send_off(post("/v1/predictions/1/cancel", "{}"));
    assert!(timeout(Duration::from_millis(50), connector.errands_over()).await.is_err());
    let mut peer = listener.accept().await;
    assert!(peer.request().await.starts_with("POST /v1/predictions/1/cancel HTTP/1.1\r\n"));
    peer.answer("done").await;
    within(connector.errands_over()).await;
    // Its connection is good for the next call.
    let script = async {
        peer.request().await;
        peer.answer("next").await;
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/")), script);
    assert!(answer.unwrap().status().is_success() && listener.is_quiet().await);
}

#[tokio::test]
async fn an_errand_ends_with_its_upstream() {
    let (listener, connector) = (Listener::bind().await, Connector::new());
    let upstream = listener.upstream(&connector, Timeouts::default());
    upstream.errands().unwrap().send_off(get("/"));
    let mut peer = listener.accept().await;
    peer.request().await;
    drop(upstream);
    peer.gone().await;
    timeout(SOON, connector.errands_over()).await.expect("nothing is under way");
}

#[tokio::test]
async fn an_errand_is_given_up_after_ten_seconds() {
    let (listener, connector) = (Listener::bind().await, Connector::new());
    let upstream = listener.upstream(&connector, Timeouts::default());
    upstream.errands().unwrap().send_off(get("/"));
    let mut peer = listener.accept().await;
    peer.request().await;
    pause();
    let started = Instant::now();
    connector.errands_over().await;
    let elapsed = started.elapsed();
    resume();
    assert!(elapsed <= Duration::from_secs(11), "{elapsed:?}");
    peer.gone().await;
}

#[tokio::test]
async fn errands_that_are_too_many_are_dropped_and_counted() {
    let (listener, connector) = (Listener::bind().await, Connector::new());
    let upstream = listener.upstream(&connector, Timeouts::default());
    let errands = upstream.errands().unwrap();
    (0..70).for_each(|_| errands.send_off(get("/")));
    assert_eq!(connector.errands_dropped(), 6);
    drop((upstream, errands));
    within(connector.errands_over()).await;
}

#[test]
fn where_no_runtime_is_left_an_errand_is_counted_and_nothing_breaks() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let connector = Connector::new();
    let upstream = runtime
        .block_on(async { Listener::bind().await.upstream(&connector, Timeouts::default()) });
    drop(runtime);
    upstream.errands().unwrap().send_off(get("/"));
    assert_eq!(connector.errands_dropped(), 1);
}
