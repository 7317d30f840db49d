//! What Bedrock is told, quirk by quirk, and that nothing that it may send is a panic.

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, Frame, TargetId,
    chat::{Chat, ChatRequest},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    decode::{Asked, ConverseDecoder},
    encode::{self, Notes},
    model::Model,
};

mod unsaid;

const CLAUDE: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const OLD_CLAUDE: &str = "anthropic.claude-3-haiku-20240307-v1:0";
const THINKER: &str = "us.anthropic.claude-3-7-sonnet-20250219-v1:0";
const NOVA: &str = "amazon.nova-pro-v1:0";
const LLAMA: &str = "meta.llama3-1-70b-instruct-v1:0";

/// What `model` is told, and what stays unsaid.
fn told(model: &str, request: Value) -> Result<(Value, Vec<String>), ferro_core::ProviderError> {
    let mut body = request;
    body["model"] = json!(model);
    if body["messages"].is_null() {
        body["messages"] = json!([{"role": "user", "content": "hi"}]);
    }
    let request = ChatRequest::of(&body).unwrap();
    let id = TargetId::from("t");
    let call = Call::new(&id, model);
    let mut notes = Notes::default();
    let encoded = encode::chat(&call, &Model::new(model, None), None, (&request, &mut notes))?;
    let unsaid = notes.unsaid.iter().map(|unsaid| unsaid.0.to_string()).collect();
    Ok((serde_json::from_slice(&encoded.body).unwrap(), unsaid))
}

fn body(model: &str, request: Value) -> Value {
    told(model, request).unwrap().0
}

fn unsaid(model: &str, request: Value) -> Vec<String> {
    told(model, request).unwrap().1
}

fn refused(request: Value) -> (ErrorKind, String) {
    let error = told(CLAUDE, request).unwrap_err();
    (error.kind(), error.message().unwrap_or_default().to_owned())
}

fn call(id: &str, name: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": "{}"}})
}

#[test]
fn roles_take_turns_the_user_first_and_nothing_is_blank() {
    let messages = json!([
        {"role": "assistant", "content": "a"},
        {"role": "user", "content": "  "},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
        {"role": "user", "content": [{"type": "text", "text": "d"}, {"type": "text", "text": ""}]},
        {"role": "assistant", "content": "e \n"},
    ]);
    let sent = body(CLAUDE, json!({"messages": messages}));
    assert_eq!(
        sent["messages"],
        json!([
            {"role": "user", "content": [{"text": "(The conversation goes on.)"}]},
            {"role": "assistant", "content": [{"text": "a"}, {"text": "b"}]},
            {"role": "user", "content": [{"text": "c"}, {"text": "d"}]},
            {"role": "assistant", "content": [{"text": "e"}]},
        ])
    );
    let (kind, words) = refused(json!({"messages": [{"role": "system", "content": "x"}]}));
    assert_eq!(kind, ErrorKind::Unsupported);
    assert!(words.starts_with("messages: "), "{words}");
}

#[test]
fn the_results_of_a_turn_come_first_and_in_one_message() {
    let messages = json!([
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": "", "tool_calls": [call("a", "f"), call("b", "f")]},
        {"role": "user", "content": "hurry"},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2", "is_error": true},
        {"role": "user", "content": "well?"},
    ]);
    let sent = body(CLAUDE, json!({"messages": messages}));
    assert_eq!(
        sent["messages"][2],
        json!({"role": "user", "content": [
            {"toolResult": {"toolUseId": "a", "content": [{"text": "1"}]}},
            {"toolResult": {"toolUseId": "b", "content": [{"text": "2"}], "status": "error"}},
            {"text": "hurry"},
            {"text": "well?"},
        ]})
    );
    let result = json!({"messages": [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": "", "tool_calls": [call("a", "f")]},
        {"role": "tool", "tool_call_id": "a", "content": "1", "is_error": true},
    ]});
    let (sent, unsaid) = told(LLAMA, result).unwrap();
    assert_eq!(sent["messages"][2]["content"][0]["toolResult"]["status"], Value::Null);
    assert_eq!(unsaid, ["messages[2].is_error"]);
    let nameless = json!({"messages": [{"role": "tool", "content": "1"}]});
    assert!(refused(nameless).1.starts_with("messages[0].tool_call_id"));
}

