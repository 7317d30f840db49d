//! What the model thought, and its seals.

use super::*;

#[test]
fn a_seal_goes_back_where_it_was_and_the_first_call_of_a_step_has_one() {
    let sealed = json!([{"role":"assistant","content":"so","reasoning_details":[
        {"type":"reasoning.encrypted","data":"TEXT","format":"google-gemini-v1"},
        {"type":"reasoning.text","text":"hm","signature":"THINK","format":"google-gemini-v1"},
        {"type":"reasoning.encrypted","data":"NAMED","format":"google-gemini-v1","id":"2"},
        {"type":"reasoning.encrypted","data":"FOREIGN","format":"anthropic-claude-v1"}],
        "tool_calls":[call("1__thought__SEAL","f"),call("2","g"),call("3","h")]}]);
    assert_eq!(
        said("gemini-3-pro-preview", json!({"messages": sealed}))["contents"][0]["parts"],
        json!([
            {"text":"hm","thought":true,"thoughtSignature":"THINK"},
            {"text":"so","thoughtSignature":"TEXT"},
            {"functionCall":{"id":"1","name":"f","args":{"a":1}},"thoughtSignature":"SEAL"},
            {"functionCall":{"id":"2","name":"g","args":{"a":1}},"thoughtSignature":"NAMED"},
            {"functionCall":{"id":"3","name":"h","args":{"a":1}}},
        ])
    );
}

#[test]
fn a_call_that_was_anothers_goes_with_the_word_for_that_where_seals_are_checked() {
    let messages = json!([{"role":"assistant","tool_calls":[call("1","f"),call("2","g")]}]);
    let seals = |model| {
        let said = said(model, json!({"messages": messages}));
        let parts = said["contents"][0]["parts"].as_array().unwrap().clone();
        parts.iter().map(|part| part.get("thoughtSignature").cloned()).collect::<Vec<_>>()
    };
    assert_eq!(seals("gemini-3.5-flash"), [Some(json!("skip_thought_signature_validator")), None]);
    assert_eq!(seals("gemini-2.5-flash"), [None, None]);
    let older = json!([{"role":"assistant","function_call":{"name":"f","arguments":"{}"}}]);
    let said = said("gemini-3.5-flash", json!({"messages": older}));
    assert!(said.to_string().contains("skip_thought_signature_validator"));
}

#[test]
fn a_seal_without_a_text_goes_on_an_empty_one() {
    let details = json!([{"type":"reasoning.encrypted","data":"S","format":"google-gemini-v1"}]);
    let messages = json!([{"role":"assistant","content":null,"reasoning_details":details}]);
    assert_eq!(contents(messages)[0]["parts"], json!([{"text":"","thoughtSignature":"S"}]));
    let parts =
        json!([{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"text","text":""}]);
    let messages = json!([{"role":"assistant","content":parts,"reasoning_details":details}]);
    assert_eq!(
        contents(messages)[0]["parts"],
        json!([{"text":"a"},{"text":"b","thoughtSignature":"S"}])
    );
}

#[test]
fn pictures_that_the_model_made_go_back_with_their_seals() {
    let messages = json!([{"role":"assistant","content":null,
        "images":[{"type":"image_url","index":0,"image_url":{"url":PNG}}],
        "reasoning_details":[{"type":"reasoning.encrypted","data":"S","format":"google-gemini-v1","id":"image_0"}]}]);
    assert_eq!(
        contents(messages)[0]["parts"],
        json!([{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgoAAAANSUhEUg=="},"thoughtSignature":"S"}])
    );
}

#[test]
fn thoughts_without_a_seal_of_this_vendors_are_reported() {
    for (message, is_lost) in [
        (json!({"reasoning_content":"hm"}), true),
        (
            json!({"reasoning_details":[{"type":"reasoning.text","text":"t","signature":"s","format":"anthropic-claude-v1"}]}),
            true,
        ),
        (
            json!({"reasoning_details":[{"type":"reasoning.encrypted","data":"d","format":"google-gemini-v1"}]}),
            false,
        ),
    ] {
        let mut message = message;
        message["role"] = json!("assistant");
        let unsaid = unsaid(Profile::AI_STUDIO, "gemini-3.5-flash", json!({"messages":[message]}));
        assert_eq!(!unsaid.is_empty(), is_lost, "{unsaid:?}");
    }
}

#[test]
fn of_several_seals_on_texts_none_is_lost() {
    let seal = |data| json!({"type":"reasoning.encrypted","data":data,"format":"google-gemini-v1"});
    let messages =
        json!([{"role":"assistant","content":"ab","reasoning_details":[seal("S1"),seal("S2")]}]);
    assert_eq!(
        contents(messages)[0]["parts"],
        json!([{"text":"","thoughtSignature":"S1"},{"text":"ab","thoughtSignature":"S2"}])
    );
}

#[test]
fn a_picture_of_a_thought_goes_back_as_one_under_a_seal_or_not_at_all() {
    let picture = |thought| json!({"type":"image_url","thought":thought,"image_url":{"url":PNG}});
    let seals = json!([{"type":"reasoning.encrypted","data":"S","format":"google-gemini-v1","id":"image_1"}]);
    let messages = json!([{"role":"assistant","content":null,"images":[picture(true),picture(true),picture(false)],"reasoning_details":seals}]);
    let data = json!({"mimeType":"image/png","data":"iVBORw0KGgoAAAANSUhEUg=="});
    assert_eq!(
        contents(messages)[0]["parts"],
        json!([{"inlineData":data,"thought":true,"thoughtSignature":"S"},{"inlineData":data}])
    );
}

#[test]
fn only_the_first_call_of_a_models_entry_wants_a_seal() {
    let messages = json!([{"role":"assistant","tool_calls":[call("1__thought__A","f")]},{"role":"assistant","tool_calls":[call("2","g")]}]);
    let said = said("gemini-3.5-flash", json!({"messages":messages}));
    let parts = said["contents"][0]["parts"].as_array().unwrap();
    let seals: Vec<_> = parts.iter().map(|part| part["thoughtSignature"].clone()).collect();
    assert_eq!(seals, [json!("A"), Value::Null]);
}

#[test]
fn the_newest_models_check_seals_by_whatever_name_they_go() {
    let messages = json!([{"role":"assistant","tool_calls":[call("1","f")]}]);
    for model in ["gemini-pro-latest", "gemini-3.1-pro-preview", "gemini-flash-latest"] {
        let said = said(model, json!({"messages":messages}));
        assert!(said.to_string().contains("skip_thought_signature_validator"), "{model}");
    }
}
