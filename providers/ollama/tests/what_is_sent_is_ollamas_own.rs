//! Ollama's own library is the judge: what would be sent follows its types, and what its types write
//! is understood.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::path::Path;

use ferro_core::{FetchPolicy, Finish, Usage};
use ferro_provider_ollama::PROVIDERS;
use ferro_testkit::{Answer, Asker, Clock, Heard, Script, oracle};
use serde_json::{Value, json};

const PNG: &str = "data:image/png;base64,iVBORw0KGgo=";

fn script() -> &'static Path {
    Path::new("tests/oracle.py")
}

/// What is sent for a request, and what is heard where the server answers so.
fn ask(request: &Value, answer: Answer) -> (Value, Heard) {
    let upstream = Script::always(answer);
    let picture = Script::always(Answer::new(200).with_body(&b"\x89PNG\r\n\x1a\n...."[..]));
    let policy = FetchPolicy::default();
    Clock::run(async |_| {
        let settings = json!({"options": {"num_ctx": 8192}, "keep_alive": "10m"});
        let asker = Asker::new(PROVIDERS[0], &[("OLLAMA_HOST", "localhost")], settings).await;
        let cx = asker.context("llama3.2", &upstream, &picture).with_fetch(Some(&policy));
        let heard = asker.chat(&cx, request).await;
        let Some(sent) = upstream.sent().pop() else { panic!("nothing was sent: {heard:?}") };
        (serde_json::from_slice(&sent.body).unwrap(), heard)
    })
}

