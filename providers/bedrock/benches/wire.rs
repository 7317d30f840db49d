//! What a request and an event of a stream cost, beside reading the same bytes into a tree.

use std::fmt::Write;

use bytes::Bytes;
use divan::{Bencher, black_box, counter::ItemsCount};
use ferro_core::{Call, Frame, TargetId, Wire, chat::ChatRequest};
use ferro_testkit::frames;
use serde_json::Value;

fn main() {
    divan::main();
}

const MODEL: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
/// Events of a frame.
const EVENTS: usize = 64;

/// A hundred kilobytes in twenty messages.
fn body() -> String {
    let text = "All happy families are alike.\\n ".repeat(158);
    let mut messages = String::new();
    for turn in 0..20 {
        let role = if turn % 2 == 0 { "user" } else { "assistant" };
        write!(messages, r#"{{"role":"{role}","content":"{text}"}},"#)
            .expect("a string takes text");
    }
    let last = r#"{"role":"user","content":"Go on."}"#;
    format!(r#"{{"model":"{MODEL}","max_tokens":1000,"messages":[{messages}{last}]}}"#)
}

fn events() -> (String, Bytes) {
    let mut payloads = String::new();
    for _ in 0..EVENTS {
        payloads.push_str(r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"text":" happy"},"p":"abcdefghijklm"}"#);
        payloads.push('\n');
    }
    let bytes = frames(&payloads);
    (payloads, bytes)
}

#[divan::bench]
fn encode_100_kb(bencher: Bencher<'_, '_>) {
    let wire = ferro_provider_bedrock::wire();
    let request = ChatRequest::parse(body().into_bytes()).expect("the request is one");
    let target = TargetId::from("t");
    let call = Call::new(&target, MODEL);
    bencher.bench_local(|| wire.encode(&call, black_box(&request)).map(|_| ()));
}

#[divan::bench]
fn read_the_same_100_kb_into_a_tree(bencher: Bencher<'_, '_>) {
    let body = body();
    bencher.bench_local(|| serde_json::from_str::<Value>(black_box(&body)));
}

#[divan::bench]
fn read_64_events(bencher: Bencher<'_, '_>) {
    let wire = ferro_provider_bedrock::wire();
    let asked = format!(
        r#"{{"model":"{MODEL}","messages":[{{"role":"user","content":"a"}}],"stream":true}}"#
    );
    let request = ChatRequest::parse(asked.into_bytes()).expect("the request is one");
    let target = TargetId::from("t");
    let call = Call::new(&target, MODEL);
    let (_, mut decoder) = wire.encode(&call, &request).expect("it can be said");
    let (_, bytes) = events();
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let mut frame = Frame::default();
        decoder.read(black_box(bytes.clone()), &mut frame).map(|()| frame)
    });
}

#[divan::bench]
fn read_the_payloads_of_64_events_into_trees(bencher: Bencher<'_, '_>) {
    let (payloads, _) = events();
    let payloads: Vec<_> = payloads.lines().filter_map(|line| line.split_once(' ')).collect();
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        for (_, payload) in black_box(&payloads) {
            let _ = black_box(serde_json::from_str::<Value>(payload));
        }
    });
}
