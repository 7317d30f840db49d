//! Requests as the API reads them.

use serde_json::Value;

use super::*;
use crate::inputs::Own;

fn request(body: &str) -> ChatRequest {
    ChatRequest::parse(body.as_bytes().to_vec()).unwrap()
}

fn try_as(model: &str, body: &str) -> Result<String, ProviderError> {
    let body = request(body);
    let own = Own::default();
    let read = Model::read(model)?;
    let said = prediction(&read, &Inputs::of(model, &own), &body)?;
    let said = String::from_utf8(said).unwrap();
    serde_json::from_str::<Value>(&said).unwrap();
    Ok(said)
}

/// The input for a request that says `fields`.
fn input(model: &str, fields: &str) -> String {
    let said = try_as(model, &format!(r#"{{"model":"m",{fields}}}"#)).unwrap();
    said.strip_prefix(r#"{"input":"#).unwrap().strip_suffix('}').unwrap().to_owned()
}

const HI: &str = r#""messages":[{"role":"user","content":"hi"}]"#;
const TALK: &str = r#""messages":[{"role":"system","content":"be"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
    {"role":"assistant","content":"c"},{"role":"developer","content":"brief"},{"role":"user","content":"d"}]"#;

#[test]
fn a_single_message_is_the_prompt_and_a_conversation_is_written_out() {
    assert_eq!(input("a/b", HI), r#"{"prompt":"hi"}"#);
    assert_eq!(
        input("a/b", TALK),
        r#"{"prompt":"User: a\nb\n\nAssistant: c\n\nUser: d\n\nAssistant:","system_prompt":"be\nbrief"}"#
    );
    let begun = r#""messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]"#;
    assert_eq!(input("a/b", begun), r#"{"prompt":"User: a\n\nAssistant: b"}"#);
}

#[test]
fn models_are_spoken_to_in_their_own_words() {
    let limited = format!(r#"{TALK},"max_tokens":9"#);
    let messages = input("openai/gpt-4.1-mini", &limited);
    assert_eq!(
        messages,
        concat!(
            r#"{"messages":[{"role":"system","content":"be"},{"role":"user","content":"a\nb"},{"role":"assistant","content":"c"},"#,
            r#"{"role":"system","content":"brief"},{"role":"user","content":"d"}],"max_completion_tokens":9}"#
        )
    );
    for (model, system, limit) in [
        ("meta/llama-2-70b-chat", "system_prompt", "max_new_tokens"),
        ("mistralai/mixtral", "system_prompt", "max_new_tokens"),
        ("anthropic/claude-4", "system_prompt", "max_tokens"),
        ("google/gemini-3", "system_instruction", "max_output_tokens"),
        ("meta/meta-llama-3-8b-instruct", "system_prompt", "max_tokens"),
    ] {
        let said: Value = serde_json::from_str(&input(model, &limited)).unwrap();
        assert_eq!((&said[system], &said[limit]), (&"be\nbrief".into(), &9.into()), "{model}");
    }
}

#[test]
fn a_target_may_say_what_its_models_call_their_inputs() {
    let own: Own = serde_json::from_str(
        r#"{"conversation":"prompt","system_input":"sys","limit_input":"most","image_input":"see"}"#,
    )
    .unwrap();
    let body = request(&format!(r#"{{"model":"m",{TALK},"max_tokens":1}}"#));
    let model = Model::read("openai/x").unwrap();
    let said = prediction(&model, &Inputs::of("openai/x", &own), &body).unwrap();
    let said: Value = serde_json::from_slice(&said).unwrap();
    assert_eq!((&said["input"]["sys"], &said["input"]["most"]), (&"be\nbrief".into(), &1.into()));
}

#[test]
fn numbers_keep_their_text_and_the_clients_own_input_goes_first() {
    let fields = format!(
        r#"{HI},"temperature":1.00,"seed":12345678901234567890123,"top_k":5,"input":{{"top_k":50,"prompt":"own"}},"x":{{"y":1e400}}"#
    )
    .replace("1e400", "1e2");
    assert_eq!(
        input("a/b", &fields),
        r#"{"prompt":"own","top_k":50,"temperature":1.00,"seed":12345678901234567890123,"x":{"y":1e2}}"#
    );
    let error = try_as("a/b", &format!(r#"{{"model":"m",{HI},"input":[]}}"#)).unwrap_err();
    assert!(error.message().unwrap().starts_with("input: "), "{error}");
}

#[test]
fn what_ends_a_reply_is_a_list_in_a_text() {
    assert_eq!(
        input("a/b", &format!(r#"{HI},"stop":"x""#)),
        r#"{"prompt":"hi","stop_sequences":"x"}"#
    );
    assert_eq!(
        input("a/b", &format!(r#"{HI},"stop":["x","\n"]"#)),
        r#"{"prompt":"hi","stop_sequences":"x,\n"}"#
    );
    let comma = format!(r#"{{"model":"m",{HI},"stop":["x,y"]}}"#);
    assert_eq!(unsaid(&request(&comma)), [Unsaid("stop".into())]);
}

#[test]
fn a_version_and_a_stream_stand_beside_the_input() {
    let body = format!(r#"{{"model":"m",{HI},"stream":true}}"#);
    assert_eq!(
        try_as("a/b:5c7d", &body).unwrap(),
        r#"{"input":{"prompt":"hi"},"stream":true,"version":"5c7d"}"#
    );
}

fn seen(count: usize) -> String {
    let picture = r#"{"type":"image_url","image_url":{"url":"https://h/p"}}"#;
    let pictures = vec![picture; count].join(",");
    format!(
        r#""messages":[{{"role":"user","content":[{{"type":"text","text":"what"}},{pictures}]}}]"#
    )
}

#[test]
fn a_picture_is_an_input_and_one_too_many_is_an_error_that_names_it() {
    assert_eq!(input("a/b", &seen(1)), r#"{"prompt":"what","image":"https://h/p"}"#);
    let two: Value = serde_json::from_str(&input("google/gemini-3", &seen(2))).unwrap();
    assert_eq!(two["images"], serde_json::json!(["https://h/p", "https://h/p"]));
    let error = try_as("a/b", &format!(r#"{{"model":"m",{}}}"#, seen(2))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error.message().unwrap().starts_with("messages[0].content[2].image_url.url"),
        "{error}"
    );
}

#[test]
fn what_no_model_takes_is_an_error_that_names_it() {
    for (message, place) in [
        (r#"{"role":"tool","tool_call_id":"a","content":"x"}"#, "messages[0].role"),
        (r#"{"role":"assistant","tool_calls":[{"id":"a"}]}"#, "messages[0].tool_calls"),
        (r#"{"role":"assistant","function_call":{"name":"f"}}"#, "messages[0].function_call"),
        (
            r#"{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}"#,
            "messages[0].content[0].input_audio",
        ),
    ] {
        let error =
            try_as("a/b", &format!(r#"{{"model":"m","messages":[{message}]}}"#)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.message().unwrap().starts_with(place), "{error}");
    }
}

#[test]
fn what_has_no_input_is_listed_and_what_says_nothing_is_not() {
    let body = r#"{"model":"m","n":1,"user":"","logprobs":false,"parallel_tool_calls":true,"tools":[{}],"logit_bias":{"1":2},
        "messages":[{"role":"user","name":"n","content":"","x":1},{"role":"assistant","content":"","reasoning_content":"hm"}]}"#;
    let unsaid: Vec<_> = unsaid(&request(body)).into_iter().map(|unsaid| unsaid.0).collect();
    assert_eq!(
        unsaid,
        [
            "tools",
            "logit_bias",
            "messages[0].name",
            "messages[0].x",
            "messages[1].reasoning_content"
        ]
    );
}

#[test]
fn a_null_is_no_input() {
    let fields = format!(
        r#"{HI},"seed":null,"top_k":null,"x":null,"temperature":0.5,"max_tokens":null,"input":{{"own":null}}"#
    );
    assert_eq!(input("a/b", &fields), r#"{"own":null,"prompt":"hi","x":null,"temperature":0.5}"#);
}

#[test]
fn what_stands_beside_a_picture_is_listed() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://h/a.png","x":1}}]}]}"#;
    let unsaid: Vec<_> = unsaid(&request(body)).into_iter().map(|unsaid| unsaid.0).collect();
    assert_eq!(unsaid, ["messages[0].content[0].image_url.x"]);
}
