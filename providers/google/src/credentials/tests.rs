//! What servers of tokens are asked, and when.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use ferro_testkit::{Answer, Clock, Script};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

use super::*;

const ACCOUNT: &str = include_str!("../../tests/account/service_account.json");
const PUBLIC_KEY: &str = include_str!("../../tests/account/public_key.txt");
const OLDER_KEY: &str = include_str!("../../tests/account/older_key.pem");
const HOUR: Duration = Duration::from_secs(3600);

fn no_vars(_: &str) -> Option<String> {
    None
}

fn source(origin: Origin) -> GoogleCredentials {
    GoogleCredentials::new(origin, &no_vars, QuotaProject::default())
}

/// A server that gives tokens with a number each.
fn server() -> Script {
    let given = AtomicU32::new(0);
    Script::new(move |_| {
        let number = given.fetch_add(1, SeqCst);
        let token = json!({"access_token": format!("token-{number}"), "expires_in": 3600, "token_type": "Bearer"});
        Answer::new(200).with_body(token.to_string())
    })
}

fn nobody() -> Script {
    Script::always(Answer::new(404))
}

fn said(credential: &Credential) -> String {
    assert!(matches!(credential, Credential::Token(_)), "{credential:?}");
    credential.secret().unwrap().expose().to_owned()
}

/// A form's fields, unescaped.
fn form(body: &[u8]) -> HashMap<String, String> {
    let text = std::str::from_utf8(body).unwrap();
    let unescaped =
        |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    text.split('&')
        .map(|field| field.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), unescaped(value)))
        .collect()
}

