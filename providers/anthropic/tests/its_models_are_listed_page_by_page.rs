//! Discovery: every page of the vendor's list is read, with the credential, and no page twice.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use ferro_core::{
    BuildContext, Built, Call, CallContext, CredentialContext, DiscoveredModel, ErrorKind,
    ProviderError, Secret, Settings, TargetId,
};
use ferro_testkit::{Answer, Clock, Script};
use http::HeaderMap;

fn built() -> Built {
    let (target, headers, key) = (TargetId::from("t"), HeaderMap::new(), Secret::new("secret-1"));
    let cx = BuildContext::new(&target, &headers, &|_| None).with_api_key(Some(&key));
    ferro_provider_anthropic::PROVIDERS[0].build(&cx, Settings::default()).unwrap()
}

/// What is discovered where the vendor answers like this, and what it was asked.
fn discovered(upstream: &Script) -> (Result<Vec<DiscoveredModel>, ProviderError>, Vec<String>) {
    let built = built();
    let models = Clock::run(async |_| {
        let elsewhere = Script::always(Answer::new(404));
        let credentials = CredentialContext::new(&elsewhere, &elsewhere);
        let credential = built.credentials.current(&credentials).await.unwrap();
        let target = TargetId::from("t");
        let cx = CallContext::new(Call::new(&target, ""), upstream, &elsewhere, &credential);
        built.provider.discover().unwrap().models(&cx).await
    });
    let sent = upstream.sent();
    assert!(sent.iter().all(|sent| sent.headers["x-api-key"] == "secret-1"));
    assert!(sent.iter().all(|sent| sent.headers["anthropic-version"] == "2023-06-01"));
    (models, sent.into_iter().map(|sent| sent.uri.to_string()).collect())
}

#[test]
fn every_page_is_read_and_what_is_retired_is_left_out() {
    let upstream = Script::new(|sent| {
        let body = match sent.uri.query() {
            Some("limit=1000") => {
                r#"{"data":[{"type":"model","id":"claude-b","max_input_tokens":200000,"lifecycle":"active"},{"type":"model","id":"claude-a","lifecycle":"retired"}],"has_more":true,"first_id":"claude-b","last_id":"claude a"}"#
            }
            _ => {
                r#"{"data":[{"type":"model","id":"claude-0"}],"has_more":false,"last_id":"claude-0"}"#
            }
        };
        Answer::new(200).with_body(body)
    });
    let (models, asked) = discovered(&upstream);
    let first = DiscoveredModel::new("claude-b").with_context_window(Some(200_000));
    assert_eq!(models.unwrap(), [first, DiscoveredModel::new("claude-0")]);
    assert_eq!(asked, ["/v1/models?limit=1000", "/v1/models?limit=1000&after_id=claude%20a"]);
}

#[test]
fn a_list_without_an_end_is_not_read_for_ever() {
    let page = r#"{"data":[{"id":"claude-b"}],"has_more":true,"last_id":"claude-b"}"#;
    let (models, asked) = discovered(&Script::always(Answer::new(200).with_body(page)));
    assert_eq!(
        (models.unwrap().len(), asked.len()),
        (2, 2),
        "a page that leads to itself is the last"
    );
}

#[test]
fn a_refusal_and_nonsense_are_errors() {
    let refused =
        r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#;
    let kind = |status, body: &'static str| {
        discovered(&Script::always(Answer::new(status).with_body(body))).0.unwrap_err().kind()
    };
    assert_eq!(kind(401, refused), ErrorKind::Unauthorized);
    assert_eq!(kind(200, "{}"), ErrorKind::Malformed);
}
