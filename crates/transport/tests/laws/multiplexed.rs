//! HTTP/2: one connection for many calls, none of which stands in another's way.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use ferro_core::{BodyError, ErrorKind, Payload, Upstream};
use ferro_transport::{Connector, Timeouts};
use futures_util::{StreamExt, TryStreamExt, future::join_all};
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http2,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::server::TlsStream;

use crate::origin::{
    Listener, Peer, SOON, get, message, piece, post, text, trusting, upstream, within,
};

pub(crate) type Body = BoxBody<Bytes, Infallible>;

/// A request as the origin sees it, and the place for its answer.
pub(crate) struct Asked {
    pub(crate) request: Request<Incoming>,
    pub(crate) reply: oneshot::Sender<Response<Body>>,
}

/// The origin's end of an HTTP/2 connection, served by a task of its own.
pub(crate) struct Served {
    asked: mpsc::Receiver<Asked>,
    tasks: JoinSet<()>,
    leave: Option<oneshot::Sender<()>>,
}

impl Served {
    /// Serves one connection, with at most `streams` at a time.
    pub(crate) fn new(Peer { stream }: Peer<TlsStream<TcpStream>>, streams: u32) -> Self {
        let (sender, asked) = mpsc::channel(256);
        let (leave, left) = oneshot::channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let answer = service_fn(move |request| {
                let sender = sender.clone();
                async move {
                    let (reply, answer) = oneshot::channel();
                    let _ = sender.send(Asked { request, reply }).await;
                    answer.await.map_err(|_| "the origin says nothing")
                }
            });
            let serving = http2::Builder::new(TokioExecutor::new())
                .max_concurrent_streams(streams)
                .serve_connection(TokioIo::new(stream), answer);
            let mut serving = std::pin::pin!(serving);
            tokio::select! {
                _ = &mut serving => {}
                Ok(()) = left => {
                    serving.as_mut().graceful_shutdown();
                    let _ = serving.await;
                }
            }
        });
        Self { asked, tasks, leave: Some(leave) }
    }

    pub(crate) async fn next(&mut self) -> Asked {
        within(self.asked.recv()).await.expect("the connection closed")
    }
}

/// A body that is written piece by piece, and the way to see that nobody reads it any more.
fn streamed() -> (mpsc::Sender<Bytes>, Response<Body>) {
    let (sender, mut pieces) = mpsc::channel::<Bytes>(1);
    let pieces = futures_util::stream::poll_fn(move |cx| pieces.poll_recv(cx));
    let body = StreamBody::new(pieces.map(|piece| Ok(Frame::data(piece))));
    (sender, Response::new(BodyExt::boxed(body)))
}

pub(crate) fn whole(text: &str) -> Response<Body> {
    let full = http_body_util::Full::new(Bytes::copy_from_slice(text.as_bytes()));
    Response::new(BodyExt::boxed(full))
}

