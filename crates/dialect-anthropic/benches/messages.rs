//! What a request and a piece of a reply cost, beside what it costs to parse the same bytes into a tree.

use std::{fmt::Write, hint::black_box};

use bytes::Bytes;
use divan::{Bencher, counter::BytesCount};
use ferro_core::{Call, Decoder, Frame, TargetId, chat::ChatRequest};
use ferro_dialect_anthropic::{Messages, Profile};
use serde_json::Value;

fn main() {
    divan::main();
}

/// A hundred kilobytes in twenty messages: prose without a line break, or with one in each sentence.
fn conversation(sentence: &str) -> Vec<u8> {
    let text = sentence.repeat(5100 / sentence.len());
    let mut messages = String::from(r#"{"role":"system","content":"Be brief."}"#);
    for _ in 0..10 {
        write!(
            messages,
            r#",{{"role":"user","content":"{text}"}},{{"role":"assistant","content":"{text}"}}"#
        )
        .expect("a string takes text");
    }
    let tools = r#"[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"x":{"type":"number"}}}}}]"#;
    format!(r#"{{"model":"m","max_tokens":9,"tools":{tools},"messages":[{messages}]}}"#)
        .into_bytes()
}

const PLAIN: &str = "All happy families are alike. ";
const BROKEN: &str = r"All happy families are \u0022alike\u0022.\n";

fn encode(bencher: Bencher<'_, '_>, sentence: &str) {
    let body = conversation(sentence);
    let (messages, target) = (Messages::new(Profile::anthropic()), TargetId::from("t"));
    let request = ChatRequest::parse(body.clone()).expect("the request is one");
    let call = Call::new(&target, "claude-opus-4-6");
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| messages.encode(&call, black_box(&request)).map(|encoded| encoded.body));
}

fn parse(bencher: Bencher<'_, '_>, body: &[u8]) {
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| serde_json::from_slice::<Value>(black_box(body)));
}

#[divan::bench]
fn encode_100_kb(bencher: Bencher<'_, '_>) {
    encode(bencher, PLAIN);
}

#[divan::bench]
fn encode_100_kb_as_a_tree_only_parsed(bencher: Bencher<'_, '_>) {
    parse(bencher, &conversation(PLAIN));
}

#[divan::bench]
fn encode_100_kb_with_escapes(bencher: Bencher<'_, '_>) {
    encode(bencher, BROKEN);
}

#[divan::bench]
fn encode_100_kb_with_escapes_as_a_tree_only_parsed(bencher: Bencher<'_, '_>) {
    parse(bencher, &conversation(BROKEN));
}

const DELTA: &str = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" families are"}}"#;

fn begun() -> impl Decoder<ferro_core::chat::Chat> {
    let (messages, target) = (Messages::new(Profile::anthropic()), TargetId::from("t"));
    let body = br#"{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}"#;
    let request = ChatRequest::parse(body.to_vec()).expect("the request is one");
    let call = Call::new(&target, "claude-opus-4-6");
    let mut decoder = messages.encode(&call, &request).expect("it can be said").decoder;
    let begin = "data: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_01XFDUDYJgAACzvnptvVoYEL\",\"model\":\"claude-opus-4-6\",\"content\":[],\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
    decoder.read(Bytes::from(begin), &mut Frame::default()).expect("it begins");
    decoder
}

#[divan::bench]
fn decode_a_piece(bencher: Bencher<'_, '_>) {
    let (mut decoder, event) =
        (begun(), Bytes::from(format!("event: content_block_delta\ndata: {DELTA}\n\n")));
    bencher.counter(BytesCount::new(event.len())).bench_local(|| {
        let mut frame = Frame::default();
        decoder.read(black_box(event.clone()), &mut frame).map(|()| frame)
    });
}

#[divan::bench]
fn decode_a_piece_as_a_tree_only_parsed(bencher: Bencher<'_, '_>) {
    parse(bencher, DELTA.as_bytes());
}
