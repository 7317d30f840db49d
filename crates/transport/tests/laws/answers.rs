//! What an origin may answer, and what is made of it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
};

use crate::origin::{Listener, Peer, get, message, text};
use ferro_core::{ErrorKind, Inflow, ProviderError};
use ferro_transport::{Connector, Timeouts};
use futures_util::{FutureExt, StreamExt};
use http::Response;
use tokio::net::TcpStream;

/// Asks an origin that answers `bytes` and waits.
async fn asked(bytes: &str) -> (Result<Response<Inflow>, ProviderError>, Peer<TcpStream>) {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        let request = peer.request().await;
        assert!(request.contains("\r\naccept-encoding: identity\r\n"), "{request}");
        peer.say(bytes).await;
        peer
    };
    tokio::join!(upstream.send(get("/v1/models?page=2")), script)
}

/// Asks an origin that answers `bytes` and hangs up.
async fn told(bytes: &str) -> Result<Response<Inflow>, ProviderError> {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say(bytes).await;
        peer.shut().await;
    };
    tokio::join!(upstream.send(get("/")), script).0
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let head = "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\n";
    let answer = told(&format!("{head}content-length: 5\r\n\r\nmoved")).await.unwrap();
    assert_eq!(answer.status(), 307);
    assert_eq!(answer.headers()["location"], "http://127.0.0.1:1/");
    assert_eq!(text(answer).await.unwrap(), "moved");
}

#[tokio::test]
async fn an_answer_shorter_than_it_said_is_interrupted() {
    let answer = told("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await;
    let message = message(text(answer.unwrap()).await, ErrorKind::Interrupted);
    assert!(message.contains("in the middle of its answer"), "{message}");
}

#[tokio::test]
async fn a_chunked_answer_without_its_last_chunk_is_interrupted() {
    let answer = told("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n").await;
    message(text(answer.unwrap()).await, ErrorKind::Interrupted);
}

#[tokio::test]
async fn chunks_that_are_none_are_an_interruption() {
    let answer = told("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n").await;
    message(text(answer.unwrap()).await, ErrorKind::Interrupted);
}

#[tokio::test]
async fn an_origin_that_hangs_up_did_not_answer() {
    message(told("").await, ErrorKind::Transport);
}

#[tokio::test]
async fn what_is_not_http_is_malformed() {
    let message = message(told("SSH-2.0-OpenSSH_9.6\r\n\r\n").await, ErrorKind::Malformed);
    assert!(message.contains("not HTTP"), "{message}");
}

#[tokio::test]
async fn a_head_with_too_much_in_it_is_malformed() {
    let long = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "x".repeat(65 << 10));
    message(told(&long).await, ErrorKind::Malformed);
    let many = "x-again: 1\r\n".repeat(200);
    message(told(&format!("HTTP/1.1 200 OK\r\n{many}\r\n")).await, ErrorKind::Malformed);
}

#[tokio::test]
async fn an_encoded_answer_is_malformed_and_its_encoding_named() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-encoding:";
    let (answer, mut peer) = asked(&format!("{head} gzip, identity\r\n\r\nabcd")).await;
    let message = message(answer, ErrorKind::Malformed);
    assert!(message.contains("content-encoding: gzip`"), "{message}");
    peer.gone().await;
    let answer = told(&format!("{head} Identity\r\n\r\nabcd")).await.unwrap();
    assert_eq!(text(answer).await.unwrap(), "abcd");
    let nothing = "HTTP/1.1 204 No Content\r\ncontent-encoding: br\r\n\r\n";
    assert_eq!(text(told(nothing).await.unwrap()).await.unwrap(), "", "nothing is not encoded");
}

#[tokio::test]
async fn a_body_without_a_length_ends_with_its_connection() {
    let answer = told("HTTP/1.1 200 OK\r\n\r\nto the end").await;
    assert_eq!(text(answer.unwrap()).await.unwrap(), "to the end");
}

