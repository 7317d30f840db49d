//! Requests through a listening gateway to a scripted upstream, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::net::SocketAddr;

use ferro_core::Secret;
use ferro_gateway::{Config, Doors, Format, Gateway, Keyring, Registry};
use ferro_scripted::{STREAM_TEXT, Upstream, WHOLE_TEXT};
use ferro_server::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

struct Setup {
    upstream: Upstream,
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

/// Two targets: one that has every `first-*` model as well, both at the scripted upstream.
async fn start() -> Setup {
    let (doors, _) = Doors::from_vars(&|_| None).unwrap();
    start_behind(doors).await
}

async fn start_behind(doors: Doors) -> Setup {
    let upstream = Upstream::start().await.unwrap();
    let dead = "http://127.0.0.1:1/v1"; // nobody listens there
    let text = format!(
        "strategy: {{mode: fallback}}\naliases: {{fast: scripted}}\ntargets:\n\
         - {{virtual_key: a, provider: openai-compatible, base_url: '{dead}', models: [from-b]}}\n\
         - {{virtual_key: b, provider: openai-compatible, base_url: '{}', api_key: sk-of-target-b,\n\
             models: [from-b, scripted, cut, dead, error-400, error-401, error-429, error-500]}}\n",
        upstream.base_url()
    );
    let registry = Registry::new()
        .providers(ferro_provider_openai_compatible::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS);
    let config = Config::parse(&text, Format::Yaml).unwrap();
    let builder = Gateway::builder().config(config).registry(registry);
    let gateway = builder.doors(doors).build().unwrap();
    let server = Server::bind(([127, 0, 0, 1], 0).into(), gateway).await.unwrap();
    let address = server.address().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(server.run(std::future::pending()));
    Setup { upstream, address, _tasks: tasks }
}

async fn post(setup: &Setup, headers: &str, body: &[u8]) -> String {
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    let mut socket = TcpStream::connect(setup.address).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    // A body that is refused early is not read to its end.
    drop(socket.write_all(body).await);
    let mut answer = Vec::new();
    drop(socket.read_to_end(&mut answer).await);
    String::from_utf8_lossy(&answer).into_owned()
}

async fn chat(setup: &Setup, model: &str, stream: bool) -> String {
    let body = format!(
        r#"{{"model":"{model}","stream":{stream},"messages":[{{"role":"user","content":"hi"}}]}}"#
    );
    post(setup, "", body.as_bytes()).await
}

#[tokio::test]
async fn a_request_passes_byte_for_byte_but_for_the_model() {
    let setup = start().await;
    let body = r#"{ "seed": 12345678901234567890123, "x\u0065": 1e2,"model" : "fast", "messages":[ {"role":"user","content":"h\u00e9"} ], "z":{"b":1,"a":[ ]} }"#;
    let answer = post(&setup, "", body.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains(WHOLE_TEXT) && answer.ends_with(r#","provider":"b"}"#), "{answer}");
    let received = setup.upstream.requests().pop().unwrap();
    assert_eq!(String::from_utf8(received.body).unwrap(), body.replace("\"fast\"", "\"scripted\""));
    let key = received.headers.iter().find(|(name, _)| name == "authorization").unwrap();
    assert_eq!(key.1, "Bearer sk-of-target-b");
}

#[tokio::test]
async fn a_stream_passes_without_the_usage_nobody_asked_for() {
    let setup = start().await;
    let answer = chat(&setup, "scripted", true).await;
    assert!(STREAM_TEXT.iter().all(|text| answer.contains(text)), "{answer}");
    assert!(answer.contains("data: [DONE]") && !answer.contains("prompt_tokens"), "{answer}");
    let sent = String::from_utf8(setup.upstream.requests().pop().unwrap().body).unwrap();
    assert!(sent.contains(r#""stream_options":{"include_usage":true}"#), "{sent}");
}

#[tokio::test]
async fn a_dead_target_is_passed_over_unseen() {
    let setup = start().await;
    for stream in [false, true] {
        let answer = chat(&setup, "from-b", stream).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("x-gateway-provider: b"), "{answer}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_with_an_error_and_no_done() {
    let setup = start().await;
    let answer = chat(&setup, "cut", true).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("data: {\"error\":") && !answer.contains("[DONE]"), "{answer}");
}

#[tokio::test]
async fn refusals_keep_the_upstreams_words() {
    let setup = start().await;
    for (model, status, words) in [
        ("error-400", 400, "scripted 400"),
        ("error-401", 502, "upstream_auth_error"),
        ("error-429", 429, "retry-after: 2"),
        ("error-500", 502, "scripted 500"),
        ("dead", 502, "upstream_error"),
    ] {
        let answer = chat(&setup, model, false).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{model}: {answer}");
        assert!(answer.contains(words), "{model}: {answer}");
    }
}

#[tokio::test]
async fn bad_input_is_named() {
    let setup = start().await;
    let deep = format!(r#"{{"model":"m","messages":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let cases: [(&[u8], u16, &str); 8] = [
        (b"{", 400, "not valid JSON"),
        (br#"{"model":"a","model":"b","messages":[{}]}"#, 400, "duplicate field `model`"),
        (br#"{"model":5,"messages":[{}]}"#, 400, "model"),
        (br#"{"messages":[{}]}"#, 400, "model is required"),
        (br#"{"model":"m","messages":[]}"#, 400, "at least one message"),
        (br#"{"model":"nobodys","messages":[{}]}"#, 200, ""),
        (b"{\"model\":\"\xff\"}", 400, "invalid UTF-8"),
        (deep.as_bytes(), 400, "nested deeper"),
    ];
    for (body, status, words) in cases {
        let answer = post(&setup, "", body).await;
        // Both targets take any name, so a model that nobody declares goes to them.
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(answer.contains(words), "{answer}");
    }
    let large = vec![b' '; 11 << 20];
    let answer = post(&setup, "", &large).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_key_is_asked_for_unless_the_caller_is_on_this_machine() {
    let keys = Keyring::with_master(&Secret::new("sk-master"));
    let closed = start_behind(Doors::behind(keys)).await;
    assert!(chat(&closed, "scripted", false).await.starts_with("HTTP/1.1 401"));
    let body = br#"{"model":"scripted","messages":[{}]}"#;
    let with_key = post(&closed, "authorization: Bearer sk-master\r\n", body).await;
    assert!(with_key.starts_with("HTTP/1.1 200"), "{with_key}");

    let open = start().await;
    let proxied = post(&open, "x-forwarded-for: 1.2.3.4\r\n", body).await;
    assert!(proxied.starts_with("HTTP/1.1 401") && proxied.contains("printed"), "{proxied}");
    assert!(post(&open, "origin: http://evil\r\n", body).await.starts_with("HTTP/1.1 401"));
}
