//! Cohere's own library is the judge: what would be sent follows its types, and what its types write
//! is understood.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{fs, path::Path};

use ferro_core::{Finish, Usage};
use ferro_provider_cohere::PROVIDERS;
use ferro_testkit::{Answer, Asker, Clock, Heard, Script, oracle};
use serde_json::{Value, json};

fn script() -> &'static Path {
    Path::new("tests/oracle.py")
}

/// What is sent for a request, and what is heard where the vendor answers so.
fn ask(request: &Value, answer: Answer) -> (Value, Heard) {
    let upstream = Script::always(answer);
    Clock::run(async |_| {
        let vars = [("COHERE_API_KEY", "key-12345678")];
        let asker = Asker::new(PROVIDERS[0], &vars, json!({})).await;
        let cx = asker.context("command-a-03-2025", &upstream, &upstream);
        let heard = asker.chat(&cx, request).await;
        let Some(sent) = upstream.sent().pop() else { panic!("nothing was sent: {heard:?}") };
        (serde_json::from_slice(&sent.body).unwrap(), heard)
    })
}

/// The requests of the suite's cases, and some that say everything at once.
fn requests() -> Vec<Value> {
    let cases = fs::read_dir("tests/fixtures/cohere/chat").unwrap();
    let files = cases.map(|case| case.unwrap().path().join("request.json"));
    let files = files.filter_map(|file| fs::read_to_string(file).ok());
    let mut requests: Vec<Value> = files.map(|text| serde_json::from_str(&text).unwrap()).collect();
    let user = json!({"role": "user", "content": "Go."});
    for effort in ["none", "minimal", "low", "medium", "high", "xhigh", "max"] {
        requests.push(json!({"model": "m", "messages": [user], "reasoning_effort": effort}));
    }
    for arguments in ["", "{}", "[1", "{\"a\": 1.0}"] {
        let call = json!({"id": "call.1:x", "type": "function", "function": {"name": "f", "arguments": arguments}});
        requests.push(json!({"model": "m", "messages": [
            user,
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "t", "signature": "s"}, {"type": "text", "text": "a"}], "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call.1:x", "content": [{"type": "text", "text": "{\"a\":[]}"}, {"type": "text", "text": "b"}]},
            {"role": "assistant", "content": null, "reasoning_content": "r"},
            user,
        ], "stream": true}));
    }
    requests
}

#[test]
fn what_is_sent_follows_the_librarys_types() {
    let mut cases = Vec::new();
    for request in requests() {
        let (sent, _) = ask(&request, Answer::new(400).with_body("{}"));
        cases.push(json!({"request": sent}));
    }
    assert!(cases.len() > 25, "{}", cases.len());
    for (case, complaints) in cases.iter().zip(oracle(script(), &cases)) {
        assert_eq!(complaints, json!([]), "{case}");
    }
}

#[test]
fn the_judge_refuses_what_is_not_coheres() {
    let user = json!([{"role": "user", "content": "x"}]);
    let wrong = [
        json!({"model": "m", "messages": user, "stream": false, "top_p": 1}),
        json!({"model": "m", "messages": user}),
        json!({"model": "m", "messages": [{"role": "tool", "content": "x"}], "stream": false}),
        json!({"model": "m", "messages": user, "stream": false, "tool_choice": "required"}),
        json!({"model": "m", "messages": user, "stream": false, "thinking": {"type": "enabled", "budget_tokens": 1}}),
        json!({"model": "m", "messages": user, "stream": false, "tools": [{"type": "function", "function": {"name": "f"}}]}),
    ];
    let cases: Vec<_> = wrong.iter().map(|request| json!({"request": request})).collect();
    for (case, complaints) in cases.iter().zip(oracle(script(), &cases)) {
        assert_ne!(complaints, json!([]), "{case}");
    }
}

const CALL: &str = "get_weather_8kn0z6ws";

fn spent() -> Value {
    json!({"billed_units": {"input_tokens": 5.0, "output_tokens": 7.0}, "tokens": {"input_tokens": 71.0, "output_tokens": 9.0}, "cached_tokens": 2.0})
}