async fn start(connector: &Connector, streams: u32) -> (Listener, Arc<dyn Upstream>, Served) {
    let listener = Listener::bind().await;
    let url = format!("https://localhost:{}", listener.port());
    let upstream = upstream(connector, &url, Timeouts::default());
    let script = async {
        let mut served = Served::new(listener.accept_tls(&["h2", "http/1.1"]).await, streams);
        served.next().await.reply.send(whole("hello")).unwrap();
        served
    };
    let (answer, served) = tokio::join!(upstream.send(get("/")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "hello");
    (listener, upstream, served)
}

#[tokio::test]
async fn sixty_four_calls_at_a_time_share_one_connection_without_cross_talk() {
    let listener = Listener::bind().await;
    let url = format!("https://localhost:{}", listener.port());
    let upstream = upstream(&trusting(), &url, Timeouts::default());
    let call = async |n: usize| {
        let sent = format!("{n:04}").repeat(1 + n * 300); // larger and larger bodies
        let answer = upstream.send(post(&format!("/{n}"), sent.clone())).await.unwrap();
        assert_eq!(answer.version(), http::Version::HTTP_2);
        assert!(text(answer).await.unwrap() == format!("/{n} {sent}"), "{n} got another's answer");
    };
    let script = async {
        let mut served = Served::new(listener.accept_tls(&["h2", "http/1.1"]).await, 100);
        let mut all = Vec::new();
        for _ in 0..64 {
            all.push(served.next().await); // none is answered before all have come
        }
        let answers = all.into_iter().rev().map(async |Asked { request, reply }| {
            let origin = format!("localhost:{}", listener.port());
            assert_eq!(request.uri().authority().unwrap().as_str(), origin);
            assert!(!request.headers().contains_key("host"));
            let path = request.uri().path().to_owned();
            let body = within(request.into_body().collect()).await.unwrap().to_bytes();
            let text = format!("{path} {}", String::from_utf8_lossy(&body));
            reply.send(whole(&text)).unwrap();
        });
        join_all(answers).await;
        served
    };
    let (_, served) = tokio::join!(join_all((0..64).map(call)), script);
    assert!(listener.is_quiet().await, "64 calls, one connection");
    drop(served);
}

#[tokio::test]
async fn dropping_a_stream_resets_it_and_leaves_the_connection_to_the_others() {
    let (listener, upstream, mut served) = start(&trusting(), 100).await;
    let script = async {
        let (dropped, response) = streamed();
        served.next().await.reply.send(response).unwrap();
        dropped.send(Bytes::from_static(b"one")).await.unwrap();
        dropped
    };
    let (answer, dropped) = tokio::join!(upstream.send(get("/dropped")), script);
    let mut body = answer.unwrap().into_body();
    assert_eq!(piece(&mut body).await, "one");
    drop(body);
    timeout(SOON, dropped.closed()).await.expect("the origin still writes");
    let script = async { served.next().await.reply.send(whole("still here")).unwrap() };
    let (answer, ()) = tokio::join!(upstream.send(get("/")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "still here");
    assert!(listener.is_quiet().await, "the connection was kept");
}

#[tokio::test]
async fn dropping_a_call_that_has_no_answer_resets_its_stream() {
    let (_listener, upstream, mut served) = start(&trusting(), 100).await;
    let mut calls = JoinSet::new();
    calls.spawn(async move { upstream.send(get("/never")).await });
    let Asked { mut reply, .. } = served.next().await;
    calls.abort_all();
    timeout(SOON, reply.closed()).await.expect("the origin still waits");
}

#[tokio::test]
async fn dropping_a_call_that_is_still_sending_resets_its_stream() {
    let (_listener, upstream, mut served) = start(&trusting(), 100).await;
    let endless = futures_util::stream::pending().boxed();
    let request = Request::post("/upload").body(Payload::Stream(endless)).unwrap();
    let mut calls = JoinSet::new();
    calls.spawn(async move { upstream.send(request).await });
    let Asked { request, reply } = served.next().await;
    calls.abort_all();
    let upload = timeout(SOON, request.into_body().collect()).await;
    assert!(upload.expect("the origin still reads").is_err());
    drop(reply);
}

#[tokio::test]
async fn a_body_that_breaks_off_here_is_no_whole_one_there_and_whose_failure_it_is_is_told() {
    let late = BodyError::TooSlow;
    let lost = BodyError::Spool(std::io::Error::other("the disk is gone"));
    for (error, kind, words) in [
        (late, ErrorKind::Invalid, "the body did not arrive in time"),
        (lost, ErrorKind::Internal, "cannot be read from where it was put: the disk is gone"),
    ] {
        let (_listener, upstream, mut served) = start(&trusting(), 100).await;
        let body =
            futures_util::stream::iter([Ok(Bytes::from_static(b"half")), Err(error)]).boxed();
        let request = Request::post("/upload").body(Payload::Stream(body)).unwrap();
        let script = async {
            let Asked { request, reply } = served.next().await;
            assert!(within(request.into_body().collect()).await.is_err());
            reply
        };
        let (answer, _reply) = tokio::join!(upstream.send(request), script);
        let message = message(answer, kind);
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn a_head_with_too_much_in_it_is_an_error_of_its_stream_alone() {
    let (listener, upstream, mut served) = start(&trusting(), 100).await;
    let script = async {
        let mut response = whole("");
        let value = "x".repeat(70 << 10).parse().unwrap();
        response.headers_mut().insert("x-long", value);
        served.next().await.reply.send(response).unwrap();
        served.next().await.reply.send(whole("next")).unwrap();
    };
    let calls = async {
        message(upstream.send(get("/")).await, ErrorKind::Malformed);
        text(upstream.send(get("/")).await.unwrap()).await.unwrap()
    };
    let (next, ()) = tokio::join!(calls, script);
    assert_eq!(next, "next");
    assert!(listener.is_quiet().await);
}

#[tokio::test]
async fn a_slow_reader_does_not_hold_up_the_others() {
    let (_listener, upstream, mut served) = start(&trusting(), 100).await;
    let mut slow = Vec::new();
    for _ in 0..8 {
        let script = async {
            let (sender, response) = streamed();
            served.next().await.reply.send(response).unwrap();
            sender
        };
        let (answer, sender) = tokio::join!(upstream.send(get("/slow")), script);
        // More than a stream's window: the origin writes until nobody takes any more.
        let flood = async { while sender.send(Bytes::from(vec![b'x'; 64 << 10])).await.is_ok() {} };
        timeout(Duration::from_millis(300), flood).await.expect_err("somebody reads it all");
        slow.push((answer.unwrap(), sender));
    }
    let script = async { served.next().await.reply.send(whole(&"y".repeat(200_000))).unwrap() };
    let (answer, ()) = tokio::join!(upstream.send(get("/quick")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap().len(), 200_000);
}

#[tokio::test]
async fn an_origin_that_says_good_bye_finishes_what_it_has_and_gets_no_more() {
    let (listener, upstream, mut served) = start(&trusting(), 100).await;
    let script = async {
        let (sender, response) = streamed();
        served.next().await.reply.send(response).unwrap();
        sender.send(Bytes::from_static(b"one ")).await.unwrap();
        sender
    };
    let (answer, sender) = tokio::join!(upstream.send(get("/long")), script);
    let mut body = answer.unwrap().into_body();
    assert_eq!(piece(&mut body).await, "one ");
    let Served { mut asked, tasks: _old, leave } = served;
    let mut origins = JoinSet::new();
    origins.spawn(async move {
        while let Some(Asked { reply, .. }) = asked.recv().await {
            reply.send(whole("old")).unwrap();
        }
    });
    origins.spawn(async move {
        let mut second = Served::new(listener.accept_tls(&["h2"]).await, 100);
        while let Some(Asked { reply, .. }) = second.asked.recv().await {
            reply.send(whole("new")).unwrap();
        }
    });
    leave.unwrap().send(()).unwrap();
    // Until the good-bye has come over, calls go the old way; none is lost.
    let until_new =
        async { while text(upstream.send(get("/")).await.unwrap()).await.unwrap() == "old" {} };
    within(until_new).await;
    sender.send(Bytes::from_static(b"two")).await.unwrap();
    drop(sender);
    let rest: Vec<Bytes> = within(body.try_collect()).await.unwrap();
    assert_eq!(rest.concat(), b"two", "what had begun was finished");
}

#[tokio::test]
async fn a_connection_that_is_full_is_joined_by_another() {
    let (listener, upstream, mut served) = start(&trusting(), 2).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let script = async {
            let (sender, response) = streamed();
            served.next().await.reply.send(response).unwrap();
            sender
        };
        let (answer, sender) = tokio::join!(upstream.send(get("/long")), script);
        open.push((answer.unwrap(), sender));
    }
    let script = async {
        let mut second = Served::new(listener.accept_tls(&["h2"]).await, 2);
        second.next().await.reply.send(whole("room here")).unwrap();
        second
    };
    let (answer, _second) = tokio::join!(upstream.send(get("/third")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "room here");
    drop(open);
    let script = async { served.next().await.reply.send(whole("room again")).unwrap() };
    let (answer, ()) = tokio::join!(upstream.send(get("/fourth")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "room again", "the first is used first");
}

#[tokio::test]
async fn a_connection_that_broke_fails_what_it_carried_and_is_replaced() {
    let (listener, upstream, mut served) = start(&trusting(), 100).await;
    let script = async {
        let asked = served.next().await;
        served.tasks.shutdown().await;
        drop(asked);
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/lost")), script);
    let message = message(answer, ErrorKind::Transport);
    assert!(message.contains("before it answered"), "{message}");
    let script = async {
        let mut second = Served::new(listener.accept_tls(&["h2"]).await, 100);
        second.next().await.reply.send(whole("the new one")).unwrap();
        second
    };
    let (answer, _second) = tokio::join!(upstream.send(get("/next")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "the new one");
}

#[tokio::test]
async fn an_upstream_that_is_dropped_ends_its_connection_after_the_last_reply() {
    let (_listener, upstream, mut served) = start(&trusting(), 100).await;
    let script = async {
        let (sender, response) = streamed();
        served.next().await.reply.send(response).unwrap();
        sender
    };
    let (answer, sender) = tokio::join!(upstream.send(get("/long")), script);
    drop(upstream);
    sender.send(Bytes::from_static(b"after all")).await.unwrap();
    drop(sender);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "after all");
    timeout(SOON, served.tasks.join_next()).await.expect("the connection is still open");
}

#[tokio::test]
async fn an_idle_connection_is_closed_in_time() {
    let connector = Connector::builder().roots(crate::origin::AUTHORITY).unwrap();
    let connector = connector.keep_idle(8, Duration::from_millis(100)).build();
    let (_listener, _upstream, mut served) = start(&connector, 100).await;
    within(served.tasks.join_next()).await;
}

#[tokio::test]
async fn a_body_that_lies_in_a_file_arrives_whole_and_its_length_is_told() {
    let (_listener, upstream, mut served) = start(&trusting(), 100).await;
    let (payload, meant) = crate::uploads::spooled().await;
    let request = Request::post("/upload").body(payload).unwrap();
    let script = async {
        let Asked { request, reply } = served.next().await;
        let told = request.headers()["content-length"].to_str().unwrap().to_owned();
        let body = within(request.into_body().collect()).await.unwrap().to_bytes();
        reply.send(whole("taken")).unwrap();
        (told, body)
    };
    let (answer, (told, body)) = tokio::join!(upstream.send(request), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "taken");
    assert!(body == meant, "the bytes are others");
    assert_eq!(told, meant.len().to_string());
}
