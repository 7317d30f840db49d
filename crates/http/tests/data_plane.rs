//! The data plane as a client meets it: who is let in, what is where, and how streams begin.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{Router, body::Body, response::Response};
use bytes::Bytes;
use ferro_core::{
    Built, Call, CallContext, Credential, Discover, DiscoveredModel, ErrorKind, Frame, Head,
    Origin, Provider, ProviderError, Reply, ReplyBody, Secret, Serve, StaticCredential, Unsaid,
    chat::{Chat, ChatRequest, ChatResponse},
};
use ferro_gateway::{Config, Doors, Format, Gateway, GatewayBuilder, Keyring, Registry};
use ferro_http::{Plane, router};
use futures_util::{StreamExt, stream};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tower::ServiceExt;

const EVENT: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n";

/// A provider that does what the model's name says.
#[derive(Debug, Default)]
struct Scripted {
    seen: Mutex<Vec<String>>,
    /// How often it was asked for its models, which it never lists.
    asked: AtomicUsize,
}

impl Provider for Scripted {
    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }

    fn discover(&self) -> Option<&dyn Discover> {
        Some(self)
    }
}

#[async_trait]
impl Discover for Scripted {
    async fn models(&self, _: &CallContext<'_>) -> Result<Vec<DiscoveredModel>, ProviderError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_secs(1)).await;
        Err(ProviderError::new(ErrorKind::Overloaded))
    }
}

#[async_trait]
impl Serve<Chat> for Scripted {
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        _: &ChatRequest,
    ) -> Result<Reply<Chat>, ProviderError> {
        self.seen.lock().unwrap().push(cx.call.model.to_owned());
        let refusal = || ProviderError::new(ErrorKind::Overloaded).with_message("too busy");
        let event = || stream::iter([Ok(Frame::new(EVENT))]);
        let body = match cx.call.model {
            "panic" => panic!("scripted"),
            "refused" => return Err(refusal()),
            "late-refusal" => {
                sleep(Duration::from_secs(60)).await;
                return Err(refusal());
            }
            "late" => {
                sleep(Duration::from_secs(60)).await;
                ReplyBody::Stream(event().boxed())
            }
            "pausing" => {
                let pause = stream::once(async {
                    sleep(Duration::from_secs(40)).await;
                    Ok(Frame::new(EVENT))
                });
                ReplyBody::Stream(event().chain(pause).boxed())
            }
            "panicking" => {
                let panic = stream::once(async { panic!("scripted") });
                ReplyBody::Stream(event().chain(panic).boxed())
            }
            "stream" => ReplyBody::Stream(event().boxed()),
            _ => ReplyBody::Whole(ChatResponse::new(Bytes::from_static(b"{}"), None, None)),
        };
        Ok(Reply { head: Head::default(), body })
    }

    fn unsaid(&self, call: &Call<'_>, _: &ChatRequest) -> Vec<Unsaid> {
        match call.model {
            "untold" | "late" | "stream" => vec![Unsaid("seed".into()), Unsaid("odd, ü".into())],
            _ => Vec::new(),
        }
    }
}

fn plane(doors: Doors) -> Router {
    plane_of(Arc::default(), doors)
}

fn plane_of(provider: Arc<Scripted>, doors: Doors) -> Router {
    router(gateway_of(provider, doors))
}

fn gateway_of(provider: Arc<Scripted>, doors: Doors) -> Gateway {
    builder_of(provider, doors).build().unwrap()
}

fn builder_of(provider: Arc<Scripted>, doors: Doors) -> GatewayBuilder {
    let origin = Origin::split("http://127.0.0.1:1").unwrap().0;
    let built = Built::new(provider, origin, Arc::new(StaticCredential(Credential::None)));
    let registry = Registry::new().ingress(&ferro_dialect_openai::INGRESS);
    let builder = Gateway::builder().registry(registry).register_provider("t", built);
    builder.doors(doors)
}

async fn send(plane: Router, method: Method, path: &str, body: &str) -> Response {
    let request = Request::builder().method(method).uri(path).header("host", "localhost");
    plane.oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap()
}

