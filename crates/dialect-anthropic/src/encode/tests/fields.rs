//! What is neither conversation nor tool.

use super::*;

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

#[test]
fn of_two_who_are_named_the_second_is_unsaid() {
    let two = json!({"user": "u", "safety_identifier": "s"});
    assert_eq!(said(&two)["metadata"], json!({"user_id": "u"}));
    assert_eq!(unsaid_of(NEW, &two), ["safety_identifier"]);
    let same = json!({"user": "u", "safety_identifier": "u"});
    assert_eq!(unsaid_of(NEW, &same), Vec::<String>::new());
}
