//! Tokens of a scripted issuer.

use std::{
    collections::BTreeMap,
    io::Write,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::{Duration, UNIX_EPOCH},
};

use ferro_core::{
    BuildContext, Credential, CredentialContext, CredentialSource, Settings, TargetId,
};
use ferro_testkit::{Answer, Clock, Script, Sent, Step};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{Entra, EntraSource};

const SCOPE: &str = "https://cognitiveservices.azure.com/.default";
const HOUR: Duration = Duration::from_secs(3600);
const CLIENT: [(&str, &str); 3] = [
    ("AZURE_TENANT_ID", "tenant-1"),
    ("AZURE_CLIENT_ID", "client-1"),
    ("AZURE_CLIENT_SECRET", "s3cret/+&="),
];

fn source(settings: Value, vars: &[(&str, &str)]) -> Result<EntraSource, String> {
    let Value::Object(settings) = settings else { panic!("settings are an object") };
    let entra: Entra = Settings(settings).parse().map_err(|error| error.to_string())?;
    let (target, headers) = (TargetId::from("t"), HeaderMap::new());
    let vars: BTreeMap<_, _> = vars.iter().copied().collect();
    let vars = |name: &str| vars.get(name).map(|value| (*value).to_owned());
    let cx = BuildContext::new(&target, &headers, &vars);
    EntraSource::of(entra, SCOPE, &cx).map_err(|error| error.to_string())
}

/// Issues `token-0`, `token-1`, …, each good for so long.
fn issuer(life: Duration) -> Script {
    let issued = AtomicU32::new(0);
    Script::new(move |_| {
        let number = issued.fetch_add(1, SeqCst);
        let body = json!({"token_type": "Bearer", "expires_in": life.as_secs(), "access_token": format!("token-{number}")});
        // It takes a moment, in which others may come.
        Answer::new(200).with_steps([Step::Pause, Step::Piece(body.to_string().into())])
    })
}

fn nobody() -> Script {
    Script::always(Answer::new(404))
}

fn said(credential: &Credential) -> String {
    assert!(matches!(credential, Credential::Token(_)), "{credential:?}");
    credential.secret().unwrap().expose().to_owned()
}

fn form(sent: &Sent) -> String {
    String::from_utf8(sent.body.to_vec()).unwrap()
}

#[test]
fn a_client_shows_its_secret_to_its_tenant_and_to_nobody_else() {
    let source = source(json!({}), &CLIENT).unwrap();
    let (issuer, machine) = (issuer(HOUR), nobody());
    Clock::run(async |_| {
        let cx = CredentialContext::new(&issuer, &machine);
        assert_eq!(said(&source.current(&cx).await.unwrap()), "token-0");
    });
    let sent = issuer.sent();
    assert_eq!((sent.len(), machine.sent().len()), (1, 0));
    assert_eq!(sent[0].uri, "https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token");
    assert_eq!(sent[0].method, "POST");
    assert_eq!(sent[0].headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(
        form(&sent[0]),
        "grant_type=client%5Fcredentials&client_id=client%2D1&client_secret=s3cret%2F%2B%26%3D&\
         scope=https%3A%2F%2Fcognitiveservices%2Eazure%2Ecom%2F%2Edefault"
    );
    assert!(!format!("{source:?}").contains("s3cret"));
}

#[test]
fn a_target_says_who_asks_where_and_for_what() {
    let settings = json!({
        "by": "client_secret", "tenant_id": "own", "client_id": "c", "client_secret": "x",
        "authority_host": "login.microsoftonline.us/", "scope": "https://ai.azure.us/.default",
    });
    let source = source(settings, &CLIENT).unwrap();
    let (issuer, machine) = (issuer(HOUR), nobody());
    Clock::run(async |_| {
        source.current(&CredentialContext::new(&issuer, &machine)).await.unwrap();
    });
    let sent = issuer.sent();
    assert_eq!(sent[0].uri, "https://login.microsoftonline.us/own/oauth2/v2.0/token");
    let form = form(&sent[0]);
    assert!(form.contains("client_id=c&client_secret=x&"), "{form}");
    assert!(form.ends_with("scope=https%3A%2F%2Fai%2Eazure%2Eus%2F%2Edefault"), "{form}");
}

#[test]
fn a_workload_shows_the_token_that_its_file_holds_now() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"first.jwt\n").unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let vars = [CLIENT[0], CLIENT[1], ("AZURE_FEDERATED_TOKEN_FILE", &*path)];
    let source = source(json!({}), &vars).unwrap();
    let (issuer, machine) = (issuer(HOUR), nobody());
    Clock::run(async |clock| {
        let cx = CredentialContext::new(&issuer, &machine);
        source.current(&cx).await.unwrap();
        std::fs::write(&path, "second.jwt").unwrap();
        clock.advance(HOUR).await;
        assert_eq!(said(&source.current(&cx).await.unwrap()), "token-1");
    });
    let forms: Vec<_> = issuer.sent().iter().map(form).collect();
    assert!(forms[0].contains("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient%2Dassertion%2Dtype%3Ajwt%2Dbearer&client_assertion=first%2Ejwt&"), "{forms:?}");
    assert!(forms[1].contains("client_assertion=second%2Ejwt&"), "{forms:?}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let vars = [CLIENT[0], CLIENT[1], ("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token")];
    let source = source(json!({}), &vars).unwrap();
    let (issuer, machine) = (issuer(HOUR), nobody());
    Clock::run(async |_| {
        let refused = source.current(&CredentialContext::new(&issuer, &machine)).await;
        assert!(refused.unwrap_err().message.contains("/nowhere/token"));
    });
    assert_eq!(issuer.sent().len(), 0);
}