#[test]
fn a_conversation_in_which_tools_were_called_has_some() {
    let messages = json!([
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": "", "tool_calls": [call("a", "f")]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
    ]);
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    for request in [
        json!({"messages": messages}),
        json!({"messages": messages, "tools": []}),
        json!({"messages": messages, "tools": tools, "tool_choice": "none"}),
    ] {
        let sent = body(CLAUDE, request);
        assert_eq!(sent["toolConfig"]["tools"][0]["toolSpec"]["name"], "none");
        assert_eq!(sent["toolConfig"]["toolChoice"], Value::Null);
    }
    let choice = json!({"tools": tools, "tool_choice": "none"});
    assert_eq!(body(CLAUDE, choice)["toolConfig"], Value::Null);
    assert_eq!(body(CLAUDE, json!({"tools": []}))["toolConfig"], Value::Null);
}

#[test]
fn a_choice_is_made_where_the_family_takes_it() {
    let tools = json!([
        {"type": "function", "function": {"name": "f", "description": ""}},
        {"type": "function", "function": {"name": "g"}},
        {"type": "custom", "custom": {"name": "h"}},
    ]);
    let named = json!({"type": "function", "function": {"name": "g"}});
    let with = |choice: &Value| json!({"tools": tools, "tool_choice": choice});
    let sent = body(CLAUDE, with(&named))["toolConfig"].clone();
    assert_eq!(sent["toolChoice"], json!({"tool": {"name": "g"}}));
    assert_eq!(sent["tools"].as_array().unwrap().len(), 2);
    assert_eq!(sent["tools"][0]["toolSpec"].get("description"), None, "an empty one is refused");
    assert_eq!(unsaid(CLAUDE, with(&named)), ["tools[2]"]);
    for (model, choice) in [(LLAMA, json!("required")), (LLAMA, named.clone())] {
        assert!(unsaid(model, with(&choice)).contains(&"tool_choice".to_owned()));
        assert_eq!(body(model, with(&choice))["toolConfig"]["toolChoice"], Value::Null);
    }
    let mistral = "mistral.mistral-large-2402-v1:0";
    assert_eq!(body(mistral, with(&json!("any")))["toolConfig"]["toolChoice"], json!({"any": {}}));
    assert!(unsaid(mistral, with(&named)).contains(&"tool_choice".to_owned()));
    let allowed = json!({"type": "allowed_tools", "allowed_tools": {"mode": "required",
        "tools": [{"type": "function", "function": {"name": "g"}}]}});
    let sent = body(CLAUDE, with(&allowed))["toolConfig"].clone();
    assert_eq!(
        (sent["tools"].as_array().unwrap().len(), &sent["toolChoice"]),
        (1, &json!({"any": {}}))
    );
    let one = json!({"tools": tools, "parallel_tool_calls": false});
    let sent = body(CLAUDE, one.clone());
    assert_eq!(
        sent["additionalModelRequestFields"]["tool_choice"],
        json!({"type": "auto", "disable_parallel_tool_use": true})
    );
    assert!(unsaid(NOVA, one).contains(&"parallel_tool_calls".to_owned()));
}

