//! What a chat request becomes, law by law.

use bytes::Bytes;
use ferro_core::{Call, ErrorKind, Fetched, Media, ModelFacts, TargetId, chat::ChatRequest};
use serde_json::{Value, json};

use crate::{Encoded, Messages, Profile};

const NEW: &str = "claude-opus-4-6";
const OLD: &str = "claude-sonnet-4-5";

/// A request for a model with these members; of the least messages, unless they say any.
fn request(model: &str, members: &Value) -> ChatRequest {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": "Go."}]});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    ChatRequest::of(&body).unwrap()
}

fn encoded(profile: Profile, model: &str, members: &Value) -> Encoded {
    let target = TargetId::from("t");
    let request = request(model, members);
    Messages::new(profile).encode(&Call::new(&target, model), &request).unwrap()
}

fn said_of(model: &str, members: &Value) -> Value {
    serde_json::from_slice(&encoded(Profile::anthropic(), model, members).body).unwrap()
}

fn said(members: &Value) -> Value {
    said_of(NEW, members)
}

fn unsaid_of(model: &str, members: &Value) -> Vec<String> {
    let target = TargetId::from("t");
    let messages = Messages::new(Profile::anthropic());
    let unsaid = messages.unsaid(&Call::new(&target, model), &request(model, members));
    unsaid.into_iter().map(|unsaid| unsaid.0.into_owned()).collect()
}

fn refused(members: &Value) -> (ErrorKind, String) {
    let target = TargetId::from("t");
    let encoded = Messages::new(Profile::anthropic())
        .encode(&Call::new(&target, NEW), &request(NEW, members));
    let error = encoded.unwrap_err();
    (error.kind(), error.message().unwrap().to_owned())
}

fn user(content: impl Into<Value>) -> Value {
    json!({"role": "user", "content": content.into()})
}

fn assistant(content: impl Into<Value>) -> Value {
    json!({"role": "assistant", "content": content.into()})
}

fn system(content: impl Into<Value>) -> Value {
    json!({"role": "system", "content": content.into()})
}

fn call(id: &str, name: &str, arguments: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

fn calls(calls: &[Value]) -> Value {
    json!({"role": "assistant", "content": null, "tool_calls": calls})
}

fn result(id: &str, content: impl Into<Value>) -> Value {
    json!({"role": "tool", "tool_call_id": id, "content": content.into()})
}

fn function(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name}})
}

fn messages(messages: &[Value]) -> Value {
    said(&json!({"messages": messages}))["messages"].clone()
}

fn ephemeral() -> Value {
    json!({"type": "ephemeral", "ttl": "1h"})
}

#[test]
fn instructions_are_one_text_until_one_carries_a_mark() {
    let go = user(json!("Go."));
    let plain = [
        system(json!("One.")),
        json!({"role": "developer", "content": [{"type": "text", "text": "Two."}]}),
        go.clone(),
    ];
    assert_eq!(said(&json!({"messages": plain}))["system"], "One.\nTwo.");
    let part = json!({"type": "text", "text": "One.", "cache_control": ephemeral()});
    let marked = [system(json!([part])), system(json!("Two.")), go];
    let two = json!({"type": "text", "text": "Two."});
    assert_eq!(said(&json!({"messages": marked}))["system"], json!([part, two]));
}

#[test]
fn marks_for_the_cache_are_kept_wherever_they_stand() {
    let mark = ephemeral();
    let tool = json!({"type": "function", "cache_control": mark, "function": {"name": "f"}});
    let mut called = calls(&[call("c", "f", "{}")]);
    called["cache_control"] = mark.clone();
    let mut answered = result("c", json!("7"));
    answered["cache_control"] = mark.clone();
    let asked = user(json!([{"type": "text", "text": "x", "cache_control": mark}]));
    let body = said(&json!({"messages": [asked, called, answered], "tools": [tool]}));
    assert_eq!(body["tools"][0]["cache_control"], mark);
    for (turn, named) in [(0, "text"), (1, "tool_use"), (2, "tool_result")] {
        let block = &body["messages"][turn]["content"][0];
        assert_eq!((&block["type"], &block["cache_control"]), (&json!(named), &mark));
    }
    assert_eq!(said(&json!({"cache_control": mark}))["cache_control"], mark);
}

