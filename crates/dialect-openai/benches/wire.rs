//! What a request and a frame of a reply cost: a row without deviations, and one with many.

use std::fmt::Write;

use bytes::Bytes;
use divan::{Bencher, black_box, counter::BytesCount};
use ferro_core::{Call, Frame, TargetId, Wire, chat::ChatRequest};
use ferro_dialect_openai::{FieldEdit, MessageEdit, Profile, TokenLimit, Vendor};
use http::HeaderMap;

fn main() {
    divan::main();
}

const PLAIN: Vendor = Vendor::OPENAI_SHAPED;

/// As many deviations as any vendor has.
const PARTICULAR: Vendor = Vendor {
    refuses: &["logprobs", "top_logprobs", "logit_bias", "user"],
    profile: Profile {
        takes_stream_options: false,
        token_limit: TokenLimit::MaxTokens,
        fields: &[FieldEdit::Renamed("seed", "random_seed"), FieldEdit::NoEmptyTools],
        messages: &[
            MessageEdit::Without(&["name", "reasoning_content"]),
            MessageEdit::DeveloperIsSystem,
            MessageEdit::EmptyContentIsText,
            MessageEdit::NineCharacterCalls,
        ],
        ..Profile::STANDARD
    },
    ..PLAIN
};

/// A hundred kilobytes in twenty messages, the last of which carries `member`.
fn request(member: &str) -> ChatRequest {
    let text = "All happy families are alike. ".repeat(170);
    let mut messages = String::new();
    for _ in 0..19 {
        write!(messages, r#"{{"role":"user","content":"{text}"}},"#).expect("a string takes text");
    }
    let last = format!(r#"{{"role":"user",{member}"content":"{text}"}}"#);
    let body = format!(r#"{{"model":"m","seed":7,"messages":[{messages}{last}]}}"#);
    ChatRequest::parse(body.into_bytes()).expect("the request is one")
}

fn encode(bencher: Bencher<'_, '_>, vendor: &Vendor, member: &str) {
    let wire = vendor.wire("/v1", HeaderMap::new());
    let (target, request) = (TargetId::from("t"), request(member));
    let call = Call::new(&target, "m");
    bencher
        .counter(BytesCount::new(request.to_rope().len()))
        .bench_local(|| wire.encode(&call, black_box(&request)).map(|_| ()));
}

#[divan::bench]
fn encode_100_kb_plain(bencher: Bencher<'_, '_>) {
    encode(bencher, &PLAIN, "");
}

#[divan::bench]
fn encode_100_kb_fields_edited(bencher: Bencher<'_, '_>) {
    encode(bencher, &PARTICULAR, "");
}

#[divan::bench]
fn encode_100_kb_one_message_edited(bencher: Bencher<'_, '_>) {
    encode(bencher, &PARTICULAR, r#""name":"n","#);
}

fn frame(usage: &str) -> Bytes {
    let mut events = String::new();
    for place in 0..64 {
        write!(
            events,
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" word{place}\"}},\"finish_reason\":null}}],\"usage\":{usage}}}\n\n"
        )
        .expect("a string takes text");
    }
    events.into()
}

fn decode(bencher: Bencher<'_, '_>, usage: &str) {
    let wire = PLAIN.wire("/v1", HeaderMap::new());
    let (target, request) = (TargetId::from("t"), request("").with_stream(true));
    let call = Call::new(&target, "m");
    let events = frame(usage);
    let (_, mut decoder) = wire.encode(&call, &request).expect("it can be said");
    bencher.counter(BytesCount::new(events.len())).bench_local(|| {
        let mut frame = Frame::default();
        decoder.read(black_box(events.clone()), &mut frame).map(|()| frame)
    });
}

#[divan::bench]
fn decode_64_events(bencher: Bencher<'_, '_>) {
    decode(bencher, "null");
}

#[divan::bench]
fn decode_64_events_that_count(bencher: Bencher<'_, '_>) {
    decode(bencher, r#"{"prompt_tokens":3,"completion_tokens":7,"total_tokens":10}"#);
}

/// A hundred kilobytes of prose with a line break now and then, or of probabilities.
fn reply(is_prose: bool) -> Bytes {
    let (content, logprobs) = if is_prose {
        ("All happy families are alike.\\n".repeat(3300), "null".to_owned())
    } else {
        let token = r#"{"token":" word","logprob":-0.31725305,"bytes":[32,119,111,114,100],"top_logprobs":[]}"#;
        (" word".repeat(1100), format!(r#"{{"content":[{}]}}"#, vec![token; 1100].join(",")))
    };
    Bytes::from(format!(
        r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1764000000,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"{content}"}},"logprobs":{logprobs},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":3,"completion_tokens":1100,"total_tokens":1103}}}}"#
    ))
}

fn decode_whole(bencher: Bencher<'_, '_>, body: &Bytes) {
    let wire = PLAIN.wire("/v1", HeaderMap::new());
    let (target, request) = (TargetId::from("t"), request(""));
    let (_, mut decoder) = wire.encode(&Call::new(&target, "m"), &request).expect("it can be said");
    let head = http::Response::new(()).into_parts().0;
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| decoder.whole(&head, black_box(body.clone())));
}

#[divan::bench]
fn decode_100_kb_of_prose(bencher: Bencher<'_, '_>) {
    decode_whole(bencher, &reply(true));
}

#[divan::bench]
fn decode_100_kb_of_probabilities(bencher: Bencher<'_, '_>) {
    decode_whole(bencher, &reply(false));
}
