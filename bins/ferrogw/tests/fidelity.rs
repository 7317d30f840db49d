//! What the gateway changes and what it leaves alone, seen from both sides of the real binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[expect(dead_code, reason = "other tests of this binary use the rest")]
mod process;
#[path = "fidelity/wire.rs"]
mod wire;

use std::{collections::HashMap, sync::Arc, time::Duration};

use ferro_scripted::{
    Builder, Events, Reply, STREAM_TEXT, Script, Shape, Side, Upstream, WHOLE_TEXT, refusal,
};
use process::{DEADLINE, Gateway};
use serde_json::{Value, value::RawValue};
use tokio::{task::JoinSet, time::Instant};
use wire::{Client, chat};

/// More than forty members that a program might send and a gateway might harm.
const ODD: &str = include_str!("fidelity/odd.json");
const HELLO: &str = r#"{"model":"scripted","messages":[{"role":"user","content":"hi"}]}"#;
const HELLO_STREAM: &str =
    r#"{"model":"scripted","messages":[{"role":"user","content":"hi"}],"stream":true}"#;

async fn start(upstreams: &[&Upstream]) -> Gateway {
    let target = |(index, upstream): (usize, &&Upstream)| {
        let root = upstream.base_url();
        format!(
            "  - {{virtual_key: t{index}, provider: openai, base_url: '{root}', api_key: sk-t{index}, \
             models: [scripted, stall-3, slow-50, error-401, error-500]}}\n"
        )
    };
    let targets: String = upstreams.iter().enumerate().map(target).collect();
    let strategy = "strategy: {mode: fallback}\naliases: {fast: scripted}\n";
    Gateway::start(&format!("{strategy}targets:\n{targets}")).await.unwrap()
}

async fn saying(scripts: impl IntoIterator<Item = Script>) -> Upstream {
    scripts.into_iter().fold(Upstream::builder(), Builder::script).start().await.unwrap()
}

fn last_body(upstream: &Upstream) -> String {
    String::from_utf8(upstream.requests().pop().unwrap().body).unwrap()
}

// === requests ===

#[tokio::test]
async fn a_request_of_forty_odd_fields_passes_byte_for_byte() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(&[&upstream]).await;
    let fields: HashMap<String, &RawValue> = serde_json::from_str(ODD).unwrap();
    assert!(fields.len() > 42, "{}", fields.len());
    let answer = chat(&gateway, ODD).await;
    assert!(answer.head.starts_with("http/1.1 200"), "{answer:?}");
    assert_eq!(last_body(&upstream), ODD);
}

