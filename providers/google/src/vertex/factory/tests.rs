//! What an operator says of a target of Vertex AI, and what it is asked then.

use bytes::Bytes;
use ferro_core::{Call, CallContext, CredentialContext, Subject};
use ferro_core::{ErrorKind, ReplyBody, TargetId, chat::ChatRequest};
use ferro_testkit::{Answer, Clock, Script, Sent};
use http::HeaderMap;
use serde_json::{Value, json};

use super::*;

const ACCOUNT: &str = include_str!("../../../tests/account/service_account.json");

fn build(vars: &[(&str, &str)], settings: Value) -> Result<Built, BuildError> {
    let (target, headers) = (TargetId::from("t"), HeaderMap::new());
    let vars = |name: &str| {
        vars.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
    };
    let cx = BuildContext::new(&target, &headers, &vars);
    let Value::Object(settings) = settings else { panic!("settings are an object") };
    Factory.build(&cx, Settings(settings))
}

const HERE: [(&str, &str); 3] = [
    ("VERTEX_AI_PROJECT_ID", "p"),
    ("VERTEX_AI_REGION", "global"),
    ("VERTEX_AI_API_KEY", "key-12345"),
];

/// What is sent for a model, by a target of these variables.
fn sent(vars: &[(&str, &str)], model: &str, body: Value) -> Sent {
    let built = build(vars, json!({})).unwrap();
    let mut body = body;
    body["model"] = json!(model);
    let request = ChatRequest::of(&body).unwrap();
    let (upstream, tokens) = (Script::always(Answer::new(400)), tokens());
    Clock::run(async |_| {
        let credential =
            built.credentials.current(&CredentialContext::new(&tokens, &tokens)).await.unwrap();
        let target = TargetId::from("t");
        let cx =
            CallContext::new(Call::new(&target, request.model()), &upstream, &tokens, &credential);
        built.provider.chat().unwrap().serve(&cx, &request).await.unwrap_err();
    });
    upstream.sent().pop().unwrap()
}

