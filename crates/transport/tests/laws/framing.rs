//! Where an answer ends, and what is made of one that leaves it open.
//!
//! Whoever answers could otherwise have one answer taken for two, the second of which would be the
//! answer to somebody else's question.

use ferro_core::{ErrorKind, Inflow, ProviderError, Upstream};
use ferro_transport::{Connector, Timeouts};
use http::{Method, Request, Response};
use tokio::net::TcpStream;

use crate::origin::{Listener, Peer, get, message, text};

const OK: &str = "HTTP/1.1 200 OK\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn head(path: &str) -> Request<ferro_core::Payload> {
    let mut request = get(path);
    *request.method_mut() = Method::HEAD;
    request
}

/// Asks over a new connection, and returns its other end.
async fn ask(
    upstream: &dyn Upstream,
    listener: &Listener,
    request: Request<ferro_core::Payload>,
    bytes: &[u8],
) -> (Result<Response<Inflow>, ProviderError>, Peer<TcpStream>) {
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say(bytes).await;
        peer
    };
    tokio::join!(upstream.send(request), script)
}

/// Asks an origin that answers `bytes` and says no more.
async fn answered(bytes: &[u8]) -> Result<String, ProviderError> {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let (answer, mut peer) = ask(&*upstream, &listener, get("/"), bytes).await;
    let read = match answer {
        Ok(answer) => text(answer).await,
        Err(error) => Err(error),
    };
    if read.is_err() {
        peer.gone().await; // it is not used again
    }
    read
}

