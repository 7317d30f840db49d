//! Anthropic's own library judges what we send, and puts replies together as we do.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{collections::BTreeMap, fs, path::Path};

use bytes::Bytes;
use ferro_core::{Call, Decoder, Frame, ModelFacts, TargetId, Whole, chat::ChatRequest};
use ferro_dialect_anthropic::{Encoded, Messages, Profile};
use ferro_testkit::oracle;
use ferro_wire::sse;
use serde_json::{Value, json};

fn ask(cases: &[Value]) -> Vec<Value> {
    oracle(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle.py"), cases)
}

fn encode(profile: Profile, request: &Value) -> Encoded {
    let target = TargetId::from("t");
    let chat = ChatRequest::of(request).unwrap();
    let model = request["model"].as_str().unwrap().to_owned();
    let facts = ModelFacts::default();
    let call = Call::new(&target, &model).with_facts(Some(&facts));
    Messages::new(profile).encode(&call, &chat).unwrap_or_else(|e| panic!("{e}: {request}"))
}

fn sent(profile: Profile, request: &Value) -> Value {
    serde_json::from_slice(&encode(profile, request).body).unwrap()
}

/// Requests that say everything there is to say, and those of the fixtures.
fn requests() -> Vec<Value> {
    let listed = fs::read_to_string("tests/requests.json").unwrap();
    let mut requests: Vec<Value> = serde_json::from_str(&listed).unwrap();
    for folder in fs::read_dir("tests/fixtures/anthropic/chat").unwrap() {
        if let Ok(request) = fs::read_to_string(folder.unwrap().path().join("request.json")) {
            requests.push(serde_json::from_str(&request).unwrap());
        }
    }
    requests
}

/// A case for the library: a request, of whichever kind of version its members are.
fn case(request: &Value, body: &Value) -> Value {
    let is_beta = ["context_management", "mcp_servers"].iter().any(|f| request.get(*f).is_some());
    json!({"request": body, "is_beta": is_beta})
}

/// What other hosts are sent, with the members that their path says put back.
fn sent_elsewhere(request: &Value, (profile, version): (Profile, &str), betas: &Value) -> Value {
    let mut body = sent(profile.with_betas(vec!["a-1".to_owned()]), request);
    let members = body.as_object_mut().unwrap();
    assert_eq!(members.remove("anthropic_version"), Some(json!(version)));
    assert_eq!(members.remove("anthropic_beta").unwrap_or_default()[0], *betas);
    assert!(!members.contains_key("model") && !members.contains_key("stream"), "{body}");
    body["model"] = request["model"].clone();
    body
}

#[test]
fn every_request_is_one_by_the_librarys_types() {
    let (mut cases, requests) = (Vec::new(), requests());
    for request in &requests {
        cases.push(case(request, &sent(Profile::anthropic(), request)));
        if !names_media(request) {
            let vertex = (Profile::vertex(), "vertex-2023-10-16");
            cases.push(case(request, &sent_elsewhere(request, vertex, &Value::Null)));
            let bedrock = (Profile::bedrock(), "bedrock-2023-05-31");
            cases.push(case(request, &sent_elsewhere(request, bedrock, &json!("a-1"))));
        }
    }
    assert!(cases.len() > 200, "{} cases", cases.len());
    let wrong = wrong();
    let verdicts = ask(&[&cases[..], &wrong].concat());
    let (right, refused) = verdicts.split_at(cases.len());
    for (case, faults) in cases.iter().zip(right) {
        assert_eq!(*faults, json!([]), "{case}");
    }
    for (case, faults) in wrong.iter().zip(refused) {
        assert_ne!(*faults, json!([]), "{case}");
    }
}

/// Requests that the library must refuse, or its verdict says nothing.
fn wrong() -> Vec<Value> {
    let user = json!([{"role": "user", "content": "x"}]);
    let wrong = [
        json!({"model": "m", "messages": user}),
        json!({"model": "m", "max_tokens": 1, "messages": user, "seed": 1}),
        json!({"model": "m", "max_tokens": 1, "messages": [{"role": "tool", "content": "x"}]}),
        json!({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": [{"type": "text", "text": "x", "odd": 1}]}]}),
        json!({"model": "m", "max_tokens": 1, "messages": user, "tools": [{"name": "f"}]}),
        json!({"model": "m", "max_tokens": 1, "messages": user, "thinking": {"type": "enabled"}}),
    ];
    wrong.map(|body| json!({"request": body})).to_vec()
}

fn names_media(request: &Value) -> bool {
    let text = request.to_string();
    ["\"http", "file_"].iter().any(|mark| text.contains(mark))
}

/// What the vendor said, in its own fixtures: whole replies, and events.
fn recorded() -> BTreeMap<String, (Value, String)> {
    let mut recorded = BTreeMap::new();
    for folder in fs::read_dir("tests/fixtures/anthropic/chat").unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let source = fs::read_to_string(folder.join("source")).unwrap();
        if source.starts_with("sdk anthropic") && name != "an_event_of_a_mebibyte" {
            let http = fs::read_to_string(folder.join("upstream.http")).unwrap();
            let body = http.split_once("\n\n").unwrap().1.to_owned();
            let request = fs::read_to_string(folder.join("request.json")).ok();
            let request = request.map(|json| serde_json::from_str(&json).unwrap());
            let plain = json!({
                "model": "conformance-model", "messages": [{"role": "user", "content": "Go."}],
                "stream": name.ends_with("_streamed"),
            });
            recorded.insert(name, (request.unwrap_or(plain), body));
        }
    }
    recorded
}

fn events(body: &str) -> Vec<Value> {
    let events = sse::events(body.as_bytes()).filter(|event| !event.is_silent());
    let data = events.map(|event| event.data().into_owned()).filter(|data| data != b"[DONE]");
    data.map(|data| serde_json::from_slice(&data).unwrap()).collect()
}

/// The reply as a client reads it: a body, or chunks.
fn read(request: &Value, body: &str) -> Value {
    let mut decoder = encode(Profile::anthropic(), request).decoder;
    if request["stream"] == json!(true) {
        let mut frame = Frame::default();
        decoder.read(Bytes::from(body.to_owned()), &mut frame).unwrap();
        assert!(decoder.is_finished());
        return json!({"chunks": events(std::str::from_utf8(&frame.bytes).unwrap())});
    }
    let head = http::Response::new(()).into_parts().0;
    let reply = decoder.whole(&head, Bytes::from(body.to_owned())).unwrap();
    json!({"reply": serde_json::from_slice::<Value>(&reply.into_body().to_bytes()).unwrap()})
}

#[test]
fn a_reply_says_what_the_library_makes_of_it() {
    let recorded = recorded();
    let (mut vendors, mut ours) = (Vec::new(), Vec::new());
    for (request, body) in recorded.values() {
        vendors.push(match request["stream"] == json!(true) {
            true => json!({"events": events(body)}),
            false => json!({"message": serde_json::from_str::<Value>(body).unwrap()}),
        });
        ours.push(read(request, body));
    }
    assert!(vendors.len() > 20, "{} replies", vendors.len());
    let all = ask(&[vendors, ours].concat());
    let (vendors, ours) = all.split_at(recorded.len());
    for ((name, vendors), ours) in recorded.keys().zip(vendors).zip(ours) {
        agree(name, vendors, ours);
    }
}

/// Holds a chat message against the vendor's own.
fn agree(name: &str, vendors: &Value, ours: &Value) {
    let blocks = |named: &str| {
        let content = vendors["content"].as_array().unwrap();
        content.iter().filter(|block| block["type"] == named).cloned().collect::<Vec<_>>()
    };
    let text: String = blocks("text").iter().filter_map(|b| b["text"].as_str()).collect();
    let said = ours["content"].as_str().unwrap_or_default();
    let by_tool = name.starts_with("schema_by_tool");
    if by_tool {
        let said: Value = serde_json::from_str(said).unwrap();
        assert_eq!(said, blocks("tool_use")[0]["input"], "{name}");
    } else {
        assert_eq!(said, text, "{name}");
    }
    let calls: Vec<_> = ours["tool_calls"].as_array().into_iter().flatten().collect();
    assert_eq!(calls.len(), if by_tool { 0 } else { blocks("tool_use").len() }, "{name}");
    for (call, block) in calls.iter().zip(blocks("tool_use")) {
        assert_eq!(call["id"], block["id"], "{name}");
        let arguments = call["function"]["arguments"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(arguments).unwrap(), block["input"], "{name}");
    }
    let thoughts: Vec<_> = ours["reasoning_details"].as_array().into_iter().flatten().collect();
    let sealed: Vec<_> =
        thoughts.iter().map(|t| t.get("signature").or(t.get("data")).cloned().unwrap()).collect();
    let content = vendors["content"].as_array().unwrap();
    let seals = content.iter().filter_map(|b| b.get("signature").or(b.get("data")).cloned());
    assert_eq!(sealed, seals.collect::<Vec<_>>(), "{name}");
    let citations = blocks("text")
        .iter()
        .filter_map(|b| b["citations"].as_array().map(Vec::len))
        .sum::<usize>();
    assert_eq!(ours["annotations"].as_array().map_or(0, Vec::len), citations, "{name}");
}

/// Three turns with thoughts, seals and two calls at once: what our reply said, whole or put together
/// from a stream by OpenAI's own library, comes back to the vendor as the vendor's own blocks.
#[test]
fn an_assistants_turn_goes_back_exactly_as_it_came() {
    let turn = |thought: &str, seal: &str, text: &str, calls: &[(&str, &str, Value)]| {
        let mut blocks = vec![
            json!({"type": "thinking", "thinking": thought, "signature": seal}),
            json!({"type": "redacted_thinking", "data": format!("{seal}-hidden")}),
            json!({"type": "text", "text": text}),
        ];
        blocks.extend(calls.iter().map(
            |(id, name, input)| json!({"type": "tool_use", "id": id, "name": name, "input": input}),
        ));
        blocks
    };
    let two = [
        ("toolu_01", "get_weather", json!({"city": "K\u{f6}ln", "days": 2})),
        ("toolu_02", "get_time", json!({})),
    ];
    let turns = [
        turn("Two tools.\nAt once.", "c2VhbDE=", "Let me look.", &two),
        turn(
            "One more.",
            "c2VhbDI=",
            "And the rest.",
            &[("toolu_03", "get_time", json!({"zone": "UTC"}))],
        ),
        turn("Done.", "c2VhbDM=", "It rains at noon.", &[]),
    ];
    let tools = json!([
        {"type": "function", "function": {"name": "get_weather"}},
        {"type": "function", "function": {"name": "get_time"}},
    ]);
    let request = |messages: &[Value], is_streamed: bool| {
        json!({
            "model": "claude-sonnet-4-5", "messages": messages, "stream": is_streamed,
            "reasoning_effort": "low", "tools": tools,
        })
    };
    let user = json!({"role": "user", "content": "Weather and time?"});
    let mut replies = Vec::new();
    for blocks in &turns {
        replies.push(read(&request(std::slice::from_ref(&user), false), &whole(blocks)));
        replies.push(read(&request(std::slice::from_ref(&user), true), &streamed(blocks)));
    }
    let said = ask(&replies);
    let mut cases = Vec::new();
    for of in 0..2 {
        let (mut messages, mut expected) = (vec![user.clone()], vec![user.clone()]);
        for (blocks, said) in turns.iter().zip(said.iter().skip(of).step_by(2)) {
            let (more, results) = answered(said);
            messages.extend(more);
            expected.push(json!({"role": "assistant", "content": blocks}));
            expected.push(json!({"role": "user", "content": results}));
            let sent = sent(Profile::anthropic(), &request(&messages, false));
            assert_eq!(sent["messages"], json!(expected), "whole or streamed: {of}");
            assert_eq!(sent["thinking"]["type"], "enabled");
            cases.push(json!({"request": sent}));
        }
    }
    assert_eq!(ask(&cases), vec![json!([]); 6]);
}

/// The assistant's message, the results of its calls and what the user says then; and the last two as
/// the vendor has them.
fn answered(said: &Value) -> (Vec<Value>, Value) {
    let (mut messages, mut blocks) = (vec![said.clone()], Vec::new());
    for call in said["tool_calls"].as_array().into_iter().flatten() {
        messages.push(json!({"role": "tool", "tool_call_id": call["id"], "content": "fine"}));
        blocks.push(json!({"type": "tool_result", "tool_use_id": call["id"], "content": "fine"}));
    }
    messages.push(json!({"role": "user", "content": "Go on."}));
    if blocks.is_empty() {
        return (messages, json!("Go on."));
    }
    blocks.push(json!({"type": "text", "text": "Go on."}));
    (messages, json!(blocks))
}

fn message(content: &Value) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
        "content": content, "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    })
}

fn whole(blocks: &[Value]) -> String {
    message(&json!(blocks)).to_string()
}

/// A stream as the vendor documents it: <https://platform.claude.com/docs/en/build-with-claude/streaming>.
fn streamed(blocks: &[Value]) -> String {
    let mut events = vec![json!({"type": "message_start", "message": message(&json!([]))})];
    for (index, block) in blocks.iter().enumerate() {
        let mut begins = block.clone();
        let mut deltas = Vec::new();
        for (member, delta) in [
            ("thinking", "thinking_delta"),
            ("signature", "signature_delta"),
            ("text", "text_delta"),
        ] {
            if let Some(text) = block.get(member).and_then(Value::as_str) {
                begins[member] = json!("");
                let middle = text.len() / 2;
                let pieces = if member == "signature" {
                    vec![text]
                } else {
                    vec![&text[..middle], &text[middle..]]
                };
                deltas.extend(pieces.iter().map(|p| json!({"type": delta, member: p})));
            }
        }
        if let Some(input) = block.get("input") {
            begins["input"] = json!({});
            let text = if *input == json!({}) { String::new() } else { input.to_string() };
            let at = text.char_indices().nth(9).map_or(0, |(at, _)| at);
            deltas.extend(
                [&text[..at], &text[at..]]
                    .map(|p| json!({"type": "input_json_delta", "partial_json": p})),
            );
        }
        events
            .push(json!({"type": "content_block_start", "index": index, "content_block": begins}));
        events.extend(
            deltas
                .into_iter()
                .map(|d| json!({"type": "content_block_delta", "index": index, "delta": d})),
        );
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"output_tokens": 9}}));
    events.push(json!({"type": "message_stop"}));
    let mut out = Vec::new();
    for event in &events {
        sse::write(&mut out, event["type"].as_str(), event.to_string().as_bytes());
    }
    String::from_utf8(out).unwrap()
}
