//! What has no words here.

use super::*;

#[test]
fn what_has_no_words_here_is_listed_by_its_place() {
    let fields = json!({
        "logit_bias":{"1":1},"user":"u","parallel_tool_calls":false,"extra_body":{"x":1,"google":{"y":2}},"service_tier":"scale",
        "tool_choice":"required",
        "messages":[{"role":"user","name":"n","x":1,"content":[
            {"type":"text","text":"a","cache_control":{}},
            {"type":"image_url","image_url":{"url":PNG,"detail":"high"}}]}],
    });
    let mut unsaid = unsaid(Profile::AI_STUDIO, "gemini-2.5-pro", fields);
    unsaid.sort();
    assert_eq!(
        unsaid,
        [
            "extra_body.google.y",
            "extra_body.x",
            "logit_bias",
            "messages[0].content[0].cache_control",
            "messages[0].content[1].image_url.detail",
            "messages[0].name",
            "messages[0].x",
            "parallel_tool_calls",
            "service_tier",
            "tool_choice",
            "user",
        ]
    );
}

#[test]
fn a_strict_function_is_not_promised() {
    let tools = json!([{"type":"function","function":{"name":"f","strict":true}}]);
    assert_eq!(
        unsaid(Profile::AI_STUDIO, "gemini-2.5-pro", json!({"tools":tools})),
        ["tools[0].function.strict"]
    );
}

/// What of these fields the Gemini API cannot be told.
fn missed(fields: Value) -> Vec<String> {
    let mut missed = unsaid(Profile::AI_STUDIO, "gemini-3.5-flash", fields);
    missed.sort();
    missed
}

#[test]
fn what_says_nothing_is_not_missed() {
    let message = json!({"role":"assistant","content":"a","audio":null,"annotations":[],"x":null,
        "tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"},"x":null}]});
    let part = json!({"role":"user","content":[{"type":"text","text":"a","x":null}]});
    let tool = json!({"type":"function","x":null,"function":{"name":"f","strict":null,"x":null}});
    let fields = json!({"messages":[part,message],"tools":[tool],"user":null,"logit_bias":{},"store":false,
        "metadata":null,"reasoning":null,"parallel_tool_calls":null,"audio":null,"extra_body":{"x":null}});
    assert_eq!(missed(fields), [""; 0]);
    assert_eq!(
        missed(json!({"web_search_options":{}})),
        ["web_search_options"],
        "it asks for a search"
    );
}

#[test]
fn what_a_reply_annotated_needs_not_come_back() {
    let message = json!({"role":"assistant","content":"a","annotations":[{"type":"url_citation"}]});
    assert_eq!(missed(json!({"messages":[message]})), [""; 0]);
}

#[test]
fn what_stands_in_anothers_turn_is_missed() {
    let calls = json!([call("1", "f")]);
    let messages = json!([
        {"role":"user","content":"a","tool_calls":calls,"refusal":"no","reasoning_content":"hm","images":[{}]},
        {"role":"system","content":"a","tool_call_id":"1","function_call":{"name":"f"}},
        {"role":"assistant","content":"a","is_error":true,"tool_calls":calls},
        {"role":"tool","tool_call_id":"1","content":"a","thinking_blocks":[{"type":"thinking"}]},
    ]);
    assert_eq!(
        missed(json!({"messages":messages})),
        [
            "messages[0].images",
            "messages[0].reasoning_content",
            "messages[0].refusal",
            "messages[0].tool_calls",
            "messages[1].function_call",
            "messages[1].tool_call_id",
            "messages[2].is_error",
            "messages[3].thinking_blocks",
        ]
    );
}

#[test]
fn how_much_to_think_is_said_once_and_what_else_is_said_of_it_is_missed() {
    for (fields, expected) in [
        (json!({"reasoning_effort":5}), &["reasoning_effort"][..]),
        (json!({"reasoning":"high"}), &["reasoning"]),
        (json!({"reasoning":{"effort":"high","summary":"auto"}}), &["reasoning.summary"]),
        (json!({"reasoning":{"effort":"high","max_tokens":500}}), &["reasoning.effort"]),
        (json!({"reasoning_effort":"low","thinking":{"type":"enabled"}}), &["thinking"]),
        (
            json!({"thinking_config":{"thinking_level":"low"},"reasoning_effort":"high"}),
            &["reasoning_effort"],
        ),
        (
            json!({"thinking":{"type":"enabled","budget_tokens":500,"display":"omitted"}}),
            &["thinking.display"],
        ),
        (json!({"reasoning":{"effort":"high","exclude":true,"enabled":true}}), &[]),
    ] {
        assert_eq!(missed(fields.clone()), expected, "{fields}");
    }
}

#[test]
fn what_google_is_told_twice_or_in_a_place_where_nothing_is_read_is_missed() {
    let google = json!({"tools":[{"google_search":{}}],"seed":1,"top_k":3,"messages":[1]});
    assert_eq!(
        missed(json!({"seed":2,"extra_body":{"google":google}})),
        ["extra_body.google.messages", "extra_body.google.seed", "extra_body.google.tools"]
    );
    assert_eq!(missed(json!({"google":5,"extra_body":"x"})), ["extra_body", "google"]);
}

#[test]
fn what_a_form_or_a_voice_says_beside_is_missed() {
    let schema =
        json!({"name":"n","description":"d","schema":{"type":"object"},"strict":true,"x":1});
    let format = json!({"type":"json_schema","json_schema":schema,"y":1});
    assert_eq!(
        missed(json!({"response_format":format})),
        [
            "response_format.json_schema.description",
            "response_format.json_schema.x",
            "response_format.y"
        ]
    );
    let object = json!({"type":"json_object","schema":{"type":"object"}});
    assert_eq!(missed(json!({"response_format":object})), ["response_format.schema"]);
    let audio = |format| json!({"audio":{"voice":"Kore","format":format}});
    assert_eq!(missed(audio("mp3")), ["audio.format"]);
    assert_eq!(missed(audio("pcm16")), [""; 0]);
    assert_eq!(missed(json!({"audio":{"format":"wav"}})), ["audio"]);
}

#[test]
fn what_one_place_alone_takes_is_missed_at_the_other() {
    let fields = json!({"labels":{"a":"b"},"audio_timestamp":true});
    assert_eq!(unsaid(Profile::AI_STUDIO, "m", fields.clone()), ["audio_timestamp"]);
    assert_eq!(unsaid(Profile::VERTEX, "m", fields.clone()), [""; 0]);
    let at = |profile| try_say(profile, "m", fields.clone()).unwrap();
    assert_eq!(at(Profile::AI_STUDIO)["labels"], json!({"a":"b"}));
    assert_eq!(at(Profile::AI_STUDIO).get("generationConfig"), None);
    assert_eq!(at(Profile::VERTEX)["generationConfig"], json!({"audioTimestamp":true}));
}
