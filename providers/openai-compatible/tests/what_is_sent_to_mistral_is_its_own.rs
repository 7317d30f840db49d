//! Mistral's own library is the judge of its row: what would be sent follows its types, and what its
//! types write is understood.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{fs, path::Path};

use ferro_core::{Finish, Usage};
use ferro_provider_openai_compatible::PROVIDERS;
use ferro_testkit::{Answer, Asker, Clock, Heard, Script, oracle};
use serde_json::{Value, json};

fn script() -> &'static Path {
    Path::new("tests/oracle.py")
}

/// What is sent for a request, and what is heard where the vendor answers so.
fn ask(request: &Value, answer: Answer) -> (Value, Heard) {
    let row = PROVIDERS.iter().find(|factory| factory.describe().kind == "mistral").unwrap();
    let upstream = Script::always(answer);
    Clock::run(async |_| {
        let vars = [("MISTRAL_API_KEY", "key-12345678")];
        let asker = Asker::new(*row, &vars, json!({})).await;
        let cx = asker.context("mistral-large-latest", &upstream, &upstream);
        let heard = asker.chat(&cx, request).await;
        let Some(sent) = upstream.sent().pop() else { panic!("nothing was sent: {heard:?}") };
        (serde_json::from_slice(&sent.body).unwrap(), heard)
    })
}

/// The requests of the row's cases, and some with everything that a client of OpenAI might say.
fn requests() -> Vec<Value> {
    let cases = fs::read_dir("tests/fixtures/mistral/chat").unwrap();
    let files = cases.map(|case| case.unwrap().path().join("request.json"));
    let files = files.filter_map(|file| fs::read_to_string(file).ok());
    let mut requests: Vec<Value> = files.map(|text| serde_json::from_str(&text).unwrap()).collect();
    let user = json!({"role": "user", "content": "Go.", "name": "ann"});
    let tool = json!({"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": true}});
    let call = json!({"id": "call_abc123", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 1.0}"}});
    requests.push(json!({
        "model": "m", "messages": [
            {"role": "developer", "content": "Be brief."},
            user,
            {"role": "assistant", "content": null, "refusal": null, "reasoning_content": "r", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_abc123", "content": "{}"},
            {"role": "assistant", "content": "Done.", "annotations": []},
            {"role": "user", "content": [{"type": "text", "text": "And?"}, {"type": "image_url", "image_url": {"url": "https://p.example/a.png", "detail": "low"}}]},
        ],
        "tools": [tool], "tool_choice": "required", "parallel_tool_calls": false, "seed": 7,
        "max_completion_tokens": 9, "temperature": 0.5, "top_p": 0.5, "stop": ["a"], "n": 1,
        "user": "u", "logit_bias": {"1": 2}, "store": false, "stream": true,
        "stream_options": {"include_usage": true}, "presence_penalty": 0.1, "frequency_penalty": 0.1,
    }));
    requests.push(json!({
        "model": "m", "messages": [user], "tools": [], "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "p", "schema": {"type": "object"}, "strict": true}},
        "prompt_mode": "reasoning", "safe_prompt": true,
    }));
    requests
}

#[test]
fn what_is_sent_follows_the_librarys_types() {
    let sent = requests()
        .into_iter()
        .map(|request| json!({"request": ask(&request, Answer::new(400).with_body("{}")).0}));
    let cases: Vec<_> = sent.collect();
    assert!(cases.len() >= 4, "{}", cases.len());
    for (case, complaints) in cases.iter().zip(oracle(script(), &cases)) {
        assert_eq!(complaints, json!([]), "{case}");
    }
}

#[test]
fn the_judge_refuses_what_is_not_mistrals() {
    let user = json!([{"role": "user", "content": "x"}]);
    let wrong = [
        json!({"model": "m", "messages": user, "stream": true, "stream_options": {}}),
        json!({"model": "m", "messages": user, "seed": 1}),
        json!({"model": "m", "messages": user, "max_completion_tokens": 1}),
        json!({"model": "m", "messages": [{"role": "user", "content": "x", "name": "n"}]}),
        json!({"model": "m", "messages": [{"role": "developer", "content": "x"}]}),
    ];
    let cases: Vec<_> = wrong.iter().map(|request| json!({"request": request})).collect();
    for (case, complaints) in cases.iter().zip(oracle(script(), &cases)) {
        assert_ne!(complaints, json!([]), "{case}");
    }
}

#[test]
fn what_the_librarys_types_write_is_understood() {
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8});
    let thinking = json!([{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "Six."}]);
    let call = json!({"id": "D681PevKs", "type": "function", "function": {"name": "f", "arguments": "{\"n\": 1}"}, "index": 0});
    let whole = json!({"whole": {
        "id": "c-1", "object": "chat.completion", "model": "m", "usage": usage, "created": 1_764_000_000,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": thinking, "tool_calls": [call]}, "finish_reason": "tool_calls"}],
    }});
    let chunk = |delta: Value, finish: Value| {
        json!({
            "id": "c-1", "object": "chat.completion.chunk", "created": 1_764_000_000, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        })
    };
    let mut last = chunk(json!({"content": ""}), json!("stop"));
    last["usage"] = usage;
    let events = json!({"events": [
        chunk(json!({"role": "assistant", "content": ""}), Value::Null),
        chunk(json!({"content": thinking}), Value::Null),
        last,
    ]});
    let written = oracle(script(), &[whole, events]);
    let text = |at: usize| written[at].as_str().unwrap().to_owned();
    let request = json!({"model": "m", "messages": [{"role": "user", "content": "x"}]});
    let answer = Answer::new(200).with_header("content-type", "application/json");
    let (_, heard) = ask(&request, answer.with_body(text(0)));
    assert_eq!((&heard.usage, heard.finish), (&Some(Usage::new(3, 5)), Some(Finish::ToolCalls)));
    let message = heard.message();
    assert_eq!(
        (&message["content"], &message["reasoning_content"]),
        (&json!("Six."), &json!("Hm."))
    );
    assert_eq!(message["tool_calls"][0]["function"]["arguments"], "{\"n\": 1}");

    let mut streamed = request;
    streamed["stream"] = json!(true);
    let answer = Answer::new(200).with_header("content-type", "text/event-stream");
    let (_, heard) = ask(&streamed, answer.with_body(text(1)));
    assert_eq!((&heard.usage, heard.finish), (&Some(Usage::new(3, 5)), Some(Finish::Stop)));
    let message = heard.message();
    assert_eq!(
        (&message["content"], &message["reasoning_content"]),
        (&json!("Six."), &json!("Hm."))
    );
}
