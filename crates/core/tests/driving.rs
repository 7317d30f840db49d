//! What the driver does with an upstream's answers, whichever way their bodies come.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{
    Call, CallContext, Credential, Decoder, ErrorKind, Frame, Host, Inflow, Payload, ProviderError,
    ReplyBody, Serve, TargetId, Transport, Upstream, Wire,
    chat::{Chat, ChatRequest, ChatResponse},
};
use ferro_wire::{Framing, sse};
use futures_util::{StreamExt, stream};
use http::response::Parts;
use tokio::time::Instant;

#[derive(Debug)]
struct Passing;

struct Reader(bool);

impl Host for Passing {
    fn authorize(
        &self,
        _: &Call<'_>,
        _: &mut http::Request<Payload>,
        _: &Credential,
    ) -> Result<(), ProviderError> {
        Ok(())
    }
}

impl Wire<Chat> for Passing {
    fn encode(
        &self,
        _: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(http::Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        Ok((http::Request::new(request.to_rope().into()), Box::new(Reader(false))))
    }
}

impl Decoder<Chat> for Reader {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<ChatResponse, ProviderError> {
        Ok(ChatResponse::new(body, None, None))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        self.0 |= events.ends_with(b"data: [DONE]\n\n");
        out.bytes = events;
        Ok(())
    }

    fn is_finished(&self) -> bool {
        self.0
    }
}

/// Answers with this status, content type and body.
struct Answers(u16, &'static str, fn() -> Inflow);

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answers")
    }
}

#[async_trait]
impl Upstream for Answers {
    async fn send(
        &self,
        _: http::Request<Payload>,
    ) -> Result<http::Response<Inflow>, ProviderError> {
        let answer = http::Response::builder().status(self.0).header("content-type", self.1);
        Ok(answer.body((self.2)()).expect("the head is valid"))
    }
}

#[async_trait]
impl Transport for Answers {
    async fn send(
        &self,
        request: http::Request<Payload>,
    ) -> Result<http::Response<Inflow>, ProviderError> {
        Upstream::send(self, request).await
    }
}

async fn ask(answers: Answers) -> Result<ReplyBody<Chat>, ProviderError> {
    let request = ChatRequest::parse(br#"{"model":"m","stream":true,"messages":[{}]}"#.to_vec())
        .expect("the request is valid");
    let (target, credential) = (TargetId::from("t"), Credential::None);
    let cx = CallContext::new(Call::new(&target, "m"), &answers, &answers, &credential);
    Passing.serve(&cx.with_max_reply(20), &request).await.map(|reply| reply.body)
}

fn pieces(all: &[&'static str]) -> Vec<Result<Bytes, ProviderError>> {
    all.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_refusal_keeps_its_status_although_its_body_trickles_or_breaks_off() {
    let trickles: fn() -> Inflow = || {
        let crumbs = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            Some((Ok(Bytes::from_static(b"x")), ()))
        });
        crumbs.boxed()
    };
    let begun = Instant::now();
    let error = ask(Answers(429, "text/plain", trickles)).await.err().unwrap();
    assert_eq!((error.kind(), &error.body()[..]), (ErrorKind::RateLimited, &b"xxx"[..]));
    assert_eq!(begun.elapsed().as_secs(), 10);

    let breaks: fn() -> Inflow = || {
        let broken = ProviderError::new(ErrorKind::Transport);
        stream::iter(pieces(&["{\"er"])).chain(stream::iter([Err(broken)])).boxed()
    };
    let error = ask(Answers(400, "application/json", breaks)).await.err().unwrap();
    assert_eq!((error.kind(), &error.body()[..]), (ErrorKind::Invalid, &b"{\"er"[..]));
}

#[tokio::test]
async fn only_json_itself_is_a_reply_in_one_piece() {
    let body: fn() -> Inflow = || stream::iter(pieces(&["data: [DONE]\n\n"])).boxed();
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        let reply = ask(Answers(200, kind, body)).await.unwrap();
        assert!(matches!(reply, ReplyBody::Whole(_)), "{kind}");
    }
    for kind in ["text/event-stream", "application/jsonl", "application/json-seq", ""] {
        let reply = ask(Answers(200, kind, body)).await.unwrap();
        assert!(matches!(reply, ReplyBody::Stream(_)), "{kind}");
    }
}

#[tokio::test]
async fn events_that_are_whole_reach_the_client_before_one_that_is_too_large() {
    let body: fn() -> Inflow =
        || stream::iter(pieces(&["data: 1\n\ndata: 2 and much more than may be"])).boxed();
    let ReplyBody::Stream(mut frames) = ask(Answers(200, "text/event-stream", body)).await.unwrap()
    else {
        panic!("a stream was asked for")
    };
    assert_eq!(frames.next().await.unwrap().unwrap().bytes, "data: 1\n\n");
    assert!(frames.next().await.unwrap().is_err());
    assert!(frames.next().await.is_none());
}

static ENDS: AtomicUsize = AtomicUsize::new(0);

#[tokio::test(start_paused = true)]
async fn a_body_that_ends_behind_its_last_event_is_read_to_its_end_and_one_that_does_not_is_left() {
    let ends: fn() -> Inflow = || {
        let done = stream::iter(pieces(&["data: [DONE]\n\n"]));
        let end = stream::once(async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            ENDS.fetch_add(1, Ordering::Relaxed);
        });
        done.chain(end.filter_map(|()| async { None })).boxed()
    };
    let stays: fn() -> Inflow =
        || stream::iter(pieces(&["data: [DONE]\n\n"])).chain(stream::pending()).boxed();
    for (body, waited) in [(ends, 5), (stays, 20)] {
        let begun = Instant::now();
        let ReplyBody::Stream(frames) = ask(Answers(200, "text/event-stream", body)).await.unwrap()
        else {
            panic!("a stream was asked for")
        };
        let frames: Vec<_> = frames.collect().await;
        assert_eq!(frames.len(), 1);
        assert!(begun.elapsed().as_millis() <= waited + 1, "{:?}", begun.elapsed());
    }
    assert_eq!(ENDS.load(Ordering::Relaxed), 1);
}