fn tokens() -> Script {
    Script::always(Answer::new(200).with_body(r#"{"access_token":"token-1","expires_in":3600}"#))
}

fn hello() -> Value {
    json!({"messages":[{"role":"user","content":"hi"}],"max_tokens":9})
}

#[test]
fn each_family_is_asked_at_its_own_place() {
    let here = "/v1/projects/p/locations/global";
    for (model, path) in [
        ("gemini-2.5-pro", format!("{here}/publishers/google/models/gemini-2.5-pro:generateContent")),
        ("gemini-3-pro-preview", "/v1beta1/projects/p/locations/global/publishers/google/models/gemini-3-pro-preview:generateContent".to_owned()),
        ("endpoints/42", format!("{here}/endpoints/42:generateContent")),
        ("claude-sonnet-4@20250514", format!("{here}/publishers/anthropic/models/claude-sonnet-4@20250514:rawPredict")),
        ("mistral-large-2411", format!("{here}/publishers/mistralai/models/mistral-large-2411:rawPredict")),
        ("meta/llama-4-maas", format!("{here}/endpoints/openapi/chat/completions")),
        ("claude-mythos-preview", format!("{here}/publishers/anthropic/models/claude-mythos-preview:rawPredict")),
        ("mistralai/mistral-next-exp", format!("{here}/publishers/mistralai/models/mistral-next-exp:rawPredict")),
        ("gemini-a?b", format!("{here}/publishers/google/models/gemini-a%3Fb:generateContent")),
    ] {
        assert_eq!(sent(&HERE, model, hello()).uri.path(), path, "{model}");
    }
    let mut streamed = hello();
    streamed["stream"] = json!(true);
    let path = |model| sent(&HERE, model, streamed.clone()).uri.to_string();
    assert!(path("gemini-2.5-pro").ends_with(":streamGenerateContent?alt=sse"));
    assert!(path("claude-sonnet-4@20250514").ends_with(":streamRawPredict"));
    assert!(path("mistral-large-2411").ends_with(":streamRawPredict"));
}

#[test]
fn each_family_is_asked_in_its_own_wire() {
    let body = |model, streamed: bool| -> Value {
        let mut request = hello();
        request["stream"] = json!(streamed);
        serde_json::from_slice(&sent(&HERE, model, request).body).unwrap()
    };
    assert_eq!(
        body("claude-sonnet-4@20250514", true),
        json!({"max_tokens":9,"messages":[{"role":"user","content":"hi"}],"anthropic_version":"vertex-2023-10-16","stream":true})
    );
    assert_eq!(body("meta/llama-4-maas", false)["model"], "meta/llama-4-maas");
    assert_eq!(body("deepseek-v3.1-maas", false)["model"], "deepseek-ai/deepseek-v3.1-maas");
    assert_eq!(body("mistralai/codestral-2", false)["model"], "codestral-2");
    assert!(body("gemini-2.5-pro", false)["contents"].is_array());
}

#[test]
fn mistral_and_the_makers_of_open_models_are_sent_what_they_take() {
    let call =
        json!({"id":"call_abc123","type":"function","function":{"name":"f","arguments":"{}"}});
    let request = json!({"stream":true,"max_completion_tokens":9,"seed":7,"tools":[],"messages":[
        {"role":"developer","content":"Be brief."},
        {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[call]},
        {"role":"tool","tool_call_id":"call_abc123","content":"1"},
    ]});
    let body = |model| -> Value {
        serde_json::from_slice(&sent(&HERE, model, request.clone()).body).unwrap()
    };
    let mistral = body("mistral-medium-3");
    assert_eq!((&mistral["max_tokens"], &mistral["random_seed"]), (&json!(9), &json!(7)));
    for unknown in ["max_completion_tokens", "seed", "tools", "stream_options"] {
        assert!(mistral.get(unknown).is_none(), "{unknown}: {mistral}");
    }
    let messages = &mistral["messages"];
    assert_eq!((&messages[0]["role"], &messages[1]["content"]), (&json!("system"), &json!("")));
    assert!(messages[1].get("reasoning_content").is_none());
    let id = messages[1]["tool_calls"][0]["id"].as_str().unwrap();
    assert!(id.len() == 9 && messages[2]["tool_call_id"] == id, "{messages}");
    let shared = body("meta/llama-4-maas");
    assert_eq!(shared["messages"][0]["role"], "system");
    assert_eq!(shared["messages"][2]["tool_call_id"], "call_abc123");
    assert_eq!(shared["stream_options"]["include_usage"], true);
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    let built = build(&HERE, json!({})).unwrap();
    let (upstream, tokens) = (Script::always(Answer::new(400)), tokens());
    Clock::run(async |_| {
        let credential =
            built.credentials.current(&CredentialContext::new(&tokens, &tokens)).await.unwrap();
        for model in [
            "publishers/google/models/..",
            "endpoints/../x",
            "google/a/../b",
            "anthropic/../x",
            "mistralai/..",
        ] {
            let request = ChatRequest::of(
                &json!({"model":model,"messages":[{"role":"user","content":"hi"}],"max_tokens":1}),
            )
            .unwrap();
            let target = TargetId::from("t");
            let cx = CallContext::new(Call::new(&target, model), &upstream, &tokens, &credential);
            let error = built.provider.chat().unwrap().serve(&cx, &request).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid, "{model}");
        }
    });
    assert!(upstream.sent().is_empty());
}

#[test]
fn a_key_is_shown_in_its_header_and_a_token_as_a_bearers_with_who_pays() {
    let by_key = sent(&HERE, "gemini-2.5-pro", hello());
    assert_eq!(by_key.headers["x-goog-api-key"], "key-12345");
    assert!(
        !by_key.headers.contains_key("authorization")
            && !by_key.uri.to_string().contains("key-12345")
    );
    let vars = [HERE[0], HERE[1], ("VERTEX_AI_SERVICE_ACCOUNT_JSON", ACCOUNT)];
    let by_token = sent(&vars, "gemini-2.5-pro", hello());
    assert_eq!(by_token.headers["authorization"], "Bearer token-1");
    assert_eq!(by_token.headers["x-goog-user-project"], "payer");
    assert!(!by_token.headers.contains_key("x-goog-api-key"));
}

#[test]
fn a_service_account_may_be_a_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    std::fs::write(&path, ACCOUNT).unwrap();
    let vars = [HERE[0], HERE[1], ("VERTEX_AI_SERVICE_ACCOUNT_JSON", path.to_str().unwrap())];
    assert_eq!(sent(&vars, "gemini-2.5-pro", hello()).headers["authorization"], "Bearer token-1");
}

