//! What a translating vendor reads of a conversation.

use super::*;
use crate::{ErrorKind, chat::ChatRequest};

fn request(members: &str) -> ChatRequest {
    let messages = if members.contains("\"messages\"") { "" } else { r#","messages":[{}]"# };
    ChatRequest::parse(format!(r#"{{"model":"m",{members}{messages}}}"#).into_bytes()).unwrap()
}

/// What is wrong with these messages.
fn wrong(messages: &str) -> String {
    let request = request(&format!("\"messages\":{messages}"));
    let error = Source::of(&request).messages().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    error.message().unwrap().to_owned()
}

#[test]
fn a_message_is_read_with_what_nobody_knows() {
    let request = request(
        r#""messages":[{"role":"user","content":[{"type":"text","text":"a\u00e9","cache_control":{"type":"ephemeral"}},{"type":"image_url","image_url":{"url":"https://h/x","detail":"low","odd":1}},{"type":"hologram","beam":7}],"x":[1e2]}]"#,
    );
    let source = Source::of(&request);
    let message = &source.messages().unwrap()[0];
    let [text, image, other] = message.content.as_ref().unwrap().parts() else { panic!() };
    assert_eq!((text.kind(), text.text.as_deref()), ("text", Some("a\u{e9}")));
    assert_eq!(text.cache_control.unwrap().get(), r#"{"type":"ephemeral"}"#);
    let link = image.image_url.as_ref().unwrap();
    assert_eq!((link.url.as_deref(), link.detail.as_deref()), (Some("https://h/x"), Some("low")));
    assert_eq!((&*link.rest[0].0, link.rest[0].1.get()), ("odd", "1"));
    assert_eq!((other.kind(), &*other.rest[0].0), ("hologram", "beam"));
    assert_eq!((&*message.rest[0].0, message.rest[0].1.get()), ("x", "[1e2]"));
}

#[test]
fn half_a_character_is_replaced_in_every_text() {
    let request = request(r#""messages":[{"role":"user","content":"a\ud83d"}]"#);
    let source = Source::of(&request);
    let messages = source.messages().unwrap();
    let text = messages[0].content.as_ref().unwrap().texts().collect::<String>();
    assert!(text.starts_with("a\u{fffd}"), "{text}");
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    let user = r#"{"role":"user","content":"a"}"#;
    assert!(
        wrong(&format!(r#"[{user},{{"role":"user","content":5}}]"#)).starts_with("messages[1]: ")
    );
    let part = format!(r#"[{user},{{"role":"user","content":[{{"type":"text"}},{{"type":7}}]}}]"#);
    assert!(wrong(&part).starts_with("messages[1].content[1]: "), "{}", wrong(&part));
    let twice = r#"[{"role":"user","role":"system","content":"a"}]"#;
    assert!(wrong(twice).contains("duplicate field `role`"), "{}", wrong(twice));
    let stranger = wrong(&format!(r#"[{user},{{"role":"narrator","content":"a"}}]"#));
    assert!(stranger.contains("messages[1].role is `narrator`"), "{stranger}");
}

#[test]
fn thoughts_are_read_where_they_are_most_exact() {
    let thoughts = |message: &str| {
        let request = request(&format!(r#""messages":[{{"role":"assistant",{message}}}]"#));
        let source = Source::of(&request);
        let said = format!("{:?}", source.messages().unwrap()[0].thoughts());
        said
    };
    let plain = r#""reasoning_content":"p","reasoning":"q""#;
    assert_eq!(thoughts(plain), r#"[Text { text: "p", signature: None, format: None }]"#);
    assert_eq!(thoughts(r#""reasoning_content":"""#), "[]");
    let blocks = r#""thinking_blocks":[{"type":"thinking","thinking":"b","signature":"s"},{"type":"redacted_thinking","data":"d"}]"#;
    let sealed = r#"[Text { text: "b", signature: Some("s"), format: None }, Encrypted { data: "d", format: None, id: None }]"#;
    assert_eq!(thoughts(&format!("{plain},{blocks}")), sealed);
    let details = r#""reasoning_details":[{"type":"reasoning.text","text":"t","signature":"s","format":"f"},{"type":"reasoning.encrypted","data":"e","id":"i"}]"#;
    let exact = r#"[Text { text: "t", signature: Some("s"), format: Some("f") }, Encrypted { data: "e", format: None, id: Some("i") }]"#;
    assert_eq!(thoughts(&format!("{plain},{blocks},{details}")), exact);
}

#[test]
fn tools_are_read_in_both_forms_and_passed_on_in_the_clients_words() {
    let request = request(
        r#""tools":[{"type":"function","function":{"name":"f","parameters":{ "type":"object" },"strict":true}},{"type":"web_search_20250305","max_uses":2}],"functions":[{"name":"g"}]"#,
    );
    let source = Source::of(&request);
    let tools = source.tools().unwrap();
    let names = tools.iter().map(|t| t.function.as_ref().and_then(|f| f.name.as_deref()));
    assert_eq!(names.collect::<Vec<_>>(), [Some("f"), None, Some("g")]);
    let parameters = tools[0].function.as_ref().unwrap().parameters.unwrap();
    assert_eq!(parameters.get(), r#"{ "type":"object" }"#);
    assert_eq!(tools[1].kind(), "web_search_20250305");
    assert_eq!(source.raw_tools()[1].get(), r#"{"type":"web_search_20250305","max_uses":2}"#);
}

#[test]
fn every_choice_of_a_tool_is_understood() {
    let choice = |json: &str| {
        let request = request(&format!("\"tool_choice\":{json}"));
        let source = Source::of(&request);
        source.tool_choice().map(|choice| format!("{choice:?}")).map_err(|e| e.to_string())
    };
    for (json, read) in [
        ("\"auto\"", "Auto"),
        ("\"none\"", "None"),
        ("\"required\"", "Required"),
        ("{\"type\":\"any\"}", "Required"),
        ("null", "Unsaid"),
        ("\"else\"", "Other(\"\\\"else\\\"\")"),
        (r#"{"type":"function","function":{"name":"f"}}"#, r#"Named(Text("f"))"#),
        (r#"{"name":"f"}"#, r#"Named(Text("f"))"#),
        (
            r#"{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}}"#,
            r#"Allowed { is_required: true, names: [Text("f")] }"#,
        ),
    ] {
        assert_eq!(choice(json).unwrap(), read, "{json}");
    }
    assert!(choice("7").unwrap_err().contains("tool_choice"));
}

#[test]
fn the_form_of_a_reply_is_understood() {
    let request = request(
        r#""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}}"#,
    );
    let source = Source::of(&request);
    let ResponseFormat::JsonSchema(schema) = source.response_format().unwrap() else { panic!() };
    assert_eq!((schema.name.as_deref(), schema.strict), (Some("n"), Some(true)));
    assert_eq!(schema.schema.unwrap().get(), r#"{"type":"object"}"#);
}