#[tokio::test]
async fn an_alias_changes_the_value_of_the_model_and_nothing_else() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(&[&upstream]).await;
    let written = r#""scr\u0069pted""#;
    assert_eq!(ODD.matches(written).count(), 1);
    chat(&gateway, &ODD.replace(written, r#""fast""#)).await;
    assert_eq!(last_body(&upstream), ODD.replace(written, r#""scripted""#));
}

#[tokio::test]
async fn a_stream_is_asked_for_its_usage_and_nothing_else_is_touched() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(&[&upstream]).await;
    let streamed = ODD.replacen('{', r#"{ "stream" : true ,"#, 1);
    chat(&gateway, &streamed).await;
    let (start, end) = streamed.split_at(streamed.trim_end().len() - 1);
    let (start, space) = start.split_at(start.trim_end().len());
    let asked = r#","stream_options":{"include_usage":true}"#;
    assert_eq!(last_body(&upstream), format!("{start}{asked}{space}{end}"));

    // Options of the client's own are added to, or left alone where they ask already.
    for (own, sent) in [
        (r#"{ "x" :1 }"#, r#"{ "x" :1,"include_usage":true }"#),
        (r#"{"include_usage":false}"#, r#"{"include_usage":true}"#),
        (r#"{ "include_usage" :true}"#, r#"{ "include_usage" :true}"#),
    ] {
        let with = |options: &str| {
            HELLO_STREAM.replacen('{', &format!(r#"{{"stream_options":{options},"#), 1)
        };
        chat(&gateway, &with(own)).await;
        assert_eq!(last_body(&upstream), with(sent));
    }
}

// === replies ===

#[tokio::test]
async fn a_whole_reply_gains_one_last_member_and_keeps_the_upstreams_model() {
    let said = "\n{ \"model\" : \"scr\\u0069pted-2026\",\t\"n\":1e2, \"choices\":[ { } ],\r\n\"x\":{\"provider\":1} }\n";
    let upstream = saying([Reply::json(200, said).into()]).await;
    let gateway = start(&[&upstream]).await;
    let answer = chat(&gateway, HELLO).await;
    assert!(answer.is_complete, "{answer:?}");
    let gained = r#"{"provider":1},"provider":"t0" }"#;
    assert_eq!(answer.body, said.replace(r#"{"provider":1} }"#, gained));
}

#[tokio::test]
async fn chunks_gain_nothing_and_lose_only_the_usage_nobody_asked_for() {
    const USAGE: &str =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3, \"completion_tokens\":4}}\n\n";
    let events = [
        ": a comment\n\n",
        "id: 7\r\nevent: x\r\ndata: { \"choices\" :[{\"delta\":{\"content\":\"\\u0061\"}}],\"odd\":1e2}\r\n\r\n",
        "data: {\"model\":\"another\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
        USAGE,
        "data: [DONE]\n\n",
    ];
    let all: String = events.concat();
    for (asks, expected) in [(false, all.replace(USAGE, "")), (true, all.clone())] {
        for per_write in [1, 2, 5] {
            let script = Events::new(events.map(str::to_owned)).per_write(per_write);
            let upstream = saying([script.into()]).await;
            let gateway = start(&[&upstream]).await;
            let options = format!(r#"{{"stream_options":{{"include_usage":{asks}}},"#);
            let answer = chat(&gateway, &HELLO_STREAM.replacen('{', &options, 1)).await;
            assert_eq!(answer.body, expected, "{per_write} events a write");
            assert!(answer.is_complete, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_refused_key_and_a_broken_vendor_are_the_gateways_own_matter() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(&[&upstream]).await;
    for (model, code) in [("error-401", "upstream_auth_error"), ("error-500", "upstream_error")] {
        let answer = chat(&gateway, &HELLO.replace("scripted", model)).await;
        assert!(answer.head.starts_with("http/1.1 502"), "{answer:?}");
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["error"]["code"], code);
        assert!(!answer.body.contains("sk-t0"), "{answer:?}");
    }
}

// === ends ===

#[tokio::test]
async fn a_client_that_leaves_takes_the_upstream_connection_with_it() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(&[&upstream]).await;
    let mut client = Client::ask(&gateway, &HELLO_STREAM.replace("scripted", "stall-3")).await;
    client.until(STREAM_TEXT[1]).await;
    let left = Instant::now();
    drop(client);
    let closed = upstream.wait_for_close(DEADLINE).await.unwrap().closed.unwrap();
    assert_eq!(closed.by, Side::Peer);
    let took = closed.at - left;
    assert!(took < Duration::from_secs(1), "a tenth of a second is promised; it took {took:?}");
}

#[tokio::test]
async fn one_record_says_that_the_client_left_and_what_had_been_used() {
    const USAGE: &str =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n";
    let script = Events::new(["data: {\"choices\":[]}\n\n", USAGE]).stall_after(2);
    let upstream = saying([script.into()]).await;
    let gateway = start(&[&upstream]).await;
    let asks = r#"{"stream_options":{"include_usage":true},"#;
    let mut client =
        Client::ask_as(&gateway, "left-early", &HELLO_STREAM.replacen('{', asks, 1)).await;
    client.until("completion_tokens").await;
    drop(client);
    upstream.wait_for_close(DEADLINE).await.unwrap();
    gateway.terminate().await;
    let (_, printed) = gateway.ended().await;
    let lines = printed.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let records: Vec<_> = lines.filter(|line| line["request_id"] == "left-early").collect();
    let [record] = &records[..] else { panic!("{records:?} among {printed:?}") };
    assert_eq!(record["outcome"], "cancelled");
    assert_eq!(record["usage"]["prompt_tokens"], 3);
    assert_eq!(record["usage"]["completion_tokens"], 4);
}

#[tokio::test]
async fn an_upstream_that_dies_before_its_first_token_is_passed_over_unseen() {
    let comment = || Events::new([": keep-alive\n\n"]);
    let deaths: [(&str, Script); 9] = [
        ("unanswered", Script::new().close()),
        ("reset", Script::new().reset()),
        ("not http", Script::new().write("\u{16}\u{3}\u{1}\r\n\r\n").close()),
        ("half a head", Script::new().write("HTTP/1.1 200 OK\r\ncontent-ty").close()),
        ("refused", refusal(503, Shape::Html).into()),
        ("no event", Events::of_text(&["never said"]).cut_after(0).into()),
        ("an orderly end without an event", Events::new(Vec::<String>::new()).into()),
        ("half an event", Events::new(["data: {\"choi"]).cut_after(1).into()),
        ("a comment alone", comment().cut_after(1).into()),
    ];
    let (names, scripts): (Vec<_>, Vec<_>) = deaths.into_iter().unzip();
    let first = saying(scripts).await;
    let second = Upstream::start().await.unwrap();
    let gateway = start(&[&first, &second]).await;
    for (index, name) in names.iter().enumerate() {
        let answer = chat(&gateway, HELLO_STREAM).await;
        assert!(answer.head.starts_with("http/1.1 200"), "{name}: {answer:?}");
        assert!(answer.head.contains("x-gateway-provider: t1"), "{name}: {answer:?}");
        assert!(!answer.body.contains("error"), "{name}: {answer:?}");
        assert_eq!(answer.events().last(), Some(&"[DONE]"), "{name}: {answer:?}");
        assert_eq!(answer.events().len(), STREAM_TEXT.len() + 3, "{name}: {answer:?}");
        let asked = (first.requests().len(), second.requests().len());
        assert_eq!(asked, (index + 1, index + 1), "{name}");
    }
}

#[tokio::test]
async fn a_whole_reply_that_is_not_one_is_asked_for_elsewhere() {
    let half = || Reply::json(200, r#"{"choices":[{"ind"#);
    let faults: [(&str, Script); 7] = [
        ("short", Reply::json(200, "{}").claiming(1000).into()),
        ("reset in the body", Script::from(half().claiming(1000)).reset()),
        ("not json", half().into()),
        ("no object", Reply::json(200, "[]").into()),
        ("empty", Reply::json(200, "").into()),
        ("an error in disguise", Reply::json(200, r#"{"error":{"message":"boom"}}"#).into()),
        ("a page", Reply::new(200, "text/html", "<html>busy</html>").into()),
    ];
    let (names, scripts): (Vec<_>, Vec<_>) = faults.into_iter().unzip();
    let first = saying(scripts).await;
    let second = Upstream::start().await.unwrap();
    let gateway = start(&[&first, &second]).await;
    for (index, name) in names.iter().enumerate() {
        let answer = chat(&gateway, HELLO).await;
        assert!(answer.head.starts_with("http/1.1 200"), "{name}: {answer:?}");
        assert!(answer.body.contains(WHOLE_TEXT), "{name}: {answer:?}");
        assert!(answer.body.ends_with(r#","provider":"t1"}"#), "{name}: {answer:?}");
        let asked = (first.requests().len(), second.requests().len());
        assert_eq!(asked, (index + 1, index + 1), "{name}");
    }
}

#[tokio::test]
async fn callers_at_once_each_get_their_own_answer() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = Arc::new(start(&[&upstream]).await);
    let mut callers = JoinSet::new();
    for caller in 0..64 {
        let gateway = Arc::clone(&gateway);
        callers.spawn(async move {
            let model = format!("gpt-{caller}");
            let body = if caller % 2 == 0 { HELLO } else { HELLO_STREAM };
            let answer = chat(&gateway, &body.replace("scripted", &model)).await;
            let named = format!(r#""model":"{model}""#);
            let others = answer.body.matches(r#""model":"#).count();
            assert!(others > 0 && others == answer.body.matches(&named).count(), "{answer:?}");
            assert!(answer.is_complete, "{answer:?}");
        });
    }
    callers.join_all().await;
    assert_eq!(upstream.requests().len(), 64);
}

#[tokio::test]
async fn calls_one_after_the_other_share_a_connection() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(&[&upstream]).await;
    for _ in 0..4 {
        chat(&gateway, HELLO).await;
        chat(&gateway, HELLO_STREAM).await;
    }
    assert_eq!((upstream.requests().len(), upstream.connections().len()), (8, 1));
}

#[tokio::test]
async fn an_upstream_that_dies_later_gives_an_error_and_never_says_done() {
    let said = || Events::of_text(&["one", "two", "three"]);
    let error = "data: {\"error\":{\"message\":\"boom\",\"type\":\"server_error\"}}\n\n";
    let word = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\n";
    let deaths: [(&str, Script); 4] = [
        ("closed", said().cut_after(3).into()),
        ("closed in an event", said().cut_after(3).and("data: {\"cho").into()),
        ("ended without saying so", Events::new([word]).into()),
        ("said so itself", said().cut_after(3).and(error).into()),
    ];
    let (names, scripts): (Vec<_>, Vec<_>) = deaths.into_iter().unzip();
    let first = saying(scripts).await;
    let second = Upstream::start().await.unwrap();
    let gateway = start(&[&first, &second]).await;
    for name in names {
        let answer = chat(&gateway, HELLO_STREAM).await;
        assert!(answer.head.starts_with("http/1.1 200"), "{name}: {answer:?}");
        assert!(answer.head.contains("x-gateway-provider: t0"), "{name}: {answer:?}");
        let events = answer.events();
        let (last, before) = events.split_last().unwrap();
        let last: Value = serde_json::from_str(last).unwrap();
        assert!(last["error"]["message"].is_string(), "{name}: {answer:?}");
        assert!(!before.is_empty() && !answer.body.contains("[DONE]"), "{name}: {answer:?}");
        assert!(before.iter().all(|event| !event.contains("error")), "{name}: {answer:?}");
        assert!(answer.is_complete, "the error is the end: {name}: {answer:?}");
    }
    assert!(second.requests().is_empty(), "what was half said is not said again");
}

#[tokio::test]
async fn a_gateway_that_is_told_to_stop_finishes_what_it_has_begun() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(&[&upstream]).await;
    let mut client = Client::ask(&gateway, &HELLO_STREAM.replace("scripted", "slow-50")).await;
    client.until(STREAM_TEXT[0]).await;
    gateway.terminate().await;
    let answer = client.answer().await;
    assert!(STREAM_TEXT.iter().all(|text| answer.body.contains(text)), "{answer:?}");
    assert_eq!(answer.events().last(), Some(&"[DONE]"));
    assert!(answer.is_complete, "{answer:?}");
    let (status, printed) = gateway.ended().await;
    assert!(status.success(), "{printed:?}");
}
