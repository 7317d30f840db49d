//! Many at once, while a target is killed and comes back.

use std::{net::SocketAddr, time::Duration};

use ferro_scripted::{Script, Upstream};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    sync::oneshot,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::weather::{PATIENCE, Told, Vendor, Weather, ask_by, healthy, listens, send, told, well};

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
    timeout(PATIENCE, back).await.unwrap();
}

/// The system keeps connections that nobody has accepted yet, as many as the listener asks it to.
/// Those beyond are not kept, and what their clients send is answered with a reset.
#[tokio::test]
async fn a_crowd_that_comes_while_nobody_is_accepted_is_served_and_not_reset() {
    let a = healthy().await;
    let url = a.base_url();
    let target = format!("virtual_key: a, provider: openai-compatible, base_url: '{url}'");
    let (server, _gateway) = listens(&format!("targets: [{{{target}, models: [m]}}]")).await;
    let address = server.address().unwrap();
    let mut crowd = Vec::new();
    for _ in 0..1_000 {
        crowd.push(timeout(PATIENCE, TcpStream::connect(address)).await.unwrap().unwrap());
    }
    let mut tasks = JoinSet::new();
    tasks.spawn(server.run(std::future::pending()));
    let asked: JoinSet<_> = crowd.into_iter().map(|s| ask_by(s, "m", false, "")).collect();
    asked.join_all().await.iter().for_each(fine);
}

#[tokio::test]
async fn whoever_has_asked_and_was_not_accepted_by_the_time_that_the_server_stops_is_answered() {
    let a = healthy().await;
    let url = a.base_url();
    let target = format!("virtual_key: a, provider: openai-compatible, base_url: '{url}'");
    let (server, _gateway) = listens(&format!("targets: [{{{target}, models: [m]}}]")).await;
    let address = server.address().unwrap();
    let (mut silent, mut asked) = (TcpStream::connect(address).await.unwrap(), JoinSet::new());
    for _ in 0..100 {
        let (sent, is_sent) = oneshot::channel();
        asked.spawn(ask(address, sent));
        is_sent.await.unwrap();
    }
    server.run(std::future::ready(())).await;
    asked.join_all().await.iter().for_each(fine);
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0, "who has said nothing is let go of");
}

/// Asks, and tells when everything was sent.
async fn ask(address: SocketAddr, sent: oneshot::Sender<()>) -> Told {
    let mut socket = TcpStream::connect(address).await.unwrap();
    send(&mut socket, "m", false, "").await;
    sent.send(()).unwrap();
    told(socket).await
}

fn fine(told: &Told) {
    assert_eq!(told.status, 200, "{told:?}");
}

#[tokio::test]
async fn a_target_that_is_full_is_waited_for_only_when_the_others_are_full() {
    let silent = |_: &_| Script::new().stall();
    let (a, b) = (Vendor::ill(silent).await, Vendor::ill(silent).await);
    let narrow = "concurrency: {max_concurrency: 1, queue_size: 100}, models: [m]";
    let targets = [("a", &a.upstream, narrow), ("b", &b.upstream, narrow)];
    let weather = Weather::new("{mode: fallback}", &targets).await;
    let first = weather.ask_at_once(1, "m");
    a.upstream.wait_for_requests(1, PATIENCE).await.unwrap();
    let _second = weather.ask_at_once(1, "m");
    b.upstream.wait_for_requests(1, PATIENCE).await.expect("the sibling has room");
    let mut third = weather.ask_at_once(1, "m");
    let waits = async {
        while weather.metric(r#"gateway_target_waiting{provider="a"}"#).as_deref() != Some("1") {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, waits).await.expect("nobody has room");
    a.cure();
    drop(first);
    let told = third.join_next().await.unwrap().unwrap();
    fine(&told);
    assert_eq!((told.target(), a.asked(), b.asked()), ("a", 2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_of_a_crowd_is_refused_while_there_is_room_to_wait() {
    let (a, b) = (healthy().await, healthy().await);
    let narrow = "concurrency: {max_concurrency: 1, queue_size: 100}, models: [m]";
    let weather = Weather::new("{mode: fallback}", &[("a", &a, narrow), ("b", &b, narrow)]).await;
    let asked = weather.ask_at_once(60, "m");
    asked.join_all().await.iter().for_each(fine);
    assert_eq!(a.requests().len() + b.requests().len(), 60);
}