#[test]
fn of_more_marks_than_four_the_last_are_kept() {
    let part = |n: usize| json!({"type": "text", "text": n.to_string(), "cache_control": {"type": "ephemeral"}});
    let parts: Vec<_> = (0..6).map(part).collect();
    let body = json!({"messages": [user(json!(parts))]});
    let sent = said(&body);
    let kept = sent["messages"][0]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b.get("cache_control").is_some());
    assert_eq!(kept.collect::<Vec<_>>(), [false, false, true, true, true, true]);
    assert_eq!(unsaid_of(NEW, &body), ["cache_control"]);
}

#[test]
fn later_instructions_stay_behind_the_users_turn_where_the_model_takes_that() {
    let conversation = json!({"messages": [
        user(json!("One.")), assistant(json!("Two.")), system(json!("In French.")), user(json!("Three.")), assistant(json!("Trois.")),
    ]});
    let sent = said_of("claude-opus-4-8", &conversation);
    let roles: Vec<_> =
        sent["messages"].as_array().unwrap().iter().map(|m| m["role"].clone()).collect();
    assert_eq!(roles, ["user", "assistant", "user", "system", "assistant"]);
    assert_eq!(sent["messages"][3]["content"], "In French.");
    assert!(sent.get("system").is_none());
    let sent = said_of(NEW, &conversation);
    assert_eq!(sent["system"], "In French.");
    assert_eq!(sent["messages"].as_array().unwrap().len(), 4);
    let behind_the_assistant =
        json!({"messages": [user("One."), assistant("Two."), system("In French.")]});
    let sent = said_of("claude-opus-4-8", &behind_the_assistant);
    assert_eq!(sent["system"], "In French.", "no turn of the user's is near");
    assert_eq!(sent["messages"].as_array().unwrap().len(), 2);
}

