//! Requests on their way out, and bodies that are passed on as they arrive.

use bytes::Bytes;
use ferro_core::{
    BodyError, ErrorKind, Inbound, Limits, Payload, Spool, Surface as _, upload::Transcriptions,
};
use ferro_transport::{Connector, Timeouts};
use futures_util::{StreamExt, stream};
use http::Request;
use tokio::{io::AsyncReadExt, sync::mpsc};

use crate::origin::{Listener, get, message, post, text, trusting, upstream, within};

type Pieces = mpsc::Sender<Result<Bytes, BodyError>>;

/// A request whose body is what is sent.
fn upload() -> (Pieces, Request<Payload>) {
    let (sender, mut pieces) = mpsc::channel(1);
    let body = stream::poll_fn(move |cx| pieces.poll_recv(cx)).boxed();
    (sender, Request::post("/upload").body(Payload::Stream(body)).unwrap())
}

/// A body of two mebibytes that lies in a file, as it is sent and as it is meant.
pub(crate) async fn spooled() -> (Payload, Vec<u8>) {
    let part = |name: &str, value: &str| {
        format!("--b\r\ncontent-disposition: form-data; name={name}\r\n\r\n{value}\r\n")
    };
    let file = part("file; filename=a.wav", &"RIFF".repeat(1 << 19));
    let form = file.clone() + &part("model", "fast") + "--b--\r\n";
    let mut headers = http::HeaderMap::new();
    headers.insert("content-type", "multipart/form-data; boundary=b".parse().unwrap());
    let mut inbound = Inbound::new(headers, form.into_bytes());
    let limits = Limits::default().with_spool(Some(Spool::of_the_system()));
    let request = Transcriptions::read(&mut inbound, &limits).await.unwrap();
    let payload = request.outgoing("whisper-1").payload;
    assert!(matches!(payload, Payload::Spool(_)), "{payload:?}");
    (payload, (file + &part("model", "whisper-1") + "--b--\r\n").into_bytes())
}

#[tokio::test]
async fn a_body_that_lies_in_a_file_arrives_whole_and_its_length_is_told() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let (payload, meant) = spooled().await;
    let request = Request::post("/upload").body(payload).unwrap();
    let script = async {
        let mut peer = listener.accept().await;
        let head = peer.request().await;
        let (head, body) = head.split_once("\r\n\r\n").unwrap();
        let told = format!("\r\ncontent-length: {}", meant.len());
        assert!(head.contains(&told), "{head}");
        let rest = peer.read(meant.len() - body.len()).await;
        peer.answer("taken").await;
        [body.as_bytes(), &rest].concat()
    };
    let (answer, body) = tokio::join!(upstream.send(request), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "taken");
    assert!(body == meant, "the bytes are others");
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
async fn a_body_that_cannot_be_read_where_it_lies_is_nobodys_failure_but_ours() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let (pieces, request) = upload();
    let script = async {
        pieces.send(Ok(Bytes::from_static(b"half"))).await.unwrap();
        let gone = std::io::Error::other("the disk is gone");
        pieces.send(Err(BodyError::Spool(gone))).await.unwrap();
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.gone().await;
    };
    let (answer, ()) = tokio::join!(upstream.send(request), script);
    let message = message(answer, ErrorKind::Internal);
    assert!(message.contains("cannot be read from where it was put"), "{message}");
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

#[tokio::test]
async fn a_body_in_many_pieces_arrives_whole_and_in_order_however_slowly_it_is_read() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let pieces = (0..200_u8).map(|n| Bytes::from(vec![n; 1 + usize::from(n) * 500]));
    let rope: ferro_wire::Rope = pieces.clone().collect();
    let whole = pieces.collect::<Vec<_>>().concat();
    let length = whole.len();
    let request = Request::post("/").body(Payload::from(rope)).unwrap();
    let script = async {
        let mut peer = listener.accept().await;
        let mut read = Vec::new();
        let start = loop {
            let end = read.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            within(peer.stream.read_buf(&mut read)).await.unwrap();
        };
        let head = String::from_utf8_lossy(&read[..start]).into_owned();
        assert!(head.contains(&format!("\r\ncontent-length: {length}\r\n")), "{head}");
        read.extend(peer.read(start + length - read.len()).await);
        peer.answer("taken").await;
        read.split_off(start)
    };
    let (answer, read) = tokio::join!(upstream.send(request), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "taken");
    assert!(read == whole, "the bytes are others");
}

