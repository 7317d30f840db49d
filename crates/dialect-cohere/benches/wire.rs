//! What a request and an event cost, beside `serde_json::Value` reading the same bytes.
//!
//! Medians in microseconds, on two quiet cores:
//!
//! | | here | as a `Value` | ratio |
//! |---|---|---|---|
//! | 100 kB of chat encoded | 33 | 51 | 0.6 |
//! | 100 kB of calls and their results encoded | 214 | 277 | 0.8 |
//! | a streamed event decoded, one of 64 | 1.3 | 1.7 | 0.8 |

use std::fmt::Write;

use bytes::Bytes;
use divan::{Bencher, black_box, counter::BytesCount};
use ferro_core::{Call, Decoder, Frame, TargetId, chat::ChatRequest};
use ferro_dialect_cohere::{Profile, encode};
use ferro_wire::sse;
use serde_json::Value;

fn main() {
    divan::main();
}

const EVENTS: usize = 64;

/// A hundred kilobytes in twenty messages.
fn chat() -> ChatRequest {
    let text = "All happy families are alike. ".repeat(170);
    let message = format!(r#"{{"role":"user","content":"{text}"}}"#);
    let messages = vec![message; 20].join(",");
    let body = format!(r#"{{"model":"m","seed":7,"messages":[{messages}]}}"#);
    ChatRequest::parse(body.into_bytes()).expect("the request is one")
}

/// A hundred kilobytes in fifty turns, each with a call and its result.
fn tools() -> ChatRequest {
    let mut messages = String::from(r#"{"role":"user","content":"Go."}"#);
    let text = "All happy families are alike. ".repeat(30);
    for turn in 0..50 {
        write!(
            messages,
            r#",{{"role":"assistant","content":null,"reasoning_content":"{text}","tool_calls":[{{"id":"call_{turn}","type":"function","function":{{"name":"f","arguments":"{{\"a\": {turn}}}"}}}}]}},{{"role":"tool","tool_call_id":"call_{turn}","content":"{{\"says\": \"{text}\"}}"}}"#
        )
        .expect("a string takes text");
    }
    let body = format!(r#"{{"model":"m","messages":[{messages}]}}"#);
    ChatRequest::parse(body.into_bytes()).expect("the request is one")
}

fn encoded(bencher: Bencher<'_, '_>, request: &ChatRequest) {
    let target = TargetId::from("t");
    let call = Call::new(&target, "command-a-03-2025");
    bencher.counter(BytesCount::new(request.to_rope().len())).bench_local(|| {
        encode(&Profile::COHERE, &call, black_box(request)).map(|(body, _)| body.len())
    });
}

fn as_value(bencher: Bencher<'_, '_>, json: &Bytes) {
    bencher
        .counter(BytesCount::new(json.len()))
        .bench_local(|| serde_json::from_slice::<Value>(black_box(json)).is_ok());
}

#[divan::bench]
fn encode_100_kb(bencher: Bencher<'_, '_>) {
    encoded(bencher, &chat());
}

#[divan::bench]
fn encode_100_kb_as_value(bencher: Bencher<'_, '_>) {
    as_value(bencher, &chat().to_rope().to_bytes());
}

#[divan::bench]
fn encode_100_kb_of_tools(bencher: Bencher<'_, '_>) {
    encoded(bencher, &tools());
}

#[divan::bench]
fn encode_100_kb_of_tools_as_value(bencher: Bencher<'_, '_>) {
    as_value(bencher, &tools().to_rope().to_bytes());
}

fn events() -> Bytes {
    let mut events = String::new();
    for place in 0..EVENTS {
        write!(
            events,
            "event: content-delta\ndata: {{\"type\":\"content-delta\",\"index\":0,\"delta\":{{\"message\":{{\"content\":{{\"text\":\" word{place}\"}}}}}}}}\n\n"
        )
        .expect("a string takes text");
    }
    events.into()
}

#[divan::bench]
fn decode_64_events(bencher: Bencher<'_, '_>) {
    let target = TargetId::from("t");
    let call = Call::new(&target, "command-a-03-2025");
    let request = chat().with_stream(true);
    let (_, mut decoder) = encode(&Profile::COHERE, &call, &request).expect("it can be said");
    let events = events();
    bencher.counter(BytesCount::new(events.len())).bench_local(|| {
        let mut frame = Frame::default();
        decoder.read(black_box(events.clone()), &mut frame).map(|()| frame)
    });
}

#[divan::bench]
fn decode_64_events_as_value(bencher: Bencher<'_, '_>) {
    let events = events();
    bencher.counter(BytesCount::new(events.len())).bench_local(|| {
        let read = |event: sse::Event<'_>| serde_json::from_slice::<Value>(&event.data()).is_ok();
        sse::events(black_box(&events)).filter(|event| read(*event)).count()
    });
}
