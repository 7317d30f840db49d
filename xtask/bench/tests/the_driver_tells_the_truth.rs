//! The driver, the bundled upstream and the proxy that does nothing, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{net::SocketAddr, time::Duration};

use ferro_bench::{
    Wish,
    driver::{Connection, Goal, Held, Pace, Prepared, leave, open},
    meter::Meter,
    nothing, upstream,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};

struct Scene {
    upstream: SocketAddr,
    proxy: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Scene {
    async fn set() -> Self {
        let (behind, before) = (listener().await, listener().await);
        let upstream = behind.local_addr().unwrap();
        let proxy = before.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { upstream::serve(behind).await.unwrap() });
        tasks.spawn(async move { nothing::serve(before, upstream).await.unwrap() });
        Self { upstream, proxy, _tasks: tasks }
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.unwrap()
}

fn goal(address: SocketAddr) -> Goal {
    Goal { address, header: None }
}

#[tokio::test]
async fn a_whole_reply_says_how_long_the_upstream_waited() {
    let scene = Scene::set().await;
    for address in [scene.upstream, scene.proxy] {
        let wish = Wish::after(Duration::from_millis(20));
        let request = Prepared::new(&goal(address), wish, 400);
        let mut connection = Connection::open(address).await.unwrap();
        for _ in 0..3 {
            let seen = request.send(&mut connection, |_, _| ()).await.unwrap();
            assert!(seen.waited >= 20_000, "{seen:?}");
        }
    }
}

#[tokio::test]
async fn every_event_of_a_stream_is_counted_however_many_a_write_holds() {
    let scene = Scene::set().await;
    for address in [scene.upstream, scene.proxy] {
        for per_write in [1, 4, 16] {
            let wish = Wish::stream(256, per_write, Duration::ZERO);
            let request = Prepared::new(&goal(address), wish, 100_000);
            let mut connection = Connection::open(address).await.unwrap();
            let mut counted = 0;
            let seen = request.send(&mut connection, |events, _| counted += events).await.unwrap();
            assert_eq!((seen.events, counted), (256, 256), "{per_write} a write");
        }
    }
}

#[tokio::test]
async fn held_streams_have_begun_and_stay_open() {
    let scene = Scene::set().await;
    let held = Held::open(&goal(scene.proxy), 20).await.unwrap();
    assert_eq!(held.count(), 20);
    let idle = Held::idle(&goal(scene.proxy), 20).await.unwrap();
    assert_eq!(idle.count(), 20);
}

#[tokio::test]
async fn what_warms_up_is_not_counted() {
    let scene = Scene::set().await;
    let goal = goal(scene.upstream);
    let request = Prepared::new(&goal, Wish::SMALL, 400);
    let pace = Pace { rate: 500, connections: 8 };
    let times = (Duration::from_millis(100), Duration::from_millis(200));
    let seen = open(&goal, &request, pace, times, &mut Meter::new(None, &[])).await.unwrap();
    assert_eq!(seen.requests, 100);
}

#[tokio::test]
async fn the_upstream_says_when_a_client_left_in_the_middle() {
    let scene = Scene::set().await;
    let silent = Wish::stream(2, 1, Duration::from_secs(600));
    let late = Wish::after(Duration::from_secs(600));
    for address in [scene.upstream, scene.proxy] {
        for wish in [silent, late] {
            let goal = goal(address);
            let request = Prepared::new(&goal, wish, 400);
            let took = leave(&goal, &request, 3, scene.upstream).await.unwrap();
            assert_eq!(took.len(), 3);
            assert!(took.iter().all(|micros| *micros < 1_000_000), "{took:?}");
        }
    }
}

#[tokio::test]
async fn an_upstream_pauses_for_as_long_as_it_was_asked_to() {
    let scene = Scene::set().await;
    let goal = goal(scene.upstream);
    let request = Prepared::new(&goal, Wish::stream(4, 1, Duration::from_millis(20)), 400);
    let mut connection = Connection::open(scene.upstream).await.unwrap();
    for _ in 0..2 {
        let begun = tokio::time::Instant::now();
        request.send(&mut connection, |_, _| ()).await.unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(80), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_reply_that_is_wrong_fails_the_run() {
    let listener = listener().await;
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let replies = [
            "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}",
        ];
        for reply in replies {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    });
    let request = Prepared::new(&goal(address), Wish::SMALL, 400);
    for expected in ["not 200", "not the upstream's", "closed in the middle"] {
        let mut connection = Connection::open(address).await.unwrap();
        let error = request.send(&mut connection, |_, _| ()).await.unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn the_wait_for_a_free_connection_counts_as_latency() {
    let scene = Scene::set().await;
    let goal = goal(scene.upstream);
    // Far more than the driver's connections can have under way at 200 ms each.
    let request = Prepared::new(&goal, Wish::after(Duration::from_millis(200)), 400);
    let mut meter = Meter::new(None, &[]);
    let pace = Pace { rate: 1000, connections: 64 };
    let times = (Duration::ZERO, Duration::from_millis(500));
    let seen = open(&goal, &request, pace, times, &mut meter).await.unwrap();
    assert_eq!(seen.requests, 500);
    let longest = seen.latencies.iter().max().copied().unwrap();
    assert!(longest > 300_000, "500 requests in turns of 64: the last waited {longest} µs");
}
