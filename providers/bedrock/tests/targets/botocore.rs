//! AWS's own library takes what Bedrock is sent, makes the same signatures, reads the same frames, and
//! reads of replies what a client is told.

use std::{fs, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ferro_testkit::{Answer, Sent, frames, oracle};
use serde_json::{Value, json};

use crate::asked::{self, NOW};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle.py");
const PNG: &str = "data:image/png;base64,iVBORw0KGgo=";

const MODELS: &[&str] = &[
    "anthropic.claude-3-haiku-20240307-v1:0",
    "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "global.anthropic.claude-opus-4-6-v1",
    "eu.amazon.nova-pro-v1:0",
    "us.amazon.nova-2-lite-v1:0",
    "amazon.titan-text-express-v1",
    "meta.llama3-1-70b-instruct-v1:0",
    "mistral.mistral-large-2402-v1:0",
    "mistral.ministral-3-8b-instruct",
    "cohere.command-r-plus-v1:0",
    "ai21.jamba-1-5-large-v1:0",
    "us.deepseek.r1-v1:0",
    "openai.gpt-oss-120b-1:0",
    "qwen.qwen3-32b-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl",
    "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl",
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1",
    "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
];

fn tools() -> Value {
    let schema = json!({"type": "object", "properties": {"a": {"type": "number"}}});
    json!([
        {"type": "function", "function": {"name": "f", "description": "", "parameters": schema, "strict": true}},
        {"type": "function", "function": {"name": "odd name.with/ß"}, "cache_control": {"type": "ephemeral"}},
        {"type": "web_search_20250305", "name": "web_search"},
    ])
}

/// Conversations that have everything in them that a chat can say.
fn conversations() -> Vec<Value> {
    let cache = json!({"type": "ephemeral", "ttl": "1h"});
    let call = |id: &str, name: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    let everything = json!([
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "Be kind.", "cache_control": cache}]},
        {"role": "user", "content": [
            {"type": "text", "text": "Look."},
            {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "https://example.com/cat"}},
            {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a_b  c.pdf"}},
            {"type": "video_url", "video_url": {"url": "s3://bucket/film.mp4"}},
            {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
            {"type": "guarded_text", "text": "Guard this."},
            {"type": "text", "text": " ", "cache_control": cache},
        ]},
        {"role": "user", "content": "Now."},
        {"role": "assistant", "content": "  ", "reasoning_details": [
            {"type": "reasoning.text", "text": "Hm.", "signature": "c2ln", "format": "anthropic-claude-v1"},
            {"type": "reasoning.encrypted", "data": "ZGF0YQ==", "format": "aws-bedrock-v1"},
            {"type": "reasoning.encrypted", "data": "x", "format": "google-gemini-v1"},
        ], "tool_calls": [call("call|1", "f", "{\"a\":1e2}"), call("call_2", "odd name.with/ß", "not JSON")]},
        {"role": "user", "content": "I wait."},
        {"role": "tool", "tool_call_id": "call|1", "content": [
            {"type": "text", "text": "ok"}, {"type": "image_url", "image_url": {"url": PNG}},
        ]},
        {"role": "tool", "tool_call_id": "call_2", "content": "", "is_error": true},
        {"role": "assistant", "content": "Almost. "},
    ]);
    let hi = json!([{"role": "user", "content": "hi"}]);
    let from_the_middle = json!([
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": [{"type": "file", "file": {"file_data": "data:text/csv,a"}}]},
    ]);
    let format = json!({"type": "json_schema", "json_schema": {
        "name": "n", "description": "d", "strict": true,
        "schema": {"type": "object", "properties": {}, "additionalProperties": false},
    }});
    let function = json!({"type": "function", "function": {"name": "odd name.with/ß"}});
    vec![
        json!({"messages": everything, "tools": tools(), "tool_choice": "required"}),
        json!({"messages": everything, "tool_choice": "none", "tools": tools(), "stream": true}),
        json!({"messages": everything}),
        json!({"messages": from_the_middle, "tools": tools(), "tool_choice": function}),
        json!({"messages": hi, "temperature": 0.5, "top_p": 0.9, "top_k": 40, "max_tokens": 100, "stop": ["a", " "], "seed": 1}),
        json!({"messages": hi, "reasoning_effort": "high", "temperature": 1, "top_k": 3, "stream": true}),
        json!({"messages": hi, "reasoning_effort": "minimal", "max_completion_tokens": 1500, "top_p": 0.5}),
        json!({"messages": hi, "response_format": format}),
        json!({"messages": hi, "response_format": format, "tools": tools(), "reasoning_effort": "low"}),
        json!({"messages": hi, "response_format": {"type": "json_object"}, "service_tier": "flex"}),
        json!({"messages": hi, "tools": tools(), "parallel_tool_calls": false, "stop": "END"}),
        json!({"messages": hi, "cache_control": {"type": "ephemeral"}, "requestMetadata": {"k": "v"},
            "guardrailConfig": {"guardrailIdentifier": "abc", "guardrailVersion": "DRAFT"},
            "performanceConfig": {"latency": "optimized"}, "promptVariables": {"x": {"text": "y"}},
            "additionalModelResponseFieldPaths": ["/stop_sequence"],
            "additionalModelRequestFields": {"anything": [1e2]}, "anthropic_beta": ["x"], "thinking": {"type": "disabled"}}),
    ]
}