#[test]
fn turns_of_one_role_are_one_and_blank_texts_are_none() {
    let sent = messages(&[
        user(json!("One.")),
        user(json!(" \n")),
        assistant(json!("")),
        user(json!([{"type": "text", "text": ""}, {"type": "text", "text": "Two."}])),
    ]);
    let blocks = json!([{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]);
    assert_eq!(sent, json!([user(blocks)]));
}

#[test]
fn a_conversation_begins_with_the_user() {
    let sent = messages(&[assistant(json!("Hello.")), user(json!("Hi."))]);
    assert_eq!(sent[0], user(json!("Continue.")));
    assert_eq!(messages(&[system(json!("Only this."))]), json!([user(json!("Only this."))]));
}

#[test]
fn an_unfinished_turn_does_not_end_with_white_space() {
    let sent = messages(&[user(json!("Go.")), assistant(json!("The answer is \n"))]);
    assert_eq!(sent[1], assistant(json!("The answer is")));
    let sent = messages(&[user(json!("Go.")), assistant(json!("It is \n")), user(json!("What?"))]);
    assert_eq!(sent[1], assistant(json!("It is \n")), "only the last");
}

#[test]
fn all_results_of_a_turn_stand_first_and_in_one_message() {
    let sent = messages(&[
        user(json!("Go.")),
        calls(&[call("a", "f", r#"{ "x": 1 }"#), call("b.1", "g", "")]),
        result("a", json!("one")),
        user(json!("And?")),
        result("b.1", json!([{"type": "text", "text": "two"}])),
    ]);
    assert_eq!(sent.as_array().unwrap().len(), 3);
    let mapped = sent[1]["content"][1]["id"].clone();
    assert!(mapped.as_str().unwrap().bytes().all(|b| b.is_ascii_alphanumeric()), "{mapped}");
    assert_eq!(
        sent[2]["content"],
        json!([
            {"type": "tool_result", "tool_use_id": "a", "content": "one"},
            {"type": "tool_result", "tool_use_id": mapped, "content": "two"},
            {"type": "text", "text": "And?"},
        ])
    );
    assert_eq!(
        sent[1]["content"][0],
        json!({"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}})
    );
    assert_eq!(sent[1]["content"][1]["input"], json!({}));
}

#[test]
fn a_result_may_hold_pictures_and_report_a_failure() {
    let mut failed = result(
        "a",
        json!([
            {"type": "text", "text": "no"},
            {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}},
            {"type": "file", "file": {"file_data": "data:text/plain,hi"}},
        ]),
    );
    failed["is_error"] = json!(true);
    let sent = messages(&[user(json!("Go.")), calls(&[call("a", "f", "{}")]), failed]);
    let block = &sent[2]["content"][0];
    assert_eq!(block["is_error"], true);
    let kinds = block["content"].as_array().unwrap().iter().map(|b| b["type"].clone());
    assert_eq!(kinds.collect::<Vec<_>>(), ["text", "image", "document"]);
}

#[test]
fn a_function_called_the_old_way_finds_its_result() {
    let called = json!({"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}});
    let answered = json!({"role": "function", "name": "f", "content": "7"});
    let sent = messages(&[user(json!("Go.")), called, answered]);
    assert_eq!(sent[1]["content"][0]["id"], sent[2]["content"][0]["tool_use_id"]);
}

#[test]
fn sealed_thoughts_go_back_first_and_others_are_unsaid() {
    let details = json!([
        {"type": "reasoning.text", "text": "hm", "signature": "s", "format": "anthropic-claude-v1", "index": 0},
        {"type": "reasoning.encrypted", "data": "d", "format": "anthropic-claude-v1", "index": 1},
        {"type": "reasoning.text", "text": "foreign", "signature": "s", "format": "google-gemini-v1", "index": 2},
        {"type": "reasoning.text", "text": "unsealed", "index": 3},
    ]);
    let turn = json!({"role": "assistant", "content": "So.", "reasoning_details": details, "reasoning_content": "hm"});
    let body = json!({"messages": [user(json!("Go.")), turn, user(json!("And?"))]});
    assert_eq!(
        said(&body)["messages"][1]["content"],
        json!([
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "redacted_thinking", "data": "d"},
            {"type": "text", "text": "So."},
        ])
    );
    assert_eq!(unsaid_of(NEW, &body), ["messages[1].reasoning_details"]);
    let plain = json!({"role": "assistant", "content": "So.", "reasoning_content": "hm"});
    let body = json!({"messages": [user(json!("Go.")), plain]});
    assert_eq!(said(&body)["messages"][1], assistant(json!("So.")));
    assert_eq!(unsaid_of(NEW, &body), ["messages[1].reasoning_content"]);
}

#[test]
fn the_vendors_own_blocks_go_back_as_they_came() {
    let block = json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}});
    let mut placed = block.clone();
    placed["index"] = json!(0);
    let turn = json!({"role": "assistant", "content": "So.", "content_blocks": [placed]});
    let sent = messages(&[user(json!("Go.")), turn, user(json!([block]))]);
    assert_eq!(sent[1]["content"][0], block);
    assert_eq!(sent[2]["content"][0], block);
}

#[test]
fn the_ceiling_is_the_clients_then_what_is_known_then_the_tables() {
    assert_eq!(said(&json!({"max_tokens": 7}))["max_tokens"], 7);
    assert_eq!(said(&json!({"max_tokens": 7, "max_completion_tokens": 8}))["max_tokens"], 8);
    assert_eq!(said(&json!({}))["max_tokens"], 128_000);
    assert_eq!(said_of("claude-3-opus-20240229", &json!({}))["max_tokens"], 4096);
    let target = TargetId::from("t");
    let mut facts = ModelFacts::default();
    facts.max_output_tokens = Some(777);
    let known = Call::new(&target, NEW).with_facts(Some(&facts));
    let body =
        Messages::new(Profile::anthropic()).encode(&known, &request(NEW, &json!({}))).unwrap().body;
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["max_tokens"], 777);
    let own = json!({"thinking": {"type": "enabled", "budget_tokens": 70_000}});
    assert_eq!(said_of(OLD, &own)["max_tokens"], 134_000, "room to answer behind the thoughts");
}

#[test]
fn an_effort_becomes_the_models_words_and_the_clients_own_go_before() {
    let sent = said(&json!({"reasoning_effort": "high"}));
    assert_eq!(
        (&sent["thinking"], &sent["output_config"]),
        (&json!({"type": "adaptive"}), &json!({"effort": "high"}))
    );
    let sent = said_of(OLD, &json!({"reasoning_effort": "high"}));
    assert_eq!(sent["thinking"], json!({"type": "enabled", "budget_tokens": 4096}));
    assert!(sent.get("output_config").is_none());
    let own = json!({"type": "enabled", "budget_tokens": 2000, "display": "omitted"});
    let sent = said(
        &json!({"reasoning_effort": "high", "thinking": own, "output_config": {"effort": "low"}}),
    );
    assert_eq!((&sent["thinking"], &sent["output_config"]), (&own, &json!({"effort": "low"})));
}

#[test]
fn sampling_is_said_where_it_may_be() {
    let all = json!({"temperature": 0.5, "top_p": 0.9, "top_k": 4});
    let sampled = |model: &str, members: &Value| {
        let sent = said_of(model, members);
        ["temperature", "top_p", "top_k"].map(|name| sent.get(name).cloned().unwrap_or_default())
    };
    let none = || Value::Null;
    assert_eq!(sampled("claude-3-7-sonnet", &all), [json!(0.5), json!(0.9), json!(4)]);
    assert_eq!(sampled(OLD, &all), [json!(0.5), none(), json!(4)]);
    assert_eq!(unsaid_of(OLD, &all), ["top_p"]);
    assert_eq!(sampled("claude-opus-4-7", &all), [none(), none(), none()]);
    assert_eq!(unsaid_of("claude-opus-4-7", &all), ["temperature", "top_p", "top_k"]);
    let thinking = json!({"temperature": 0.5, "top_p": 0.9, "top_k": 4, "reasoning_effort": "low"});
    assert_eq!(sampled("claude-3-7-sonnet", &thinking), [none(), none(), none()]);
    let beside = json!({"temperature": 1, "top_p": 0.95, "reasoning_effort": "low"});
    assert_eq!(sampled("claude-3-7-sonnet", &beside), [json!(1), json!(0.95), none()]);
    let hot = json!({"temperature": 1.5});
    assert_eq!(
        (said(&hot)["temperature"].clone(), unsaid_of(NEW, &hot)),
        (json!(1), vec!["temperature".to_owned()])
    );
    let later = encoded(Profile::anthropic().with_version("2026-10-21"), "claude-3-7-sonnet", &all);
    assert!(!String::from_utf8(later.body).unwrap().contains("top_k"));
}

#[test]
fn a_forced_tool_goes_before_an_effort_and_the_clients_thinking_before_that() {
    let forced =
        json!({"tools": [function("f")], "tool_choice": "required", "reasoning_effort": "high"});
    let sent = said(&forced);
    assert_eq!((&sent["tool_choice"], sent.get("thinking")), (&json!({"type": "any"}), None));
    assert_eq!(unsaid_of(NEW, &forced), ["reasoning_effort"]);
    let own = json!({"tools": [function("f")], "tool_choice": "required", "thinking": {"type": "adaptive"}});
    assert_eq!(said(&own)["tool_choice"], json!({"type": "auto"}));
    assert_eq!(unsaid_of(NEW, &own), ["tool_choice"]);
}

#[test]
fn no_budget_is_given_behind_a_call_without_a_thought() {
    let history = json!({
        "messages": [user(json!("Go.")), calls(&[call("a", "f", "{}")]), result("a", json!("7"))],
        "tools": [function("f")], "reasoning_effort": "high",
    });
    assert!(said_of(OLD, &history).get("thinking").is_none());
    assert_eq!(unsaid_of(OLD, &history), ["reasoning_effort"]);
    assert_eq!(said(&history)["thinking"], json!({"type": "adaptive"}));
}

#[test]
fn every_choice_of_a_tool_has_its_word() {
    let choice = |choice: Value, more: Value| {
        let mut members = json!({"tools": [function("f"), function("g.h")], "tool_choice": choice});
        members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        said(&members)
    };
    let one = json!({"parallel_tool_calls": false});
    for (word, more, expected) in [
        (json!("auto"), json!({}), json!({"type": "auto"})),
        (json!("required"), json!({}), json!({"type": "any"})),
        (json!("none"), one.clone(), json!({"type": "none"})),
        (json!(null), json!({}), json!(null)),
        (json!(null), one.clone(), json!({"type": "auto", "disable_parallel_tool_use": true})),
        (
            function("f"),
            one.clone(),
            json!({"type": "tool", "name": "f", "disable_parallel_tool_use": true}),
        ),
    ] {
        assert_eq!(choice(word.clone(), more)["tool_choice"], expected, "{word}");
    }
    let allowed = json!({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [function("g.h")]}});
    let sent = choice(allowed, json!({}));
    assert_eq!(
        (sent["tools"].as_array().unwrap().len(), &sent["tool_choice"]),
        (1, &json!({"type": "any"}))
    );
    assert!(sent["tools"][0]["name"].as_str().unwrap().starts_with("g_h_"));
    let named = json!({"tools": [function("f")], "tool_choice": function("x")});
    assert_eq!(refused(&named).0, ErrorKind::Invalid);
}

#[test]
fn tools_say_what_they_take_and_the_vendors_own_pass() {
    let own = json!({"type": "web_search_20250305", "name": "web_search", "max_uses": 3});
    let strict = json!({"type": "function", "function": {"name": "f", "description": "d", "strict": true, "parameters": {"properties": {"n": {"type": "integer", "minimum": 1}}}}});
    let sent = said(&json!({"tools": [strict, own, function("g")]}));
    let schema = &sent["tools"][0]["input_schema"];
    assert_eq!(
        (&schema["type"], &schema["additionalProperties"]),
        (&json!("object"), &json!(false))
    );
    assert_eq!(
        (&sent["tools"][0]["strict"], &sent["tools"][0]["description"]),
        (&json!(true), &json!("d"))
    );
    assert_eq!(sent["tools"][1], own);
    assert_eq!(
        sent["tools"][2],
        json!({"name": "g", "input_schema": {"type": "object", "properties": {}}})
    );
    assert_eq!(
        unsaid_of("claude-3-5-haiku", &json!({"tools": [strict]})),
        ["tools[0].function.strict"]
    );
    assert!(said(&json!({"tools": []})).get("tools").is_none());
    assert_eq!(
        refused(&json!({"tools": [{"type": "custom", "custom": {"name": "x"}}]})).0,
        ErrorKind::Unsupported
    );
}

#[test]
fn a_history_of_calls_describes_its_tools_again() {
    let history = [
        user(json!("Go.")),
        calls(&[call("a", "f", "{}"), call("b", "f", "{}")]),
        result("a", json!("7")),
    ];
    let sent = said(&json!({"messages": history}));
    assert_eq!(
        sent["tools"],
        json!([{"name": "f", "input_schema": {"type": "object", "properties": {}}}])
    );
    assert_eq!(sent["tool_choice"], json!({"type": "none"}));
}

fn schema() -> Value {
    json!({"type": "json_schema", "json_schema": {"name": "an answer", "schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}})
}

#[test]
fn a_schema_is_held_to_by_whichever_means_the_model_has() {
    let sent = said(&json!({"response_format": schema()}));
    let format = &sent["output_config"]["format"];
    assert_eq!(
        (&format["type"], &format["schema"]["additionalProperties"]),
        (&json!("json_schema"), &json!(false))
    );
    assert!(sent.get("tools").is_none());
    let sent = said_of("claude-3-7-sonnet", &json!({"response_format": schema()}));
    let name = sent["tools"][0]["name"].as_str().unwrap();
    assert!(name.starts_with("an_answer_"), "{name}");
    assert_eq!(sent["tool_choice"], json!({"type": "tool", "name": name}));
    let sent = said_of(
        "claude-3-7-sonnet",
        &json!({"response_format": schema(), "tools": [function("f")]}),
    );
    assert_eq!(
        (sent["tools"].as_array().unwrap().len(), &sent["tool_choice"]),
        (2, &json!({"type": "any"}))
    );
    let sent = said(&json!({"response_format": {"type": "json_object"}}));
    assert!(sent["system"].as_str().unwrap().contains("JSON object"));
}

#[test]
fn an_effort_and_a_schema_share_their_place() {
    let sent = said(
        &json!({"response_format": schema(), "reasoning_effort": "low", "output_config": {"x": 1}}),
    );
    let config = &sent["output_config"];
    assert_eq!(
        (&config["x"], &config["effort"], &config["format"]["type"]),
        (&json!(1), &json!("low"), &json!("json_schema"))
    );
}

#[test]
fn what_a_picture_is_its_bytes_say() {
    const PNG: &str = "iVBORw0KGgoAAAA=";
    let picture = |url: &str| user(json!([{"type": "image_url", "image_url": {"url": url}}]));
    let sent = messages(&[picture(&format!("data:image/jpeg;base64,{PNG}"))]);
    assert_eq!(
        sent[0]["content"][0]["source"],
        json!({"type": "base64", "media_type": "image/png", "data": PNG})
    );
    let sent = messages(&[picture("data:image/jpg;base64,AAAA")]);
    assert_eq!(sent[0]["content"][0]["source"]["media_type"], "image/jpeg");
    let (kind, message) = refused(&json!({"messages": [picture("data:image/bmp;base64,Qk0=")]}));
    assert_eq!(kind, ErrorKind::Unsupported);
    assert!(
        message.starts_with("messages[0].content[0].image_url.url: it is image/bmp"),
        "{message}"
    );
    let sent = messages(&[picture("https://example.com/x.png")]);
    assert_eq!(
        sent[0]["content"][0]["source"],
        json!({"type": "url", "url": "https://example.com/x.png"})
    );
}

#[test]
fn what_the_vendor_cannot_take_is_an_error_that_names_the_part() {
    for (part, named) in [
        (
            json!({"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}}),
            "input_audio",
        ),
        (json!({"type": "video_url", "video_url": {"url": "https://h/v"}}), "video_url"),
        (json!({"type": "hologram"}), "hologram"),
        (
            json!({"type": "file", "file": {"file_data": "data:application/zip;base64,UEs="}}),
            "file.file_data",
        ),
    ] {
        let (kind, message) =
            refused(&json!({"messages": [user(json!("Go.")), user(json!([part]))]}));
        assert_eq!(kind, ErrorKind::Unsupported);
        assert!(message.starts_with(&format!("messages[1].content[0].{named}: ")), "{message}");
    }
}

#[test]
fn documents_are_what_their_bytes_say_and_files_take_their_feature() {
    let file = |file: Value| user(json!([{"type": "file", "file": file}]));
    let sent =
        messages(&[file(json!({"file_data": "data:;base64,JVBERi0xLjc=", "filename": "a.pdf"}))]);
    assert_eq!(
        sent[0]["content"][0],
        json!({"type": "document", "title": "a.pdf", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjc="}})
    );
    let sent = messages(&[file(json!({"file_data": "data:text/csv;base64,YSxi"}))]);
    assert_eq!(
        sent[0]["content"][0]["source"],
        json!({"type": "text", "media_type": "text/plain", "data": "a,b"})
    );
    let uploaded = json!({"messages": [file(json!({"file_id": "file_1"}))]});
    assert_eq!(
        encoded(Profile::anthropic(), NEW, &uploaded).betas.as_deref(),
        Some("files-api-2025-04-14")
    );
    assert_eq!(
        said(&uploaded)["messages"][0]["content"][0]["source"],
        json!({"type": "file", "file_id": "file_1"})
    );
}

#[test]
fn a_host_that_fetches_nothing_is_given_the_bytes() {
    let parts = json!([
        {"type": "image_url", "image_url": {"url": "https://h/x"}},
        {"type": "file", "file": {"file_data": "https://h/y"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    ]);
    let request = request(NEW, &json!({"messages": [user(parts)]}));
    let messages = Messages::new(Profile::bedrock());
    let needs: Vec<_> =
        messages.needs(&request).into_iter().map(|need| (need.url, need.field)).collect();
    assert_eq!(
        needs,
        [
            ("https://h/x".into(), "messages[0].content[0].image_url.url".into()),
            ("https://h/y".into(), "messages[0].content[1].file.file_data".into()),
        ]
    );
    assert_eq!(Messages::new(Profile::anthropic()).needs(&request), []);
    let target = TargetId::from("t");
    let error = messages.encode(&Call::new(&target, NEW), &request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let fetched = |media_type: &str, bytes: &'static [u8]| Fetched {
        media_type: media_type.into(),
        bytes: Bytes::from_static(bytes),
    };
    let media = Media::new([
        ("https://h/x".into(), fetched("image/png", b"x")),
        ("https://h/y".into(), fetched("application/pdf", b"y")),
    ]);
    let call = Call::new(&target, NEW).with_media(media);
    let sent: Value =
        serde_json::from_slice(&messages.encode(&call, &request).unwrap().body).unwrap();
    let blocks = &sent["messages"][0]["content"];
    assert_eq!(
        blocks[0]["source"],
        json!({"type": "base64", "media_type": "image/png", "data": "eA=="})
    );
    assert_eq!(
        (&blocks[1]["type"], &blocks[1]["source"]["data"]),
        (&json!("document"), &json!("eQ=="))
    );
}

#[test]
fn ends_that_are_white_space_are_unsaid() {
    let ends = json!({"stop": ["a", " \n", "b"]});
    assert_eq!(said(&ends)["stop_sequences"], json!(["a", "b"]));
    assert_eq!(unsaid_of(NEW, &ends), ["stop"]);
    assert_eq!(said(&json!({"stop": "a"}))["stop_sequences"], json!(["a"]));
    assert!(said(&json!({"stop": "\n"})).get("stop_sequences").is_none());
}

#[test]
fn the_user_and_the_tier_have_their_words() {
    assert_eq!(said(&json!({"user": "u"}))["metadata"], json!({"user_id": "u"}));
    assert_eq!(said(&json!({"safety_identifier": "s"}))["metadata"], json!({"user_id": "s"}));
    let metadata = json!({"metadata": {"user_id": "m", "tier": "gold"}});
    assert_eq!(
        (said(&metadata)["metadata"].clone(), unsaid_of(NEW, &metadata)),
        (json!({"user_id": "m"}), vec!["metadata".to_owned()])
    );
    for (tier, word) in
        [("auto", json!("auto")), ("default", json!("standard_only")), ("flex", Value::Null)]
    {
        let sent = said(&json!({"service_tier": tier}));
        assert_eq!(sent.get("service_tier").cloned().unwrap_or_default(), word);
    }
    assert_eq!(unsaid_of(NEW, &json!({"service_tier": "flex"})), ["service_tier"]);
}

#[test]
fn what_the_vendor_does_not_know_is_unsaid_unless_it_says_nothing() {
    let members = json!({"seed": 1, "logit_bias": {}, "logprobs": false, "frequency_penalty": 0, "presence_penalty": 0.5, "odd": null, "store": true});
    assert_eq!(unsaid_of(NEW, &members), ["seed", "presence_penalty", "odd", "store"]);
    let named = json!({"messages": [{"role": "user", "name": "n", "content": "Go.", "odd": 1, "annotations": []}]});
    assert_eq!(unsaid_of(NEW, &named), ["messages[0].name", "messages[0].odd"]);
}

#[test]
fn two_answers_to_one_request_are_not_to_be_had() {
    let two = json!({"n": 2});
    let (kind, message) = refused(&two);
    assert_eq!(kind, ErrorKind::Unsupported);
    assert!(message.contains("n is 2"), "{message}");
    assert_eq!(unsaid_of(NEW, &two), ["n"]);
    assert_eq!(unsaid_of(NEW, &json!({"n": 1})), Vec::<String>::new());
}

#[test]
fn beta_features_of_the_operator_and_of_the_request_are_asked_for_once() {
    let betas = vec!["a-1".to_owned(), "fast-mode-2026-02-01".to_owned()];
    let fast =
        json!({"speed": "fast", "tools": [{"type": "computer_20250124", "name": "computer"}]});
    let all = "a-1,fast-mode-2026-02-01,computer-use-2025-01-24";
    let sent = encoded(Profile::anthropic().with_betas(betas.clone()), NEW, &fast);
    assert_eq!(sent.betas.as_deref(), Some(all));
    let sent = encoded(Profile::bedrock().with_betas(betas), NEW, &fast);
    assert_eq!(sent.betas, None);
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body["anthropic_beta"], json!(all.split(',').collect::<Vec<_>>()));
    assert_eq!(
        (&body["anthropic_version"], body.get("model")),
        (&json!("bedrock-2023-05-31"), None)
    );
}