/// Whether a connection is used again for the next request, once this answer was read.
async fn is_kept(request: Request<ferro_core::Payload>, bytes: &[u8]) -> bool {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let (answer, mut peer) = ask(&*upstream, &listener, request, bytes).await;
    text(answer.unwrap()).await.unwrap();
    let script = async {
        let is_kept = tokio::select! {
            mut other = listener.accept() => {
                other.request().await;
                other.answer("next").await;
                false
            }
            is_asked = peer.is_asked() => {
                if is_asked {
                    peer.answer("next").await;
                }
                is_asked
            }
        };
        if !is_kept {
            peer.gone().await;
        }
        is_kept
    };
    let (answer, is_kept) = tokio::join!(upstream.send(get("/next")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "next");
    is_kept
}

#[tokio::test]
async fn a_head_that_two_readers_could_read_in_two_ways_is_malformed() {
    for headers in [
        "content-length: 4\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 4",
        "transfer-encoding: gzip",
        "transfer-encoding: gzip, chunked",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        "transfer-encoding:",
        "content-length: 4\r\ncontent-length: 5",
        "content-length: 4, 5",
        "content-length: +4",
        "content-length: -4",
        "content-length: 0x4",
        "content-length: 4 4",
        "content-length: 4,",
        "content-length:",
        "content-length: 18446744073709551616",
        "x-folded: a\r\n b",
        "content-length : 4",
        " content-length: 4",
        "no colon",
        ": no name",
        "x-null: a\0b",
        "x-return: a\rb",
    ] {
        let bytes = format!("{OK}{headers}\r\n\r\nbody");
        let message = message(answered(bytes.as_bytes()).await, ErrorKind::Malformed);
        assert!(message.contains("not HTTP"), "{headers:?}: {message}");
    }
}

#[tokio::test]
async fn a_status_line_that_is_none_is_malformed() {
    for line in [
        "HTTP/2.0 200 OK",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 099 Odd",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1  200 OK",
        "http/1.1 200 OK",
        "ICY 200 OK",
    ] {
        let bytes = format!("{line}\r\ncontent-length: 4\r\n\r\nbody");
        message(answered(bytes.as_bytes()).await, ErrorKind::Malformed);
    }
}

#[tokio::test]
async fn chunks_belong_to_http_1_1() {
    let bytes = "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n";
    message(answered(bytes.as_bytes()).await, ErrorKind::Malformed);
}

#[tokio::test]
async fn a_head_may_have_a_hundred_headers_in_sixty_four_kilobytes() {
    let fitting = format!("{OK}{}content-length: 4\r\n\r\nbody", "x-again: 1\r\n".repeat(99));
    assert_eq!(answered(fitting.as_bytes()).await.unwrap(), "body");
    let many = format!("{OK}{}content-length: 4\r\n\r\nbody", "x-again: 1\r\n".repeat(100));
    message(answered(many.as_bytes()).await, ErrorKind::Malformed);
    let long = |length| format!("{OK}content-length: 4\r\nx: {}\r\n\r\nbody", "x".repeat(length));
    assert_eq!(answered(long(65_000).as_bytes()).await.unwrap(), "body");
    message(answered(long(66_000).as_bytes()).await, ErrorKind::Malformed);
}

#[tokio::test]
async fn hints_are_passed_over_but_not_for_ever() {
    let hint = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n";
    let wait = "HTTP/1.1 100 Continue\r\n\r\n";
    let answer = format!("{wait}{hint}{hint}{OK}content-length: 4\r\n\r\nbody");
    assert_eq!(answered(answer.as_bytes()).await.unwrap(), "body");
    let message = message(answered(hint.repeat(2000).as_bytes()).await, ErrorKind::Malformed);
    assert!(message.contains("longer than 65536 bytes"), "{message}");
}

#[tokio::test]
async fn one_length_said_twice_is_one_length() {
    let bytes = format!("{OK}content-length: 4, 4\r\ncontent-length: 4\r\n\r\nbody");
    assert_eq!(answered(bytes.as_bytes()).await.unwrap(), "body");
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_is_read() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.stream.set_nodelay(true).unwrap();
        let hint = "HTTP/1.1 103 Early Hints\r\n\r\n";
        for byte in format!("{hint}{OK}x: 1\r\ncontent-length: 4\r\n\r\nbody").bytes() {
            peer.say([byte]).await;
            tokio::task::yield_now().await;
        }
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/")), script);
    let answer = answer.unwrap();
    assert_eq!(answer.headers()["x"], "1");
    assert_eq!(text(answer).await.unwrap(), "body");
}

#[tokio::test]
async fn chunks_that_are_not_framed_as_they_must_be_are_an_interruption() {
    let long = format!("4;{}\r\nbody\r\n0\r\n\r\n", "x".repeat(5000));
    let zeros = format!("{}4\r\nbody\r\n0\r\n\r\n", "0".repeat(5000));
    let trailers = format!("4\r\nbody\r\n0\r\n{}\r\n", "x-again: 1\r\n".repeat(7000));
    for chunks in [
        "\r\nbody\r\n0\r\n\r\n",
        "-4\r\nbody\r\n0\r\n\r\n",
        "+4\r\nbody\r\n0\r\n\r\n",
        "0x4\r\nbody\r\n0\r\n\r\n",
        " 4\r\nbody\r\n0\r\n\r\n",
        "4\nbody\r\n0\r\n\r\n",
        "4\rbody\r\n0\r\n\r\n",
        "4 4\r\nbody\r\n0\r\n\r\n",
        "4;a\nb\r\nbody\r\n0\r\n\r\n",
        "10000000000000000\r\nbody\r\n0\r\n\r\n",
        "4\r\nbody\n0\r\n\r\n",
        "4\r\nbody0\r\n\r\n",
        "4\r\nbody!\r\n0\r\n\r\n",
        "3\r\nbody\r\n0\r\n\r\n",
        "4\r\nbody\r\n0\r\n\n",
        "4\r\nbody\r\n0\r\n\rx",
        "4\r\nbody\r\n0\r\nx: 1\n\r\n",
        "4\r\nbody\r\n0\r\nx: 1\rx\r\n\r\n",
        &long,
        &zeros,
        &trailers,
    ] {
        let answer = answered(format!("{CHUNKED}{chunks}").as_bytes()).await;
        let start = &chunks[..chunks.len().min(20)];
        assert!(answer.is_err(), "{start:?}: {answer:?}");
        message(answer, ErrorKind::Interrupted);
    }
}

#[tokio::test]
async fn what_is_said_beside_chunks_is_dropped_and_their_connection_kept() {
    for chunks in [
        "4\r\nbody\r\n0\r\n\r\n",
        "04\r\nbody\r\n00\r\n\r\n",
        "4  \r\nbody\r\n0\r\n\r\n",
        "4;name=value;other=\"a;b\"\r\nbody\r\n0;last\r\n\r\n",
        "2\r\nbo\r\n2\r\ndy\r\n0\r\nx-trailer: 1\r\nx-other: 2\r\n\r\n",
    ] {
        let bytes = format!("{CHUNKED}{chunks}");
        assert_eq!(answered(bytes.as_bytes()).await.unwrap(), "body", "{chunks:?}");
        assert!(is_kept(get("/"), bytes.as_bytes()).await, "{chunks:?}");
    }
    let hexadecimal = format!("{CHUNKED}1a\r\n{0}\r\n1A\r\n{0}\r\n0\r\n\r\n", "x".repeat(26));
    assert_eq!(answered(hexadecimal.as_bytes()).await.unwrap(), "x".repeat(52));
}

#[tokio::test]
async fn pieces_before_a_broken_chunk_are_read_before_it_is_said() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let bytes = format!("{CHUNKED}4\r\ngood\r\noops");
    let (answer, mut peer) = ask(&*upstream, &listener, get("/"), bytes.as_bytes()).await;
    let mut body = answer.unwrap().into_body();
    assert_eq!(crate::origin::piece(&mut body).await, "good");
    let broken = futures_util::StreamExt::next(&mut body).await.unwrap();
    let message = message(broken, ErrorKind::Interrupted);
    assert!(message.contains("the size of a chunk is none"), "{message}");
    assert!(futures_util::StreamExt::next(&mut body).await.is_none(), "an error is the end");
    peer.gone().await;
}