#[test]
fn a_reply_that_the_librarys_types_write_is_understood() {
    let whole = json!({"whole": {
        "id": "r-1", "finish_reason": "TOOL_CALL", "usage": spent(),
        "message": {
            "role": "assistant", "tool_plan": "I look it up.",
            "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Wait."}],
            "tool_calls": [{"id": CALL, "type": "function", "function": {"name": "f", "arguments": "{\"n\": 1.0}"}}],
            "citations": [{"start": 0, "end": 4, "text": "Wait", "sources": [{"type": "document", "id": "doc:0", "document": {"url": "https://d.example"}}], "type": "TEXT_CONTENT"}],
        },
        "logprobs": [{"text": "Wait.", "token_ids": [1], "logprobs": [-0.5]}],
    }});
    let written = oracle(script(), &[whole]).remove(0);
    let answer = Answer::new(200).with_header("content-type", "application/json");
    let request = json!({"model": "m", "messages": [{"role": "user", "content": "x"}]});
    let (_, heard) = ask(&request, answer.with_body(written.as_str().unwrap().to_owned()));
    let mut expected = Usage::new(5, 7);
    expected.cached_tokens = 2;
    assert_eq!((&heard.usage, heard.finish), (&Some(expected), Some(Finish::ToolCalls)));
    let (reply, message) = (&heard.json()[0], heard.message());
    assert_eq!(message["content"], "Wait.");
    assert_eq!(message["reasoning_content"], "I look it up.Hm.");
    assert_eq!(message["tool_calls"][0]["id"], CALL);
    assert_eq!(message["tool_calls"][0]["function"]["arguments"], "{\"n\": 1.0}");
    assert_eq!(message["annotations"][0]["url_citation"]["url"], "https://d.example");
    assert_eq!(reply["choices"][0]["logprobs"]["content"][0]["logprob"], -0.5);
}

#[test]
fn events_that_the_librarys_types_write_are_understood() {
    let message = |message: Value| json!({"message": message});
    let delta = |kind: &str, index: u64, delta: Value| json!({"type": kind, "index": index, "delta": message(delta)});
    let events = json!({"events": [
        {"type": "message-start", "id": "r-1", "delta": message(json!({"role": "assistant"}))},
        {"type": "tool-plan-delta", "delta": message(json!({"tool_plan": "I look it up."}))},
        delta("content-start", 0, json!({"content": {"type": "thinking", "thinking": ""}})),
        delta("content-delta", 0, json!({"content": {"thinking": "Hm."}})),
        {"type": "content-end", "index": 0},
        delta("content-start", 1, json!({"content": {"type": "text", "text": ""}})),
        delta("content-delta", 1, json!({"content": {"text": "Wait."}})),
        delta("citation-start", 0, json!({"citations": {"start": 0, "end": 4, "text": "Wait", "sources": [{"type": "tool", "id": "c:0", "tool_output": {"a": 1}}], "type": "TEXT_CONTENT"}})),
        {"type": "citation-end", "index": 0},
        {"type": "content-end", "index": 1},
        delta("tool-call-start", 0, json!({"tool_calls": {"id": CALL, "type": "function", "function": {"name": "f", "arguments": ""}}})),
        delta("tool-call-delta", 0, json!({"tool_calls": {"function": {"arguments": "{\"n\": 1.0}"}}})),
        {"type": "tool-call-end", "index": 0},
        {"type": "debug", "prompt": "p"},
        {"type": "message-end", "delta": {"finish_reason": "TOOL_CALL", "usage": spent()}},
    ]});
    let written = oracle(script(), &[events]).remove(0);
    let answer = Answer::new(200).with_header("content-type", "text/event-stream");
    let request =
        json!({"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": true});
    let (_, heard) = ask(&request, answer.with_body(written.as_str().unwrap().to_owned()));
    let mut expected = Usage::new(5, 7);
    expected.cached_tokens = 2;
    assert_eq!((&heard.usage, heard.finish), (&Some(expected), Some(Finish::ToolCalls)));
    let message = heard.message();
    assert_eq!(
        (&message["content"], &message["reasoning_content"]),
        (&json!("Wait."), &json!("I look it up.Hm."))
    );
    assert_eq!(message["tool_calls"][0]["function"]["arguments"], "{\"n\": 1.0}");
    assert!(heard.bytes().ends_with(b"data: [DONE]\n\n"), "{heard:?}");
}
