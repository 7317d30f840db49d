//! Every answer and every fault, as a client with a bare socket sees it.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{io, time::Duration};

use ferro_scripted::{Events, Reply, STREAM_TEXT, Script, Side, Upstream, WHOLE_TEXT, model_names};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

/// Far more than anything here takes.
const DEADLINE: Duration = Duration::from_secs(20);

fn request(body: &str) -> String {
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn body(model: &str, more: &str) -> String {
    format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"hi"}}]{more}}}"#)
}

async fn open(upstream: &Upstream, said: &str) -> TcpStream {
    let mut socket = TcpStream::connect(upstream.address()).await.unwrap();
    socket.write_all(said.as_bytes()).await.unwrap();
    socket
}

/// Everything that is answered, and how it ended.
async fn ask(upstream: &Upstream, body: &str) -> (String, io::Result<usize>) {
    let mut socket = open(upstream, &request(body)).await;
    let mut answer = Vec::new();
    let end = timeout(DEADLINE, socket.read_to_end(&mut answer)).await.unwrap();
    (String::from_utf8_lossy(&answer).into_owned(), end)
}

async fn whole(upstream: &Upstream, model: &str) -> String {
    ask(upstream, &body(model, "")).await.0
}

async fn stream(upstream: &Upstream, model: &str) -> String {
    ask(upstream, &body(model, r#","stream":true"#)).await.0
}

fn announced(answer: &str) -> usize {
    let length = answer.split("content-length: ").nth(1).unwrap();
    length.split("\r\n").next().unwrap().parse().unwrap()
}

fn content(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

/// The chunks of a streamed answer, as values.
fn chunks(answer: &str) -> Vec<Value> {
    let lines = answer.lines().filter_map(|line| line.strip_prefix("data: "));
    lines.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
}

#[tokio::test]
async fn a_request_is_recorded_exactly() {
    let upstream = Upstream::start().await.unwrap();
    let head = "POST /v1/chat/completions?a=%20 HTTP/1.1\r\nhOst: x\r\nX-Twice: 1\r\nB: é\r\nx-twice:  2\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    let said = format!("{head}5\r\n{{\"mod\r\n7;x=y\r\nel\":5}} \r\n0\r\n\r\n");
    let mut socket = open(&upstream, &said).await;
    socket.write_all(request(r#"{"model":"m"}"#).as_bytes()).await.unwrap();
    let received = upstream.wait_for_requests(2, DEADLINE).await.unwrap();
    assert_eq!(received[0].head, head.as_bytes());
    assert_eq!(received[0].path, "/v1/chat/completions?a=%20");
    assert_eq!(received[0].body, br#"{"model":5} "#);
    let names: Vec<_> = received[0].headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["hOst", "X-Twice", "B", "x-twice", "Transfer-Encoding"]);
    assert_eq!(received[0].header("x-TWICE"), Some("1"));
    assert_eq!(received[1].body, br#"{"model":"m"}"#);
    assert_eq!((received[0].connection, received[1].connection), (0, 0));
    assert_eq!(upstream.connections()[0].requests, 2);
}

#[tokio::test]
async fn a_body_is_sent_for_when_the_peer_waits_for_it() {
    let upstream = Upstream::start().await.unwrap();
    let head = "POST /v1/other HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n";
    let mut socket = open(&upstream, head).await;
    let mut answer = Vec::new();
    socket.read_buf(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    socket.write_all(b"{}").await.unwrap();
    let received = upstream.wait_for_requests(1, DEADLINE).await.unwrap();
    assert_eq!(received[0].body, b"{}");
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_not_recorded() {
    let upstream = Upstream::start().await.unwrap();
    for said in ["\u{16}\u{3}\u{1}\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n"] {
        let mut socket = open(&upstream, said).await;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn the_same_question_has_the_same_answer() {
    let upstream = Upstream::start().await.unwrap();
    for (name, _) in model_names().filter(|(name, _)| !name.starts_with("stall")) {
        for more in ["", r#","stream":true"#] {
            // The smallest number: these are slow, or large, on purpose.
            let is_costly = ["late", "slow", "huge"].contains(&name);
            let model = if is_costly { format!("{name}-1") } else { name.to_owned() };
            let body = body(&model, more);
            let (first, _) = ask(&upstream, &body).await;
            let (second, _) = ask(&upstream, &body).await;
            assert!(first == second, "{name}{more}");
        }
    }
}

#[tokio::test]
async fn an_ordinary_answer_says_the_usual_words() {
    let upstream = Upstream::start().await.unwrap();
    let answer = whole(&upstream, "m").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let reply: Value = serde_json::from_str(content(&answer)).unwrap();
    assert_eq!(reply["choices"][0]["message"]["content"], WHOLE_TEXT);
    assert_eq!(reply["model"], "m");
    assert_eq!(announced(&answer), content(&answer).len());

    let answer = stream(&upstream, "m").await;
    let said: Vec<_> = chunks(&answer)
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(said[1..], *STREAM_TEXT);
    assert!(answer.contains("data: [DONE]\n\n") && answer.ends_with("0\r\n\r\n"), "{answer}");
    assert!(!answer.contains("usage"), "nobody asked: {answer}");
}

#[tokio::test]
async fn usage_is_given_to_whoever_asks() {
    let upstream = Upstream::start().await.unwrap();
    let asked = body("m", r#","stream":true,"stream_options":{"include_usage":true}"#);
    let chunks = chunks(&ask(&upstream, &asked).await.0);
    let (last, others) = chunks.split_last().unwrap();
    assert!(others.iter().all(|chunk| chunk.get("usage") == Some(&Value::Null)), "{others:?}");
    assert_eq!(last["choices"].as_array().unwrap().len(), 0);
    assert_eq!(last["usage"]["prompt_tokens_details"]["cached_tokens"], 4);
}

#[tokio::test]
async fn what_is_asked_for_is_given_whole_and_streamed_alike() {
    let upstream = Upstream::start().await.unwrap();
    for more in [
        r#","tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}}]"#,
        r#","response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","properties":{"x":{"type":"integer"},"y":{"type":"string"}}}}}"#,
        r#","messages":[{"role":"user","content":[{"type":"text","text":"t"},{"type":"image_url","image_url":{"url":"https://x/y.png","detail":"low"}}]}]"#,
        r#","n":3,"logprobs":true"#,
    ] {
        let more = more.strip_prefix(r#","messages""#).map_or_else(
            || body("m", more),
            |parts| format!(r#"{{"model":"m","messages"{parts}}}"#),
        );
        let reply: Value = serde_json::from_str(content(&ask(&upstream, &more).await.0)).unwrap();
        let streamed = more.replacen('{', r#"{"stream":true,"#, 1);
        let events = chunks(&ask(&upstream, &streamed).await.0);
        for choice in reply["choices"].as_array().unwrap() {
            let own = |chunk: &&Value| chunk["choices"][0]["index"] == choice["index"];
            let deltas: Vec<_> =
                events.iter().filter(own).map(|chunk| &chunk["choices"][0]["delta"]).collect();
            let text: String = deltas.iter().filter_map(|d| d["content"].as_str()).collect();
            let is_plain = choice["message"]["content"] == WHOLE_TEXT;
            let expected = choice["message"]["content"].as_str().unwrap_or_default();
            assert_eq!(text, if is_plain { STREAM_TEXT.concat() } else { expected.to_owned() });
            let calls = choice["message"]["tool_calls"].as_array().into_iter().flatten();
            for (index, call) in calls.enumerate() {
                let pieces = deltas.iter().filter_map(|d| d["tool_calls"].as_array()).flatten();
                let own = pieces.filter(|piece| piece["index"] == index);
                let arguments: String =
                    own.filter_map(|piece| piece["function"]["arguments"].as_str()).collect();
                assert_eq!(call["function"]["arguments"], arguments);
                let parsed: Value = serde_json::from_str(&arguments).unwrap();
                assert_eq!(parsed["city"], "São \"Paulo\"");
            }
            let last = events.iter().rfind(own).unwrap();
            assert_eq!(last["choices"][0]["finish_reason"], choice["finish_reason"]);
        }
    }
    let asked = body("m", r#","n":3,"logprobs":true"#);
    let reply: Value = serde_json::from_str(content(&ask(&upstream, &asked).await.0)).unwrap();
    assert_eq!(reply["choices"].as_array().unwrap().len(), 3);
    assert_eq!(reply["choices"][2]["logprobs"]["content"][0]["token"], WHOLE_TEXT);
}

#[tokio::test]
async fn refusals_and_thoughts_have_their_own_members() {
    let upstream = Upstream::start().await.unwrap();
    assert!(whole(&upstream, "refusal").await.contains(r#""refusal":"I will not say that.""#));
    assert!(stream(&upstream, "refusal").await.contains(r#"{"refusal":" say that."}"#));
    assert!(whole(&upstream, "reasoning").await.contains(r#""reasoning_content":"Let me think.""#));
    assert!(stream(&upstream, "words-3").await.matches(r#"" word""#).count() == 3);
}

#[tokio::test]
async fn errors_have_their_status_headers_and_shape() {
    let upstream = Upstream::start().await.unwrap();
    let answer = whole(&upstream, "error-429").await;
    assert!(
        answer.starts_with("HTTP/1.1 429 ") && answer.contains("retry-after: 2\r\n"),
        "{answer}"
    );
    assert!(answer.contains("x-ratelimit-remaining-requests: 0\r\n"), "{answer}");
    assert!(answer.contains(r#""code":"rate_limit_exceeded""#), "{answer}");
    let answer = whole(&upstream, "error-529-anthropic").await;
    assert!(answer.starts_with("HTTP/1.1 529 ") && answer.contains("overloaded_error"), "{answer}");
    assert!(whole(&upstream, "error-502-html").await.contains("text/html"));
    for model in ["error-in-200", "error-in-stream"] {
        let answer = stream(&upstream, model).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains(r#"data: {"error":{"#) && !answer.contains("[DONE]"), "{answer}");
    }
    assert!(stream(&upstream, "error-in-stream-0").await.matches("data: ").count() == 1);
}

#[tokio::test]
async fn what_breaks_off_has_no_end() {
    let upstream = Upstream::start().await.unwrap();
    let cut = stream(&upstream, "cut").await;
    assert!(cut.contains(" stream.") && !cut.contains("finish_reason\":\"stop"), "{cut}");
    assert!(!cut.ends_with("0\r\n\r\n"), "{cut}");
    assert_eq!(stream(&upstream, "cut-2").await.matches("data: ").count(), 2);
    assert_eq!(whole(&upstream, "dead").await, "");
    let (_, end) = ask(&upstream, &body("reset", "")).await;
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    let n = r#","stream":true,"n":2,"stream_options":{"include_usage":true}"#;
    let cut = ask(&upstream, &body("cut", n)).await.0;
    assert_eq!(cut.matches("data: ").count(), 2 * (1 + STREAM_TEXT.len()), "{cut}");
    let half = whole(&upstream, "cut").await;
    assert_eq!(announced(&half) / 2, content(&half).len());
    let (said, end) = ask(&upstream, &body("reset-2", r#","stream":true"#)).await;
    assert_eq!((said.matches("data: ").count(), end.is_err()), (2, true), "{said}");
    let no_done = stream(&upstream, "no-done").await;
    assert!(no_done.contains("\"stop\"") && !no_done.contains("[DONE]"), "{no_done}");
    assert!(no_done.ends_with("0\r\n\r\n"), "in order all the same: {no_done}");
    assert!(stream(&upstream, "empty").await.ends_with("\r\n\r\n0\r\n\r\n"));
    assert_eq!(content(&whole(&upstream, "empty").await), "");
}

#[tokio::test]
async fn what_is_malformed_is_malformed() {
    let upstream = Upstream::start().await.unwrap();
    assert!(!whole(&upstream, "garbage").await.starts_with("HTTP"));
    let bad = whole(&upstream, "bad-json").await;
    assert!(serde_json::from_str::<Value>(content(&bad)).is_err(), "{bad}");
    assert_eq!(announced(&bad), content(&bad).len());
    assert!(stream(&upstream, "bad-json").await.contains("\"index\":\n\ndata: [DONE]"));
    assert!(!stream(&upstream, "bad-sse").await.contains("data:"));
    let short = whole(&upstream, "short-7").await;
    assert_eq!(announced(&short), content(&short).len() + 7);
    let long = whole(&upstream, "long-7").await;
    assert_eq!(announced(&long), content(&long).len() - 7);
}

#[tokio::test]
async fn what_is_huge_is_valid_but_for_its_size() {
    let upstream = Upstream::start().await.unwrap();
    let answer = whole(&upstream, "huge-2").await;
    assert_eq!(announced(&answer), content(&answer).len());
    let reply: Value = serde_json::from_str(content(&answer)).unwrap();
    assert_eq!(reply["choices"][0]["message"]["content"].as_str().unwrap().len(), 2 << 20);
    let answer = stream(&upstream, "huge-1").await;
    let chunks = chunks(&answer);
    let sizes =
        chunks.iter().map(|c| c["choices"][0]["delta"]["content"].as_str().map_or(0, str::len));
    assert_eq!(sizes.max(), Some(1 << 20));
}

#[tokio::test]
async fn a_late_answer_is_late_and_its_head_is_not() {
    let upstream = Upstream::start().await.unwrap();
    let begun = Instant::now();
    let mut socket = open(&upstream, &request(&body("late-300", r#","stream":true"#))).await;
    let mut head = [0; 1024];
    let length = socket.read(&mut head).await.unwrap();
    let head = String::from_utf8_lossy(&head[..length]).into_owned();
    assert!(head.ends_with("\r\n\r\n") && !head.contains("data:"), "{head}");
    let mut rest = String::new();
    socket.read_to_string(&mut rest).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert!(rest.contains("[DONE]"), "{rest}");

    let begun = Instant::now();
    stream(&upstream, "slow-20").await; // seven events
    assert!(begun.elapsed() >= Duration::from_millis(7 * 20));
    let begun = Instant::now();
    let paced = stream(&upstream, "paced-50-10-4-10").await; // thirteen events in four writes
    assert!(begun.elapsed() >= Duration::from_millis(50 + 3 * 10));
    assert_eq!(paced.matches(r#"" word""#).count(), 10, "{paced}");
    assert_eq!(paced.matches("\r\ndata: ").count(), 4, "{paced}");
    let comments = stream(&upstream, "comments").await;
    assert_eq!(comments.matches(": keep-alive\n\ndata: ").count(), 7, "{comments}");
}

#[tokio::test]
async fn a_peer_that_leaves_is_noticed_wherever_the_script_stands() {
    for (model, part) in [
        ("stall-head", ""),
        ("stall-0", "chunked"),
        ("stall-2", "data: "),
        ("slow-60000", "chunked"),
    ] {
        let upstream = Upstream::start().await.unwrap();
        let mut socket = open(&upstream, &request(&body(model, r#","stream":true"#))).await;
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains(part) {
            assert_ne!(timeout(DEADLINE, socket.read_buf(&mut seen)).await.unwrap().unwrap(), 0);
        }
        upstream.wait_for_requests(1, DEADLINE).await.unwrap();
        assert_eq!(upstream.connections()[0].closed, None, "{model}");
        let left = Instant::now();
        drop(socket);
        let closed = upstream.wait_for_close(DEADLINE).await.unwrap().closed.unwrap();
        assert_eq!(closed.by, Side::Peer, "{model}");
        assert!(closed.at >= left && closed.at - left < Duration::from_secs(5), "{model}");
    }
}

#[tokio::test]
async fn an_end_that_the_script_makes_is_its_own() {
    let upstream = Upstream::start().await.unwrap();
    whole(&upstream, "dead").await;
    let closed = upstream.wait_for_close(DEADLINE).await.unwrap().closed.unwrap();
    assert_eq!(closed.by, Side::Upstream);
    assert!(upstream.wait_for_requests(2, Duration::from_millis(10)).await.is_none());
}

#[tokio::test]
async fn queued_scripts_come_first_and_in_order() {
    let upstream = Upstream::builder()
        .script(Reply::json(418, "{}").header("x-teapot", "short"))
        .script(Events::of_text(&["a", "b"]).per_write(1).reset_after(9))
        .script(Script::new().write("HTTP/1.1 204 x\r\n\r\n"))
        .answers(|received| Reply::new(200, "text/plain", received.body.clone()).into())
        .start()
        .await
        .unwrap();
    let first = whole(&upstream, "m").await;
    assert!(first.starts_with("HTTP/1.1 418 ") && first.contains("x-teapot: short"), "{first}");
    let (_, end) = ask(&upstream, &body("m", "")).await;
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(whole(&upstream, "m").await, "HTTP/1.1 204 x\r\n\r\n");
    assert_eq!(content(&whole(&upstream, "m").await), body("m", ""));
    assert_eq!(upstream.take_requests().len(), 4);
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn other_paths_are_answered_as_a_vendor_would() {
    let upstream = Upstream::start().await.unwrap();
    for (line, status, words) in [
        ("GET /v1/models", 200, r#""id":"cut""#),
        ("GET /v1/models/scripted", 200, r#""object":"model""#),
        ("GET /v1/models/nobody", 404, "model_not_found"),
        ("POST /v1/other", 404, "Invalid URL (POST /v1/other)"),
    ] {
        let mut socket =
            open(&upstream, &format!("{line} HTTP/1.1\r\nconnection: close\r\n\r\n")).await;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains(words), "{answer}");
    }
}

#[tokio::test]
async fn dropping_it_closes_every_connection() {
    let upstream = Upstream::start().await.unwrap();
    let mut idle = open(&upstream, "").await;
    let mut stalled = open(&upstream, &request(&body("stall-head", ""))).await;
    upstream.wait_for_requests(1, DEADLINE).await.unwrap();
    let address = upstream.address();
    drop(upstream);
    for socket in [&mut idle, &mut stalled] {
        let mut rest = Vec::new();
        // An end or a reset: either way it is over.
        drop(timeout(DEADLINE, socket.read_to_end(&mut rest)).await.unwrap());
        assert!(rest.is_empty());
    }
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_forgetful_one_keeps_nothing() {
    let upstream = Upstream::builder().forgetful().start().await.unwrap();
    assert!(whole(&upstream, "m").await.starts_with("HTTP/1.1 200"));
    assert!(upstream.requests().is_empty() && upstream.connections().is_empty());
}