#[test]
fn names_and_calls_are_said_in_bedrocks_letters() {
    let messages = json!([
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": "", "tool_calls": [call("call|1", "weather.now")]},
        {"role": "tool", "tool_call_id": "call|1", "content": "1"},
    ]);
    let tools = json!([{"type": "function", "function": {"name": "weather.now"}}]);
    let sent = body(CLAUDE, json!({"messages": messages, "tools": tools}));
    let used = &sent["messages"][1]["content"][0]["toolUse"];
    let name = used["name"].as_str().unwrap();
    assert!(name.starts_with("weather_now_") && name.len() == 20, "{name}");
    assert_eq!(sent["toolConfig"]["tools"][0]["toolSpec"]["name"], used["name"]);
    let result = &sent["messages"][2]["content"][0]["toolResult"];
    assert_eq!(result["toolUseId"], used["toolUseId"]);
    assert!(!used["toolUseId"].as_str().unwrap().contains('|'));
}

#[test]
fn claude_thinks_by_generation_and_takes_nothing_beside_that_it_would_refuse() {
    let asked = json!({"reasoning_effort": "medium", "temperature": 0.2, "top_p": 0.5, "top_k": 9});
    let (sent, unsaid_there) = told(THINKER, asked.clone()).unwrap();
    let thinking = &sent["additionalModelRequestFields"]["thinking"];
    assert_eq!(*thinking, json!({"type": "enabled", "budget_tokens": 2048}));
    assert_eq!(sent["inferenceConfig"], Value::Null);
    assert_eq!(unsaid_there, ["top_k", "temperature", "top_p"]);
    let (sent, _) = told("anthropic.claude-opus-4-6-v1", asked.clone()).unwrap();
    assert_eq!(sent["additionalModelRequestFields"], json!({"thinking": {"type": "adaptive"}}));
    assert_eq!(sent["outputConfig"], json!({"effort": "medium"}));
    assert!(unsaid(OLD_CLAUDE, asked).contains(&"reasoning_effort".to_owned()));
    let small = json!({"reasoning_effort": "high", "max_tokens": 1500});
    let sent = body(THINKER, small);
    assert_eq!(sent["additionalModelRequestFields"]["thinking"]["budget_tokens"], 1499);
    let tiny = json!({"reasoning_effort": "high", "max_tokens": 1024});
    assert_eq!(unsaid(THINKER, tiny), ["reasoning_effort"]);
    assert_eq!(unsaid(THINKER, json!({"reasoning_effort": "none"})), [""; 0]);
    let own = json!({"type": "enabled", "budget_tokens": 1234});
    let sent = body(THINKER, json!({"thinking": own, "max_tokens": 2000}));
    assert_eq!(sent["additionalModelRequestFields"]["thinking"], own);
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let forced = json!({"thinking": own, "tools": tools, "tool_choice": "required"});
    assert_eq!(unsaid(THINKER, forced), ["tool_choice"]);
    let both = json!({"temperature": 0.1, "top_p": 0.9});
    assert_eq!(unsaid(CLAUDE, both.clone()), ["top_p"]);
    assert_eq!(unsaid(OLD_CLAUDE, both.clone()), [""; 0]);
    assert_eq!(unsaid("anthropic.claude-opus-4-7", both), ["temperature", "top_p"]);
}

#[test]
fn a_number_of_tokens_to_draw_from_is_said_in_each_familys_words() {
    let drawn = |model| body(model, json!({"top_k": 5}))["additionalModelRequestFields"].clone();
    assert_eq!(drawn(CLAUDE), json!({"top_k": 5}));
    assert_eq!(drawn("cohere.command-r-v1:0"), json!({"k": 5}));
    assert_eq!(drawn("mistral.mixtral-8x7b-instruct-v0:1"), json!({"top_k": 5}));
    assert_eq!(drawn(NOVA), json!({"inferenceConfig": {"topK": 5}}));
    assert_eq!(unsaid(LLAMA, json!({"top_k": 5})), ["top_k"]);
    let own = json!({"top_k": 5, "additionalModelRequestFields": {"top_k": 7, "x": 1e2}});
    assert_eq!(body(CLAUDE, own)["additionalModelRequestFields"], json!({"top_k": 7, "x": 1e2}));
}

