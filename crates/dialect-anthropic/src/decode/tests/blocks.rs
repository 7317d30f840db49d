//! Blocks of content: which of them a piece belongs to, and what the wire has no word for.

use super::*;

/// The same block, or piece of one, at another place.
fn at(index: u64, mut event: Value) -> Value {
    event["index"] = json!(index);
    event
}

fn stop(index: u64) -> Value {
    json!({"type": "content_block_stop", "index": index})
}

fn end(usage: &Value) -> Value {
    json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage})
}

fn whole(reply: &Value) -> Value {
    let head = http::Response::new(()).into_parts().0;
    let reply = decoder("").whole(&head, reply.to_string().into()).unwrap();
    serde_json::from_slice(&reply.into_body().to_bytes()).unwrap()
}

/// The blocks of the vendor's own in a stream.
fn own_blocks(events: &[Value]) -> Vec<Value> {
    let (frame, error) = read(&mut decoder(""), &stream(events));
    assert_eq!(error, None);
    let said = chunks(&frame).into_iter();
    said.filter_map(|c| c["choices"][0]["delta"]["content_blocks"].get(0).cloned()).collect()
}

#[test]
fn a_piece_belongs_to_the_block_that_it_names() {
    let call = |index| at(index, block("tool_use"));
    let piece = |index, said| at(index, delta("input_json_delta", "partial_json", said));
    let events = [
        begin(),
        call(0),
        call(1),
        piece(0, "{\"a\""),
        piece(1, "{\"b\""),
        piece(0, ":1}"),
        stop(0),
        piece(1, ":2}"),
        stop(1),
    ];
    let (frame, _) = read(&mut decoder(""), &stream(&events));
    let mut arguments = [String::new(), String::new()];
    for chunk in chunks(&frame) {
        let call = &chunk["choices"][0]["delta"]["tool_calls"][0];
        if let Some(index) = call["index"].as_u64() {
            arguments[usize::try_from(index).unwrap()]
                .push_str(call["function"]["arguments"].as_str().unwrap());
        }
    }
    assert_eq!(arguments, ["{\"a\":1}", "{\"b\":2}"]);
}

#[test]
fn a_block_whose_end_is_not_told_ends_with_the_message() {
    let events = [begin(), block("tool_use"), end(&json!({"output_tokens": 1}))];
    let (frame, _) = read(&mut decoder(""), &stream(&events));
    let said = chunks(&frame);
    let last = &said[said.len() - 2]["choices"][0]["delta"]["tool_calls"][0];
    assert_eq!(last["function"]["arguments"], "{}");
    assert!(own_blocks(&[begin(), block("mcp_tool_use"), end(&json!(null))])[0].is_object());
}

#[test]
fn the_input_of_the_vendors_own_call_is_put_together_however_it_begins() {
    let events = |begins: &str| {
        let mut events = stream(&[begin()]);
        events.push_str("data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":");
        events.push_str(begins);
        events.push_str("}\n\n");
        events.push_str(&stream(&[
            delta("input_json_delta", "partial_json", "{\"q\":"),
            delta("input_json_delta", "partial_json", "1e2}"),
            stop(0),
        ]));
        let (frame, _) = read(&mut decoder(""), &events);
        chunks(&frame)[1]["choices"][0]["delta"]["content_blocks"][0].clone()
    };
    for begins in [
        r#"{"type":"server_tool_use","id":"s","name":"\"input\":{}","input":{}}"#,
        r#"{ "type" : "server_tool_use", "input" : { } , "id" : "s" }"#,
        r#"{"type":"server_tool_use","id":"s"}"#,
    ] {
        let block = events(begins);
        assert_eq!((&block["input"], &block["id"]), (&json!({"q": 1e2}), &json!("s")), "{begins}");
    }
}

#[test]
fn a_summary_of_what_went_before_comes_whole() {
    let begins = json!({"type": "content_block_start", "index": 0, "content_block": {"type": "compaction", "content": null, "signature": "s"}});
    let summary = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "compaction_delta", "content": "So far.", "encrypted_content": "e"}});
    let blocks = own_blocks(&[begin(), begins, summary, stop(0)]);
    let block = &blocks[0];
    assert_eq!((&block["content"], &block["encrypted_content"]), (&json!("So far."), &json!("e")));
    assert_eq!((&block["type"], &block["signature"]), (&json!("compaction"), &json!("s")));
}

