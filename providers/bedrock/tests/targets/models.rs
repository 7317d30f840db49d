//! Which models a region offers: those that answer by their own name, and the profiles, page by page.

use std::sync::Arc;

use ferro_core::Upstream;
use ferro_testkit::{Answer, Script};
use serde_json::json;

use crate::asked;

fn listing() -> Script {
    let model = |id: &str, output: &str, by: &str, status: &str| json!({"modelId": id, "outputModalities": [output], "inferenceTypesSupported": [by], "modelLifecycle": {"status": status}});
    let models = json!({"modelSummaries": [
        model("amazon.nova-pro-v1:0", "TEXT", "ON_DEMAND", "ACTIVE"),
        model("amazon.titan-embed-text-v2:0", "EMBEDDING", "ON_DEMAND", "ACTIVE"),
        model("anthropic.claude-sonnet-4-5-20250929-v1:0", "TEXT", "INFERENCE_PROFILE", "ACTIVE"),
        {"modelId": "unknown.model"},
    ]});
    let profile = |id: &str| json!({"inferenceProfileId": id, "status": "ACTIVE"});
    let first = json!({"inferenceProfileSummaries": [profile("us.a")], "nextToken": "a+/="});
    let second = json!({"inferenceProfileSummaries": [profile("us.b"), {"inferenceProfileId": "us.c", "status": "OFF"}]});
    Script::new(move |sent| {
        let page = match sent.uri.to_string().as_str() {
            "/foundation-models" => &models,
            "/inference-profiles?maxResults=1000" => &first,
            "/inference-profiles?maxResults=1000&nextToken=a%2B%2F%3D" => &second,
            other => panic!("{other}"),
        };
        Answer::new(200).with_body(page.to_string())
    })
}

#[tokio::test]
async fn models_that_answer_by_name_and_profiles_are_listed() {
    let vars = [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_REGION", "eu-west-1"),
    ];
    let asker = asked::asker(&vars, json!({})).await;
    let (name, origin) = &asker.built.others[0];
    assert_eq!(
        (*name, origin.to_string().as_str()),
        ("control", "https://bedrock.eu-west-1.amazonaws.com")
    );
    let (runtime, control) = (Script::always(Answer::new(500)), Arc::new(listing()));
    let others: [(&str, Arc<dyn Upstream>); 1] = [("control", Arc::clone(&control) as _)];
    let cx = asker.context("", &runtime, &runtime).with_others(&others);
    let models = asker.built.provider.discover().unwrap().models(&cx).await.unwrap();
    let names: Vec<_> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(names, ["amazon.nova-pro-v1:0", "us.a", "us.b"]);
    assert!(runtime.sent().is_empty(), "the runtime lists nothing");
    for sent in control.sent() {
        let signature = sent.headers["authorization"].to_str().unwrap();
        assert!(signature.contains("/eu-west-1/bedrock/aws4_request"), "{signature}");
    }
}

#[tokio::test]
async fn a_page_that_is_refused_is_an_error_in_aws_words() {
    let asker = asked::with_key().await;
    let refusing = Answer::new(403).with_header("x-amzn-errortype", "AccessDeniedException");
    let upstream = Script::always(refusing.with_body(r#"{"message":"no"}"#));
    let cx = asker.context("", &upstream, &upstream);
    let error = asker.built.provider.discover().unwrap().models(&cx).await.unwrap_err();
    assert_eq!((error.message(), error.code()), (Some("no"), Some("AccessDeniedException")));
}