#[test]
fn a_machine_asks_its_own_address_and_no_other() {
    let source = source(json!({"by": "managed_identity", "client_id": "mine"}), &[]).unwrap();
    let (machine, elsewhere) = (issuer(HOUR), nobody());
    Clock::run(async |_| {
        source.current(&CredentialContext::new(&elsewhere, &machine)).await.unwrap();
    });
    let sent = machine.sent();
    assert_eq!((sent.len(), elsewhere.sent().len()), (1, 0));
    assert_eq!(
        sent[0].uri,
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018%2D02%2D01&\
         resource=https%3A%2F%2Fcognitiveservices%2Eazure%2Ecom&client_id=mine"
    );
    assert_eq!(sent[0].method, "GET");
    assert_eq!(sent[0].headers["metadata"], "true");
}

#[test]
fn an_app_whose_platform_answers_beside_the_machine_asks_there() {
    for (endpoint, is_machines) in [
        ("http://169.254.129.3:8081/msi/token", true),
        ("http://[fe80::1]/msi/token", true),
        ("http://localhost:42356/msi/token", false),
        ("http://172.16.5.3:8081/msi/token", false),
        ("http://169.254.example/msi/token", false),
    ] {
        let vars = [("IDENTITY_ENDPOINT", endpoint), ("IDENTITY_HEADER", "853b9a84")];
        let source = source(json!({}), &vars).unwrap();
        let (elsewhere, machine) = (issuer(HOUR), issuer(HOUR));
        Clock::run(async |_| {
            source.current(&CredentialContext::new(&elsewhere, &machine)).await.unwrap();
        });
        let asked = (elsewhere.sent().len(), machine.sent().len());
        assert_eq!(asked, if is_machines { (0, 1) } else { (1, 0) }, "{endpoint}");
    }
}

#[test]
fn an_app_asks_its_platform_which_says_when_the_token_ends() {
    let vars = [
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:41056/msi/token"),
        ("IDENTITY_HEADER", "853b9a84"),
    ];
    let source = source(json!({}), &vars).unwrap();
    let machine = nobody();
    let platform = Script::new(|_| {
        let body =
            json!({"access_token": "app-token", "expires_on": "1764003600", "resource": "r"});
        Answer::new(200).with_body(body.to_string())
    });
    Clock::run(async |clock| {
        let mut cx = CredentialContext::new(&platform, &machine);
        cx.now = UNIX_EPOCH + Duration::from_secs(1_764_000_000);
        assert_eq!(said(&source.current(&cx).await.unwrap()), "app-token");
        assert!(source.at_hand().is_some());
        clock.advance(HOUR).await;
        assert!(source.at_hand().is_none(), "it ends when the platform said");
    });
    let sent = platform.sent();
    assert_eq!(
        sent[0].uri,
        "http://127.0.0.1:41056/msi/token?api-version=2019%2D08%2D01&\
         resource=https%3A%2F%2Fcognitiveservices%2Eazure%2Ecom"
    );
    assert_eq!(sent[0].headers["x-identity-header"], "853b9a84");
    assert!(sent[0].headers["x-identity-header"].is_sensitive());
}

