//! Which connection a request goes over, and what becomes of those that nobody uses.

use std::time::Duration;

use crate::origin::{Listener, Peer, get, message, piece, post, text};
use ferro_core::{ErrorKind, Upstream};
use ferro_transport::{Connector, Timeouts};
use futures_util::future::select_all;
use tokio::net::TcpStream;

/// Calls once over a new connection, and returns its other end.
async fn call(upstream: &dyn Upstream, listener: &Listener) -> Peer<TcpStream> {
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.answer("first").await;
        peer
    };
    let (answer, peer) = tokio::join!(upstream.send(get("/")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "first");
    peer
}

#[tokio::test]
async fn an_answer_read_to_its_end_leaves_its_connection_to_the_next_request() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let mut peer = call(&*upstream, &listener).await;
    let script = async {
        assert!(peer.request().await.starts_with("POST /second HTTP/1.1\r\n"));
        peer.answer("second").await;
    };
    let (answer, ()) = tokio::join!(upstream.send(post("/second", "{}")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "second");
    assert!(listener.is_quiet().await);
}

#[tokio::test]
async fn a_connection_whose_answer_was_not_read_is_not_used_again() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf").await;
        peer
    };
    let (answer, _peer) = tokio::join!(upstream.send(get("/")), script);
    assert_eq!(piece(answer.unwrap().body_mut()).await, "half");
    call(&*upstream, &listener).await;
}

#[tokio::test]
async fn a_request_that_a_stale_connection_never_took_is_sent_again_on_a_new_one() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let peer = call(&*upstream, &listener).await;
    peer.shut().await;
    tokio::task::yield_now().await; // the runtime looks at its sockets, and learns of it
    let script = async {
        let mut peer = listener.accept().await;
        let request = peer.request().await;
        peer.answer("again").await;
        request
    };
    let (answer, request) = tokio::join!(upstream.send(post("/", "the body")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "again");
    assert!(request.ends_with("the body"), "{request}");
}

#[tokio::test]
async fn a_request_that_may_have_been_seen_is_not_sent_again() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let mut peer = call(&*upstream, &listener).await;
    let script = async {
        peer.request().await;
        drop(peer);
    };
    let (answer, ()) = tokio::join!(upstream.send(post("/", "{}")), script);
    let message = message(answer, ErrorKind::Transport);
    assert!(message.contains("broke off before it answered"), "{message}");
    assert!(listener.is_quiet().await, "nobody tried again");
}

#[tokio::test]
async fn no_more_connections_are_kept_than_were_asked_for() {
    let listener = Listener::bind().await;
    let connector = Connector::builder().keep_idle(2, Duration::from_secs(60)).build();
    let upstream = listener.upstream(&connector, Timeouts::default());
    let script = async {
        let mut peers = Vec::new();
        for _ in 0..3 {
            let mut peer = listener.accept().await;
            peer.request().await;
            peers.push(peer);
        }
        for peer in &mut peers {
            peer.answer("done").await;
        }
        peers
    };
    let send = || async { text(upstream.send(get("/")).await.unwrap()).await.unwrap() };
    let (.., mut peers) = tokio::join!(send(), send(), send(), script);
    // The one that was put back first went when the third came; the other two are used again.
    let first = select_all(peers.iter_mut().map(|peer| Box::pin(peer.gone()))).await.1;
    peers.remove(first);
    let script = async {
        for peer in &mut peers {
            peer.request().await;
        }
        for peer in &mut peers {
            peer.answer("again").await;
        }
    };
    let (one, two, ()) = tokio::join!(send(), send(), script);
    assert_eq!((one.as_str(), two.as_str()), ("again", "again"));
    assert!(listener.is_quiet().await);
}

#[tokio::test]
async fn an_idle_connection_is_closed_in_time_although_no_request_comes() {
    let listener = Listener::bind().await;
    let connector = Connector::builder().keep_idle(8, Duration::from_secs(60)).build();
    let upstream = listener.upstream(&connector, Timeouts::default());
    let mut peer = call(&*upstream, &listener).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    peer.gone().await;
    call(&*upstream, &listener).await;
}

#[tokio::test]
async fn nothing_is_kept_where_nothing_is_to_be_kept() {
    let listener = Listener::bind().await;
    let connector = Connector::builder().keep_idle(0, Duration::from_secs(60)).build();
    let upstream = listener.upstream(&connector, Timeouts::default());
    call(&*upstream, &listener).await.gone().await;
    call(&*upstream, &listener).await.gone().await;
}
