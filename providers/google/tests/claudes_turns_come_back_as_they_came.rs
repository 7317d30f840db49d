//! Three turns with Claude on Vertex AI, with thoughts, seals and two calls at once: what the client got,
//! whole or streamed, comes back as the model's own blocks, and Anthropic's library takes it.

mod place;

use std::path::Path;

use ferro_testkit::{Answer, Clock, oracle};
use ferro_wire::sse;
use serde_json::{Value, json};

const MODEL: &str = "claude-sonnet-4-5@20250929";

/// Anthropic's library judges requests, and OpenAI's puts replies together.
fn ask(cases: &[Value]) -> Vec<Value> {
    oracle(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../anthropic/tests/oracle.py"), cases)
}

/// What the model says in each turn.
fn turns() -> [Vec<Value>; 3] {
    let thought = |words: &str, seal: &str| {
        vec![
            json!({"type": "thinking", "thinking": words, "signature": seal}),
            json!({"type": "redacted_thinking", "data": format!("{seal}-hidden")}),
        ]
    };
    let call = |id: &str, name: &str, input: Value| json!({"type": "tool_use", "id": id, "name": name, "input": input});
    let text = |text: &str| json!({"type": "text", "text": text});
    [
        [
            thought("Two tools.\nAt once.", "c2VhbDE="),
            vec![
                text("Let me look."),
                call("toolu_vrtx_01", "get_weather", json!({"city": "K\u{f6}ln", "days": 2})),
                call("toolu_vrtx_02", "get_time", json!({})),
            ],
        ]
        .concat(),
        [
            thought("One more.", "c2VhbDI="),
            vec![call("toolu_vrtx_03", "get_time", json!({"zone": "UTC"}))],
        ]
        .concat(),
        [thought("Done.", "c2VhbDM="), vec![text("It rains at noon.")]].concat(),
    ]
}

fn message(content: &Value) -> Value {
    json!({"id": "msg_vrtx_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
        "content": content, "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 1}})
}

/// A stream as <https://platform.claude.com/docs/en/build-with-claude/streaming> has it.
fn streamed(blocks: &[Value]) -> Vec<u8> {
    let mut events = vec![json!({"type": "message_start", "message": message(&json!([]))})];
    for (index, block) in blocks.iter().enumerate() {
        let mut begins = block.clone();
        let mut deltas = Vec::new();
        let texts = [
            ("thinking", "thinking_delta"),
            ("signature", "signature_delta"),
            ("text", "text_delta"),
        ];
        for (member, named) in texts {
            if let Some(text) = block[member].as_str() {
                begins[member] = json!("");
                // A seal comes in one piece.
                let middle = if member == "signature" { text.len() } else { text.len() / 2 };
                let pieces =
                    [&text[..middle], &text[middle..]].into_iter().filter(|p| !p.is_empty());
                deltas.extend(pieces.map(|piece| json!({"type": named, member: piece})));
            }
        }
        if block["input"].as_object().is_some_and(|input| !input.is_empty()) {
            begins["input"] = json!({});
            let input = block["input"].to_string();
            let pieces = [&input[..5], &input[5..]];
            deltas.extend(pieces.map(|p| json!({"type": "input_json_delta", "partial_json": p})));
        }
        events
            .push(json!({"type": "content_block_start", "index": index, "content_block": begins}));
        let delta = |delta| json!({"type": "content_block_delta", "index": index, "delta": delta});
        events.extend(deltas.into_iter().map(delta));
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"output_tokens": 9}}));
    events.push(json!({"type": "message_stop"}));
    let mut out = Vec::new();
    for event in &events {
        sse::write(&mut out, event["type"].as_str(), event.to_string().as_bytes());
    }
    out
}

fn request(messages: &[Value], is_streamed: bool) -> Value {
    let function = |name: &str| json!({"type": "function", "function": {"name": name}});
    json!({"model": MODEL, "messages": messages, "stream": is_streamed, "max_tokens": 4096,
        "reasoning_effort": "low", "tools": [function("get_weather"), function("get_time")]})
}

/// What is sent for these messages, and the reply as a case for OpenAI's library, where the model
/// says these blocks.
fn turn(messages: &[Value], is_streamed: bool, blocks: &[Value]) -> (Value, Value) {
    let answer = Answer::new(200);
    let answer = if is_streamed {
        answer.with_header("content-type", "text/event-stream").with_body(streamed(blocks))
    } else {
        answer
            .with_header("content-type", "application/json")
            .with_body(message(&json!(blocks)).to_string())
    };
    Clock::run(async |_| {
        let asker = place::asker("vertex-ai").await;
        let request = request(messages, is_streamed);
        let (sent, heard) = place::ask(&asker, &request, answer.clone()).await;
        assert!(heard.error.is_none(), "{heard:?}");
        let mut said = heard.json();
        let case =
            if is_streamed { json!({"chunks": said}) } else { json!({"reply": said.remove(0)}) };
        (sent, case)
    })
}

/// The results of a message's calls and what the user says then, as the client has them and as the
/// vendor does.
fn answered(message: &Value) -> (Vec<Value>, Value) {
    let (mut said, mut blocks) = (Vec::new(), Vec::new());
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        said.push(json!({"role": "tool", "tool_call_id": call["id"], "content": "fine"}));
        blocks.push(json!({"type": "tool_result", "tool_use_id": call["id"], "content": "fine"}));
    }
    said.push(json!({"role": "user", "content": "Go on."}));
    blocks.push(json!({"type": "text", "text": "Go on."}));
    let content = if blocks.len() == 1 { json!("Go on.") } else { json!(blocks) };
    (said, json!({"role": "user", "content": content}))
}

#[test]
fn every_turn_comes_back_as_the_model_said_it() {
    let user = json!({"role": "user", "content": "Weather and time?"});
    let forms = [false, true];
    // Starting the libraries takes seconds, so they are asked about all replies at once.
    let begun = std::slice::from_ref(&user);
    let replies = forms.map(|form| turns().map(|blocks| turn(begun, form, &blocks).1)).concat();
    let heard = ask(&replies);
    let mut judged = Vec::new();
    for (is_streamed, heard) in forms.into_iter().zip(heard.chunks(turns().len())) {
        let (mut messages, mut expected) = (vec![user.clone()], vec![user.clone()]);
        for (blocks, said) in turns().iter().zip(heard) {
            let (more, answer) = answered(said);
            messages.push(said.clone());
            messages.extend(more);
            expected.extend([json!({"role": "assistant", "content": blocks}), answer]);
            let (sent, _) = turn(&messages, is_streamed, blocks);
            assert_eq!(sent["messages"], json!(expected), "streamed: {is_streamed}");
            judged.push(sent);
        }
    }
    let cases = judged.into_iter().map(|mut body| {
        assert_eq!(body["thinking"]["type"], "enabled");
        let members = body.as_object_mut().expect("a body is an object");
        assert_eq!(members.remove("anthropic_version"), Some(json!("vertex-2023-10-16")));
        assert!(!members.contains_key("model"), "the path says it");
        // What the path says here, the library's types want in the body.
        body["model"] = json!(MODEL);
        json!({"request": body})
    });
    let cases: Vec<Value> = cases.collect();
    assert_eq!(ask(&cases), vec![json!([]); 6]);
}