#[test]
fn nova_thinks_as_much_as_it_can_only_alone() {
    let nova = "us.amazon.nova-2-lite-v1:0";
    let asked = json!({"reasoning_effort": "high", "temperature": 0.2, "max_tokens": 9});
    let (sent, left) = told(nova, asked).unwrap();
    let config = json!({"type": "enabled", "maxReasoningEffort": "high"});
    assert_eq!(sent["additionalModelRequestFields"], json!({"reasoningConfig": config}));
    assert_eq!(
        (&sent["inferenceConfig"], left),
        (&Value::Null, vec!["temperature".into(), "max_tokens".into()])
    );
    let asked = json!({"reasoning_effort": "low", "temperature": 0.2});
    assert_eq!(body(nova, asked)["inferenceConfig"], json!({"temperature": 0.2}));
}

#[test]
fn a_cache_point_stands_behind_what_is_marked_four_at_most() {
    let mark = json!({"type": "ephemeral", "ttl": "1h"});
    let part = |text: &str| json!({"type": "text", "text": text, "cache_control": mark});
    let parts: Vec<_> = ["a", "b", "c", "d", "e"].map(part).into();
    let asked = json!({"messages": [{"role": "user", "content": parts}]});
    let (sent, left) = told(CLAUDE, asked.clone()).unwrap();
    let content = &sent["messages"][0]["content"];
    assert_eq!(content[1], json!({"cachePoint": {"type": "default", "ttl": "1h"}}));
    assert_eq!(
        (content.as_array().unwrap().len(), left.as_slice()),
        (9, &["messages[0].content[4].cache_control".to_owned()][..])
    );
    let sent = body(NOVA, asked.clone());
    assert_eq!(sent["messages"][0]["content"][1], json!({"cachePoint": {"type": "default"}}));
    assert_eq!(unsaid(LLAMA, asked).len(), 5);
    let tools = json!([{"type": "function", "function": {"name": "f"}, "cache_control": mark}]);
    let sent = body(CLAUDE, json!({"tools": tools}));
    assert_eq!(sent["toolConfig"]["tools"][1]["cachePoint"]["ttl"], "1h");
    assert_eq!(unsaid(NOVA, json!({"tools": tools})), ["tools[0].cache_control"]);
}

#[test]
fn documents_have_names_that_bedrock_takes_and_a_text_beside_them() {
    let file = |name: &str| json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": name}});
    let asked = |parts: Value| json!({"messages": [{"role": "user", "content": parts}]});
    let sent = body(
        CLAUDE,
        asked(json!([file("../été  #1 [a] (b)-c.pdf"), file(""), file("x.pdf"), file("x.pdf")])),
    );
    let content = sent["messages"][0]["content"].as_array().unwrap();
    let names: Vec<_> = content.iter().filter_map(|b| b["document"]["name"].as_str()).collect();
    assert_eq!(names, ["t 1 [a] (b)-c", "document", "x", "x (2)"]);
    assert_eq!(content[4], json!({"text": "t 1 [a] (b)-c"}));
    let held = json!([{"type": "file", "file": {"file_id": "file-1"}}]);
    let (kind, words) = refused(asked(held));
    assert_eq!(kind, ErrorKind::Unsupported);
    assert!(words.starts_with("messages[0].content[0].file: "), "{words}");
}

