//! Requests through a listening gateway to a scripted upstream, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod listening;

use ferro_core::Secret;
use ferro_gateway::{Doors, Gateway, Keyring, Registry};
use ferro_scripted::{STREAM_TEXT, Upstream, WHOLE_TEXT};
use ferro_server::Server;
use listening::{Listening, configured};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

struct Setup {
    upstream: Upstream,
    gateway: Listening,
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
    let gateway = Listening::start(configured(&text, registry).doors(doors)).await;
    Setup { upstream, gateway }
}

async fn post(setup: &Setup, headers: &str, body: &[u8]) -> String {
    setup.gateway.ask("POST /v1/chat/completions", headers, body).await
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
    for (model, status, words) in [
        ("error-400", 400, "scripted 400"),
        ("error-401", 502, "upstream_auth_error"),
        ("error-429", 429, "retry-after: 2"),
        ("error-500", 502, "scripted 500"),
        ("dead", 502, "upstream_error"),
    ] {
        let setup = start().await; // where one has been refused, others are kept waiting
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

/// Sends these bytes, and reads the answer only when all of them are sent.
async fn raw(setup: &Setup, pieces: &[&[u8]]) -> String {
    let mut socket = TcpStream::connect(setup.gateway.address).await.unwrap();
    for piece in pieces {
        socket.write_all(piece).await.unwrap();
    }
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_client_that_sends_a_refused_body_to_its_end_reads_why_it_was_refused() {
    let keys = Keyring::with_master(&Secret::new("sk-master"));
    let closed = start_behind(Doors::behind(keys)).await;
    let open = start().await;
    let large = vec![b' '; 11 << 20];
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        large.len()
    );
    let chunked = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let size = format!("{:x}\r\n", large.len());
    for (setup, status) in [(&closed, 401), (&open, 413)] {
        for pieces in [
            &[head.as_bytes(), &large][..],
            &[chunked.as_bytes(), size.as_bytes(), &large, b"\r\n0\r\n\r\n"],
        ] {
            let answer = raw(setup, pieces).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_client_that_asks_before_it_sends_hears_no_without_sending() {
    let keys = Keyring::with_master(&Secret::new("sk-master"));
    let closed = start_behind(Doors::behind(keys)).await;
    let ask = |key: &str| {
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             expect: 100-continue\r\n{key}content-length: 40\r\n\r\n"
        )
    };
    let refused = raw(&closed, &[ask("").as_bytes()]).await;
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    let body = br#"{"model":"scripted","messages":[{}]}    "#;
    let passed = raw(&closed, &[ask("authorization: bearer sk-master\r\n").as_bytes(), body]).await;
    assert!(passed.starts_with("HTTP/1.1 100 Continue"), "{passed}");
    assert!(passed.contains("\r\n\r\nHTTP/1.1 200"), "{passed}");
}

#[tokio::test]
async fn a_host_in_the_request_target_counts() {
    let open = start().await;
    for (target, host, status) in [
        ("/v1/models", "localhost", 200),
        ("http://localhost/v1/models", "localhost", 200),
        ("http://evil.example/v1/models", "localhost", 401),
        ("http://localhost/v1/models", "evil.example", 401),
        ("/v1/models", "localhost\r\nhost: evil.example", 401),
    ] {
        let head = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let answer = raw(&open, &[head.as_bytes()]).await;
        let is_bad = answer.starts_with("HTTP/1.1 400");
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")) || (status == 401 && is_bad),
            "{target} {host}: {answer}"
        );
    }
}

#[tokio::test]
async fn two_lengths_of_a_body_are_refused() {
    let open = start().await;
    for framing in [
        "content-length: 4\r\ncontent-length: 5\r\n",
        "content-length: +4\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "transfer-encoding: xchunked\r\n",
    ] {
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n{framing}\r\n0\r\n\r\n"
        );
        let answer = raw(&open, &[head.as_bytes()]).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{framing}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{framing}: {answer}");
    }
}

#[tokio::test]
async fn connections_that_have_said_nothing_do_not_hold_up_the_end() {
    let keys = Keyring::with_master(&Secret::new("sk-master"));
    let registry = Registry::new()
        .providers(ferro_provider_openai_compatible::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS);
    let gateway = Gateway::builder().registry(registry).doors(Doors::behind(keys)).build().unwrap();
    let server = Server::bind(([127, 0, 0, 1], 0).into(), gateway).await.unwrap();
    let address = server.address().unwrap();
    // Longer than anybody waits: it is not the grace that ends it.
    let server = server.with_grace(std::time::Duration::from_secs(3600));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut tasks = JoinSet::new();
    tasks.spawn(server.run(async { drop(stopped.await) }));
    let mut idle = Vec::new();
    for said in [&b""[..], b"PRI * HTTP", b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n"] {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(said).await.unwrap();
        idle.push(socket);
    }
    // The last one has been served, so the others have been accepted.
    let mut answer = [0; 12];
    idle.last_mut().unwrap().read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    drop(stop);
    let ended = tokio::time::timeout(std::time::Duration::from_secs(60), tasks.join_next()).await;
    ended.expect("it ends").unwrap().unwrap();
}

#[tokio::test]
async fn over_http_2_the_authority_is_the_host() {
    let open = start().await;
    let socket = TcpStream::connect(open.gateway.address).await.unwrap();
    let executor = hyper_util::rt::TokioExecutor::new();
    let io = hyper_util::rt::TokioIo::new(socket);
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(connection);
    for (authority, status) in
        [("localhost:8080", 200), ("[::1]", 200), ("evil.example", 401), ("localhost.evil", 401)]
    {
        let request = http::Request::get(format!("http://{authority}/v1/models"));
        let answer = client.send_request(request.body(String::new()).unwrap()).await;
        assert_eq!(answer.unwrap().status(), status, "{authority}");
    }
}

#[tokio::test]
async fn a_head_may_come_in_pieces_of_any_length_even_if_it_begins_as_http_2_does() {
    let setup = start().await;
    for method in ["PUT", "GET", "PRI"] {
        let request = format!("{method} /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let mut answers = Vec::new();
        for first in [1, 2, 3, 4, 20, request.len()] {
            let mut socket = TcpStream::connect(setup.gateway.address).await.unwrap();
            socket.set_nodelay(true).unwrap();
            socket.write_all(&request.as_bytes()[..first]).await.unwrap();
            // Another connection's whole request: by then the first bytes of this one are there.
            assert!(chat(&setup, "scripted", false).await.starts_with("HTTP/1.1 200"));
            socket.write_all(&request.as_bytes()[first..]).await.unwrap();
            let mut answer = String::new();
            socket.read_to_string(&mut answer).await.unwrap();
            answers.push(answer[..12].to_owned());
        }
        let status = if method == "GET" { "HTTP/1.1 200" } else { &answers[0] };
        assert!(answers.iter().all(|answer| answer == status), "{method}: {answers:?}");
        assert!(answers[0].starts_with("HTTP/1.1 "), "{method}: {answers:?}");
    }
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_in_their_order_and_head_has_no_body() {
    let setup = start().await;
    let mut socket = TcpStream::connect(setup.gateway.address).await.unwrap();
    let ask = |method, path, more| format!("{method} {path} HTTP/1.1\r\nhost: a\r\n{more}\r\n");
    let requests = ask("GET", "/livez", "x-request-id: one\r\n")
        + &ask("HEAD", "/livez", "x-request-id: two\r\n")
        + &ask("GET", "/livez", "x-request-id: three\r\nconnection: close\r\n");
    socket.write_all(requests.as_bytes()).await.unwrap();
    let mut answers = String::new();
    socket.read_to_string(&mut answers).await.unwrap();
    let places: Vec<_> = ["one", "two", "three"]
        .map(|name| answers.find(&format!("x-request-id: {name}")).unwrap())
        .into();
    assert!(places.is_sorted(), "{answers}");
    assert_eq!(answers.matches("content-length: 15").count(), 3, "{answers}");
    assert_eq!(answers.matches(r#"{"status":"ok"}"#).count(), 2, "{answers}");
}
