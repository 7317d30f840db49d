//! What a request and a piece of a reply cost, beside reading the same bytes as a tree.
//!
//! Medians in microseconds, on two quiet cores:
//!
//! | | here | as a tree | ratio |
//! |---|---|---|---|
//! | 100 kB of chat encoded | 43 | 53 | 0.8 |
//! | a streamed piece decoded, one of 16 | 2.5 | 3.5 | 0.7 |
//! | the same alone, with what a stream costs once | 3.0 | 3.5 | 0.9 |

use std::fmt::Write;

use bytes::Bytes;
use divan::{Bencher, black_box, counter::BytesCount};
use ferro_core::{
    Call, Decoder, Frame, TargetId,
    chat::{Chat, ChatRequest},
};
use ferro_dialect_gemini::Profile;
use serde_json::Value;

fn main() {
    divan::main();
}

/// A hundred kilobytes in twenty messages, a call and its result among them.
fn body() -> Vec<u8> {
    let text = "All happy families are alike. ".repeat(170);
    let mut messages = String::new();
    for _ in 0..9 {
        write!(
            messages,
            r#"{{"role":"user","content":"{text}"}},{{"role":"assistant","content":"{text}"}},"#
        )
        .expect("a string takes text");
    }
    let call = r#"{"role":"assistant","content":null,"tool_calls":[{"id":"fc__thought__c2VhbA==","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}"#;
    let result = format!(
        r#"{{"role":"tool","tool_call_id":"fc__thought__c2VhbA==","content":"{text}{text}"}}"#
    );
    let tools = r#"[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}}]"#;
    format!(r#"{{"model":"m","temperature":0.5,"tools":{tools},"messages":[{messages}{call},{result}]}}"#).into_bytes()
}

fn encode(bencher: Bencher<'_, '_>, model: &str) {
    let (target, body) = (TargetId::from("t"), body());
    let counter = BytesCount::new(body.len());
    let request = ChatRequest::parse(body).expect("it is a request");
    let call = Call::new(&target, model);
    bencher
        .counter(counter)
        .bench_local(|| Profile::AI_STUDIO.encode(&call, black_box(&request)).map(|_| ()));
}

#[divan::bench]
fn encode_100_kb(bencher: Bencher<'_, '_>) {
    encode(bencher, "gemini-3-pro-preview");
}

/// With the schema normalised.
#[divan::bench]
fn encode_100_kb_for_an_older_model(bencher: Bencher<'_, '_>) {
    encode(bencher, "gemini-2.0-flash");
}

#[divan::bench]
fn a_tree_of_the_same_request(bencher: Bencher<'_, '_>) {
    let body = body();
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| serde_json::from_slice::<Value>(black_box(&body)));
}

const PIECE: &str = r#"{"candidates":[{"content":{"parts":[{"text":"All happy families are alike; each unhappy one"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":1200,"candidatesTokenCount":64,"totalTokenCount":1900,"promptTokensDetails":[{"modality":"TEXT","tokenCount":1200}],"thoughtsTokenCount":636},"modelVersion":"gemini-3-pro-preview","responseId":"q9vLaKXBIofL1PIP6rPZmAU"}"#;
/// Chunks that arrive together.
const MANY: usize = 16;

fn decoder() -> Box<dyn Decoder<Chat>> {
    let target = TargetId::from("t");
    let body = br#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
    let request = ChatRequest::parse(body.to_vec()).expect("it is a request");
    let call = Call::new(&target, "gemini-3-pro-preview");
    Profile::AI_STUDIO.encode(&call, &request).expect("it can be said").1
}

fn decode(bencher: Bencher<'_, '_>, pieces: usize) {
    let events = Bytes::from(format!("data: {PIECE}\r\n\r\n").repeat(pieces));
    bencher.with_inputs(decoder).bench_local_values(|mut decoder| {
        let mut frame = Frame::default();
        decoder.read(black_box(events.clone()), &mut frame).expect("it is a stream");
        (decoder, frame)
    });
}

#[divan::bench]
fn decode_a_chunk(bencher: Bencher<'_, '_>) {
    decode(bencher, 1);
}

#[divan::bench]
fn decode_16_chunks(bencher: Bencher<'_, '_>) {
    decode(bencher, MANY);
}

#[divan::bench]
fn a_tree_of_the_same_chunk(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| serde_json::from_str::<Value>(black_box(PIECE)));
}
