//! Whoever drops a call, answered or not, has closed it at the origin.

use crate::origin::{Listener, get, piece, post};
use ferro_transport::{Connector, Timeouts};
use tokio::task::JoinSet;

#[tokio::test]
async fn dropping_a_call_that_has_no_answer_closes_its_socket() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let mut calls = JoinSet::new();
    calls.spawn(async move { upstream.send(post("/v1/chat", "{}")).await });
    let mut peer = listener.accept().await;
    peer.request().await;
    calls.abort_all();
    peer.gone().await;
}

#[tokio::test]
async fn dropping_a_whole_answer_half_read_closes_its_socket() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    let mut body = answer.unwrap().into_body();
    assert_eq!(piece(&mut body).await, "half");
    drop(body);
    peer.gone().await;
}

#[tokio::test]
async fn dropping_a_stream_closes_its_socket() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\ndata: \r\n").await;
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    let mut body = answer.unwrap().into_body();
    assert_eq!(piece(&mut body).await, "data: ");
    drop(body);
    peer.gone().await;
}

#[tokio::test]
async fn dropping_an_answer_that_nobody_began_to_read_closes_its_socket() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    drop(answer);
    peer.gone().await;
}

#[tokio::test]
async fn an_upstream_that_is_dropped_takes_its_idle_connections_with_it() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.answer("done").await;
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    assert_eq!(crate::origin::text(answer.unwrap()).await.unwrap(), "done");
    drop(upstream);
    peer.gone().await;
}
