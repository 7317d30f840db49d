//! A client that has a secret in place of a key is given tokens by its vendor, and shows those.

use std::{collections::BTreeMap, time::Duration};

use ferro_core::{
    BuildContext, BuildError, Built, Credential, CredentialContext, CredentialError,
    ProviderFactory, Settings, TargetId,
};
use ferro_testkit::{Answer, Clock, Script};
use http::HeaderMap;

const SECRET: &str = "dose-a-secret-of-nobody";

fn databricks() -> &'static dyn ProviderFactory {
    let rows = ferro_provider_openai_compatible::PROVIDERS.iter();
    *rows.into_iter().find(|row| row.describe().kind == "databricks").expect("it has a row")
}

const CLIENT: &[(&str, &str)] = &[
    ("DATABRICKS_HOST", "adb-1.azuredatabricks.net"),
    ("DATABRICKS_CLIENT_ID", "client-1"),
    ("DATABRICKS_CLIENT_SECRET", SECRET),
];

fn variable<'a>(vars: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
    let vars: BTreeMap<_, _> = vars.iter().copied().collect();
    move |name| vars.get(name).map(|value| (*value).to_owned())
}

fn build(vars: &[(&str, &str)]) -> Result<Built, BuildError> {
    let (target, headers) = (TargetId::from("t"), HeaderMap::new());
    let vars = variable(vars);
    databricks().build(&BuildContext::new(&target, &headers, &vars), Settings::default())
}

async fn current(built: &Built, transport: &Script) -> Result<Credential, CredentialError> {
    let metadata = Script::always(Answer::new(404));
    let credential = built.credentials.current(&CredentialContext::new(transport, &metadata)).await;
    assert!(metadata.sent().is_empty(), "the machine's own cloud is not asked");
    credential
}

fn shown(credential: &Credential) -> String {
    let Credential::Token(token) = credential else { panic!("it is no token: {credential:?}") };
    token.bearer().to_str().expect("a token is plain text").to_owned()
}

#[test]
fn a_client_asks_its_own_host_once_for_as_long_as_the_token_is_good() {
    Clock::run(async |clock| {
        let built = build(CLIENT).unwrap();
        let granted =
            r#"{"access_token":"eyJ","scope":"all-apis","token_type":"Bearer","expires_in":3600}"#;
        let transport = Script::always(Answer::new(200).with_body(granted));
        for _ in 0..3 {
            assert_eq!(shown(&current(&built, &transport).await.unwrap()), "Bearer eyJ");
        }
        let sent = transport.sent();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].uri, "https://adb-1.azuredatabricks.net/oidc/v1/token");
        assert_eq!(sent[0].headers["content-type"], "application/x-www-form-urlencoded");
        // base64 of `client-1:` and the secret, as any tool writes it.
        assert_eq!(
            sent[0].headers["authorization"],
            "Basic Y2xpZW50LTE6ZG9zZS1hLXNlY3JldC1vZi1ub2JvZHk="
        );
        assert!(sent[0].headers["authorization"].is_sensitive());
        assert_eq!(sent[0].body, "grant_type=client_credentials&scope=all-apis");
        clock.advance(Duration::from_secs(3400)).await;
        current(&built, &transport).await.unwrap();
        assert_eq!(transport.sent().len(), 2, "it is renewed before it ends");
        built.credentials.refused(&current(&built, &transport).await.unwrap());
        current(&built, &transport).await.unwrap();
        assert_eq!(transport.sent().len(), 3, "what was refused is not shown again");
    });
}

#[test]
fn a_client_without_a_token_says_why_and_not_its_secret() {
    Clock::run(async |_| {
        let built = build(CLIENT).unwrap();
        assert!(!format!("{built:?}").contains(SECRET));
        let refused = format!(r#"{{"error":"invalid_client","error_description":"not {SECRET}"}}"#);
        for (status, body) in [
            (401, refused.as_str()),
            (200, "{}"),
            (200, "<html>"),
            (500, r#"{"access_token":"x"}"#),
        ] {
            let transport = Script::always(Answer::new(status).with_body(body.to_owned()));
            let error = current(&built, &transport).await.unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(
                said.contains("/oidc/v1/token") && said.contains(&status.to_string()),
                "{said}"
            );
            assert!(!said.contains(SECRET), "{said}");
            assert_eq!(said.contains("invalid_client"), status == 401, "{said}");
        }
    });
}

#[test]
fn a_key_goes_before_a_client_and_either_configures_the_vendor() {
    let is_configured = |vars: &[(&str, &str)]| databricks().is_configured(&variable(vars));
    let (host, token) = (CLIENT[0], ("DATABRICKS_TOKEN", "dapi-1"));
    assert!(is_configured(CLIENT));
    assert!(is_configured(&[host, token]));
    assert!(!is_configured(&CLIENT[..2]), "half a client is none");
    assert!(!is_configured(&CLIENT[1..]), "nobody knows where");
    let both: Vec<_> = CLIENT.iter().copied().chain([token]).collect();
    let at_hand = build(&both).unwrap().credentials.at_hand();
    assert!(matches!(at_hand, Some(Credential::ApiKey(_))), "{at_hand:?}");
    let error = build(&CLIENT[..2]).unwrap_err().to_string();
    assert!(error.contains("DATABRICKS_TOKEN"), "{error}");
}