fn path(sent: &Sent) -> String {
    sent.uri.path().to_owned()
}

#[tokio::test]
async fn every_request_is_one_of_the_services_model() {
    let asker = asked::with_key().await;
    let (mut cases, mut requests) = (Vec::new(), Vec::new());
    for model in MODELS {
        for conversation in conversations() {
            let mut body = conversation;
            body["model"] = json!(model);
            let sent = asked::sent(&asker, &body).await;
            let said: Value = serde_json::from_slice(&sent.body).unwrap();
            cases.push(json!({"kind": "request", "path": path(&sent), "body": said}));
            requests.push(body);
        }
    }
    assert_eq!(cases.len(), MODELS.len() * 12);
    for ((verdict, case), body) in
        oracle(Path::new(SCRIPT), &cases).iter().zip(&cases).zip(requests)
    {
        assert_eq!(verdict["problems"], json!([]), "asked {body}, sent {case}");
    }
}

#[tokio::test]
async fn counts_are_asked_as_the_services_model_has_them() {
    let asker = asked::with_key().await;
    let claude = "claude-sonnet-4-5-20250929-v1:0";
    let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic";
    let names = [
        format!("anthropic.{claude}"),
        format!("eu.anthropic.{claude}"),
        format!("{arn}.{claude}"),
    ];
    let mut cases = Vec::new();
    for model in &names {
        let body = json!({"model": model, "messages": [{"role": "user", "content": "hi"}]});
        let sent = asked::counted(&asker, &body).await;
        let said: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(
            path(&sent),
            format!("/model/anthropic.{}/count-tokens", claude.replace(':', "%3A"))
        );
        cases.push(json!({"kind": "request", "path": path(&sent), "body": said}));
    }
    for (verdict, case) in oracle(Path::new(SCRIPT), &cases).iter().zip(&cases) {
        assert_eq!(verdict["problems"], json!([]), "{case}");
    }
}

#[tokio::test]
async fn signatures_are_those_that_the_sdk_makes() {
    let (id, secret) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let session = Some("IQoJb3JpZ2luX2VjE/+=session");
    let mut cases = Vec::new();
    let mut own = Vec::new();
    for (region, session, base) in [
        ("us-east-1", None, None),
        ("eu-central-1", session, None),
        ("us-gov-west-1", session, Some("https://127.0.0.1:8443/prefix")),
        ("cn-north-1", None, Some("http://proxy.example")),
    ] {
        let mut vars = vec![
            ("AWS_ACCESS_KEY_ID", id),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("AWS_REGION", region),
        ];
        vars.extend(session.map(|session| ("AWS_SESSION_TOKEN", session)));
        vars.extend(base.map(|base| ("AWS_ENDPOINT_URL", base)));
        let asker = asked::asker(&vars, json!({})).await;
        let profile = format!("arn:aws:bedrock:{region}:123456789012:inference-profile/us.x-v1:0");
        for model in ["amazon.nova-pro-v1:0", "a_b-c.d", "anthropic.claude-v2:1", &profile] {
            let body = json!({"model": model, "messages": [{"role": "user", "content": "Grüße"}]});
            let sent = asked::sent(&asker, &body).await;
            let content_type = sent.headers["content-type"].to_str().unwrap();
            let url = format!("{}{}", asker.built.origin, sent.uri);
            cases.push(json!({
                "kind": "signature", "method": "POST", "url": url, "id": id, "secret": secret,
                "session": session, "region": region, "service": "bedrock", "time": NOW,
                "headers": {"content-type": content_type}, "body": BASE64_STANDARD.encode(&sent.body),
            }));
            own.push(sent);
        }
    }
    let names = ["authorization", "x-amz-date", "x-amz-security-token"];
    for (verdict, sent) in oracle(Path::new(SCRIPT), &cases).iter().zip(own) {
        assert!(verdict["authorization"].is_string());
        for name in names {
            let ours = sent.headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!(verdict[name].as_str(), ours, "{name} of {}", sent.uri);
        }
        let is_open = sent.headers["authorization"].is_sensitive();
        assert!(is_open, "the signature can be printed");
    }
}

