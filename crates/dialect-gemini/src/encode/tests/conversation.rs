//! Who speaks, and in which order.

use super::*;

#[test]
fn the_operators_words_go_beside_the_conversation_each_for_itself() {
    let messages = json!([{"role":"system","content":"a"}, user(json!("hi")), {"role":"developer","content":[{"type":"text","text":"b"},{"type":"text","text":""}]}]);
    let said = said("gemini-2.5-pro", json!({"messages": messages}));
    assert_eq!(said["systemInstruction"], json!({"parts":[{"text":"a"},{"text":"b"}]}));
    assert_eq!(said["contents"], json!([{"role":"user","parts":[{"text":"hi"}]}]));
}

#[test]
fn the_operators_words_alone_are_the_users() {
    let said = said("gemini-2.5-pro", json!({"messages":[{"role":"system","content":"a"}]}));
    assert_eq!(said, json!({"contents":[{"role":"user","parts":[{"text":"a"}]}]}));
}

#[test]
fn what_one_speaker_says_in_a_row_is_one_entry() {
    let messages = json!([user(json!("a")), user(json!("b")), {"role":"assistant","content":"c"}, {"role":"assistant","content":""}, user(json!("d"))]);
    assert_eq!(
        contents(messages),
        json!([
            {"role":"user","parts":[{"text":"a"},{"text":"b"}]},
            {"role":"model","parts":[{"text":"c"}]},
            {"role":"user","parts":[{"text":"d"}]},
        ])
    );
}

#[test]
fn a_turn_that_says_nothing_is_a_space_and_an_empty_part_is_none() {
    assert_eq!(contents(json!([user(json!(""))])), json!([{"role":"user","parts":[{"text":" "}]}]));
    let parts = json!([{"type":"text","text":""},{"type":"text","text":"a"}]);
    assert_eq!(contents(json!([user(parts)])), json!([{"role":"user","parts":[{"text":"a"}]}]));
}

