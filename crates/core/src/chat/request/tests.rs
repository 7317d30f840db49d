//! What a chat request promises: wrong fields are named, edits stay in place, policy sees all.

use super::*;

fn refused(body: &str) -> BadRequest {
    ChatRequest::parse(body.to_owned().into_bytes()).unwrap_err()
}

#[test]
fn a_wrong_field_is_named() {
    let long = format!(r#"{{"model":"{}","messages":[{{}}]}}"#, "m".repeat(2049));
    let cases = [
        (r#"{"messages":[{}]}"#, "model"),
        (r#"{"model":5,"messages":[{}]}"#, "model"),
        (long.as_str(), "model"),
        (r#"{"model":"m"}"#, "messages"),
        (r#"{"model":"m","messages":[]}"#, "messages"),
        (r#"{"model":"m","messages":"hi"}"#, "messages"),
        (r#"{"model":"m","messages":["hi"]}"#, "messages"),
        (r#"{"model":"m","messages":[{}],"stream":"yes"}"#, "stream"),
        (r#"{"model":"m","messages":[{}],"temperature":3}"#, "temperature"),
        (r#"{"model":"m","messages":[{}],"max_tokens":0}"#, "max_tokens"),
        (r#"{"model":"m","messages":[{}],"max_completion_tokens":-1}"#, "max_completion_tokens"),
    ];
    for (body, param) in cases {
        let bad = refused(body);
        assert_eq!(bad.param.as_deref(), Some(param), "{body}: {bad}");
        assert!(bad.message.len() < 200, "{bad}");
        assert!(bad.message.contains(param) || bad.message.contains("message"), "{body}: {bad}");
    }
}

#[test]
fn renaming_the_model_changes_only_the_model() {
    let body = r#"{ "seed":12345678901234567890123,"a":1e2, "model" : "fast","messages":[{}]}"#;
    let mut request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
    request.set_model("gpt-4o-mini");
    let sent = request.to_rope().to_bytes();
    assert_eq!(sent, body.replace("\"fast\"", "\"gpt-4o-mini\"").as_bytes());
}

#[test]
fn texts_are_seen_with_their_speaker_and_edited_in_place() {
    let body = r#"{"model":"m","messages":[{"role":"system","content":"be brief"},
        {"role":"user","content":[{"type":"text","text":"a secret"},{"type":"x","y": 1e2}]}]}"#;
    let mut request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
    let mut seen = Vec::new();
    request.texts(&mut |speaker, text| seen.push((speaker, text.to_owned()))).unwrap();
    assert_eq!(seen[0], (Speaker::System, "be brief".into()));
    assert_eq!(seen[1], (Speaker::User, "a secret".into()));
    request.edit_texts(&mut |_, text| text.contains("secret").then(|| "a ***".to_owned())).unwrap();
    let sent = request.to_rope().to_bytes();
    assert_eq!(sent, body.replace("a secret", "a ***").as_bytes());
}

#[test]
fn tokens_are_counted_once_and_again_after_an_edit() {
    let said = "a".repeat(400);
    let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{said}"}}]}}"#);
    let mut request = ChatRequest::parse(body.into_bytes()).unwrap();
    assert_eq!((request.prompt_tokens(), request.prompt_tokens()), (101, 101));
    request.edit_texts(&mut |_, _| Some("b".repeat(40))).unwrap();
    assert_eq!(request.prompt_tokens(), 11);
}

#[test]
fn nothing_that_a_model_reads_is_hidden_from_policy() {
    let messages = [
        r#"{"content":"bad"}"#,
        r#"{"content":"bad","role":null}"#,
        r#"{"content":"b\u0061d"}"#,
        r#"{"content":"bad\ud83d"}"#,
        r#"{"content":{"text":"bad"}}"#,
        r#"{"content":[{"type":"tool_result","content":[{"text":"bad"}]}]}"#,
        r#"{"role":"assistant","reasoning_content":"bad"}"#,
        r#"{"role":"assistant","reasoning":"bad"}"#,
        r#"{"role":"assistant","reasoning_details":[7,{"type":"reasoning.text","text":"bad"}]}"#,
        r#"{"role":"assistant","reasoning_details":[{"summary":"bad","data":"x"}]}"#,
        r#"{"role":"assistant","thinking_blocks":[{"thinking":"bad","signature":"s"}]}"#,
        r#"{"role":"assistant","refusal":"bad","content":null}"#,
        r#"{"role":"assistant","tool_calls":[{"function":{"arguments":"bad"}}]}"#,
        r#"{"role":"assistant","tool_calls":[{"custom":{"input":"bad"}}]}"#,
        r#"{"role":"assistant","function_call":{"arguments":"bad"}}"#,
    ];
    let messages = messages.map(|message| format!(r#""messages":[{{"content":""}},{message}]"#));
    let fields = [
        r#""tools":[{"function":{"parameters":{"properties":{"x":{"description":"bad"}}}}}]"#,
        r#""tools":[{"function":{"name":"bad"}}]"#,
        r#""functions":[{"description" : "bad"}]"#,
        r#""response_format":{"json_schema":{"schema":{"enum":["ok","bad"]}}}"#,
        r#""prediction":{"type":"content","content":"bad"}"#,
    ];
    let fields = fields.map(|field| format!(r#""messages":[{{}}],{field}"#));
    for fields in messages.iter().chain(&fields) {
        let body = format!(r#"{{"model":"m",{fields}}}"#);
        let mut request = ChatRequest::parse(body.clone().into_bytes()).unwrap();
        let mut has_seen = false;
        request.texts(&mut |_, text| has_seen |= text.starts_with("bad")).unwrap();
        assert!(has_seen, "{body}");
        let edit = |text: &str| text.starts_with("bad").then(|| "\"good\"".to_owned());
        request.edit_texts(&mut |_, text| edit(text)).unwrap();
        let sent = request.to_rope().to_bytes();
        let sent = std::str::from_utf8(&sent).unwrap();
        assert!(JsonDoc::parse(sent.as_bytes().to_vec()).is_ok(), "{sent}");
        assert!(!sent.contains("bad") && sent.contains(r#""\"good\"""#), "{sent}");
    }
}

#[test]
fn a_message_that_two_readers_would_read_differently_cannot_be_inspected() {
    let body = r#"{"model":"m","messages":[{"content":"a","cont\u0065nt":"b"}]}"#;
    let request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
    let bad = request.texts(&mut |_, _| ()).unwrap_err();
    assert!(bad.message.contains("duplicate field `content`"), "{bad}");
}
