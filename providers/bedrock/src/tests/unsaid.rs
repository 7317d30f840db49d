//! What is listed as unsaid: all that is lost, and nothing that asks for nothing.

use super::*;

#[test]
fn what_asks_for_nothing_is_not_missed() {
    let usual = json!({
        "seed": null, "user": null, "logprobs": false, "top_logprobs": null, "logit_bias": {},
        "frequency_penalty": 0, "presence_penalty": 0.0, "store": false, "metadata": {},
        "modalities": ["text"], "audio": null, "prediction": null, "service_tier": "auto",
        "parallel_tool_calls": true, "reasoning_effort": null, "thinking": null, "top_k": null,
        "anthropic_beta": null, "n": 1, "stream_options": {"include_usage": true},
    });
    for model in [CLAUDE, NOVA, LLAMA] {
        assert_eq!(unsaid(model, usual.clone()), [""; 0], "{model}");
    }
    let asking = json!({"seed": 1, "logprobs": true, "frequency_penalty": 0.5, "store": true});
    let fields = ["seed", "logprobs", "frequency_penalty", "store"];
    assert_eq!(unsaid(CLAUDE, asking), fields);
    assert_eq!(unsaid(NOVA, json!({"parallel_tool_calls": false})), ["parallel_tool_calls"]);
}

#[test]
fn one_call_at_a_time_is_said_where_the_choice_is_the_models() {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let schema =
        json!({"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}});
    let one = json!({"type": "auto", "disable_parallel_tool_use": true});
    for choice in [Value::Null, json!("auto")] {
        let asked = json!({"tools": tools, "parallel_tool_calls": false, "tool_choice": choice});
        let (sent, unsaid) = told(CLAUDE, asked).unwrap();
        assert_eq!(sent["additionalModelRequestFields"]["tool_choice"], one);
        assert_eq!(sent["toolConfig"]["toolChoice"], Value::Null, "{choice}");
        assert_eq!(unsaid, [""; 0]);
    }
    let bound = json!({"tools": tools, "parallel_tool_calls": false, "response_format": schema});
    let (sent, unsaid) = told(CLAUDE, bound).unwrap();
    assert_eq!(sent["toolConfig"]["toolChoice"], json!({"any": {}}));
    assert_eq!(sent["additionalModelRequestFields"], Value::Null);
    assert_eq!(unsaid, ["parallel_tool_calls"]);
}

#[test]
fn a_tool_that_has_to_be_called_goes_before_a_form() {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let schema =
        json!({"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}});
    let named = json!({"type": "function", "function": {"name": "f"}});
    for (choice, said) in
        [(named, json!({"tool": {"name": "f"}})), (json!("required"), json!({"any": {}}))]
    {
        let asked = json!({"tools": tools, "tool_choice": choice, "response_format": schema});
        let (sent, unsaid) = told(OLD_CLAUDE, asked.clone()).unwrap();
        assert_eq!(sent["toolConfig"]["toolChoice"], said);
        assert_eq!(sent["toolConfig"]["tools"].as_array().unwrap().len(), 1);
        assert_eq!(unsaid, ["response_format"]);
        let (sent, unsaid) = told(CLAUDE, asked).unwrap();
        assert_eq!(sent["toolConfig"]["toolChoice"], said);
        assert!(sent["outputConfig"]["textFormat"].is_object());
        assert_eq!(unsaid, [""; 0]);
    }
}

#[test]
fn what_stands_beside_a_medium_is_listed() {
    let png = "data:image/png;base64,iVBORw0KGgo=";
    let asked = json!({"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": png, "x": 1}},
        {"type": "file", "file": {"file_data": "data:text/csv,a", "y": 1, "file_id": "file-1"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav", "z": 1}},
    ]}]});
    let fields = [
        "messages[0].content[0].image_url.x",
        "messages[0].content[1].file.y",
        "messages[0].content[2].input_audio.z",
    ];
    assert_eq!(unsaid(CLAUDE, asked), fields);
    let asked = json!({"messages": [
        {"role": "user", "content": "a"},
        {"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}", "x": 1}}]},
    ]});
    assert_eq!(unsaid(CLAUDE, asked), ["messages[1].tool_calls[0].function.x"]);
}

#[test]
fn nothing_blank_is_cached() {
    let marked = json!({"type": "text", "text": " ", "cache_control": {"type": "ephemeral"}});
    let asked =
        json!({"messages": [{"role": "user", "content": [marked, {"type": "text", "text": "a"}]}]});
    let (sent, unsaid) = told(CLAUDE, asked).unwrap();
    assert_eq!(sent["messages"][0]["content"], json!([{"text": "a"}]));
    assert_eq!(unsaid, ["messages[0].content[0].cache_control"]);
}
