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