/// A turn that paused is only continued if it comes back in its order.
#[test]
fn a_block_of_the_vendors_own_says_what_stands_before_it() {
    let search = json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}});
    let place = json!({"thoughts": 1, "characters": 3, "calls": 0});
    let reply = json!({"content": [
        {"type": "thinking", "thinking": "hm", "signature": "z"}, {"type": "text", "text": "So\u{fc}"},
        search, {"type": "text", "text": " it is."},
    ], "stop_reason": "pause_turn"});
    let message = whole(&reply)["choices"][0]["message"].clone();
    let mut expected = search.clone();
    expected["behind"] = place.clone();
    assert_eq!(message["content_blocks"], json!([expected]));
    let streamed = own_blocks(&[
        begin(),
        block("thinking"),
        stop(0),
        at(1, block("text")),
        at(1, delta("text_delta", "text", "So\u{fc}")),
        stop(1),
        json!({"type": "content_block_start", "index": 2, "content_block": search}),
        stop(2),
    ]);
    assert_eq!((&streamed[0]["behind"], &streamed[0]["index"]), (&place, &json!(0)));
}

#[test]
fn what_a_summary_cost_is_counted_and_nothing_twice() {
    let counts = json!({"input_tokens": 10, "output_tokens": 2, "cache_read_input_tokens": 5, "iterations": [
        {"type": "compaction", "input_tokens": 1000, "output_tokens": 100, "cache_read_input_tokens": 300,
            "cache_creation_input_tokens": 20, "cache_creation": {"ephemeral_1h_input_tokens": 20}},
        {"type": "message", "input_tokens": 10, "output_tokens": 2, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 0},
        {"type": "a later kind"},
    ]});
    let check = |usage: ferro_core::Usage| {
        assert_eq!((usage.prompt_tokens, usage.completion_tokens), (1335, 102));
        assert_eq!((usage.cached_tokens, usage.cache_write_1h_tokens), (305, 20));
    };
    let head = http::Response::new(()).into_parts().0;
    let reply = json!({"content": [], "usage": counts}).to_string();
    check(decoder("").whole(&head, reply.into()).unwrap().usage().unwrap());
    let mut decoder = decoder("");
    let (frame, _) = read(&mut decoder, &stream(&[begin(), end(&counts), end(&counts)]));
    check(frame.usage.clone().unwrap());
}

#[test]
fn a_count_that_is_null_is_none_and_breaks_nothing() {
    let usage = json!({"output_tokens": 3, "cache_creation": {"ephemeral_5m_input_tokens": null}, "output_tokens_details": null, "iterations": null});
    let (frame, error) = read(&mut decoder(""), &stream(&[begin(), end(&usage)]));
    assert_eq!((frame.usage.as_ref().unwrap().completion_tokens, error), (3, None));
}

#[test]
fn what_the_vendor_says_beside_is_not_lost() {
    let usage =
        json!({"input_tokens": 1, "output_tokens": 1, "inference_geo": "eu", "speed": "fast"});
    let details = json!({"type": "refusal", "category": "bio", "recommended_model": "claude-x"});
    let mut reply = json!({"id": "m", "content": [], "stop_reason": "refusal", "stop_details": details, "usage": usage,
        "diagnostics": {"cache_miss_reason": null}, "context_management": {"applied_edits": []}, "container": null});
    let expected = [
        ("inference_geo", json!("eu")),
        ("speed", json!("fast")),
        ("stop_details", details.clone()),
        ("diagnostics", json!({"cache_miss_reason": null})),
        ("context_management", json!({"applied_edits": []})),
    ];
    let said = whole(&reply);
    for (name, value) in &expected {
        assert_eq!(said[name], *value, "{name}");
    }
    assert!(said.get("container").is_none());
    let management = reply["context_management"].take();
    let events = [
        json!({"type": "message_start", "message": reply}),
        json!({"type": "message_delta", "context_management": management, "delta": {"stop_reason": "refusal", "stop_details": details}}),
    ];
    let (frame, _) = read(&mut decoder(""), &stream(&events));
    let last = chunks(&frame).pop().unwrap();
    for (name, value) in &expected {
        assert_eq!(last[name], *value, "{name}");
    }
}

#[test]
fn who_called_a_tool_goes_there_and_comes_back() {
    let caller = json!({"type": "code_execution_20250825", "tool_id": "srvtoolu_1"});
    let call =
        json!({"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}, "caller": caller});
    let direct = json!({"type": "tool_use", "id": "toolu_2", "name": "f", "input": {}, "caller": {"type": "direct"}});
    let said = whole(&json!({"content": [call, direct], "stop_reason": "tool_use"}));
    let calls = &said["choices"][0]["message"]["tool_calls"];
    assert_eq!(calls[0]["extra_content"], json!({"anthropic": {"caller": caller}}));
    assert!(calls[1].get("extra_content").is_none());
    let begins = json!({"type": "content_block_start", "index": 0, "content_block": call});
    let (frame, _) = read(&mut decoder(""), &stream(&[begin(), begins]));
    let call = &chunks(&frame)[1]["choices"][0]["delta"]["tool_calls"][0];
    assert_eq!(call["extra_content"], json!({"anthropic": {"caller": caller}}));
}
