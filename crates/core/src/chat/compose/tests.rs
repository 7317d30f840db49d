//! Replies as clients read them.

use serde_json::{Value, json, value::RawValue};

use super::*;
use crate::{Finish, Usage, Whole};

const SIGNED: Said<'_> = Said {
    begins: false,
    content: None,
    refusal: None,
    reasoning_content: Some("hm"),
    reasoning_details: &[],
    tool_calls: &[],
    annotations: None,
    images: None,
    audio: None,
    content_blocks: None,
};

fn head() -> ReplyHead {
    ReplyHead::new("id-\"1\"", 7, "m")
}

fn chunk(text: &[u8]) -> Value {
    let text = std::str::from_utf8(text).unwrap();
    serde_json::from_str(text.strip_prefix("data: ").unwrap().strip_suffix("\n\n").unwrap())
        .unwrap()
}

#[test]
fn a_whole_reply_says_what_is_null_and_counts_everything() {
    let calls = [SaidCall {
        id: Some("c"),
        name: Some("f"),
        arguments: "{\"a\":1}",
        ..SaidCall::default()
    }];
    let thoughts =
        [Thought::text(0, "v", Some("hm")).sealed(Some("s")), Thought::encrypted(1, "v", "d")];
    let said = Said { tool_calls: &calls, reasoning_details: &thoughts, ..SIGNED };
    let choice = Choice {
        said,
        finish: Some(Finish::ToolCalls),
        native_finish: Some("tool_use"),
        ..Choice::default()
    };
    let usage = Usage { cached_tokens: 2, cache_write_tokens: 1, ..Usage::new(5, 3) };
    let tier = RawValue::from_string("\"standard\"".to_owned()).unwrap();
    let reply = head().whole(&[choice], Some(usage.clone()), &[("service_tier", &tier)]);
    assert_eq!((reply.usage(), reply.finish()), (Some(usage), Some(Finish::ToolCalls)));
    assert_eq!(
        reply.json::<Value>().unwrap(),
        json!({
            "id": "id-\"1\"", "object": "chat.completion", "created": 7, "model": "m",
            "choices": [{
                "index": 0,
                "message": {
                    "role": "assistant", "content": null, "refusal": null,
                    "reasoning_content": "hm",
                    "reasoning_details": [
                        {"type": "reasoning.text", "text": "hm", "signature": "s", "format": "v", "index": 0},
                        {"type": "reasoning.encrypted", "data": "d", "format": "v", "index": 1},
                    ],
                    "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}}],
                },
                "logprobs": null, "finish_reason": "tool_calls", "native_finish_reason": "tool_use",
            }],
            "usage": {
                "prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8,
                "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": 0, "cache_write_tokens": 1},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
            "service_tier": "standard",
        })
    );
}

#[test]
fn a_chunk_says_what_is_new_and_nothing_else() {
    let (chunks, mut out) = (Chunks::new(&head()), Vec::new());
    let logprobs = RawValue::from_string("{\"content\":[]}".to_owned()).unwrap();
    let call = [SaidCall { index: Some(1), arguments: "{", ..SaidCall::default() }];
    chunks.say_likely(
        &mut out,
        2,
        &Said { begins: true, tool_calls: &call, ..Said::default() },
        &logprobs,
    );
    assert_eq!(
        chunk(&out),
        json!({
            "id": "id-\"1\"", "object": "chat.completion.chunk", "created": 7, "model": "m",
            "choices": [{
                "index": 2,
                "delta": {"role": "assistant", "tool_calls": [{"index": 1, "function": {"arguments": "{"}}]},
                "logprobs": {"content": []}, "finish_reason": null,
            }],
        })
    );
}

#[test]
fn what_an_ending_says_beside_stands_in_its_chunk() {
    let sequence = RawValue::from_string("\"END\"".to_owned()).unwrap();
    let mut out = Vec::new();
    let extra = [("stop_sequence", &*sequence)];
    Chunks::new(&head()).stop_beside(&mut out, (Finish::Stop, "stop_sequence"), &extra);
    let stop = chunk(&out);
    assert_eq!(
        (&stop["stop_sequence"], &stop["choices"][0]["finish_reason"]),
        (&json!("END"), &json!("stop"))
    );
}

#[test]
fn the_seals_format_is_said_once_and_not_by_each_piece() {
    let said = |format| serde_json::to_value(Thought::text(0, format, Some("hm"))).unwrap();
    assert_eq!(said("v")["format"], "v");
    assert_eq!(said(""), json!({"type": "reasoning.text", "text": "hm", "index": 0}));
}

#[test]
fn a_stream_ends_with_why_and_how_much() {
    let chunks = Chunks::new(&head());
    let (mut stop, mut usage, mut done) = (Vec::new(), Vec::new(), Vec::new());
    let (mut beside, trace) = (Vec::new(), RawValue::from_string("{\"a\":1e2}".into()).unwrap());
    chunks.beside(&mut beside, &[("trace", &trace)]);
    assert!(beside.ends_with(b"\"choices\":[],\"trace\":{\"a\":1e2}}\n\n"));
    chunks.stop(&mut stop, 0, Finish::Length, "max_tokens");
    chunks.usage(&mut usage, &Usage::new(1, 2));
    chunks.done(&mut done);
    let stop = chunk(&stop);
    assert_eq!(
        stop["choices"],
        json!([{"index": 0, "delta": {}, "finish_reason": "length", "native_finish_reason": "max_tokens"}])
    );
    let usage = chunk(&usage);
    assert_eq!((&usage["choices"], &usage["usage"]["total_tokens"]), (&json!([]), &json!(3)));
    assert_eq!(done, b"data: [DONE]\n\n");
}