/// The fixtures' streams, and replies in one piece: name, head's type, and the text of the body.
fn fixtures() -> Vec<(String, Value, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/bedrock/chat");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = fs::read_to_string(path.join("upstream.http")).unwrap();
        let (head, body) = file.split_once("\n\n").unwrap();
        let request = fs::read_to_string(path.join("request.json"));
        let usual = || json!({"model": "m.x", "messages": [{"role": "user", "content": "hi"}]});
        let mut request: Value =
            request.map_or_else(|_| usual(), |r| serde_json::from_str(&r).unwrap());
        if head.contains("eventstream") {
            request["stream"] = json!(true);
        }
        if head.starts_with("HTTP/1.1 200") && !body.contains("@@") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.push((name, request, body.to_owned()));
        }
    }
    assert!(found.len() > 40, "{}", found.len());
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

#[tokio::test]
async fn frames_say_to_the_sdk_what_they_say_to_a_client() {
    let asker = asked::with_key().await;
    let streams = fixtures().into_iter().filter(|(_, request, _)| request["stream"] == json!(true));
    let streams: Vec<_> = streams.collect();
    let case =
        |lines: &String| json!({"kind": "stream", "frames": BASE64_STANDARD.encode(frames(lines))});
    let cases: Vec<_> = streams.iter().map(|(.., lines)| case(lines)).collect();
    for (verdict, (name, request, lines)) in oracle(Path::new(SCRIPT), &cases).iter().zip(streams) {
        let answer = Answer::new(200)
            .with_header("content-type", "application/vnd.amazon.eventstream")
            .with_body(frames(&lines));
        let (_, heard) = asked::ask(&asker, &request, answer).await;
        let events = verdict["events"].as_array().unwrap();
        assert_eq!(events.len(), lines.lines().count().min(events.len()), "{name}");
        if let Some(theirs) = events.last().filter(|event| !event["error"].is_null()) {
            let ours = heard.error.unwrap();
            let message = theirs["error"]["Message"].as_str().unwrap();
            assert!(ours.message().unwrap().contains(message), "{name}: {ours} {theirs}");
            assert_eq!(ours.code(), theirs["error"]["Code"].as_str(), "{name}");
            continue;
        }
        let texts = events.iter().filter_map(|e| e["contentBlockDelta"]["delta"]["text"].as_str());
        assert!(heard.error.is_none(), "{heard:?}");
        let message = heard.message();
        if !name.starts_with("schema") {
            let content = message["content"].as_str().unwrap_or_default();
            assert_eq!(content, texts.collect::<String>(), "{name}");
        }
    }
}

#[tokio::test]
async fn replies_say_to_the_sdk_what_they_say_to_a_client() {
    let asker = asked::with_key().await;
    let wholes = fixtures().into_iter().filter(|(name, request, _)| {
        request["stream"] != json!(true) && name != "an_error_in_a_success"
    });
    let wholes: Vec<_> = wholes.collect();
    let case = |body: &String| json!({"kind": "reply", "status": 200, "headers": {}, "body": body});
    let cases: Vec<_> = wholes.iter().map(|(.., body)| case(body)).collect();
    for (theirs, (name, request, body)) in oracle(Path::new(SCRIPT), &cases).iter().zip(wholes) {
        let answer = Answer::new(200).with_header("content-type", "application/json");
        let (_, heard) = asked::ask(&asker, &request, answer.with_body(body)).await;
        let ours = &heard.json()[0];
        let choice = &ours["choices"][0];
        assert_eq!(choice["native_finish_reason"], theirs["stopReason"], "{name}");
        let total = theirs["usage"]["totalTokens"].as_u64();
        assert_eq!(ours["usage"]["total_tokens"].as_u64(), total, "{name}");
        let blocks = theirs["output"]["message"]["content"].as_array().unwrap();
        let calls = blocks.iter().filter_map(|block| block.get("toolUse"));
        let calls: Vec<_> = calls.filter(|call| call["name"] != "json_answer").collect();
        let own = choice["message"]["tool_calls"].as_array().map_or(&[][..], Vec::as_slice);
        assert_eq!(own.len(), calls.len(), "{name}");
        for (own, theirs) in own.iter().zip(calls) {
            let arguments: Value =
                serde_json::from_str(own["function"]["arguments"].as_str().unwrap()).unwrap();
            assert_eq!(
                (&own["id"], &arguments),
                (&theirs["toolUseId"], &theirs["input"]),
                "{name}"
            );
        }
    }
}