/// Requests that say everything between them.
fn requests() -> Vec<Value> {
    let user = json!({"role": "user", "content": "Go."});
    let schema = json!({"type": "object", "properties": {"a": {"type": "string", "enum": ["x"]}}, "additionalProperties": false});
    let function = json!({"name": "f", "description": "d", "parameters": schema, "strict": true});
    let tools = json!([{"type": "function", "function": function}, {"type": "function", "function": {"name": "g"}}]);
    let mut requests = Vec::new();
    for effort in ["none", "minimal", "low", "medium", "high", "xhigh", "max"] {
        requests.push(json!({"messages": [user], "reasoning_effort": effort}));
    }
    for think in [json!(true), json!("high")] {
        requests.push(json!({"messages": [user], "think": think, "stream": true}));
    }
    for arguments in ["", "{}", "[1", "{\"a\": 1.0}"] {
        let call = json!({"id": "call_1", "type": "function", "function": {"name": "f", "arguments": arguments}});
        requests.push(json!({"messages": [
            {"role": "developer", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
            {"role": "user", "content": [
                {"type": "text", "text": "Look."},
                {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
                {"type": "image_url", "image_url": {"url": "https://p.example/a.png"}},
            ]},
            {"role": "assistant", "content": null, "reasoning_content": "Hm.", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": "{}"},
            {"role": "assistant", "content": null, "function_call": {"name": "g", "arguments": arguments}},
            {"role": "function", "name": "g", "content": "1"},
        ], "tools": tools, "stream": true}));
    }
    for format in [
        json!({"type": "text"}),
        json!({"type": "json_object"}),
        json!({"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}),
    ] {
        requests.push(json!({"messages": [user], "response_format": format}));
    }
    requests.push(json!({"messages": [user], "tools": tools, "tool_choice": "none"}));
    requests.push(
        json!({"messages": [user], "temperature": 1, "top_p": 0.5, "seed": 7, "stop": "x",
        "presence_penalty": 0, "frequency_penalty": 0.1, "max_tokens": 9, "top_k": 40, "min_p": 0.1,
        "logprobs": true, "top_logprobs": 2, "keep_alive": -1, "truncate": false, "shift": false,
        "options": {"num_gpu": 1, "use_mmap": true, "mirostat": 2}}),
    );
    requests
        .into_iter()
        .map(|mut request| {
            request["model"] = json!("m");
            request
        })
        .collect()
}

#[test]
fn what_is_sent_follows_the_librarys_types() {
    let refusal = || Answer::new(400).with_body(r#"{"error":"no"}"#);
    let sent = requests().into_iter().map(|request| ask(&request, refusal()).0);
    let cases: Vec<_> = sent.map(|sent| json!({"request": sent})).collect();
    for (case, complaints) in cases.iter().zip(oracle(script(), &cases)) {
        assert_eq!(complaints, json!([]), "{case}");
    }
}

#[test]
fn the_judge_refuses_what_is_not_ollamas() {
    let user = json!([{"role": "user", "content": "x"}]);
    let wrong = [
        json!({"messages": user}),
        json!({"model": "m", "messages": user, "temperature": 1}),
        json!({"model": "m", "messages": user, "options": {"stop": "x"}}),
        json!({"model": "m", "messages": user, "options": {"max_tokens": 1}}),
        json!({"model": "m", "messages": [{"role": "developer", "content": "x"}]}),
        json!({"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}),
        json!({"model": "m", "messages": [{"role": "user", "content": "x", "images": [PNG]}]}),
        json!({"model": "m", "messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}]}),
        json!({"model": "m", "messages": user, "format": {"type": "json_object"}, "response_format": {}}),
        json!({"model": "m", "messages": user, "tool_choice": "auto"}),
    ];
    let cases: Vec<_> = wrong.iter().map(|request| json!({"request": request})).collect();
    for (case, complaints) in cases.iter().zip(oracle(script(), &cases)) {
        assert_ne!(complaints, json!([]), "{case}");
    }
}

/// The pieces of a reply that thinks, speaks and calls two tools.
fn lines() -> Value {
    let piece = |message: Value| json!({"model": "llama3.2", "created_at": "2026-11-29T12:34:56.789Z", "message": message, "done": false});
    let call =
        |name: &str, arguments: Value| json!({"function": {"name": name, "arguments": arguments}});
    let mut last = piece(json!({"role": "assistant", "content": ""}));
    last["done"] = json!(true);
    last["done_reason"] = json!("stop");
    last["prompt_eval_count"] = json!(5);
    last["eval_count"] = json!(7);
    last["total_duration"] = json!(885_095_291);
    json!([
        piece(json!({"role": "assistant", "content": "", "thinking": "Hm."})),
        piece(json!({"role": "assistant", "content": "Wait – "})),
        piece(json!({"role": "assistant", "content": "a moment."})),
        piece(
            json!({"role": "assistant", "content": "", "tool_calls": [call("f", json!({"n": 1.5, "t": "é\""})), call("g", json!({}))]})
        ),
        last,
    ])
}

#[test]
fn lines_that_the_librarys_types_write_are_understood() {
    let written = oracle(script(), &[json!({"lines": lines()})]).remove(0);
    let answer = Answer::new(200).with_header("content-type", "application/x-ndjson");
    let request =
        json!({"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": true});
    let (_, heard) = ask(&request, answer.with_body(written.as_str().unwrap().to_owned()));
    assert_eq!((&heard.usage, heard.finish), (&Some(Usage::new(5, 7)), Some(Finish::ToolCalls)));
    let message = heard.message();
    assert_eq!(
        (&message["reasoning_content"], &message["content"]),
        (&json!("Hm."), &json!("Wait – a moment."))
    );
    let calls = message["tool_calls"].as_array().unwrap();
    assert_eq!(calls.len(), 2);
    let arguments: Value =
        serde_json::from_str(calls[0]["function"]["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(arguments, json!({"n": 1.5, "t": "é\""}));
    assert_eq!(calls[1]["function"], json!({"name": "g", "arguments": "{}"}));
    assert_ne!(calls[0]["id"], calls[1]["id"]);
    assert!(heard.bytes().ends_with(b"data: [DONE]\n\n"), "{heard:?}");
}

#[test]
fn a_reply_that_the_librarys_types_write_is_understood() {
    let mut whole = lines()[4].clone();
    whole["message"] = json!({"role": "assistant", "content": "Done.", "thinking": "Hm."});
    whole["done_reason"] = json!("length");
    let written = oracle(script(), &[json!({"lines": [whole]})]).remove(0);
    let answer = Answer::new(200).with_header("content-type", "application/json");
    let request = json!({"model": "m", "messages": [{"role": "user", "content": "x"}]});
    let (_, heard) = ask(&request, answer.with_body(written.as_str().unwrap().to_owned()));
    assert_eq!((&heard.usage, heard.finish), (&Some(Usage::new(5, 7)), Some(Finish::Length)));
    let (reply, message) = (&heard.json()[0], heard.message());
    assert_eq!(
        (&message["content"], &message["reasoning_content"]),
        (&json!("Done."), &json!("Hm."))
    );
    assert_eq!((&reply["model"], &reply["created"]), (&json!("llama3.2"), &json!(1_795_955_696)));
}
