//! Replies law by law; whole conversations are the provider's tests.

mod blocks;

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, Finish, Frame, Whole,
    chat::{Chat, ChatRequest},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Messages, Profile};

fn decoder(members: &str) -> ChatDecoder {
    let body = format!(
        r#"{{"model":"m","stream":true,"stream_options":{{"include_usage":true}},"messages":[{{"role":"user","content":"Go."}}]{members}}}"#
    );
    let request = ChatRequest::parse(body.into_bytes()).unwrap();
    let target = ferro_core::TargetId::from("t");
    let mut call = Call::new(&target, "claude-3-7-sonnet");
    call.now = UNIX_EPOCH;
    Messages::new(Profile::anthropic()).encode(&call, &request).unwrap().decoder
}

fn stream(events: &[Value]) -> String {
    let mut out = Vec::new();
    for event in events {
        sse::write(&mut out, event["type"].as_str(), event.to_string().as_bytes());
    }
    String::from_utf8(out).unwrap()
}

fn begin() -> Value {
    json!({"type": "message_start", "message": {"id": "msg_1", "model": "claude", "content": [], "usage": {"input_tokens": 2, "output_tokens": 1}}})
}

fn block(named: &str) -> Value {
    json!({"type": "content_block_start", "index": 0, "content_block": {"type": named, "id": "toolu_1", "name": "f", "input": {}, "text": "", "thinking": ""}})
}

fn delta(named: &str, member: &str, said: &str) -> Value {
    json!({"type": "content_block_delta", "index": 0, "delta": {"type": named, member: said}})
}

fn read(decoder: &mut ChatDecoder, events: &str) -> (Frame, Option<ErrorKind>) {
    let mut frame = Frame::default();
    let read = decoder.read(Bytes::from(events.to_owned()), &mut frame);
    (frame, read.err().map(|error| error.kind()))
}

fn chunks(frame: &Frame) -> Vec<Value> {
    let events = sse::events(&frame.bytes).map(|event| event.data().into_owned());
    events.filter_map(|data| serde_json::from_slice(&data).ok()).collect()
}

#[test]
fn the_first_chunk_comes_with_the_messages_beginning() {
    let (frame, error) = read(&mut decoder(""), &stream(&[begin()]));
    assert_eq!(error, None);
    let first = &chunks(&frame)[0];
    assert_eq!(first["choices"][0]["delta"], json!({"role": "assistant", "content": ""}));
    assert_eq!(
        (&first["id"], &first["model"], &first["created"]),
        (&json!("msg_1"), &json!("claude"), &json!(0))
    );
    assert_eq!(
        frame.usage.as_ref().unwrap().prompt_tokens,
        2,
        "what is read is paid for, whoever leaves"
    );
}

#[test]
fn a_sign_of_life_becomes_a_comment() {
    let (frame, _) = read(&mut decoder(""), "event: ping\ndata: {\"type\":\"ping\"}\n\n");
    assert_eq!(frame.bytes, ": ping\n\n");
    assert!(sse::is_silent(&frame.bytes));
}

#[test]
fn a_call_without_a_word_is_called_with_nothing() {
    let events = [begin(), block("tool_use"), json!({"type": "content_block_stop", "index": 0})];
    let (frame, _) = read(&mut decoder(""), &stream(&events));
    let last = chunks(&frame).pop().unwrap();
    assert_eq!(last["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"], "{}");
}

#[test]
fn a_stream_is_over_when_the_vendor_says_so_and_not_before() {
    let mut decoder = decoder("");
    let end = json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}});
    let (frame, _) = read(&mut decoder, &stream(&[begin(), end]));
    assert_eq!((frame.finish, decoder.is_finished()), (Some(Finish::Stop), false));
    let interrupted = decoder.end(Bytes::new(), &mut Frame::default()).unwrap_err();
    assert_eq!(interrupted.kind(), ErrorKind::Interrupted);
    let (frame, _) = read(&mut decoder, &stream(&[json!({"type": "message_stop"})]));
    assert!(decoder.is_finished() && frame.bytes.ends_with(b"data: [DONE]\n\n"));
}