#[test]
fn what_cannot_be_taken_is_refused_by_its_place() {
    let asked = |part: Value| json!({"messages": [{"role": "user", "content": [part]}]});
    for (part, place) in [
        (json!({"type": "hologram"}), "messages[0].content[0]: "),
        (
            json!({"type": "image_url", "image_url": {"url": "data:image/tiff;base64,AAAA"}}),
            "messages[0].content[0].image_url: it is image/tiff",
        ),
        (
            json!({"type": "image_url", "image_url": {"url": "ftp://x"}}),
            "messages[0].content[0].image_url.url: ",
        ),
        (
            json!({"type": "image_url", "image_url": {"url": "https://x/y"}}),
            "messages[0].content[0].image_url.url: ",
        ),
        (
            json!({"type": "input_audio", "input_audio": {"data": "AA", "format": "midi"}}),
            "messages[0].content[0].input_audio: it is midi",
        ),
    ] {
        let (kind, words) = refused(asked(part.clone()));
        assert_eq!(kind, ErrorKind::Unsupported, "{part}");
        assert!(words.starts_with(place), "{part}: {words}");
    }
    let (kind, words) = refused(json!({"n": 2}));
    assert_eq!((kind, words.starts_with("n is 2")), (ErrorKind::Unsupported, true));
    assert_eq!(unsaid(CLAUDE, json!({"n": 1})), [""; 0]);
}

#[test]
fn what_bedrock_has_no_word_for_is_listed() {
    let messages = json!([{"role": "user", "name": "Ada", "content": "hi", "mood": 1}]);
    let asked = json!({"messages": messages, "seed": 1, "logprobs": true, "user": "u", "stop": [" ", "x"], "thinking": {}});
    let mut left = unsaid(LLAMA, asked);
    left.sort();
    let expected =
        ["logprobs", "messages[0].mood", "messages[0].name", "seed", "stop[0]", "thinking", "user"];
    assert_eq!(left, expected);
}

#[test]
fn what_converse_takes_beside_a_conversation_passes_as_it_is() {
    let beside = json!({
        "guardrailConfig": {"guardrailIdentifier": "g"}, "performanceConfig": {"latency": "optimized"},
        "requestMetadata": {"a": "b"}, "promptVariables": {"x": {"text": "y"}},
        "additionalModelResponseFieldPaths": ["/stop_sequence"],
    });
    let (sent, left) = told(CLAUDE, beside.clone()).unwrap();
    for (name, value) in beside.as_object().unwrap() {
        assert_eq!(sent[name], *value, "{name}");
    }
    assert_eq!(left, [""; 0]);
}

#[test]
fn only_what_was_sealed_here_goes_back() {
    let details = json!([
        {"type": "reasoning.text", "text": "a", "signature": "s", "format": "anthropic-claude-v1"},
        {"type": "reasoning.text", "text": "b"},
        {"type": "reasoning.text", "text": "c", "signature": "s", "format": "google-gemini-v1"},
        {"type": "reasoning.encrypted", "data": "ZA==", "format": "anthropic-claude-v1"},
        {"type": "reasoning.encrypted", "data": "ZQ==", "format": "aws-bedrock-v1"},
    ]);
    let messages = json!([
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "ho", "reasoning_details": details},
        {"role": "user", "content": "he"},
    ]);
    let (sent, left) = told(CLAUDE, json!({"messages": messages})).unwrap();
    assert_eq!(
        sent["messages"][1]["content"],
        json!([
            {"reasoningContent": {"reasoningText": {"text": "a", "signature": "s"}}},
            {"reasoningContent": {"redactedContent": "ZQ=="}},
            {"text": "ho"},
        ])
    );
    assert_eq!(left, [1, 2, 3].map(|at| format!("messages[1].reasoning[{at}]")));
}

#[test]
fn a_form_is_bound_by_the_best_means_there_is() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "number", "minimum": 1e2}}});
    let form = |strict: bool| json!({"type": "json_schema", "json_schema": {"name": "n", "schema": schema, "strict": strict}});
    let asked = |strict| json!({"response_format": form(strict)});
    let native = body(CLAUDE, asked(true));
    let text = native["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"].clone();
    assert_eq!(serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap(), schema);
    for (model, strict) in [(CLAUDE, false), (NOVA, true), (OLD_CLAUDE, true)] {
        let sent = body(model, asked(strict));
        let choice = &sent["toolConfig"]["toolChoice"];
        assert_eq!(*choice, json!({"tool": {"name": "json_answer"}}), "{model}");
    }
    let taken = json!([{"type": "function", "function": {"name": "json_answer"}}]);
    let sent = body(NOVA, json!({"response_format": form(true), "tools": taken}));
    assert_eq!(sent["toolConfig"]["tools"][1]["toolSpec"]["name"], "json_answer_2");
    assert_eq!(sent["toolConfig"]["toolChoice"], json!({"any": {}}));
    let (sent, left) = told(LLAMA, asked(true)).unwrap();
    assert!(sent["system"][0]["text"].as_str().unwrap().contains("JSON Schema"));
    assert_eq!(left, ["response_format"]);
    let open = "qwen.qwen3-32b-v1:0";
    assert!(body(open, asked(false))["outputConfig"]["textFormat"].is_object());
}

