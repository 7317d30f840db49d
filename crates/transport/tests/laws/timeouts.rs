//! Each step of a call has its own limit, and says so when it is exceeded.
//!
//! The clock is real until the origin has seen what it must see. Then it is paused, and runs ahead
//! to whatever is waited for, so that limits of minutes are tested at their true length.

use std::time::Duration;

use crate::origin::{Listener, get, message, piece, text, trusting, upstream};
use ferro_core::ErrorKind::{ConnectTimeout, IdleTimeout, Timeout, TotalTimeout};
use ferro_transport::{Connector, Timeouts};
use futures_util::StreamExt;
use tokio::time::{Instant, advance, pause, resume};

const CHUNKED: &str = "transfer-encoding: chunked\r\n\r\n6\r\ndata: \r\n";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_a_connect_timeout() {
    let listener = Listener::bind().await;
    let url = format!("https://localhost:{}", listener.port());
    let upstream = upstream(&trusting(), &url, Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        assert_eq!(peer.read(1).await, [22], "the first byte of a handshake");
        pause();
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    resume();
    let message = message(answer, ConnectTimeout);
    assert!(message.starts_with("connect timeout: "), "{message}");
    assert!(message.contains(&url) && message.contains("10s"), "{message}");
    peer.gone().await;
}

#[tokio::test]
async fn an_answer_that_does_not_begin_is_a_first_byte_timeout_after_ten_minutes() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        pause();
        (peer, Instant::now())
    };
    let (answer, (mut peer, started)) = tokio::join!(upstream.send(get("/")), script);
    assert!((seconds(599)..seconds(602)).contains(&started.elapsed()));
    resume();
    let message = message(answer, Timeout);
    assert!(message.starts_with("first-byte timeout: "), "{message}");
    assert!(message.contains("600s"), "{message}");
    peer.gone().await;
}

#[tokio::test]
async fn a_request_that_is_not_taken_is_a_first_byte_timeout() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.read(4).await;
        pause();
        peer
    };
    let large = crate::origin::post("/", vec![b'x'; 64 << 20]);
    let (answer, mut peer) = tokio::join!(upstream.send(large), script);
    resume();
    assert!(message(answer, Timeout).starts_with("first-byte timeout: "));
    peer.gone().await;
}

#[tokio::test]
async fn a_model_may_think_for_almost_ten_minutes() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        pause();
        advance(seconds(595)).await;
        resume();
        peer.answer("forty-two").await;
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "forty-two");
}

#[tokio::test]
async fn a_connection_that_is_used_again_counts_each_requests_time_from_its_beginning() {
    let listener = Listener::bind().await;
    let timeouts = Timeouts { first_byte: seconds(60), ..Timeouts::default() };
    let upstream = listener.upstream(&Connector::new(), timeouts);
    let mut peer = None;
    for _ in 0..3 {
        let script = async {
            let mut peer = match peer.take() {
                Some(peer) => peer,
                None => listener.accept().await,
            };
            peer.request().await;
            pause();
            advance(seconds(55)).await;
            resume();
            peer.answer("late, but not too late").await;
            peer
        };
        let (answer, used) = tokio::join!(upstream.send(get("/")), script);
        assert_eq!(text(answer.unwrap()).await.unwrap(), "late, but not too late");
        peer = Some(used);
    }
    let mut peer = peer.unwrap();
    let script = async {
        peer.request().await;
        pause();
        Instant::now()
    };
    let (answer, started) = tokio::join!(upstream.send(get("/")), script);
    assert!((seconds(59)..seconds(62)).contains(&started.elapsed()));
    resume();
    assert!(message(answer, Timeout).starts_with("first-byte timeout: "));
    peer.gone().await;
}

#[tokio::test]
async fn silence_in_the_middle_of_an_answer_is_an_idle_timeout() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say(format!("HTTP/1.1 200 OK\r\n{CHUNKED}")).await;
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    let mut body = answer.unwrap().into_body();
    assert_eq!(piece(&mut body).await, "data: ");
    pause();
    let started = Instant::now();
    let failed = body.next().await.unwrap();
    assert!((seconds(299)..seconds(302)).contains(&started.elapsed()));
    resume();
    let message = message(failed, IdleTimeout);
    assert!(message.starts_with("idle timeout: ") && message.contains("300s"), "{message}");
    peer.gone().await;
    assert!(body.next().await.is_none(), "an error is the end");
}

#[tokio::test]
async fn every_piece_begins_the_idle_time_anew() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say(format!("HTTP/1.1 200 OK\r\n{CHUNKED}")).await;
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    let mut body = answer.unwrap().into_body();
    assert_eq!(piece(&mut body).await, "data: ");
    for _ in 0..5 {
        let script = async {
            pause();
            advance(seconds(290)).await;
            resume();
            peer.say("2\r\n. \r\n").await;
        };
        let (next, ()) = tokio::join!(body.next(), script);
        assert_eq!(next.unwrap().unwrap(), ". ");
    }
}

#[tokio::test]
async fn an_answer_that_must_be_whole_in_time_has_a_total_timeout_however_busy_it_is() {
    let listener = Listener::bind().await;
    let timeouts = Timeouts { total: Some(seconds(60)), ..Timeouts::default() };
    let upstream = listener.upstream(&Connector::new(), timeouts);
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say(format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{CHUNKED}")).await;
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    let mut body = answer.unwrap().into_body();
    assert_eq!(piece(&mut body).await, "data: ");
    pause();
    advance(seconds(50)).await;
    resume();
    peer.say("2\r\n. \r\n").await;
    assert_eq!(piece(&mut body).await, ". ");
    pause();
    let failed = body.next().await.unwrap();
    resume();
    let message = message(failed, TotalTimeout);
    assert!(message.starts_with("total timeout: ") && message.contains("60s"), "{message}");
    peer.gone().await;
}

#[tokio::test]
async fn the_total_time_counts_from_the_call() {
    let listener = Listener::bind().await;
    let timeouts = Timeouts { total: Some(seconds(60)), ..Timeouts::default() };
    let upstream = listener.upstream(&Connector::new(), timeouts);
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        pause();
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    resume();
    let message = message(answer, TotalTimeout);
    assert!(message.starts_with("total timeout: "), "{message}");
    peer.gone().await;
}

#[tokio::test]
async fn a_stream_of_events_may_last_longer_than_a_whole_answer() {
    let listener = Listener::bind().await;
    let timeouts = Timeouts { total: Some(seconds(60)), ..Timeouts::default() };
    let upstream = listener.upstream(&Connector::new(), timeouts);
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        let kind = "content-type: text/event-stream; charset=utf-8";
        peer.say(format!("HTTP/1.1 200 OK\r\n{kind}\r\n{CHUNKED}")).await;
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    let mut body = answer.unwrap().into_body();
    assert_eq!(piece(&mut body).await, "data: ");
    let script = async {
        pause();
        advance(seconds(200)).await;
        resume();
        peer.say("2\r\n. \r\n0\r\n\r\n").await;
    };
    let (next, ()) = tokio::join!(body.next(), script);
    assert_eq!(next.unwrap().unwrap(), ". ");
    assert!(body.next().await.is_none());
}