#[tokio::test]
async fn hints_before_the_answer_and_trailers_behind_it_are_passed_over() {
    let early = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-late\r\n\r\n";
    let answer = told(&format!("{early}{head}4\r\nbody\r\n0\r\nx-late: 1\r\n\r\n")).await;
    assert_eq!(text(answer.unwrap()).await.unwrap(), "body");
}

#[tokio::test]
async fn odd_trailers_are_an_error_or_nothing_and_never_a_panic() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n";
    let many = "x-again: 1\r\n".repeat(200);
    for trailers in ["no colon\r\n\r\n", ": no name\r\n\r\n", "x: \u{1}\r\n\r\n", "x: 1\r\n", &many]
    {
        let answer = told(&format!("{head}{trailers}")).await.unwrap();
        let answer = text(answer).await;
        assert!(
            answer.as_ref().is_ok_and(|body| body == "body")
                || answer.as_ref().is_err_and(|e| e.kind() == ErrorKind::Interrupted),
            "{trailers:?}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_switch_to_another_protocol_is_an_answer_without_a_body() {
    let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
    let (answer, mut peer) = asked(head).await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 101);
    assert_eq!(text(answer).await.unwrap(), "");
    peer.gone().await;
}

#[tokio::test]
async fn pieces_that_have_arrived_are_ready_back_to_back() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n0\r\n").await;
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    let mut body = answer.unwrap().into_body();
    assert_eq!(crate::origin::piece(&mut body).await, "0");
    assert!(body.next().now_or_never().is_none(), "the socket is empty");
    let chunks: Vec<String> = (1..=20).map(|n| format!("3\r\n{n:03}\r\n")).collect();
    peer.say(chunks.concat()).await;
    let mut read = crate::origin::piece(&mut body).await.to_vec();
    while let Some(next) = body.next().now_or_never() {
        read.extend(next.unwrap().unwrap());
    }
    let sent: Vec<String> = (1..=20).map(|n| format!("{n:03}")).collect();
    assert_eq!(String::from_utf8(read).unwrap(), sent.concat(), "all of it has arrived");
    assert!(body.next().now_or_never().is_none(), "the socket is empty again");
}

/// Counts how often a task is woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A task that goes its whole way for each piece is not to go it twice.
#[tokio::test]
async fn a_piece_wakes_its_reader_once() {
    let (answer, mut peer) = asked("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
    let mut body = answer.unwrap().into_body();
    let count = Arc::new(Wakes::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut cx = Context::from_waker(&waker);
    assert!(body.poll_next_unpin(&mut cx).is_pending());
    for n in 1..=5 {
        peer.say(format!("1\r\n{n}\r\n")).await;
        let woken = async {
            while count.0.load(Relaxed) < n {
                tokio::task::yield_now().await;
            }
        };
        crate::origin::within(woken).await;
        let Poll::Ready(Some(Ok(piece))) = body.poll_next_unpin(&mut cx) else {
            panic!("piece {n} woke its reader and is not ready");
        };
        assert_eq!(piece, n.to_string());
        assert!(body.poll_next_unpin(&mut cx).is_pending());
        assert_eq!(count.0.load(Relaxed), n, "reading is no reason to be woken");
    }
}

#[tokio::test]
async fn a_request_carries_its_path_its_host_and_its_own_headers() {
    let listener = Listener::bind().await;
    let url = format!("http://me:p%40ss@127.0.0.1:{}", listener.port());
    let upstream = crate::origin::upstream(&Connector::new(), &url, Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        let request = peer.request().await;
        peer.answer("").await;
        request
    };
    let mut call = get("https://elsewhere.example/v1/models?page=2");
    call.headers_mut().insert("x-own", "1".parse().unwrap());
    let (answer, request) = tokio::join!(upstream.send(call), script);
    answer.unwrap();
    assert!(request.starts_with("GET /v1/models?page=2 HTTP/1.1\r\n"), "{request}");
    let host = format!("\r\nhost: 127.0.0.1:{}\r\n", listener.port());
    for header in [&*host, "\r\nx-own: 1\r\n", "\r\nauthorization: Basic bWU6cEBzcw==\r\n"] {
        assert!(request.contains(header), "{header}: {request}");
    }
}
