//! Requests as the server reads them.

use ferro_core::{ErrorKind, Fetched, Media, TargetId, Wire};
use http::HeaderMap;
use serde_json::{Value, json};

use super::*;

fn request(body: &str) -> ChatRequest {
    ChatRequest::parse(body.as_bytes().to_vec()).unwrap()
}

fn try_with(body: &str, defaults: &Defaults, media: Media) -> Result<String, ProviderError> {
    let target = TargetId::from("t");
    let call = Call::new(&target, "m").with_media(media);
    chat(&call, &request(body), defaults).map(|body| String::from_utf8(body).unwrap())
}

fn said(body: &str) -> String {
    try_with(body, &Defaults::default(), Media::default()).unwrap()
}

/// What `fields` add to a request.
fn with(fields: &str) -> String {
    let said =
        said(&format!(r#"{{"model":"m","messages":[{{"role":"user","content":""}}],{fields}}}"#));
    serde_json::from_str::<serde::de::IgnoredAny>(&said).unwrap();
    let start = said.find("false").unwrap() + "false".len();
    said[start..said.len() - 1].trim_start_matches(',').to_owned()
}

fn messages(messages: &str) -> String {
    let said = said(&format!(r#"{{"model":"m","messages":{messages}}}"#));
    let said = said.strip_prefix(r#"{"model":"m","messages":"#).unwrap();
    said.strip_suffix(r#","stream":false}"#).unwrap().to_owned()
}

fn refused(messages: &str) -> (ErrorKind, String) {
    let body = format!(r#"{{"model":"m","messages":{messages}}}"#);
    let error = try_with(&body, &Defaults::default(), Media::default()).unwrap_err();
    (error.kind(), error.message().unwrap().to_owned())
}

fn unsaid_of(fields: &str) -> Vec<String> {
    let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":""}}],{fields}}}"#);
    unsaid(&request(&body)).into_iter().map(|unsaid| unsaid.0.into_owned()).collect()
}

#[test]
fn what_is_an_option_goes_among_the_options_as_it_is_written() {
    let options = with(
        r#""temperature":1.000,"num_ctx":32768,"seed":12345678901234567890123,"stop":"x","top_k":null"#,
    );
    assert_eq!(
        options,
        r#""options":{"temperature":1.000,"seed":12345678901234567890123,"stop":["x"],"num_ctx":32768}"#
    );
    assert_eq!(with(r#""stop":["a","b"]"#), r#""options":{"stop":["a","b"]}"#);
    assert_eq!(with(r#""max_tokens":9"#), r#""options":{"num_predict":9}"#);
    assert_eq!(
        with(r#""max_tokens":9,"max_completion_tokens":5"#),
        r#""options":{"num_predict":5}"#
    );
}

#[test]
fn what_the_client_says_as_an_option_goes_first_then_fields_then_the_operators() {
    let keep = Some(json!("10m"));
    let Value::Object(options) = json!({"num_ctx": 8192, "seed": 1, "num_gpu": 2}) else {
        panic!()
    };
    let defaults = Defaults::new(options, keep);
    let body = r#"{"model":"m","messages":[{"role":"user","content":""}],"seed":7,"temperature":0,"options":{"temperature":1,"num_gpu":1e0},"max_tokens":3}"#;
    let said = try_with(body, &defaults, Media::default()).unwrap();
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        said["options"],
        json!({"temperature": 1, "num_gpu": 1e0, "seed": 7, "num_predict": 3, "num_ctx": 8192})
    );
    assert_eq!(said["keep_alive"], "10m");
    assert_eq!(unsaid_of(r#""temperature":0,"options":{"temperature":1}"#), ["temperature"]);
    let error = try_with(
        &body.replace(r#"{"temperature":1,"num_gpu":1e0}"#, "7"),
        &defaults,
        Media::default(),
    );
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().unwrap().starts_with("options: "), "{error}");
}

#[test]
fn a_thought_is_asked_for_in_three_degrees_or_in_the_servers_word() {
    for (effort, think) in [
        ("none", "false"),
        ("minimal", "\"low\""),
        ("low", "\"low\""),
        ("medium", "\"medium\""),
        ("high", "\"high\""),
        ("xhigh", "\"high\""),
        ("max", "\"high\""),
    ] {
        assert_eq!(
            with(&format!(r#""reasoning_effort":"{effort}""#)),
            format!(r#""think":{think}"#)
        );
    }
    assert_eq!(with(r#""think":true,"reasoning_effort":"low""#), r#""think":true"#);
    assert_eq!(unsaid_of(r#""reasoning_effort":"utmost""#), ["reasoning_effort"]);
}

#[test]
fn the_form_of_a_reply_is_a_word_or_the_schema_itself() {
    assert_eq!(with(r#""response_format":{"type":"json_object"}"#), r#""format":"json""#);
    let schema = r#"{"type":"object","properties":{"n":{"maximum":1e400}}}"#;
    let strict = format!(
        r#""response_format":{{"type":"json_schema","json_schema":{{"name":"x","strict":true,"schema":{schema}}}}}"#
    );
    assert_eq!(with(&strict), format!(r#""format":{schema}"#));
    assert_eq!(with(&format!(r#"{strict},"format":"json""#)), r#""format":"json""#);
    assert_eq!(unsaid_of(r#""response_format":{"type":"grammar"}"#), ["response_format"]);
}

#[test]
fn what_is_the_servers_own_passes() {
    let own = r#""format":"json","keep_alive":-1,"truncate":false,"shift":false,"logprobs":true,"top_logprobs":2"#;
    assert_eq!(with(own), own);
}

const TOOL: &str = r#""tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"x":-0.0},"strict":true}},{"type":"web_search"}]"#;

#[test]
fn functions_are_said_and_other_tools_are_not() {
    let function = r#""tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"x":-0.0}}}]"#;
    assert_eq!(with(TOOL), function);
    assert_eq!(unsaid_of(TOOL), ["tools[0].function.strict", "tools[1]"]);
    let older = r#""functions":[{"name":"f","description":"d","parameters":{"x":-0.0}}]"#;
    assert_eq!(with(older), function);
}

#[test]
fn no_tool_may_be_called_if_none_is_there_and_which_has_to_be_cannot_be_said() {
    assert_eq!(with(&format!(r#"{TOOL},"tool_choice":"none""#)), "");
    for (choice, is_said) in [
        (r#""none""#, true),
        (r#""auto""#, true),
        (r#""required""#, false),
        (r#"{"type":"function","function":{"name":"f"}}"#, false),
    ] {
        let unsaid = unsaid_of(&format!(r#""tool_choice":{choice}"#));
        assert_eq!(unsaid.is_empty(), is_said, "{choice}: {unsaid:?}");
    }
}

#[test]
fn a_call_and_its_result_are_said_with_an_object_and_a_name() {
    let talk = r#"[{"role":"assistant","content":null,"tool_calls":[
        {"id":"a","type":"function","function":{"name":"f","arguments":"{ \"n\":1.0 }"}},
        {"id":"b","type":"function","function":{"name":"g","arguments":"[1"}}]},
        {"role":"tool","tool_call_id":"b","content":"two"},{"role":"tool","tool_call_id":"a","content":"one"},
        {"role":"function","name":"h","content":"three"}]"#;
    assert_eq!(
        messages(talk),
        concat!(
            r#"[{"role":"assistant","content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":{ "n":1.0 }}},"#,
            r#"{"id":"b","function":{"name":"g","arguments":{"_raw":"[1"}}}]},"#,
            r#"{"role":"tool","content":"two","tool_name":"g","tool_call_id":"b"},"#,
            r#"{"role":"tool","content":"one","tool_name":"f","tool_call_id":"a"},"#,
            r#"{"role":"tool","content":"three","tool_name":"h"}]"#
        )
    );
}

#[test]
fn thoughts_go_back_and_foreign_seals_do_not() {
    let talk = r#"[{"role":"developer","content":"be brief"},
        {"role":"assistant","content":"x","reasoning_content":"hm"},
        {"role":"assistant","content":"y","reasoning_details":[{"type":"reasoning.encrypted","data":"z"}]}]"#;
    assert_eq!(
        messages(talk),
        r#"[{"role":"system","content":"be brief"},{"role":"assistant","content":"x","thinking":"hm"},{"role":"assistant","content":"y"}]"#
    );
    let unsaid = unsaid(&request(&format!(r#"{{"model":"m","messages":{talk}}}"#)));
    assert_eq!(unsaid, [Unsaid("messages[2].reasoning_details".into())]);
}

const SEES: &str = r#"[{"role":"user","content":[{"type":"text","text":"what"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"}},{"type":"text","text":"is"},{"type":"image_url","image_url":{"url":"https://h/cat"}}]}]"#;

#[test]
fn a_picture_stands_beside_the_text_by_its_bytes() {
    let body = format!(r#"{{"model":"m","messages":{SEES}}}"#);
    let wire = crate::wire("", HeaderMap::new());
    let target = TargetId::from("t");
    let needs = wire.needs(&Call::new(&target, "m"), &request(&body));
    assert_eq!(
        needs,
        [ferro_core::Need::new("https://h/cat", "messages[0].content[3].image_url.url")]
    );
    let cat = Fetched { media_type: "image/png".into(), bytes: bytes::Bytes::from_static(b"cat") };
    let media = Media::new([("https://h/cat".into(), cat)]);
    let said = try_with(&body, &Defaults::default(), media).unwrap();
    let expected = r#"{"role":"user","content":"what\nis","images":["iVBORw0KGgo=","Y2F0"]}"#;
    assert!(said.contains(expected), "{said}");
    let unsaid = unsaid(&request(&body));
    assert_eq!(unsaid, [Unsaid("messages[0].content[1].image_url.detail".into())]);
}

#[test]
fn what_is_no_picture_is_an_error_that_names_it() {
    let (kind, words) = refused(SEES);
    assert_eq!(kind, ErrorKind::Unsupported);
    assert!(words.starts_with("messages[0].content[3].image_url.url: "), "{words}");
    for (part, place) in [
        (r#"{"type":"input_audio","input_audio":{"data":"","format":"wav"}}"#, "input_audio"),
        (r#"{"type":"file","file":{"file_id":"x"}}"#, "file"),
        (
            r#"{"type":"image_url","image_url":{"url":"data:application/pdf;base64,JVBERi0="}}"#,
            "image_url.url",
        ),
    ] {
        let (kind, words) = refused(&format!(r#"[{{"role":"user","content":[{part}]}}]"#));
        assert_eq!(kind, ErrorKind::Unsupported, "{words}");
        assert!(words.starts_with(&format!("messages[0].content[0].{place}")), "{words}");
    }
    let (kind, words) = refused(r#"[{"role":"user","content":[{"type":"image_url"}]}]"#);
    assert_eq!(
        (kind, words.as_str()),
        (ErrorKind::Invalid, "messages[0].content[0].image_url.url is missing")
    );
    let custom = r#"[{"role":"assistant","tool_calls":[{"id":"a","type":"custom","custom":{"name":"f","input":"x"}}]}]"#;
    assert!(refused(custom).1.starts_with("messages[0].tool_calls[0]"));
}

#[test]
fn what_has_no_word_is_listed_and_what_says_nothing_is_not() {
    assert_eq!(
        unsaid_of(
            r#""n":1,"parallel_tool_calls":true,"user":"u","x_own":null,"stream_options":{}"#
        ),
        ["user", "x_own"]
    );
    assert_eq!(
        unsaid_of(r#""n":2,"parallel_tool_calls":false,"logit_bias":{"1":2}"#),
        ["n", "parallel_tool_calls", "logit_bias"]
    );
    let named = r#"{"model":"m","messages":[{"role":"user","name":"n","content":[{"type":"text","text":"","cache_control":{}}],"x":1}]}"#;
    let unsaid: Vec<_> = unsaid(&request(named)).into_iter().map(|unsaid| unsaid.0).collect();
    assert_eq!(
        unsaid,
        ["messages[0].name", "messages[0].x", "messages[0].content[0].cache_control"]
    );
}

#[test]
fn what_asks_for_nothing_is_not_missed() {
    let usual = r#""n":null,"user":null,"logit_bias":null,"store":false,"metadata":{},"modalities":["text"],"audio":null,"prediction":null,"service_tier":"auto","parallel_tool_calls":null"#;
    assert_eq!(unsaid_of(usual), [""; 0]);
    assert_eq!(unsaid_of(r#""store":true,"modalities":["audio"]"#), ["store", "modalities"]);
}

#[test]
fn what_stands_beside_calls_and_pictures_is_listed() {
    let body = r#"{"model":"m","messages":[
        {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","x":1}}]},
        {"role":"assistant","tool_calls":[{"id":"a","type":"function","extra_content":{"google":{}},"cache_control":{},"y":1,"function":{"name":"f","arguments":"{}","z":1}}]}]}"#;
    let unsaid: Vec<_> = unsaid(&request(body)).into_iter().map(|unsaid| unsaid.0).collect();
    assert_eq!(
        unsaid,
        [
            "messages[0].content[0].image_url.x",
            "messages[1].tool_calls[0].extra_content",
            "messages[1].tool_calls[0].cache_control",
            "messages[1].tool_calls[0].y",
            "messages[1].tool_calls[0].function.z",
        ]
    );
}