fn part(part: &str) -> Value {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Checks an assertion with the account's public key.
fn check(assertion: &str) -> (Value, Value) {
    let (said, signature) = assertion.rsplit_once('.').unwrap();
    let key = BASE64_STANDARD.decode(PUBLIC_KEY.replace('\n', "")).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
    key.verify(said.as_bytes(), &BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let (head, claims) = said.split_once('.').unwrap();
    (part(head), part(claims))
}

#[test]
fn a_service_account_signs_for_itself() {
    Clock::run(async |_| {
        let (server, nobody) = (server(), nobody());
        let source = source(Origin::json(ACCOUNT).unwrap());
        let mut cx = CredentialContext::new(&server, &nobody);
        cx.now = UNIX_EPOCH + Duration::from_secs(1_764_000_000);
        assert_eq!(said(&source.current(&cx).await.unwrap()), "token-0");
        let asked = &server.sent()[0];
        assert_eq!(asked.uri, "https://oauth2.googleapis.com/token");
        assert_eq!(asked.headers["content-type"], "application/x-www-form-urlencoded");
        let form = form(&asked.body);
        assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
        let (head, claims) = check(&form["assertion"]);
        assert_eq!(head, json!({"alg":"RS256","typ":"JWT","kid":"key-1"}));
        assert_eq!(
            claims,
            json!({"iss":"gateway@conformance.iam.gserviceaccount.com","scope":tokens::SCOPE,
                "aud":"https://oauth2.googleapis.com/token","iat":1_764_000_000,"exp":1_764_003_600})
        );
        assert_eq!(source.quota_project.get().unwrap(), "payer");
    });
}

#[test]
fn a_key_in_the_older_form_signs_too_and_one_that_is_none_is_refused_unseen() {
    let with_key = |key: &str| {
        let mut account: Value = serde_json::from_str(ACCOUNT).unwrap();
        account["private_key"] = json!(key);
        let file = KeyFile::parse(&account.to_string(), false).unwrap();
        let key_file::Asker::ServiceAccount(account) = file.asker else { panic!() };
        jwt::assertion(&account, SystemTime::now())
    };
    check(&with_key(OLDER_KEY).unwrap());
    let wrong =
        with_key("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n").unwrap_err();
    assert!(wrong.contains("private_key") && !wrong.contains("c2VjcmV0"), "{wrong}");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_asked_for_once_and_again_ahead_of_its_end() {
    let (server, nobody) = (server(), nobody());
    let source = source(Origin::json(ACCOUNT).unwrap());
    let cx = CredentialContext::new(&server, &nobody);
    let many = (0..16).map(|_| source.current(&cx));
    for token in futures_util::future::join_all(many).await {
        assert_eq!(said(&token.unwrap()), "token-0", "one asks for all");
    }
    assert_eq!(said(&source.at_hand().unwrap()), "token-0");
    tokio::time::advance(HOUR.saturating_sub(Duration::from_secs(299))).await;
    assert!(source.at_hand().is_none(), "it is renewed ahead of its end");
    assert_eq!(said(&source.current(&cx).await.unwrap()), "token-1");
    assert_eq!(server.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_refused_is_not_shown_again() {
    let (server, nobody) = (server(), nobody());
    let source = source(Origin::json(ACCOUNT).unwrap());
    let cx = CredentialContext::new(&server, &nobody);
    let first = source.current(&cx).await.unwrap();
    source.refused(&first);
    assert_eq!(said(&source.current(&cx).await.unwrap()), "token-1");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_says_why_and_the_old_token_serves_while_it_is_good() {
    let asked = AtomicU32::new(0);
    let server = Script::new(move |_| match asked.fetch_add(1, SeqCst) {
        0 => Answer::new(200).with_body(r#"{"access_token":"old","expires_in":3600}"#),
        _ => Answer::new(400)
            .with_body(r#"{"error":"invalid_grant","error_description":"Account deleted"}"#),
    });
    let nobody = nobody();
    let source = source(Origin::json(ACCOUNT).unwrap());
    let cx = CredentialContext::new(&server, &nobody);
    source.current(&cx).await.unwrap();
    tokio::time::advance(HOUR.saturating_sub(Duration::from_secs(200))).await;
    assert_eq!(said(&source.current(&cx).await.unwrap()), "old");
    tokio::time::advance(Duration::from_secs(200)).await;
    let error = source.current(&cx).await.unwrap_err().to_string();
    assert!(
        error.contains("oauth2.googleapis.com") && error.contains("invalid_grant: Account deleted"),
        "{error}"
    );
}

#[test]
fn a_person_who_let_a_program_act_is_asked_for_by_their_refresh_token() {
    Clock::run(async |_| {
        let (server, nobody) = (server(), nobody());
        let user = json!({"type":"authorized_user","client_id":"id","client_secret":"s&t","refresh_token":"1//r"});
        let source = source(Origin::json(&user.to_string()).unwrap());
        source.current(&CredentialContext::new(&server, &nobody)).await.unwrap();
        let form = form(&server.sent()[0].body);
        let fields =
            ["grant_type", "client_id", "client_secret", "refresh_token"].map(|name| &*form[name]);
        assert_eq!(fields, ["refresh_token", "id", "s&t", "1//r"]);
        assert!(!format!("{source:?}").contains("1//r"), "{source:?}");
    });
}

#[test]
fn another_clouds_word_is_exchanged_and_may_speak_for_an_account() {
    let folder = tempfile::tempdir().unwrap();
    let word = folder.path().join("word");
    std::fs::write(&word, r#"{"id_token":"their-word"}"#).unwrap();
    Clock::run(async |_| {
        let server = Script::new(|sent| {
            let is_speaking = sent.uri.path().ends_with(":generateAccessToken");
            Answer::new(200).with_body(if is_speaking {
                r#"{"accessToken":"spoken","expireTime":"2026-11-29T22:00:00Z"}"#
            } else {
                r#"{"access_token":"federated","expires_in":3600}"#
            })
        });
        let file = json!({"type":"external_account","audience":"//iam/pool","subject_token_type":"urn:ietf:params:oauth:token-type:jwt",
            "token_url":"https://sts.googleapis.com/v1/token",
            "service_account_impersonation_url":"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b:generateAccessToken",
            "credential_source":{"file":word,"format":{"type":"json","subject_token_field_name":"id_token"}}});
        let source = source(Origin::json(&file.to_string()).unwrap());
        let nobody = nobody();
        let token = source.current(&CredentialContext::new(&server, &nobody)).await.unwrap();
        assert_eq!(said(&token), "spoken");
        let sent = server.sent();
        let form = form(&sent[0].body);
        assert_eq!((&*form["subject_token"], &*form["audience"]), ("their-word", "//iam/pool"));
        assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:token-exchange");
        assert_eq!(sent[1].headers["authorization"], "Bearer federated");
        assert!(sent[1].headers["authorization"].is_sensitive());
        let asked: Value = serde_json::from_slice(&sent[1].body).unwrap();
        assert_eq!(asked, json!({"scope":[tokens::SCOPE],"lifetime":"3600s","delegates":[]}));
    });
}

#[test]
fn another_clouds_word_may_lie_at_a_url() {
    Clock::run(async |_| {
        let server = Script::new(|sent| {
            let is_word = sent.uri.host() == Some("vouches.example");
            Answer::new(200).with_body(if is_word {
                "the-word\n"
            } else {
                r#"{"access_token":"t","expires_in":60}"#
            })
        });
        let file = json!({"type":"external_account","audience":"a","subject_token_type":"t","token_url":"https://sts.googleapis.com/v1/token",
            "credential_source":{"url":"https://vouches.example/word","headers":{"x-asks":"google"}}});
        let (source, nobody) = (source(Origin::json(&file.to_string()).unwrap()), nobody());
        source.current(&CredentialContext::new(&server, &nobody)).await.unwrap();
        let sent = server.sent();
        assert_eq!(sent[0].headers["x-asks"], "google");
        assert_eq!(form(&sent[1].body)["subject_token"], "the-word");
        let other = json!({"type":"external_account","audience":"a","subject_token_type":"t","token_url":"https://h/t","credential_source":{"executable":{}}});
        let other = self::source(Origin::json(&other.to_string()).unwrap());
        let error = other.current(&CredentialContext::new(&server, &nobody)).await.unwrap_err();
        assert!(error.to_string().contains("credential_source"), "{error}");
    });
}

#[test]
fn somebody_who_may_speak_for_an_account_asks_first_for_a_token_of_their_own() {
    Clock::run(async |_| {
        let server = Script::new(|sent| {
            let is_own = sent.uri.host() == Some("oauth2.googleapis.com");
            Answer::new(200).with_body(if is_own {
                r#"{"access_token":"own","expires_in":60}"#
            } else {
                r#"{"accessToken":"spoken"}"#
            })
        });
        let user = json!({"type":"authorized_user","client_id":"id","client_secret":"s","refresh_token":"r"});
        let file = json!({"type":"impersonated_service_account","delegates":["d"],"source_credentials":user,
            "service_account_impersonation_url":"https://iamcredentials.googleapis.com/v1/x:generateAccessToken"});
        let (source, nobody) = (source(Origin::json(&file.to_string()).unwrap()), nobody());
        let token = source.current(&CredentialContext::new(&server, &nobody)).await.unwrap();
        assert_eq!(said(&token), "spoken");
        assert_eq!(server.sent()[1].headers["authorization"], "Bearer own");
    });
}

#[test]
fn a_machine_without_a_file_asks_its_cloud_and_nobody_else() {
    Clock::run(async |_| {
        let (metadata, elsewhere) = (server(), nobody());
        let vars =
            |name: &str| (name == "GCE_METADATA_HOST").then(|| "metadata.example:8080".to_owned());
        let origin = Origin::of_the_machine(&vars);
        let source = GoogleCredentials::new(origin, &vars, QuotaProject::default());
        let cx = CredentialContext::new(&elsewhere, &metadata);
        assert_eq!(said(&source.current(&cx).await.unwrap()), "token-0");
        let asked = &metadata.sent()[0];
        assert_eq!(
            asked.uri,
            "http://metadata.example:8080/computeMetadata/v1/instance/service-accounts/default/token"
        );
        assert_eq!(asked.headers["metadata-flavor"], "Google");
        assert!(elsewhere.sent().is_empty());
        let usual = source.metadata == "http://metadata.example:8080";
        assert!(
            usual
                && self::source(Origin::Machine { left: None }).metadata
                    == "http://169.254.169.254"
        );
        let nobody = nobody();
        let lost = self::source(Origin::Machine { left: None });
        let error = lost.current(&CredentialContext::new(&nobody, &nobody)).await.unwrap_err();
        assert!(error.to_string().contains("VERTEX_AI_SERVICE_ACCOUNT_JSON"), "{error}");
    });
}

#[test]
fn a_file_is_found_where_the_environment_says_and_read_again_for_each_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("application_default_credentials.json");
    let user = |client: &str| {
        json!({"type":"authorized_user","client_id":client,"client_secret":"s","refresh_token":"r"})
            .to_string()
    };
    std::fs::write(&path, user("first")).unwrap();
    let config = folder.path().to_str().unwrap().to_owned();
    let vars = |name: &str| (name == "CLOUDSDK_CONFIG").then(|| config.clone());
    let source =
        GoogleCredentials::new(Origin::of_the_machine(&vars), &vars, QuotaProject::default());
    Clock::run(async |_| {
        let (server, nobody) = (server(), nobody());
        let cx = CredentialContext::new(&server, &nobody);
        let first = source.current(&cx).await.unwrap();
        std::fs::write(&path, user("second")).unwrap();
        source.refused(&first);
        source.current(&cx).await.unwrap();
        let clients: Vec<_> =
            server.sent().iter().map(|sent| form(&sent.body)["client_id"].clone()).collect();
        assert_eq!(clients, ["first", "second"]);
        let missing = self::source(Origin::file(folder.path().join("none")));
        let error = missing.current(&cx).await.unwrap_err();
        assert!(error.to_string().contains("none"), "{error}");
    });
    let named =
        |name: &str| (name == "GOOGLE_APPLICATION_CREDENTIALS").then(|| "/x.json".to_owned());
    assert!(
        matches!(Origin::of_the_machine(&named), Origin::File(path) if path.ends_with("x.json"))
    );
    let home = |name: &str| (name == "HOME").then(|| "/somewhere".to_owned());
    let Origin::Machine { left: Some(left) } = Origin::of_the_machine(&home) else { panic!() };
    assert!(left.ends_with(".config/gcloud/application_default_credentials.json"));
}

#[test]
fn what_a_variable_holds_may_not_lead_anywhere_without_tls() {
    let mut account: Value = serde_json::from_str(ACCOUNT).unwrap();
    account["token_uri"] = json!("http://h/token");
    let error = Origin::json(&account.to_string()).unwrap_err();
    assert!(error.contains("http://h/token"), "{error}");
    KeyFile::parse(&account.to_string(), true).unwrap();
    account["token_uri"] = json!("ftp://h/token");
    assert!(KeyFile::parse(&account.to_string(), true).is_err());
    let error =
        Origin::json(r#"{"type":"service_account","private_key":"very-secret"#).unwrap_err();
    assert!(error.contains("service_account") && !error.contains("very-secret"), "{error}");
}

#[test]
fn a_padded_token_is_shown_bare_and_an_endless_answer_is_none() {
    let answered = |body: String| {
        let server = Script::always(Answer::new(200).with_body(body));
        Clock::run(async |_| {
            let cx = CredentialContext::new(&server, &server);
            source(Origin::json(ACCOUNT).unwrap()).current(&cx).await
        })
    };
    let token = r#"{"access_token":"token-0....","expires_in":3600}"#.to_owned();
    assert_eq!(said(&answered(token.clone()).unwrap()), "token-0");
    let error = answered(token + &" ".repeat(1 << 20)).unwrap_err().to_string();
    assert!(error.contains("more than a token"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn who_speaks_for_an_account_does_so_no_longer_than_their_own_token_is_good() {
    let server = Script::always(
        Answer::new(200)
            .with_body(r#"{"access_token":"own","accessToken":"spoken","expires_in":600}"#),
    );
    let user =
        json!({"type":"authorized_user","client_id":"id","client_secret":"s","refresh_token":"r"});
    let mut file = json!({"type":"impersonated_service_account","source_credentials":user,
        "service_account_impersonation_url":"https://iamcredentials.googleapis.com/v1/x:generateAccessToken"});
    let source = source(Origin::json(&file.to_string()).unwrap());
    let nobody = nobody();
    source.current(&CredentialContext::new(&server, &nobody)).await.unwrap();
    assert!(source.at_hand().is_some());
    tokio::time::advance(Duration::from_secs(601)).await;
    assert!(source.at_hand().is_none());
    file["source_credentials"]["token_uri"] = json!("http://h/token");
    let error = Origin::json(&file.to_string()).unwrap_err();
    assert!(error.contains("http://h/token"), "of the one who speaks, too: {error}");
}
