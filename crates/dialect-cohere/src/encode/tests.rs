//! What the chat wire says, in Cohere's words: what is refused, and what is unsaid. What is sent is
//! tried by the vendor's cases.

use ferro_core::{Call, ErrorKind, ProviderError, TargetId, chat::ChatRequest};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::encode;
use crate::{Profile, unsaid};

fn said(body: &Value) -> Result<Value, ProviderError> {
    let target = TargetId::from("t");
    let request = ChatRequest::of(body).unwrap();
    let (body, _) = encode(&Profile::COHERE, &Call::new(&target, "m"), &request)?;
    Ok(serde_json::from_slice(&body).unwrap())
}

fn missed(body: &Value) -> Vec<String> {
    let request = ChatRequest::of(body).unwrap();
    unsaid(&Profile::COHERE, &request).into_iter().map(|unsaid| unsaid.0.into_owned()).collect()
}

fn with(message: &Value) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": "x"}, message]})
}

#[test]
fn content_that_it_does_not_take_is_named() {
    let part = |part: Value| json!([{"type": "text", "text": "x"}, part]);
    let image = json!({"type": "image_url", "image_url": {"url": "https://p.example"}});
    let sound = json!({"type": "input_audio", "input_audio": {"data": "", "format": "wav"}});
    for (role, content, named) in [
        ("user", part(sound.clone()), "messages[1].content[1] is of type `input_audio`"),
        (
            "user",
            part(json!({"type": "file", "file": {}})),
            "messages[1].content[1] is of type `file`",
        ),
        ("system", part(image.clone()), "role `system`"),
        ("assistant", part(image.clone()), "messages[1].content[1] is of type `image_url`"),
        ("tool", part(image), "role `tool`"),
    ] {
        let mut message = json!({"role": role, "content": content});
        if role == "tool" {
            message["tool_call_id"] = json!("c");
        }
        let error = said(&with(&message)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{message}");
        assert!(error.message().unwrap().contains(named), "{error}");
    }
}

#[test]
fn a_refusal_is_said_beside_whatever_else_was() {
    let text = |text: &str| json!({"type": "text", "text": text});
    let both = json!([text("Well."), text("No.")]);
    for (content, expected) in [
        (json!("Well."), both.clone()),
        (json!([text("Well.")]), both),
        (json!(""), json!([text("No.")])),
        (Value::Null, json!([text("No.")])),
    ] {
        let message = json!({"role": "assistant", "content": content, "refusal": "No."});
        assert_eq!(said(&with(&message)).unwrap()["messages"][1]["content"], expected, "{message}");
    }
}

#[test]
fn what_stands_beside_a_call_or_a_thought_is_listed() {
    let function = json!({"name": "f", "arguments": "{}", "x": 1});
    let call = json!({"id": "a", "type": "function", "y": 1, "function": function});
    let mut body = with(&json!({"role": "assistant", "tool_calls": [call]}));
    body["thinking"] = json!({"type": "enabled", "budget_tokens": 9, "display": "omitted"});
    let fields =
        ["thinking.display", "messages[1].tool_calls[0].y", "messages[1].tool_calls[0].function.x"];
    assert_eq!(missed(&body), fields);
}

#[test]
fn what_asks_for_nothing_is_not_missed() {
    let mut body = with(&json!({"role": "user", "content": "x", "refusal": null}));
    for name in
        ["safety_identifier", "prompt_cache_key", "prompt_cache_retention", "web_search_options"]
    {
        body[name] = Value::Null;
    }
    body["verbosity"] = json!("medium");
    assert_eq!(missed(&body), [""; 0]);
    body["verbosity"] = json!("low");
    assert_eq!(missed(&body), ["verbosity"]);
}

#[test]
fn what_no_vendor_would_take_is_named() {
    let body = |name: &str, value: Value| {
        let mut body = with(&json!({"role": "user", "content": "x"}));
        body["tools"] = json!([{"type": "function", "function": {"name": "f"}}]);
        body[name] = value;
        body
    };
    for (body, kind, named) in [
        (
            with(&json!({"role": "tool", "content": "x"})),
            ErrorKind::Invalid,
            "messages[1].tool_call_id",
        ),
        (body("reasoning_effort", json!("much")), ErrorKind::Invalid, "`much`"),
        (body("reasoning_effort", json!(3)), ErrorKind::Invalid, "reasoning_effort"),
        (body("thinking", json!("yes")), ErrorKind::Invalid, "thinking"),
        (body("tool_choice", json!("sometimes")), ErrorKind::Invalid, "sometimes"),
        (
            body("tool_choice", json!({"type": "function", "function": {"name": "g"}})),
            ErrorKind::Invalid,
            "`g`",
        ),
        (
            body("tools", json!([{"type": "custom", "custom": {"name": "c"}}])),
            ErrorKind::Unsupported,
            "tools[0]",
        ),
        (
            body("tools", json!([{"type": "function", "function": {}}])),
            ErrorKind::Invalid,
            "tools[0].function.name",
        ),
        (body("response_format", json!({"type": "grammar"})), ErrorKind::Unsupported, "grammar"),
        (
            with(
                &json!({"role": "assistant", "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "c", "input": ""}}]}),
            ),
            ErrorKind::Unsupported,
            "messages[1].tool_calls[0]",
        ),
    ] {
        let error = said(&body).unwrap_err();
        assert_eq!(error.kind(), kind, "{body}");
        assert!(error.message().unwrap().contains(named), "{body}: {error}");
    }
}

#[test]
fn what_it_has_no_words_for_is_listed_and_nothing_else() {
    let body = json!({
        "model": "m", "temperature": 1, "n": 2, "user": "u", "logit_bias": {"1": 2},
        "parallel_tool_calls": false, "metadata": {"a": "b"}, "top_logprobs": 3, "x_own": null,
        "tools": [
            {"type": "function", "function": {"name": "f", "strict": true}, "cache_control": {}},
            {"type": "function", "function": {"name": "g", "x": 1}},
        ],
        "response_format": {"type": "json_schema", "json_schema": {"name": "p", "description": "d", "schema": {}}},
        "messages": [
            {"role": "user", "name": "ann", "content": [
                {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}},
                {"type": "image_url", "image_url": {"url": "u", "width": 3}},
            ]},
            {"role": "assistant", "content": "y", "annotations": [], "audio": {"id": "a"},
             "reasoning_details": [{"type": "reasoning.encrypted", "data": "d", "format": "anthropic-claude-v1"}]},
            {"role": "tool", "tool_call_id": "c", "content": "z", "is_error": true},
        ],
    });
    assert_eq!(
        missed(&body),
        [
            "n",
            "user",
            "logit_bias",
            "parallel_tool_calls",
            "metadata",
            "top_logprobs",
            "x_own",
            "messages[0].name",
            "messages[0].content[0].cache_control",
            "messages[0].content[1].image_url.width",
            "messages[1].audio",
            "messages[1].reasoning_details",
            "messages[2].is_error",
            "tools[0].cache_control",
            "tools[0].function.strict",
            "tools[1].function.x",
            "response_format.json_schema.description",
        ]
    );
    let plain = json!({
        "model": "m", "messages": [{"role": "user", "content": "x"}], "n": 1, "user": "",
        "logit_bias": {}, "parallel_tool_calls": true, "store": false, "stream": true,
        "stream_options": {"include_usage": true}, "service_tier": "auto", "top_p": 0.5,
    });
    assert_eq!(missed(&plain), Vec::<String>::new());
}

#[test]
fn a_profile_leaves_out_what_stands_in_the_path() {
    let target = TargetId::from("t");
    let profile = Profile { names_model: false, says_stream: false, ..Profile::COHERE };
    let request = ChatRequest::of(
        &json!({"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": true}),
    );
    let (body, _) = encode(&profile, &Call::new(&target, "m"), &request.unwrap()).unwrap();
    assert_eq!(body, r#"{"messages":[{"role":"user","content":"x"}]}"#);
}

proptest! {
    /// Whatever a text holds, it arrives; and whatever a call is named, its result names it alike.
    #[test]
    fn texts_and_names_of_calls_arrive(text in ".{0,40}", id in ".{0,40}") {
        let call = json!({"id": id, "type": "function", "function": {"name": "f", "arguments": text}});
        let body = json!({"model": "m", "messages": [
            {"role": "user", "content": text},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": id, "content": [{"type": "text", "text": format!("a{text}")}]},
        ]});
        let said = said(&body).unwrap();
        let messages = &said["messages"];
        prop_assert_eq!(&messages[0]["content"], &json!(text));
        let call = &messages[1]["tool_calls"][0];
        prop_assert_eq!(&call["function"]["arguments"], &json!(text));
        prop_assert_eq!(&call["id"], &messages[2]["tool_call_id"]);
        prop_assert!(!call["id"].as_str().unwrap().contains(':'));
        prop_assert_eq!(&messages[2]["content"][0]["text"], &json!(format!("a{text}")));
    }

    /// No request makes the codec panic, and what is unsaid can always be asked.
    #[test]
    fn no_shape_of_a_message_is_a_panic(
        role in "system|user|assistant|tool|function",
        content in prop_oneof![
            Just(json!(null)), Just(json!("")), Just(json!([])), Just(json!([{}])),
            Just(json!([{"type": "text"}])), Just(json!([{"type": "image_url"}])),
            Just(json!([{"type": "document", "document": 3}])), Just(json!([{"type": "thinking"}])),
        ],
        choice in prop_oneof![
            Just(json!(null)), Just(json!("any")), Just(json!({})),
            Just(json!({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": []}})),
        ],
    ) {
        let body = json!({"model": "m", "tool_choice": choice, "messages": [
            {"role": role, "content": content, "function_call": {}, "tool_calls": [{"function": {}}]},
        ]});
        let _ = said(&body);
        let _ = missed(&body);
    }
}
