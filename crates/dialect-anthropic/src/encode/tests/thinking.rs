//! How much is thought, written, and left to chance.

use super::*;

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
fn the_ceiling_is_the_clients_or_the_lower_of_what_is_known_and_the_tables() {
    assert_eq!(said(&json!({"max_tokens": 7}))["max_tokens"], 7);
    assert_eq!(said(&json!({"max_tokens": 7, "max_completion_tokens": 8}))["max_tokens"], 8);
    assert_eq!(said(&json!({}))["max_tokens"], 128_000);
    assert_eq!(said_of("claude-3-opus-20240229", &json!({}))["max_tokens"], 4096);
    let target = TargetId::from("t");
    for (told, ceiling) in [(777, 777), (999_999, 128_000)] {
        let mut facts = ModelFacts::default();
        facts.max_output_tokens = Some(told);
        let known = Call::new(&target, NEW).with_facts(Some(&facts));
        let messages = Messages::new(Profile::anthropic());
        let body = messages.encode(&known, &request(NEW, &json!({}))).unwrap().body;
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["max_tokens"], ceiling);
    }
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
fn a_seal_that_is_empty_is_none() {
    let turn = |details: Value| json!({"messages": [user("Go."), {"role": "assistant", "content": "So.", "reasoning_details": details}, user("And?")]});
    for detail in [
        json!({"type": "reasoning.text", "text": "hm", "signature": ""}),
        json!({"type": "reasoning.encrypted", "data": ""}),
    ] {
        let body = turn(json!([detail]));
        assert_eq!(said(&body)["messages"][1], assistant("So."), "{detail}");
        assert_eq!(unsaid_of(NEW, &body), ["messages[1].reasoning_details"], "{detail}");
    }
}

#[test]
fn an_effort_beside_the_clients_own_thinking_is_said_or_unsaid() {
    let adaptive = json!({"thinking": {"type": "adaptive"}, "reasoning_effort": "high"});
    assert_eq!(said(&adaptive)["output_config"], json!({"effort": "high"}));
    assert_eq!(unsaid_of(NEW, &adaptive), Vec::<String>::new());
    for (model, thinking) in [
        (OLD, json!({"type": "enabled", "budget_tokens": 2000})),
        (NEW, json!({"type": "disabled"})),
    ] {
        let own = json!({"thinking": thinking, "reasoning_effort": "high"});
        assert!(said_of(model, &own).get("output_config").is_none());
        assert_eq!(unsaid_of(model, &own), ["reasoning_effort"], "{model}");
    }
    let twice = json!({"output_config": {"effort": "low"}, "reasoning_effort": "high"});
    assert_eq!(said(&twice)["output_config"], json!({"effort": "low"}));
    assert_eq!(unsaid_of(NEW, &twice), ["reasoning_effort"]);
    let same = json!({"output_config": {"effort": "high"}, "reasoning_effort": "high"});
    assert_eq!(unsaid_of(NEW, &same), Vec::<String>::new());
}

#[test]
fn a_turn_that_is_begun_is_not_thought_about_with_a_budget() {
    let begun = json!({"messages": [user("Go."), assistant("It is")], "reasoning_effort": "high"});
    assert!(said_of(OLD, &begun).get("thinking").is_none());
    assert_eq!(unsaid_of(OLD, &begun), ["reasoning_effort"]);
}

#[test]
fn a_parameter_that_changes_nothing_is_not_missed() {
    let nothing = json!({"temperature": 1, "top_p": 1.0});
    for model in ["claude-opus-4-7", OLD] {
        assert_eq!(unsaid_of(model, &nothing), Vec::<String>::new(), "{model}");
    }
    let sent = said_of("claude-opus-4-7", &nothing);
    assert!(sent.get("temperature").is_none() && sent.get("top_p").is_none());
    let narrow = json!({"temperature": 1, "top_p": 0.5});
    let sent = said_of(OLD, &narrow);
    assert_eq!((&sent["top_p"], sent.get("temperature")), (&json!(0.5), None));
    assert_eq!(unsaid_of(OLD, &narrow), Vec::<String>::new());
}