#[test]
fn a_token_is_asked_for_once_and_again_ahead_of_its_end() {
    let source = source(json!({}), &CLIENT).unwrap();
    let (issuer, machine) = (issuer(HOUR), nobody());
    Clock::run(async |clock| {
        let cx = CredentialContext::new(&issuer, &machine);
        let calls = (0..8).map(|_| source.current(&cx));
        for token in futures_util::future::join_all(calls).await {
            assert_eq!(said(&token.unwrap()), "token-0");
        }
        assert_eq!(issuer.sent().len(), 1, "who comes together asks once");
        clock.advance(HOUR / 2).await;
        assert_eq!(said(&source.current(&cx).await.unwrap()), "token-0", "it is good for an hour");
        clock.advance(Duration::from_secs(1800 - 299)).await;
        assert_eq!(said(&source.current(&cx).await.unwrap()), "token-1");
        assert_eq!(issuer.sent().len(), 2);
    });
}

#[test]
fn a_token_that_azure_refuses_is_not_shown_again() {
    let source = source(json!({}), &CLIENT).unwrap();
    let (issuer, machine) = (issuer(HOUR), nobody());
    Clock::run(async |_| {
        let cx = CredentialContext::new(&issuer, &machine);
        let first = source.current(&cx).await.unwrap();
        source.refused(&first);
        assert_eq!(said(&source.current(&cx).await.unwrap()), "token-1");
    });
}

#[test]
fn a_refusal_says_why_and_does_not_tell_the_secret() {
    let source = source(json!({}), &CLIENT).unwrap();
    let machine = nobody();
    let refusing = Script::always(Answer::new(401).with_body(
        json!({
            "error": "invalid_client",
            "error_description": "AADSTS7000215: Invalid client secret s3cret/+&= provided.\r\nTrace ID: 1",
        })
        .to_string(),
    ));
    Clock::run(async |_| {
        let refused = source.current(&CredentialContext::new(&refusing, &machine)).await;
        let message = refused.unwrap_err().message;
        assert_eq!(
            message,
            format!(
                "no token for {SCOPE}: 401 invalid_client AADSTS7000215: Invalid client secret \
                 [REDACTED] provided."
            )
        );
    });
    for (status, body) in
        [(200, "{}"), (200, "<html>"), (200, "{\"access_token\":\"\"}"), (500, "")]
    {
        let odd = Script::always(Answer::new(status).with_body(body));
        Clock::run(async |_| {
            let refused = source.current(&CredentialContext::new(&odd, &machine)).await;
            let message = refused.unwrap_err().message;
            assert!(message.contains(&status.to_string()), "{body}: {message}");
        });
    }
}

#[test]
fn what_is_missing_is_named() {
    for (settings, vars, named) in [
        (json!({"by": "client_secret"}), &[][..], "AZURE_CLIENT_SECRET"),
        (json!({"by": "client_secret", "client_secret": "x"}), &[], "AZURE_CLIENT_ID"),
        (json!({}), &CLIENT[1..], "AZURE_TENANT_ID"),
        (json!({"by": "workload_identity"}), &[], "AZURE_FEDERATED_TOKEN_FILE"),
        (json!({"tenant_id": "../x"}), &CLIENT, "../x"),
        (json!({"by": "magic"}), &[], "managed_identity"),
        (json!({"tenant": "x"}), &[], "tenant_id"),
    ] {
        let error = source(settings.clone(), vars).unwrap_err();
        assert!(error.contains(named), "{settings}: {error}");
    }
}