#[tokio::test]
async fn a_large_body_arrives_whole_over_tls() {
    let listener = Listener::bind().await;
    let url = format!("https://localhost:{}", listener.port());
    let upstream = upstream(&trusting(), &url, Timeouts::default());
    let body = "0123456789".repeat(30_000);
    let script = async {
        let mut peer = listener.accept_tls(&["http/1.1"]).await;
        let asked = peer.request().await;
        peer.answer("taken").await;
        asked
    };
    let (answer, asked) = tokio::join!(upstream.send(post("/", body.clone())), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "taken");
    assert!(asked.split_once("\r\n\r\n").unwrap().1 == body, "the bytes are others");
}

#[tokio::test]
async fn an_answer_is_read_although_nobody_reads_the_request() {
    for hangs_up in [false, true] {
        let listener = Listener::bind().await;
        let upstream = listener.upstream(&Connector::new(), Timeouts::default());
        let script = async {
            let mut peer = listener.accept().await;
            peer.read(4).await;
            peer.say("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nno!").await;
            // With bytes unread the socket is reset.
            (!hangs_up).then_some(peer)
        };
        let large = post("/", vec![b'x'; 64 << 20]);
        let (answer, peer) = tokio::join!(upstream.send(large), script);
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 413);
        assert_eq!(text(answer).await.unwrap(), "no!");
        if let Some(mut peer) = peer {
            peer.gone().await;
        }
    }
}

#[tokio::test]
async fn an_origin_that_hangs_up_in_the_middle_of_a_request_did_not_answer() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let script = async { drop(listener.accept().await.read(4).await) };
    let large = post("/", vec![b'x'; 64 << 20]);
    let (answer, ()) = tokio::join!(upstream.send(large), script);
    let message = message(answer, ErrorKind::Transport);
    assert!(message.contains("broke off before it answered"), "{message}");
    assert!(listener.is_quiet().await, "nobody tried again");
}

#[tokio::test]
async fn a_body_whose_length_is_known_is_passed_on_without_chunks() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let (pieces, mut request) = upload();
    request.headers_mut().insert("content-length", "6".parse().unwrap());
    let script = async {
        for piece in ["one", "", "two"] {
            pieces.send(Ok(Bytes::from_static(piece.as_bytes()))).await.unwrap();
        }
        drop(pieces);
        let mut peer = listener.accept().await;
        let asked = peer.request().await;
        peer.answer("taken").await;
        asked
    };
    let (answer, asked) = tokio::join!(upstream.send(request), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "taken");
    assert!(!asked.contains("transfer-encoding"), "{asked}");
    assert!(asked.ends_with("\r\n\r\nonetwo"), "{asked}");
}

#[tokio::test]
async fn a_body_that_is_not_as_long_as_it_says_is_the_callers_failure_and_no_whole_body_there() {
    for length in ["5", "7"] {
        let listener = Listener::bind().await;
        let upstream = listener.upstream(&Connector::new(), Timeouts::default());
        let (pieces, mut request) = upload();
        request.headers_mut().insert("content-length", length.parse().unwrap());
        let script = async {
            for piece in ["one", "two"] {
                drop(pieces.send(Ok(Bytes::from_static(piece.as_bytes()))).await);
            }
            drop(pieces);
            let mut peer = listener.accept().await;
            let mut asked = Vec::new();
            within(peer.stream.read_to_end(&mut asked)).await.unwrap();
            asked
        };
        let (answer, asked) = tokio::join!(upstream.send(request), script);
        let message = message(answer, ErrorKind::Invalid);
        assert!(message.contains("not as long as its content-length says"), "{message}");
        let body = asked.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
        let sent = asked.len() - body;
        assert_ne!(sent.to_string(), length, "that would be a whole body");
    }
}

#[tokio::test]
async fn how_a_body_is_framed_is_not_for_the_caller_to_say() {
    let listener = Listener::bind().await;
    let upstream = listener.upstream(&Connector::new(), Timeouts::default());
    let mut request = post("/", "four");
    for (name, value) in [
        ("content-length", "400"),
        ("transfer-encoding", "chunked"),
        ("expect", "100-continue"),
        ("host", "elsewhere.example"),
        ("accept-encoding", "gzip"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let script = async {
        let mut peer = listener.accept().await;
        let asked = peer.request().await;
        peer.answer("taken").await;
        asked
    };
    let (answer, asked) = tokio::join!(upstream.send(request), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "taken");
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    lines.sort_unstable();
    let agent = concat!("user-agent: ferrogw/", env!("CARGO_PKG_VERSION"));
    let host = format!("host: 127.0.0.1:{}", listener.port());
    let expected =
        ["POST / HTTP/1.1", "accept-encoding: identity", "content-length: 4", &*host, agent];
    assert_eq!((lines, body), (expected.to_vec(), "four"));
}