fn decoder(wants_usage: bool) -> ConverseDecoder {
    let request = json!({"model": CLAUDE, "messages": [{"role": "user", "content": "hi"}], "stream": true,
        "stream_options": {"include_usage": wants_usage}});
    let request = ChatRequest::of(&request).unwrap();
    let id = TargetId::from("t");
    let call = Call::new(&id, CLAUDE);
    let model = Model::new(CLAUDE, None);
    let mut notes = Notes::default();
    let encoded = encode::chat(&call, &model, None, (&request, &mut notes)).unwrap();
    ConverseDecoder::new(Asked::new(&call, &model, &request, encoded.names, encoded.answer_tool))
}

#[test]
fn a_stream_is_over_with_its_metadata_and_not_before() {
    let lines =
        "messageStart {\"role\":\"assistant\"}\nmessageStop {\"stopReason\":\"end_turn\"}\n";
    let (mut decoder, mut frame) = (decoder(true), Frame::default());
    decoder.read(ferro_testkit::frames(lines), &mut frame).unwrap();
    assert!(!Decoder::<Chat>::is_finished(&decoder));
    assert_eq!(decoder.end(Bytes::new(), &mut frame).unwrap_err().kind(), ErrorKind::Interrupted);
    decoder.read(ferro_testkit::frames("metadata {}"), &mut frame).unwrap();
    assert!(Decoder::<Chat>::is_finished(&decoder));
}

#[test]
fn a_model_that_takes_too_long_inside_a_stream_is_a_timeout() {
    let error = crate::refusal::exception("modelTimeoutException", br#"{"message":"late"}"#);
    assert_eq!((error.kind(), error.message()), (ErrorKind::Timeout, Some("late")));
}

proptest! {
    #[test]
    fn no_event_panics(
        name in prop_oneof![
            Just("contentBlockDelta"), Just("contentBlockStart"), Just("contentBlockStop"),
            Just("messageStart"), Just("messageStop"), Just("metadata"), Just("!x"), Just("other"),
        ],
        payload in prop_oneof![
            "[ -~]{0,40}",
            Just(r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{}}}"#.to_owned()),
            Just(r#"{"contentBlockIndex":9,"delta":{"toolUse":{"input":"x"}}}"#.to_owned()),
            Just(r#"{"stopReason":"\ud800","usage":{"inputTokens":18446744073709551615}}"#.to_owned()),
            Just(r#"{"usage":{"inputTokens":18446744073709551615,"outputTokens":1,"cacheReadInputTokens":18446744073709551615}}"#.to_owned()),
        ],
    ) {
        let (mut decoder, mut frame) = (decoder(true), Frame::default());
        for _ in 0..2 {
            let _ = decoder.read(ferro_testkit::frames(&format!("{name} {payload}")), &mut frame);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let (mut decoder, mut frame) = (decoder(false), Frame::default());
        let _ = decoder.read(Bytes::from(bytes.clone()), &mut frame);
        let head = http::Response::builder().status(400).body(()).unwrap().into_parts().0;
        let _ = crate::refusal::read(&head, Bytes::from(bytes.clone()));
        let _ = decoder.whole(&head, Bytes::from(bytes));
    }
}