#[test]
fn a_targets_own_settings_go_before_the_environment() {
    let built = build(&HERE, json!({"region":"eu","project_id":"q"})).unwrap();
    assert_eq!(built.origin.to_string(), "https://aiplatform.eu.rep.googleapis.com");
    for (settings, named) in [
        (json!({"region":"a/b"}), "a/b"),
        (json!({"region":"..a"}), "..a"),
        (json!({"project_id":""}), "project_id"),
        (json!({"quota_project_id":"\n"}), "quota_project_id"),
    ] {
        let error = build(&HERE, settings).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
    let broken =
        [HERE[0], HERE[1], ("VERTEX_AI_SERVICE_ACCOUNT_JSON", "{\"type\":\"service_account\"}")];
    let error = build(&broken, json!({})).unwrap_err().to_string();
    assert!(error.contains("VERTEX_AI_SERVICE_ACCOUNT_JSON"), "{error}");
}

#[test]
fn what_refuses_may_be_google_or_the_models_maker() {
    let built = build(&HERE, json!({})).unwrap();
    let chat = built.provider.chat().unwrap();
    Clock::run(async |_| {
        let tokens = tokens();
        let credential =
            built.credentials.current(&CredentialContext::new(&tokens, &tokens)).await.unwrap();
        for (status, body, kind, words) in [
            (
                429,
                r#"[{"error":{"code":429,"message":"Quota.","status":"RESOURCE_EXHAUSTED"}}]"#,
                ErrorKind::RateLimited,
                "Quota.",
            ),
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens"}}"#,
                ErrorKind::ContextLength,
                "prompt is too long",
            ),
            (422, r#"{"detail":"Bad input"}"#, ErrorKind::Invalid, "Bad input"),
        ] {
            let upstream = Script::always(Answer::new(status).with_body(body));
            let request = ChatRequest::of(&json!({"model":"claude-sonnet-4@1","messages":[{"role":"user","content":"hi"}],"max_tokens":1})).unwrap();
            let target = TargetId::from("t");
            let cx = CallContext::new(
                Call::new(&target, "claude-sonnet-4@1"),
                &upstream,
                &tokens,
                &credential,
            );
            let error = chat.serve(&cx, &request).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{body}");
            assert!(error.message().unwrap().contains(words), "{error:?}");
        }
    });
}

#[test]
fn claude_answers_here_as_it_does_at_home() {
    const REPLY: &[u8] = br#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-20250514","content":[{"type":"text","text":"Hello."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}"#;
    let built = build(&HERE, json!({})).unwrap();
    let tokens = tokens();
    Clock::run(async |_| {
        let credential =
            built.credentials.current(&CredentialContext::new(&tokens, &tokens)).await.unwrap();
        let answer = Answer::new(200).with_header("content-type", "application/json");
        let upstream = Script::always(answer.with_body(Bytes::from_static(REPLY)));
        let request = ChatRequest::of(
            &json!({"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":1}),
        )
        .unwrap();
        let target = TargetId::from("t");
        let cx = CallContext::new(
            Call::new(&target, "claude-sonnet-4@20250514"),
            &upstream,
            &tokens,
            &credential,
        );
        let reply = built.provider.chat().unwrap().serve(&cx, &request).await.unwrap();
        let ReplyBody::Whole(whole) = reply.body else { panic!() };
        assert_eq!(whole.json::<Value>().unwrap()["choices"][0]["message"]["content"], "Hello.");
    });
}

#[test]
fn claudes_betas_media_and_what_it_cannot_be_told_are_its_dialects_affair() {
    let mut request = hello();
    request["tools"] = json!([{"type":"computer_20250124","name":"computer"}]);
    let betas = &sent(&HERE, "claude-sonnet-4@1", request).headers["anthropic-beta"];
    assert_eq!(betas, "computer-use-2025-01-24");
    let built = build(&HERE, json!({})).unwrap();
    let picture = json!([{"type":"image_url","image_url":{"url":"https://h/x.png"}}]);
    let request = ChatRequest::of(
        &json!({"model":"m","seed":7,"messages":[{"role":"user","content":picture}]}),
    )
    .unwrap();
    let target = TargetId::from("t");
    let call = Call::new(&target, "claude-sonnet-4@1");
    let chat = built.provider.chat().unwrap();
    let (_, place) = Place::of("p", "global", None).unwrap();
    let vertex = Vertex::new(place, &HeaderMap::new(), QuotaProject::default());
    assert_eq!(
        &*ferro_core::Wire::<ferro_core::chat::Chat>::needs(&vertex, &call, &request)[0].url,
        "https://h/x.png"
    );
    assert_eq!(chat.unsaid(&call, &request)[0].0, "seed");
}

#[test]
fn a_targets_own_file_goes_before_a_key_in_the_environment() {
    let built = build(&HERE, json!({"credentials_file":"/nowhere/own.json"})).unwrap();
    let tokens = tokens();
    Clock::run(async |_| {
        let cx = CredentialContext::new(&tokens, &tokens);
        let error = built.credentials.current(&cx).await.unwrap_err().to_string();
        assert!(error.contains("/nowhere/own.json"), "{error}");
    });
}
