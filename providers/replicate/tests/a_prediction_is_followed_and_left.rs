//! A prediction is made, looked after, and cancelled when nobody waits for it: by whom it is asked, in
//! which order, and how often.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use ferro_core::{
    ApiKey, BuildContext, Built, Call, CallContext, Credential, Errands, ErrorKind, Finish, Inflow,
    Payload, ProviderError, Reply, ReplyBody, Secret, Settings, TargetId, Upstream, Usage, Whole,
    chat::{Chat, ChatRequest},
    document::{DocumentRequest, Images},
};
use ferro_testkit::{Answer, Clock, Script, Sent, Step};
use futures_util::StreamExt;
use http::{HeaderMap, Request};
use tokio::time::Instant;

const TOKEN: &str = "r8-a-token-of-nobody";

/// A host that answers as its script says, and keeps what is sent off to it.
struct Host {
    script: Script,
    sent_off: Arc<Off>,
}

#[derive(Default)]
struct Off(Mutex<Vec<(String, HeaderMap)>>);

impl Errands for Off {
    fn send_off(&self, request: Request<Payload>) {
        let said = format!("{} {}", request.method(), request.uri());
        self.0.lock().expect("nobody panics with it").push((said, request.headers().clone()));
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

#[async_trait]
impl Upstream for Host {
    async fn send(
        &self,
        request: Request<Payload>,
    ) -> Result<http::Response<Inflow>, ProviderError> {
        Upstream::send(&self.script, request).await
    }

    fn errands(&self) -> Option<Arc<dyn Errands>> {
        Some(self.sent_off.clone())
    }
}

impl Host {
    fn new(answer: impl Fn(&Sent, usize) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        let asked = Mutex::new(0);
        let script = Script::new(move |sent| {
            let mut asked = asked.lock().expect("nobody panics with it");
            *asked += 1;
            answer(sent, *asked)
        });
        Arc::new(Self { script, sent_off: Arc::default() })
    }

    /// What it was asked, in order.
    fn asked(&self) -> Vec<String> {
        self.script.sent().iter().map(|sent| format!("{} {}", sent.method, sent.uri)).collect()
    }

    /// What it was sent off.
    fn cancelled(&self) -> Vec<String> {
        let off = self.sent_off.0.lock().expect("nobody panics with it");
        for (_, headers) in off.iter() {
            assert_eq!(headers["authorization"], format!("Bearer {TOKEN}"));
        }
        off.iter().map(|(said, _)| said.clone()).collect()
    }
}

fn prediction(status: &str, more: &str) -> Answer {
    let body =
        format!(r#"{{"id":"p1","status":"{status}","created_at":"2026-11-29T00:00:00Z"{more}}}"#);
    Answer::new(201).with_header("content-type", "application/json").with_body(body)
}

fn streamed(url: &str) -> Answer {
    prediction("starting", &format!(r#","urls":{{"stream":"{url}"}}"#))
}

fn events(steps: impl IntoIterator<Item = Step>) -> Answer {
    Answer::new(200).with_header("content-type", "text/event-stream").with_steps(steps)
}

const OUTPUT: &str = "event: output\nid: 1:0\ndata: hello\n\n";
const DONE: &str = "event: done\nid: 1:1\ndata: {}\n\n";

struct World {
    built: Built,
    credential: Credential,
    target: TargetId,
    elsewhere: Script,
}

impl World {
    fn new() -> Self {
        let (target, headers) = (TargetId::from("t"), HeaderMap::new());
        let vars = |_: &str| None;
        let key = Secret::new(TOKEN);
        let cx = BuildContext::new(&target, &headers, &vars).with_api_key(Some(&key));
        let built = ferro_provider_replicate::PROVIDERS[0].build(&cx, Settings::default());
        let built = built.expect("a token is all it needs");
        let credential = Credential::ApiKey(ApiKey::new(key).expect("a header may carry it"));
        Self { built, credential, target, elsewhere: Script::always(Answer::new(404)) }
    }

    async fn ask(
        &self,
        api: &Host,
        others: &[(&'static str, Arc<dyn Upstream>)],
        stream: bool,
        deadline: Option<Instant>,
    ) -> Result<Reply<Chat>, ProviderError> {
        let body = format!(
            r#"{{"model":"meta/llama","stream":{stream},"stream_options":{{"include_usage":true}},"messages":[{{"role":"user","content":"hi"}}]}}"#
        );
        let request = ChatRequest::parse(body.into_bytes()).expect("it is a request");
        let call = Call::new(&self.target, "meta/llama");
        let cx = CallContext::new(call, api, &self.elsewhere, &self.credential)
            .with_others(others)
            .with_deadline(deadline);
        self.built.provider.chat().expect("it chats").serve(&cx, &request).await
    }
}

/// Asks for a picture.
async fn paint(world: &World, api: &Host, more: &str) -> Result<Reply<Images>, ProviderError> {
    let body = format!(r#"{{"model":"black-forest-labs/flux-schnell","prompt":"a cat"{more}}}"#);
    let request = DocumentRequest::parse(body.into_bytes()).expect("it is a request");
    let call = Call::new(&world.target, "black-forest-labs/flux-schnell");
    let cx = CallContext::new(call, api, &world.elsewhere, &world.credential);
    world.built.provider.images().expect("it paints").serve(&cx, &request).await
}

fn whole(reply: Reply<Chat>) -> (String, Option<Usage>) {
    let ReplyBody::Whole(reply) = reply.body else { panic!("it is a stream") };
    let usage = reply.usage();
    let body: serde_json::Value = reply.json().expect("a reply is JSON");
    (
        body["choices"][0]["message"]["content"].as_str().expect("it says something").to_owned(),
        usage,
    )
}

#[test]
fn a_prediction_that_takes_longer_is_looked_at_in_growing_pauses() {
    Clock::run(async |clock| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let looked = seen.clone();
        let api = Host::new(move |_, time| {
            looked.lock().unwrap().push(Instant::now());
            match time {
                9 => prediction(
                    "succeeded",
                    r#","output":["a","b"],"metrics":{"input_token_count":3,"output_token_count":2}"#,
                ),
                _ => prediction("processing", ""),
            }
        });
        let started = clock.now();
        let reply = World::new().ask(&api, &[], false, None).await.unwrap();
        assert_eq!(reply.head.status, 200);
        assert_eq!(whole(reply), ("ab".to_owned(), Some(Usage::new(3, 2))));
        let mut expected = vec!["POST /v1/models/meta/llama/predictions".to_owned()];
        expected.extend(vec!["GET /v1/predictions/p1".to_owned(); 8]);
        assert_eq!(api.asked(), expected);
        let seen: Vec<_> =
            seen.lock().unwrap().iter().map(|at| (*at - started).as_millis()).collect();
        let pauses: Vec<_> = seen.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(pauses[0], 250);
        assert!(pauses.windows(2).all(|pair| pair[0] < pair[1]), "{pauses:?}");
        assert_eq!(api.cancelled(), [""; 0], "it is over");
        let sent = api.script.sent();
        assert_eq!(sent[0].headers["prefer"], "wait");
        assert!(!sent[0].headers.contains_key("cancel-after"));
    });
}

#[test]
fn a_picture_that_takes_longer_is_looked_at_and_cancelled_when_nobody_waits() {
    Clock::run(async |_| {
        let api = Host::new(|_, time| match time {
            3 => prediction("succeeded", r#","output":["https://replicate.delivery/a.webp"]"#),
            _ => prediction("processing", ""),
        });
        let world = World::new();
        let reply = paint(&world, &api, "").await.unwrap();
        let ReplyBody::Whole(reply) = reply.body else { panic!("it is a stream") };
        let body: serde_json::Value = reply.json().unwrap();
        assert_eq!(body["data"][0]["url"], "https://replicate.delivery/a.webp");
        let made = "POST /v1/models/black-forest-labs/flux-schnell/predictions";
        let look = "GET /v1/predictions/p1";
        assert_eq!(api.asked(), [made, look, look]);
        assert_eq!(api.cancelled(), [""; 0], "it is over");
        let api = Host::new(|_, _| prediction("processing", ""));
        let asked = tokio::time::timeout(Duration::from_secs(3), paint(&world, &api, ""));
        assert!(asked.await.is_err());
        assert_eq!(api.cancelled(), ["POST /v1/predictions/p1/cancel"]);
    });
}

#[test]
fn a_picture_is_an_address_and_nobody_is_asked_for_its_bytes() {
    Clock::run(async |_| {
        let api = Host::new(|_, _| prediction("succeeded", ""));
        let error = paint(&World::new(), &api, r#","response_format":"b64_json""#).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().unwrap().starts_with("response_format: "), "{error}");
        assert_eq!(api.asked(), [""; 0]);
        let error = paint(&World::new(), &api, "").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "a success without a picture");
    });
}

#[test]
fn a_deadline_cancels_once_and_is_said_when_the_prediction_is_made() {
    Clock::run(async |clock| {
        let api = Host::new(|_, _| prediction("processing", ""));
        let deadline = clock.now() + Duration::from_secs(20);
        let error = World::new().ask(&api, &[], false, Some(deadline)).await.unwrap_err();
        assert_eq!((error.kind(), clock.now()), (ErrorKind::TotalTimeout, deadline));
        assert_eq!(api.cancelled(), ["POST /v1/predictions/p1/cancel"]);
        assert_eq!(api.script.sent()[0].headers["cancel-after"], "21s");
    });
}

#[test]
fn who_leaves_while_it_is_looked_after_cancels_it_once() {
    Clock::run(async |_| {
        let api = Host::new(|_, _| prediction("processing", ""));
        let world = World::new();
        let asked = tokio::time::timeout(Duration::from_secs(3), world.ask(&api, &[], false, None));
        assert!(asked.await.is_err());
        assert_eq!(api.cancelled(), ["POST /v1/predictions/p1/cancel"]);
    });
}

#[test]
fn a_prediction_that_cannot_be_looked_at_is_cancelled_and_one_that_failed_is_not() {
    Clock::run(async |_| {
        let api = Host::new(|_, time| match time {
            1 => prediction("starting", ""),
            _ => Answer::new(500).with_body(r#"{"detail":"oops"}"#),
        });
        let error = World::new().ask(&api, &[], false, None).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Unavailable, Some("oops")));
        assert_eq!(api.cancelled(), ["POST /v1/predictions/p1/cancel"]);
        assert_eq!(api.asked().len(), 5, "three looks may fail, and the fourth is one too many");
        let gone = Host::new(|_, time| match time {
            1 => prediction("starting", ""),
            _ => Answer::new(404).with_body(r#"{"detail":"gone"}"#),
        });
        World::new().ask(&gone, &[], false, None).await.unwrap_err();
        assert_eq!(gone.asked().len(), 2, "what is not there will not be there");
        for status in ["failed", "canceled", "aborted"] {
            for first in ["starting", status] {
                let api = Host::new(move |_, time| {
                    prediction(if time == 1 { first } else { status }, "")
                });
                World::new().ask(&api, &[], false, None).await.unwrap_err();
                assert_eq!(api.cancelled(), [""; 0], "{status}");
            }
        }
    });
}

#[test]
fn a_look_that_fails_in_passing_gives_nothing_up() {
    Clock::run(async |_| {
        let api = Host::new(|_, time| match time {
            1 => prediction("starting", ""),
            2 | 6 => Answer::new(429).with_body(r#"{"detail":"Request was throttled."}"#),
            3 | 4 | 7 | 8 => Answer::new(503),
            5 => prediction("processing", ""),
            _ => prediction("succeeded", r#","output":["hello"]"#),
        });
        let reply = World::new().ask(&api, &[], false, None).await.unwrap();
        assert!(matches!(reply.body, ReplyBody::Whole(_)));
        assert_eq!((api.asked().len(), api.cancelled().len()), (9, 0));
    });
}

#[test]
fn a_stream_is_followed_to_the_vendors_other_host_and_ends_with_what_it_took() {
    Clock::run(async |_| {
        let api = Host::new(|sent, _| match sent.method.as_str() {
            "POST" => streamed("https://stream.replicate.com/v1/files/x?y=1"),
            _ => prediction(
                "succeeded",
                r#","metrics":{"input_token_count":3,"output_token_count":2}"#,
            ),
        });
        let other = Host::new(|_, _| events([Step::Piece([OUTPUT, DONE].concat().into())]));
        let others: [(&str, Arc<dyn Upstream>); 2] =
            [("api", api.clone()), ("stream.replicate.com", other.clone())];
        let reply = World::new().ask(&api, &others, true, None).await.unwrap();
        let ReplyBody::Stream(frames) = reply.body else { panic!("it is whole") };
        let frames: Vec<_> = frames.map(Result::unwrap).collect().await;
        assert_eq!(frames.len(), 2);
        assert!(!frames[0].is_last && frames[1].is_last);
        assert_eq!(
            (frames[1].usage.clone(), frames[1].finish),
            (Some(Usage::new(3, 2)), Some(Finish::Stop))
        );
        assert!(frames[1].bytes.ends_with(b"data: [DONE]\n\n"));
        assert_eq!(
            api.asked(),
            ["POST /v1/models/meta/llama/predictions", "GET /v1/predictions/p1"]
        );
        assert_eq!(other.asked(), ["GET /v1/files/x?y=1"]);
        let sent = &other.script.sent()[0];
        assert_eq!(sent.headers["accept"], "text/event-stream");
        assert_eq!(sent.headers["authorization"], format!("Bearer {TOKEN}"));
        assert_eq!((api.cancelled(), other.cancelled()), (vec![], vec![]));
        assert!(!api.script.sent()[0].headers.contains_key("prefer"), "nobody waits for a whole");
    });
}

#[test]
fn the_token_goes_to_no_host_that_a_prediction_makes_up() {
    Clock::run(async |_| {
        for url in [
            "https://evil.example/v1/x",
            "https://stream.replicate.com.evil.example/x",
            "http://stream.replicate.com/x",
            "https://stream.replicate.com:8443/x",
            "https://me:pass@stream.replicate.com/x",
            "https://replicate.com@evil.example/x",
            "http://api.replicate.com/v1/x",
            "https://api.replicate.com:444/v1/x",
            "http://api.replicate.com:443/v1/x",
            "//evil.example/x",
            "/v1/x",
            "not a url",
        ] {
            let url = url.to_owned();
            let shown = url.clone();
            let api = Host::new(move |_, _| streamed(&url));
            let other = Host::new(|_, _| events([]));
            let others: [(&str, Arc<dyn Upstream>); 2] =
                [("api", api.clone()), ("stream.replicate.com", other.clone())];
            let world = World::new();
            let Err(error) = world.ask(&api, &others, true, None).await else { panic!("{shown}") };
            assert_eq!(error.kind(), ErrorKind::Malformed, "{shown}: {error}");
            assert_eq!(api.asked().len(), 1, "{shown}");
            assert_eq!(other.asked(), [""; 0], "{shown}");
            assert!(world.elsewhere.sent().is_empty(), "{shown}");
            assert_eq!(api.cancelled(), ["POST /v1/predictions/p1/cancel"], "{shown}");
        }
    });
}

/// A stream of these steps at the API's own host, read until its first frame and then let go, or to
/// its end.
async fn cancelled_after(steps: Vec<Step>, is_left: bool) -> (Vec<String>, Option<ErrorKind>) {
    let api = Host::new(move |sent, _| match sent.method.as_str() {
        "POST" => streamed("https://API.replicate.com/v1/predictions/p1/stream"),
        _ => events(steps.clone()),
    });
    let reply = World::new().ask(&api, &[], true, None).await.expect("it is streamed");
    let ReplyBody::Stream(mut frames) = reply.body else { panic!("it is whole") };
    let mut end = None;
    while let Some(frame) = frames.next().await {
        end = frame.err().map(|error| error.kind());
        if is_left {
            break;
        }
    }
    assert_eq!(api.cancelled().len(), usize::from(end.is_some() && !api.cancelled().is_empty()));
    drop(frames);
    (api.cancelled(), end)
}

#[test]
fn a_stream_that_is_left_or_breaks_is_cancelled_and_one_that_is_over_is_not() {
    Clock::run(async |_| {
        let cancel = vec!["POST /v1/predictions/p1/cancel".to_owned()];
        let piece = |text: &'static str| Step::Piece(text.into());
        let left = cancelled_after(vec![piece(OUTPUT), Step::Silence], true).await;
        assert_eq!(left, (cancel.clone(), None));
        let broken = cancelled_after(vec![piece(OUTPUT), Step::Break], false).await;
        assert_eq!(broken, (cancel.clone(), Some(ErrorKind::Transport)));
        let cut = cancelled_after(vec![piece(OUTPUT)], false).await;
        assert_eq!(cut, (cancel, Some(ErrorKind::Interrupted)));
        let over = cancelled_after(vec![piece(OUTPUT), piece(DONE)], false).await;
        assert_eq!(over, (vec![], None));
        let failed = cancelled_after(vec![piece("event: error\ndata: no\n\n")], false).await;
        assert_eq!(failed, (vec![], Some(ErrorKind::Unavailable)));
        let canceled = "event: done\ndata: {\"reason\":\"canceled\"}\n\n";
        let canceled = cancelled_after(vec![piece(canceled)], false).await;
        assert_eq!(canceled, (vec![], Some(ErrorKind::Interrupted)));
    });
}

#[test]
fn a_model_that_does_not_stream_answers_in_one_piece() {
    Clock::run(async |_| {
        let api = Host::new(|_, time| match time {
            1 => prediction("starting", ""),
            _ => prediction("succeeded", r#","output":"x""#),
        });
        let reply = World::new().ask(&api, &[], true, None).await.unwrap();
        let (text, usage) = whole(reply);
        assert_eq!(text, "x");
        assert!(usage.unwrap().estimated, "nobody has counted");
    });
}

#[test]
fn a_stream_that_is_refused_is_cancelled() {
    Clock::run(async |_| {
        let api = Host::new(|sent, _| match sent.method.as_str() {
            "POST" => streamed("https://api.replicate.com/v1/x"),
            _ => Answer::new(404).with_body(r#"{"detail":"gone"}"#),
        });
        let error = World::new().ask(&api, &[], true, None).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, Some("gone")));
        assert_eq!(api.cancelled(), ["POST /v1/predictions/p1/cancel"]);
    });
}
