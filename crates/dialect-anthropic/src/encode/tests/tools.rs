//! Tools, which of them is called, and replies that are held to a schema.

use super::*;

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
fn a_choice_among_no_tools_is_not_lost_without_a_word() {
    let nothing = json!({"tool_choice": "required", "reasoning_effort": "high"});
    assert_eq!(unsaid_of(NEW, &nothing), ["tool_choice"]);
    assert_eq!(said(&nothing)["thinking"], json!({"type": "adaptive"}), "nothing is forced");
    assert_eq!(unsaid_of(NEW, &json!({"tool_choice": "auto"})), Vec::<String>::new());
    let allowed = json!({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [function("x")]}});
    let (kind, message) = refused(&json!({"tools": [function("f")], "tool_choice": allowed}));
    assert_eq!(kind, ErrorKind::Invalid);
    assert!(message.contains("tool_choice"), "{message}");
    let history = json!({"messages": [user("Go."), calls(&[call("a", "f", "{}")]), result("a", "7")], "tool_choice": "required"});
    assert_eq!(unsaid_of(NEW, &history), ["tool_choice"]);
}

#[test]
fn a_choice_in_the_vendors_own_words_keeps_all_of_them() {
    let own = json!({"type": "any", "disable_parallel_tool_use": true});
    let sent = said(&json!({"tools": [function("f")], "tool_choice": own}));
    assert_eq!(sent["tool_choice"], own);
    let odd = json!({"type": "auto", "odd": 1});
    assert_eq!(
        unsaid_of(NEW, &json!({"tools": [function("f")], "tool_choice": odd})),
        ["tool_choice.odd"]
    );
}

#[test]
fn what_takes_a_beta_feature_asks_for_it() {
    for (tool, beta) in [
        ("bash_20241022", "computer-use-2024-10-22"),
        ("text_editor_20241022", "computer-use-2024-10-22"),
        ("advisor_20260301", "advisor-tool-2026-03-01"),
    ] {
        let tools = json!({"tools": [{"type": tool, "name": "x"}]});
        assert_eq!(encoded(Profile::anthropic(), NEW, &tools).betas.as_deref(), Some(beta));
    }
    let edits = json!({"context_management": {"edits": [{"type": "compact_20260112"}]}});
    assert_eq!(
        encoded(Profile::anthropic(), NEW, &edits).betas.as_deref(),
        Some("context-management-2025-06-27,compact-2026-01-12")
    );
}