#[test]
fn an_error_among_the_events_has_its_own_kind() {
    for (named, kind) in [
        ("overloaded_error", ErrorKind::Overloaded),
        ("rate_limit_error", ErrorKind::RateLimited),
        ("api_error", ErrorKind::Unavailable),
    ] {
        let event = json!({"type": "error", "error": {"type": named, "message": "no"}});
        let (frame, error) = read(&mut decoder(""), &stream(&[begin(), event]));
        assert_eq!((chunks(&frame).len(), error), (1, Some(kind)), "{named}");
    }
    let mut decoder = decoder("");
    let tail = Bytes::from_static(
        br#"{"type":"error","error":{"type":"overloaded_error","message":"no"}}"#,
    );
    let error = decoder.end(tail, &mut Frame::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
}

#[test]
fn what_comes_before_the_beginning_or_is_no_event_is_malformed() {
    for events in [
        stream(&[delta("text_delta", "text", "x")]),
        stream(&[json!({"type": "message_start"})]),
        "data: {}\n\n".to_owned(),
        "data: [1\n\n".to_owned(),
        "data: null\n\n".to_owned(),
    ] {
        assert_eq!(read(&mut decoder(""), &events).1, Some(ErrorKind::Malformed), "{events}");
    }
}

#[test]
fn a_refusal_without_words_says_that_it_is_one() {
    let end = json!({"type": "message_delta", "delta": {"stop_reason": "refusal", "stop_details": {"category": "bio"}}});
    let (frame, _) = read(&mut decoder(""), &stream(&[begin(), end]));
    let refusal = chunks(&frame)[1]["choices"][0]["delta"]["refusal"].clone();
    assert!(refusal.as_str().unwrap().contains("bio"), "{refusal}");
    assert_eq!(frame.finish, Some(Finish::ContentFilter));
}

/// What a thought's seal is, and whose, is said once: clients put the texts of all pieces together.
#[test]
fn whose_a_thought_is_is_said_once() {
    let events = [
        begin(),
        block("thinking"),
        delta("thinking_delta", "thinking", "a"),
        delta("thinking_delta", "thinking", "b"),
        delta("signature_delta", "signature", "s"),
    ];
    let (frame, _) = read(&mut decoder(""), &stream(&events));
    let said = chunks(&frame);
    let details: Vec<_> = said[1..]
        .iter()
        .map(|c| c["choices"][0]["delta"]["reasoning_details"][0].clone())
        .collect();
    assert_eq!(details.iter().filter(|d| d.get("format").is_some()).count(), 1);
    assert_eq!((&details[0]["format"], &details[2]["signature"]), (&json!(FORMAT), &json!("s")));
}

#[test]
fn a_reply_by_tool_and_a_call_besides_is_a_call() {
    const FORM: &str = r#","response_format":{"type":"json_schema","json_schema":{"name":"j","schema":{"type":"object"}}},"tools":[{"type":"function","function":{"name":"f"}}]"#;
    let whole = |blocks: Value| {
        let body = json!({"content": blocks, "stop_reason": "tool_use"}).to_string();
        let reply =
            decoder(FORM).whole(&http::Response::new(()).into_parts().0, body.into()).unwrap();
        let finish = reply.finish();
        let json: Value = serde_json::from_slice(&reply.into_body().to_bytes()).unwrap();
        (json["choices"][0]["message"].clone(), finish)
    };
    let tool = |name: &str| json!({"type": "tool_use", "id": "t", "name": name, "input": {"n": 1}});
    let (message, finish) = whole(json!([tool("j")]));
    assert_eq!((&message["content"], finish), (&json!("{\"n\":1}"), Some(Finish::Stop)));
    let (message, finish) = whole(json!([tool("f")]));
    assert_eq!((&message["content"], finish), (&Value::Null, Some(Finish::ToolCalls)));
}

fn full_stream() -> String {
    let stop = json!({"type": "content_block_stop", "index": 0});
    stream(&[
        begin(),
        json!({"type": "ping"}),
        block("thinking"),
        delta("thinking_delta", "thinking", "hm\u{fc}\n"),
        delta("signature_delta", "signature", "s"),
        stop.clone(),
        block("text"),
        delta("text_delta", "text", "\u{1f642} \"x\""),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": {"type": "page_location", "cited_text": "c"}}}),
        stop.clone(),
        block("server_tool_use"),
        delta("input_json_delta", "partial_json", "{\"a\":"),
        delta("input_json_delta", "partial_json", "1}"),
        stop.clone(),
        block("tool_use"),
        delta("input_json_delta", "partial_json", "{\"a\":1}"),
        stop,
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"output_tokens": 9}}),
        json!({"type": "message_stop"}),
    ])
}

/// Feeds a stream in these pieces, as the driver does: whole events as they are there.
fn fed(decoder: &mut ChatDecoder, pieces: &[&[u8]]) -> (Vec<u8>, bool) {
    let (mut buffer, mut out) = (Vec::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        let whole = sse::FRAMING.whole(&buffer);
        let events: Vec<u8> = buffer.drain(..whole).collect();
        let mut frame = Frame::default();
        let read = decoder.read(events.into(), &mut frame);
        out.extend_from_slice(&frame.bytes);
        if read.is_err() {
            return (out, false);
        }
    }
    (out, decoder.is_finished())
}

proptest! {
    #[test]
    fn any_cuts_give_the_same_events(mut cuts in prop::collection::vec(0_usize..3000, 0..12)) {
        let body = full_stream();
        let whole = fed(&mut decoder(""), &[body.as_bytes()]);
        prop_assert!(whole.1);
        cuts.iter_mut().for_each(|cut| *cut = (*cut).min(body.len()));
        cuts.sort_unstable();
        let ends = cuts.iter().copied().chain([body.len()]);
        let mut from = 0;
        let pieces: Vec<&[u8]> = ends.map(|to| { let piece = &body.as_bytes()[from..to]; from = to; piece }).collect();
        prop_assert_eq!(fed(&mut decoder(""), &pieces), whole);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..3000, flip in any::<u8>()) {
        let head = http::Response::new(()).into_parts().0;
        let _ = decoder("").whole(&head, bytes.clone().into());
        let _ = decoder("").read(bytes.into(), &mut Frame::default());
        let mut body = full_stream().into_bytes();
        let at = at % body.len();
        body[at] = flip;
        let _ = fed(&mut decoder(""), &[&body]);
        let _ = crate::refuse(&head, body.into());
    }

    #[test]
    fn no_value_in_a_replys_place_makes_it_panic(named in "[a-z_]{0,12}", said in "\\PC{0,20}", number in any::<i64>()) {
        for value in [json!(said), json!(number), json!(null), json!([said]), json!({"type": named, "text": number})] {
            let reply = json!({"content": [value], "stop_reason": said, "usage": {"input_tokens": number}});
            let head = http::Response::new(()).into_parts().0;
            let _ = <ChatDecoder as Decoder<Chat>>::whole(&mut decoder(""), &head, reply.to_string().into());
            let event = json!({"type": named, "delta": value, "content_block": value, "message": value});
            let _ = fed(&mut decoder(""), &[stream(&[begin(), event]).as_bytes()]);
        }
    }
}