#[test]
fn results_stand_alone_in_the_order_of_the_calls() {
    let messages = json!([
        user(json!("go")),
        {"role":"assistant","content":null,"tool_calls":[call("1","f"),call("2","g")]},
        {"role":"tool","tool_call_id":"2","content":"[1]"},
        {"role":"tool","tool_call_id":"1","content":" {\"x\":1.50} "},
        user(json!("and?")),
    ]);
    assert_eq!(
        contents(messages),
        json!([
            {"role":"user","parts":[{"text":"go"}]},
            {"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{"a":1}}},{"functionCall":{"id":"2","name":"g","args":{"a":1}}}]},
            {"role":"user","parts":[
                {"functionResponse":{"id":"1","name":"f","response":{"x":1.50}}},
                {"functionResponse":{"id":"2","name":"g","response":{"result":"[1]"}}},
            ]},
            {"role":"user","parts":[{"text":"and?"}]},
        ])
    );
}

#[test]
fn vertex_is_told_no_ids() {
    let messages = json!([{"role":"assistant","tool_calls":[call("1","f")]},{"role":"tool","tool_call_id":"1","content":"x"}]);
    let said = try_say(Profile::VERTEX, "gemini-2.5-pro", json!({"messages": messages})).unwrap();
    assert!(!said.to_string().contains("\"id\""), "{said}");
}

#[test]
fn a_result_without_a_call_is_refused_by_name_and_one_that_failed_says_so() {
    let stray = json!([user(json!("a")), {"role":"tool","tool_call_id":"x","content":"y"}]);
    let told = refused(json!({"messages": stray}));
    assert!(told.contains("messages[1].tool_call_id") && told.contains("`x`"), "{told}");
    let failed = json!([{"role":"assistant","tool_calls":[call("1","f")]},{"role":"tool","tool_call_id":"1","content":"{}","is_error":true}]);
    assert_eq!(
        contents(failed)[1]["parts"][0]["functionResponse"]["response"],
        json!({"error":"{}"})
    );
    let older = json!([{"role":"assistant","function_call":{"name":"f","arguments":""}},{"role":"function","name":"f","content":"y"}]);
    assert_eq!(contents(older)[1]["parts"][0]["functionResponse"]["name"], "f");
}

#[test]
fn results_are_in_order_also_around_the_operators_words_and_behind_turns_in_a_row() {
    let messages = json!([
        user(json!("go")),
        {"role":"assistant","tool_calls":[call("1","f")]},
        {"role":"assistant","tool_calls":[call("2","g"),call("3","h")]},
        {"role":"system","content":"Be brief."},
        {"role":"tool","tool_call_id":"3","content":"c"},
        {"role":"system","content":"Still."},
        {"role":"tool","tool_call_id":"1","content":"a"},
        {"role":"tool","tool_call_id":"2","content":"b"},
    ]);
    let contents = contents(messages);
    assert_eq!(contents.as_array().unwrap().len(), 3);
    let names = |entry: usize, kind: &str| {
        let parts = contents[entry]["parts"].as_array().unwrap().iter();
        parts.map(|part| part[kind]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(1, "functionCall"), ["f", "g", "h"]);
    assert_eq!(names(2, "functionResponse"), ["f", "g", "h"]);
}

#[test]
fn a_conversation_in_which_nothing_is_said_is_not_empty() {
    let messages = json!([{"role":"system","content":"a"},{"role":"assistant","content":""}]);
    assert_eq!(contents(messages), json!([{"role":"user","parts":[{"text":" "}]}]));
}

#[test]
fn a_call_of_nothing_is_refused_by_its_place() {
    let calls = json!([call("1", "f"), {"id":"2","type":"function","function":{"arguments":"{}"}}]);
    let told = refused(json!({"messages":[{"role":"assistant","tool_calls":calls}]}));
    assert!(told.contains("messages[0].tool_calls[1].function.name"), "{told}");
    let older = json!([{"role":"assistant","function_call":{"arguments":"{}"}}]);
    assert!(refused(json!({"messages":older})).contains("messages[0].function_call.name"));
}

#[test]
fn a_model_that_takes_no_operator_hears_him_through_the_user() {
    let messages = json!([{"role":"system","content":"Be brief."}, user(json!("hi")), {"role":"assistant","content":"a"},
            {"role":"developer","content":"Still."}, user(json!("b"))]);
    let said = said("gemma-3-27b-it", json!({"messages":messages}));
    assert_eq!(said.get("systemInstruction"), None);
    assert_eq!(
        said["contents"],
        json!([
            {"role":"user","parts":[{"text":"Be brief."},{"text":"hi"}]},
            {"role":"model","parts":[{"text":"a"}]},
            {"role":"user","parts":[{"text":"Still."},{"text":"b"}]},
        ])
    );
    let between = json!([user(json!("go")), {"role":"assistant","tool_calls":[call("1","f")]}, {"role":"system","content":"Now."},
        {"role":"tool","tool_call_id":"1","content":"r"}]);
    let said = self::said("gemma-3-27b-it", json!({"messages":between}));
    let entries = said["contents"].as_array().unwrap();
    assert_eq!(entries[2]["parts"][0]["functionResponse"]["name"], "f");
    assert_eq!(entries[3]["parts"], json!([{"text":"Now."}]));
}

#[test]
fn half_a_character_is_replaced_wherever_it_stands() {
    for content in [r#""a\ud83d""#, r#"[{"type":"text","text":"a\ud83d"}]"#] {
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":{content}}}]}}"#);
        let request = ChatRequest::parse(body.into_bytes()).unwrap();
        let target = TargetId::from("t");
        let (body, _) = Profile::AI_STUDIO.encode(&Call::new(&target, "m"), &request).unwrap();
        let said: Value = serde_json::from_slice(&body).unwrap();
        let text = said["contents"][0]["parts"][0]["text"].as_str().unwrap();
        assert!(text.starts_with("a\u{fffd}"), "{text}");
    }
}
