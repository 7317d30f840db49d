//! Bodies that are passed on as they arrive.

use bytes::Bytes;
use ferro_core::{BodyError, ErrorKind, Payload};
use ferro_transport::{Connector, Timeouts};
use futures_util::{StreamExt, stream};
use http::Request;
use tokio::sync::mpsc;

use crate::origin::{Listener, get, message, text};

type Pieces = mpsc::Sender<Result<Bytes, BodyError>>;

/// A request whose body is what is sent.
fn upload() -> (Pieces, Request<Payload>) {
    let (sender, mut pieces) = mpsc::channel(1);
    let body = stream::poll_fn(move |cx| pieces.poll_recv(cx)).boxed();
    (sender, Request::post("/upload").body(Payload::Stream(body)).unwrap())
}

#[tokio::test]
async fn pieces_are_passed_on_before_the_last_has_come() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let (pieces, request) = upload();
    let script = async {
        pieces.send(Ok(Bytes::from_static(b"one"))).await.unwrap();
        let mut peer = listener.accept().await;
        let head = peer.request().await;
        assert!(head.contains("\r\ntransfer-encoding: chunked\r\n"), "{head}");
        let first = "3\r\none\r\n";
        let body = head.split_once("\r\n\r\n").unwrap().1.to_owned();
        let rest = peer.read(first.len() - body.len()).await;
        assert_eq!(body + &String::from_utf8(rest).unwrap(), first);
        pieces.send(Ok(Bytes::from_static(b"two"))).await.unwrap();
        assert_eq!(peer.read(8).await, b"3\r\ntwo\r\n");
        drop(pieces);
        assert_eq!(peer.read(5).await, b"0\r\n\r\n");
        peer.answer("taken").await;
    };
    let (answer, ()) = tokio::join!(upstream.send(request), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "taken");
}

#[tokio::test]
async fn a_body_that_breaks_off_here_is_the_callers_failure_and_no_whole_body_there() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let (pieces, request) = upload();
    let script = async {
        pieces.send(Ok(Bytes::from_static(b"half"))).await.unwrap();
        pieces.send(Err(BodyError::TooSlow)).await.unwrap();
        let mut peer = listener.accept().await;
        let head = peer.request().await;
        peer.gone().await;
        head
    };
    let (answer, head) = tokio::join!(upstream.send(request), script);
    let message = message(answer, ErrorKind::Invalid);
    assert!(message.contains("the body did not arrive in time"), "{message}");
    assert!(!head.ends_with("0\r\n\r\n"), "{head}");
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_body_is_read_and_its_connection_not_used_again() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let (pieces, request) = upload();
    let script = async {
        pieces.send(Ok(Bytes::from_static(b"more than it takes"))).await.unwrap();
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nno!").await;
        peer
    };
    let (answer, _peer) = tokio::join!(upstream.send(request), script);
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 413);
    assert_eq!(text(answer).await.unwrap(), "no!");
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.answer("next").await;
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "next");
}