async fn chat(model: &str, stream: bool) -> Response {
    let body = format!(r#"{{"model":"{model}","stream":{stream},"messages":[{{}}]}}"#);
    send(plane(Doors::open()), Method::POST, "/v1/chat/completions", &body).await
}

async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

#[tokio::test]
async fn a_panic_is_a_500_in_the_clients_dialect() {
    let response = chat("panic", false).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(response.headers().contains_key("x-request-id"));
    let body = text(response).await;
    assert!(body.contains(r#""type":"server_error""#) && body.contains("internal_error"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn what_is_nowhere_and_what_is_asked_wrongly_is_said() {
    let cases = [
        (Method::GET, "/v1/chat/completions", 405, Some("POST")),
        (Method::from_bytes(b"BREW").unwrap(), "/v1/chat/completions", 501, None),
        (Method::from_bytes(b"BREW").unwrap(), "/nothing", 501, None),
        (Method::POST, "/health", 405, Some("GET, HEAD")),
        (Method::DELETE, "/v1/models/none", 405, Some("GET, HEAD")),
        (Method::POST, "/v1/chat/completions/", 400, None),
        (Method::POST, "//v1/chat/completions", 404, None),
        (Method::POST, "/v1/chat%2fcompletions", 400, None),
        (Method::POST, "/v1/x/../chat/completions", 400, None),
        (Method::GET, "/v1/models?limit=1000", 200, None),
        (Method::POST, "/v1/models", 405, Some("GET, HEAD")),
        (Method::GET, "/v1/nothing", 400, None),
        (Method::GET, "/nothing", 404, None),
        (Method::GET, "/v1/models/none", 404, None),
        (Method::GET, "/v1/models", 200, None),
        (Method::HEAD, "/metrics", 200, None),
        (Method::GET, "/admin/explain/none", 404, None),
        (Method::POST, "/admin/explain/none", 405, Some("GET, HEAD")),
        (Method::GET, "/admin/none", 404, None),
        (Method::GET, "/livez", 200, None),
        (Method::GET, "/readyz", 200, None),
        (Method::GET, "/health", 200, None),
    ];
    for (method, path, status, allow) in cases {
        let response = send(plane(Doors::open()), method.clone(), path, "").await;
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        let allowed = response.headers().get("allow").map(|value| value.to_str().unwrap());
        assert_eq!(allowed, allow, "{method} {path}");
        assert!(response.headers().contains_key("content-type"), "{method} {path}");
    }
}

#[tokio::test]
async fn probes_need_no_key_and_everything_else_does() {
    let keys = Keyring::with_master(&Secret::new("sk-1"));
    for doors in [Doors::behind(keys), Doors::closed()] {
        for (path, status) in
            [("/health", 200), ("/livez", 200), ("/readyz", 200), ("/metrics", 401), ("/v1/x", 401)]
        {
            let response = send(plane(doors.clone()), Method::GET, path, "").await;
            assert_eq!(response.status().as_u16(), status, "{path}");
            assert_eq!(response.headers().contains_key("www-authenticate"), status == 401);
        }
    }
}

#[tokio::test]
async fn the_plane_stands_under_any_prefix() {
    let nested = Router::new().nest("/ai", plane(Doors::open()));
    let body = r#"{"model":"m","messages":[{}]}"#;
    let response = send(nested, Method::POST, "/ai/v1/chat/completions", body).await;
    assert_eq!(text(response).await, r#"{"provider":"t"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_nobody_answers_begins_after_ten_seconds_and_shows_that_it_is_alive() {
    let begun = Instant::now();
    let mut response = chat("late", true).await;
    assert_eq!((response.status().as_u16(), begun.elapsed().as_secs()), (200, 10));
    let first = response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!((&first[..], begun.elapsed().as_secs()), (&b": keep-alive\n\n"[..], 10));
    let rest = text(response).await;
    assert_eq!(rest.matches(": keep-alive").count(), 3, "at 25, 40 and 55 seconds: {rest}");
    assert!(rest.ends_with(EVENT) && begun.elapsed().as_secs() == 60, "{rest}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_keeps_its_status_until_the_stream_has_begun_and_is_told_inside_it_after() {
    let early = chat("refused", true).await;
    assert_eq!(early.status(), StatusCode::SERVICE_UNAVAILABLE);
    let late = chat("late-refusal", true).await;
    assert_eq!(late.status(), StatusCode::OK);
    let body = text(late).await;
    let event = body.rsplit_once("data: ").unwrap().1;
    assert!(event.contains("`t` failed") && event.contains(r#""code":"overloaded""#), "{body}");
    assert!(!body.contains("[DONE]"));
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_shows_that_it_is_alive_between_two_events() {
    let body = text(chat("pausing", true).await).await;
    let sign = ": keep-alive\n\n";
    assert_eq!(body, format!("{EVENT}{sign}{sign}{EVENT}"), "after 15 and after 30 seconds");
}

#[tokio::test(start_paused = true)]
async fn a_name_for_the_request_is_echoed_if_it_is_safe() {
    let long = "x".repeat(129);
    for (id, is_echoed) in [("my-id", true), (long.as_str(), false), ("with space", false)] {
        let request = Request::get("/v1/models").header("x-request-id", id);
        let response = plane(Doors::open()).oneshot(request.body(Body::empty()).unwrap()).await;
        let response = response.unwrap();
        let echoed = response.headers().get("x-request-id").map(|value| value.to_str().unwrap());
        assert_eq!(echoed == Some(id), is_echoed, "{id}");
    }
}

#[tokio::test]
async fn a_reply_names_what_its_target_was_not_told() {
    for (model, stream) in [("untold", false), ("stream", true)] {
        let response = chat(model, stream).await;
        assert_eq!(response.headers()["x-ferro-unsaid"], "seed,odd%2C%20%C3%BC");
    }
    assert!(!chat("any", false).await.headers().contains_key("x-ferro-unsaid"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_had_begun_before_its_target_answered_is_recorded_with_what_was_not_told() {
    let gateway = gateway_of(Arc::default(), Doors::open());
    let body = r#"{"model":"late","stream":true,"messages":[{}]}"#;
    let request = Request::post("/v1/chat/completions").header("x-request-id", "late-one");
    let request = request.body(Body::from(body)).unwrap();
    let response = router(gateway.clone()).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key("x-ferro-unsaid"), "nobody knew it yet");
    assert!(text(response).await.ends_with(EVENT));
    let record = gateway.explain("late-one").unwrap().record;
    let unsaid: Vec<_> = record.unsaid.iter().map(|unsaid| &*unsaid.0).collect();
    assert_eq!(unsaid, ["seed", "odd, ü"]);
}

#[tokio::test]
async fn an_upstreams_error_tells_how_long_we_took_ourselves() {
    let response = chat("refused", false).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let took = response.headers()["x-gateway-overhead-ms"].to_str().unwrap();
    assert!(took.parse::<f64>().unwrap() < 10_000.0, "{took}");
}

#[tokio::test]
async fn a_panic_in_a_stream_is_told_inside_it() {
    let body = text(chat("panicking", true).await).await;
    let told = body.strip_prefix(EVENT).unwrap();
    assert!(told.contains("internal_error") && !told.contains("[DONE]"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn probes_and_lists_have_the_members_that_are_read() {
    let ready = text(send(plane(Doors::closed()), Method::GET, "/readyz", "").await).await;
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let expected = json!({
        "status": "ready",
        "providers": [{"name": "t", "circuit": "closed"}],
        "targets": [{"name": "t", "routable": true}],
    });
    assert_eq!(ready, expected);
    let list = text(send(plane(Doors::open()), Method::GET, "/v1/models", "").await).await;
    assert_eq!(serde_json::from_str::<Value>(&list).unwrap()["object"], "list");
}

#[tokio::test(start_paused = true)]
async fn probes_tell_how_circuits_stand() {
    let breaker = "{failure_threshold: 1, timeout: 10s, max_timeout: 10s}";
    let text = format!("targets: [{{virtual_key: t, circuit_breaker: {breaker}}}]\n");
    let config = Config::parse(&text, Format::Yaml).unwrap();
    let gateway = builder_of(Arc::default(), Doors::open()).config(config).build().unwrap();
    let plane = router(gateway);
    let stands = async || {
        let mut told = Vec::new();
        for path in ["/health", "/readyz"] {
            let response = send(plane.clone(), Method::GET, path, "").await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let body: Value = serde_json::from_str(&self::text(response).await).unwrap();
            told.push(body["providers"][0]["circuit"].as_str().unwrap().to_owned());
            if path == "/readyz" {
                told.push(body["targets"][0]["routable"].to_string());
            }
        }
        told
    };
    assert_eq!(stands().await, ["closed", "closed", "true"]);
    let body = r#"{"model":"refused","messages":[{"role":"user"}]}"#;
    send(plane.clone(), Method::POST, "/v1/chat/completions", body).await;
    assert_eq!(stands().await, ["open", "open", "false"]);
    sleep(Duration::from_secs(11)).await;
    assert_eq!(stands().await, ["half_open", "half-open", "true"]);
}

#[tokio::test(start_paused = true)]
async fn open_doors_for_inference_are_closed_for_the_metrics() {
    let doors = Doors { is_inference_open: true, ..Doors::closed() };
    for (path, status) in [
        ("/v1/models", 200),
        ("/metrics", 401),
        ("/v1", 401),
        ("//v1/x", 401),
        ("/admin/explain/x", 401),
    ] {
        let response = send(plane(doors.clone()), Method::GET, path, "").await;
        assert_eq!(response.status().as_u16(), status, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn vendors_that_list_nothing_are_not_asked_by_every_client_anew() {
    let vendor = Arc::<Scripted>::default();
    let plane = plane_of(Arc::clone(&vendor), Doors::open());
    let list = || send(plane.clone(), Method::GET, "/v1/models", "");
    let begun = Instant::now();
    // The first one leaves before there is an answer.
    assert!(tokio::time::timeout(Duration::from_millis(1), list()).await.is_err());
    tokio::join!(list(), list(), list());
    let asked = || vendor.asked.load(Ordering::Relaxed);
    assert_eq!((asked(), begun.elapsed().as_secs()), (1, 1), "all waited for one answer");
    list().await;
    assert_eq!((asked(), begun.elapsed().as_secs()), (1, 1), "nobody waits for it again");
    sleep(Duration::from_secs(60)).await;
    list().await;
    assert_eq!(asked(), 2);
}

/// What a client sees of a reply, but for the time it took.
async fn seen<B: http_body::Body<Data = Bytes, Error: std::fmt::Debug>>(
    response: http::Response<B>,
) -> (StatusCode, Vec<(String, String)>, Bytes) {
    let length = response.body().size_hint().exact();
    let (mut head, body) = response.into_parts();
    drop(head.headers.remove("x-gateway-overhead-ms"));
    // A server adds it by itself, and a router does it for the server.
    let length = length.map(|length| length.to_string());
    let told = head.headers.remove("content-length").map(|told| told.to_str().unwrap().to_owned());
    assert!(told.is_none() || length.as_deref() == Some("0") || told == length, "{told:?}");
    let mut headers: Vec<_> = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (head.status, headers, body.collect().await.unwrap().to_bytes())
}

#[tokio::test(start_paused = true)]
async fn a_router_answers_as_the_plane_does_by_itself() {
    let chat = "/v1/chat/completions";
    let cases = [
        (Method::POST, chat, r#"{"model":"m","messages":[{}]}"#),
        (Method::POST, chat, r#"{"model":"stream","stream":true,"messages":[{}]}"#),
        (Method::POST, chat, r#"{"model":"pausing","stream":true,"messages":[{}]}"#),
        (Method::POST, chat, r#"{"model":"panic","messages":[{}]}"#),
        (Method::POST, chat, "no JSON"),
        (Method::GET, chat, ""),
        (Method::PUT, chat, "{}"),
        (Method::GET, "/v1/models", ""),
        (Method::HEAD, "/v1/models", ""),
        (Method::GET, "/v1/models/nobodys", ""),
        (Method::GET, "/health", ""),
        (Method::HEAD, "/readyz", ""),
        (Method::POST, "/livez", ""),
        (Method::PUT, "/metrics", ""),
        (Method::GET, "/nowhere", ""),
        (Method::from_bytes(b"BREW").unwrap(), chat, ""),
    ];
    for doors in [Doors::open(), Doors::closed()] {
        for (method, path, body) in &cases {
            let request = || {
                let request = Request::builder().method(method).uri(*path);
                let request = request.header("host", "localhost").header("x-request-id", "name");
                request.body(Body::from(*body)).unwrap()
            };
            let gateway = || gateway_of(Arc::default(), doors.clone());
            let routed = router(gateway()).oneshot(request()).await.unwrap();
            let answered = Plane::new(gateway()).answer(request(), None).await;
            assert_eq!(seen(routed).await, seen(answered).await, "{method} {path} {body}");
        }
    }
}