#[tokio::test]
async fn an_answer_with_something_behind_its_end_is_read_and_its_connection_not_used_again() {
    let second = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nnot yours";
    for first in [
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 4\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ] {
        assert!(is_kept(get("/"), first.as_bytes()).await, "{first:?}");
        let both = format!("{first}{second}");
        assert!(!is_kept(get("/"), both.as_bytes()).await, "{first:?}");
        let with_a_line = format!("{first}\r\n");
        assert!(!is_kept(get("/"), with_a_line.as_bytes()).await, "{first:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_that_says_something_is_not_asked() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let bytes = format!("{OK}content-length: 4\r\n\r\nbody");
    let (answer, mut peer) = ask(&*upstream, &listener, get("/"), bytes.as_bytes()).await;
    assert_eq!(text(answer.unwrap()).await.unwrap(), "body");
    peer.say(format!("{OK}content-length: 9\r\n\r\nnot yours")).await;
    tokio::task::yield_now().await; // the runtime looks at its sockets, and learns of it
    let script = async {
        let mut other = listener.accept().await;
        other.request().await;
        other.answer("next").await;
        peer.gone().await;
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "next");
}

#[tokio::test]
async fn an_answer_to_head_has_no_body_whatever_it_says() {
    for bytes in [
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        assert!(is_kept(head("/"), bytes.as_bytes()).await, "{bytes:?}");
    }
}

#[tokio::test]
async fn a_connection_is_kept_unless_its_answer_says_that_it_closes() {
    for (answer, expected) in [
        ("HTTP/1.1 200 OK", true),
        ("HTTP/1.1 200 OK\r\nconnection: keep-alive", true),
        ("HTTP/1.1 200 OK\r\nConnection: Close", false),
        ("HTTP/1.1 200 OK\r\nconnection: x, close", false),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\nconnection: keep-alive", false),
        ("HTTP/1.0 200 OK", false),
        ("HTTP/1.0 200 OK\r\nconnection: Keep-Alive", true),
        ("HTTP/1.0 200 OK\r\nconnection: keep-alive, close", false),
    ] {
        let bytes = format!("{answer}\r\ncontent-length: 4\r\n\r\nbody");
        assert_eq!(is_kept(get("/"), bytes.as_bytes()).await, expected, "{answer:?}");
    }
}
