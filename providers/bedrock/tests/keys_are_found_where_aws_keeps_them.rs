//! The places in which AWS keeps keys, scripted: which is asked, what it is shown, when it is asked
//! again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::{fs, path::Path, sync::Arc, time::Duration};

use ferro_core::{
    BuildContext, BuildError, Built, Credential, CredentialContext, CredentialError, Settings,
    TargetId,
};
use ferro_testkit::{Answer, Script, Sent};
use http::HeaderMap;
use serde_json::{Value, json};

fn build(vars: &[(&str, String)], settings: Value) -> Result<Built, BuildError> {
    let (id, headers) = (TargetId::from("t"), HeaderMap::new());
    let vars =
        |name: &str| vars.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
    let Value::Object(settings) = settings else { panic!("settings are an object") };
    let cx = BuildContext::new(&id, &headers, &vars);
    ferro_provider_bedrock::PROVIDERS[0].build(&cx, Settings(settings))
}

fn var(name: &'static str, value: impl std::fmt::Display) -> (&'static str, String) {
    (name, value.to_string())
}

/// No home and no machine, unless a test says so.
fn around(more: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let mut vars = vec![var("HOME", "/nowhere"), var("AWS_EC2_METADATA_DISABLED", "true")];
    vars.retain(|(name, _)| more.iter().all(|(own, _)| own != name));
    vars.extend_from_slice(more);
    vars
}

async fn key(
    built: &Built,
    way: &Script,
    machine: &Script,
) -> Result<[String; 3], CredentialError> {
    let cx = CredentialContext::new(way, machine);
    match built.credentials.current(&cx).await? {
        Credential::Signing(key) => {
            let session = key.session().map_or("", |session| session.expose());
            Ok([key.id(), key.secret().expose(), session].map(str::to_owned))
        }
        other => panic!("{other:?}"),
    }
}

fn nobody() -> Script {
    Script::always(Answer::new(404))
}

/// A key in JSON, that runs out so many seconds from now.
fn written(id: &str, seconds: u64) -> Answer {
    let end = std::time::SystemTime::now() + Duration::from_secs(seconds);
    let end = rfc3339(end);
    let key = json!({"Code": "Success", "AccessKeyId": id, "SecretAccessKey": "secret", "Token": "session", "Expiration": end});
    Answer::new(200).with_body(key.to_string())
}

/// RFC 3339, by AWS's own library.
fn rfc3339(time: std::time::SystemTime) -> String {
    let time = aws_smithy_types::DateTime::from(time);
    time.fmt(aws_smithy_types::date_time::Format::DateTime).unwrap()
}

fn shown<'a>(sent: &'a Sent, name: &str) -> &'a str {
    sent.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_pair_of_variables_is_a_key_and_half_of_one_is_a_mistake() {
    let id = var("AWS_ACCESS_KEY_ID", "AKID");
    let secret = var("AWS_SECRET_ACCESS_KEY", "secret");
    let session = var("AWS_SESSION_TOKEN", "session");
    let built = build(&[id.clone(), secret.clone(), session], json!({})).unwrap();
    assert!(built.credentials.at_hand().is_some(), "nothing has to be asked");
    assert_eq!(key(&built, &nobody(), &nobody()).await.unwrap(), ["AKID", "secret", "session"]);
    for (half, missing) in [(&id, "AWS_SECRET_ACCESS_KEY"), (&secret, "AWS_ACCESS_KEY_ID")] {
        let error = build(std::slice::from_ref(half), json!({})).unwrap_err();
        assert!(error.message.contains(missing) && error.message.contains(half.0), "{error}");
    }
    let bearer = var("AWS_BEARER_TOKEN_BEDROCK", "key");
    let built = build(&[id, secret, bearer], json!({})).unwrap();
    assert!(matches!(built.credentials.at_hand(), Some(Credential::ApiKey(_))));
}

#[tokio::test]
async fn a_profile_is_a_key_or_a_program_and_names_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let program = "sh -c 'echo \"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"P\\\",\\\"SecretAccessKey\\\":\\\"s\\\"}\"'";
    let keys = "[default]\naws_access_key_id=D\naws_secret_access_key=s\n[other]\naws_access_key_id=O\naws_secret_access_key=s\naws_session_token=t\n";
    let config = format!(
        "[profile program]\ncredential_process = {program}\n[profile sso]\nsso_session=x\n[profile loop]\nrole_arn=r\nsource_profile=loop\n"
    );
    let files = [
        var("AWS_SHARED_CREDENTIALS_FILE", file("credentials", keys)),
        var("AWS_CONFIG_FILE", file("config", &config)),
    ];
    let with = |profile: Option<&str>| {
        let mut vars = around(&files);
        vars.extend(profile.map(|profile| var("AWS_PROFILE", profile)));
        build(&vars, json!({})).unwrap()
    };
    for (profile, expected) in [
        (None, ["D", "s", ""]),
        (Some("other"), ["O", "s", "t"]),
        (Some("program"), ["P", "s", ""]),
    ] {
        let found = key(&with(profile), &nobody(), &nobody()).await.unwrap();
        assert_eq!(found, expected, "{profile:?}");
    }
    for (profile, words) in [
        ("missing", "there is no profile `missing`; there are: default, loop, other, program, sso"),
        ("sso", "SSO"),
        ("loop", "builds on itself"),
    ] {
        let error = key(&with(Some(profile)), &nobody(), &nobody()).await.unwrap_err();
        assert!(error.message.contains(words), "{profile}: {error}");
    }
    let named = build(&around(&files), json!({"profile": "other"})).unwrap();
    assert_eq!(key(&named, &nobody(), &nobody()).await.unwrap()[0], "O");
}

const STS: &str = "<R><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>a&amp;b</SecretAccessKey><SessionToken>tok</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></R>";

#[tokio::test]
async fn a_role_is_taken_on_with_the_key_of_another_profile() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    fs::write(&config, "[profile base]\naws_access_key_id=B\naws_secret_access_key=s\n[profile role]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=base\nexternal_id=e/1\nregion=eu-west-1\n").unwrap();
    let vars = around(&[var("AWS_CONFIG_FILE", config.display()), var("AWS_PROFILE", "role")]);
    let sts = Script::always(Answer::new(200).with_body(STS));
    let built = build(&vars, json!({})).unwrap();
    assert_eq!(key(&built, &sts, &nobody()).await.unwrap(), ["ASIA", "a&b", "tok"]);
    let sent = &sts.sent()[0];
    assert_eq!(sent.uri, "https://sts.eu-west-1.amazonaws.com/");
    assert_eq!(
        sent.body,
        "Version=2011-06-15&Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=ferro&ExternalId=e%2F1"
    );
    let signature = shown(sent, "authorization");
    assert!(
        signature.contains("Credential=B/") && signature.contains("/eu-west-1/sts/aws4_request")
    );
}

#[tokio::test]
async fn a_web_identity_is_exchanged_and_its_file_read_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "first\n").unwrap();
    let vars = around(&[
        var("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"),
        var("AWS_WEB_IDENTITY_TOKEN_FILE", token.display()),
        var("AWS_REGION", "us-west-2"),
    ]);
    let built = build(&vars, json!({})).unwrap();
    let sts = Script::always(Answer::new(200).with_body(STS));
    assert_eq!(key(&built, &sts, &nobody()).await.unwrap()[0], "ASIA");
    let body = String::from_utf8(sts.sent()[0].body.to_vec()).unwrap();
    assert!(body.ends_with("&WebIdentityToken=first"), "{body}");
    assert_eq!(sts.sent()[0].uri, "https://sts.us-west-2.amazonaws.com/");
    assert_eq!(shown(&sts.sent()[0], "authorization"), "", "nobody signs it");
    fs::write(&token, "second").unwrap();
    built.credentials.refused(&built.credentials.at_hand().unwrap());
    key(&built, &sts, &nobody()).await.unwrap();
    let body = String::from_utf8(sts.sent()[1].body.to_vec()).unwrap();
    assert!(body.ends_with("=second"), "{body}");
    let refusal =
        "<E><Error><Code>InvalidIdentityToken</Code><Message>No provider</Message></Error></E>";
    let refusing = Script::always(Answer::new(400).with_body(refusal));
    let built = build(&vars, json!({})).unwrap();
    let error = key(&built, &refusing, &nobody()).await.unwrap_err();
    assert!(error.message.contains("InvalidIdentityToken No provider"), "{error}");
}

#[tokio::test]
async fn a_container_is_asked_at_its_own_host_with_its_token() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "Bearer abc\n").unwrap();
    let machine = Script::always(written("C", 3600));
    let relative = around(&[var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x")]);
    let built = build(&relative, json!({})).unwrap();
    assert_eq!(key(&built, &nobody(), &machine).await.unwrap(), ["C", "secret", "session"]);
    assert_eq!(machine.sent()[0].uri, "http://169.254.170.2/v2/x");
    let full = around(&[
        var("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"),
        var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.display()),
    ]);
    let built = build(&full, json!({})).unwrap();
    key(&built, &nobody(), &machine).await.unwrap();
    assert_eq!(shown(&machine.sent()[1], "authorization"), "Bearer abc");
    let full = var("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://[fd00:ec2::23]/v1/credentials");
    key(&build(&around(&[full]), json!({})).unwrap(), &nobody(), &machine).await.unwrap();
    assert_eq!(machine.sent()[2].uri, "http://[fd00:ec2::23]/v1/credentials");
    let foreign = around(&[
        var("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/"),
        var("AWS_CONTAINER_AUTHORIZATION_TOKEN", "abc"),
    ]);
    let way = nobody();
    let error = key(&build(&foreign, json!({})).unwrap(), &way, &machine).await.unwrap_err();
    assert!(error.message.contains("http://example.com/"), "{error}");
    assert!(way.sent().is_empty());
}

/// A machine's metadata service; each key has a number.
fn metadata(seconds: u64) -> Script {
    let count = Arc::new(std::sync::atomic::AtomicU32::new(0));
    Script::new(move |sent| match (sent.method.as_str(), sent.uri.path()) {
        ("PUT", "/latest/api/token") => Answer::new(200).with_body("session-token"),
        ("GET", _) if shown(sent, "x-aws-ec2-metadata-token") != "session-token" => {
            Answer::new(401)
        }
        ("GET", "/latest/meta-data/iam/security-credentials/") => {
            Answer::new(200).with_body("role-1\n")
        }
        ("GET", "/latest/meta-data/iam/security-credentials/role-1") => {
            let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            written(&format!("M{number}"), seconds)
        }
        _ => Answer::new(404),
    })
}

#[tokio::test(start_paused = true)]
async fn the_machine_is_asked_by_a_session_and_again_ahead_of_the_end() {
    let vars = [var("HOME", "/nowhere")];
    let built = build(&vars, json!({})).unwrap();
    let machine = metadata(3600);
    assert!(built.credentials.at_hand().is_none());
    assert_eq!(key(&built, &nobody(), &machine).await.unwrap(), ["M0", "secret", "session"]);
    assert_eq!(machine.sent().len(), 3);
    assert!(machine.sent()[0].uri.to_string().starts_with("http://169.254.169.254/"));
    assert_eq!(key(&built, &nobody(), &machine).await.unwrap()[0], "M0");
    assert_eq!(machine.sent().len(), 3, "it is at hand");
    tokio::time::advance(Duration::from_secs(3600 - 301)).await;
    assert_eq!(key(&built, &nobody(), &machine).await.unwrap()[0], "M0");
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(key(&built, &nobody(), &machine).await.unwrap()[0], "M1", "five minutes ahead");
    built.credentials.refused(&built.credentials.at_hand().unwrap());
    assert_eq!(
        key(&built, &nobody(), &machine).await.unwrap()[0],
        "M2",
        "what was refused is not shown again"
    );
}

#[tokio::test]
async fn many_who_need_a_key_ask_for_it_once() {
    let built = build(&[var("HOME", "/nowhere")], json!({})).unwrap();
    let (machine, way) = (metadata(3600), nobody());
    let keys = futures_util::future::join_all((0..16).map(|_| key(&built, &way, &machine))).await;
    assert!(keys.into_iter().all(|key| key.unwrap()[0] == "M0"));
    assert_eq!(machine.sent().len(), 3);
}

#[tokio::test]
async fn a_machine_that_is_not_to_be_asked_is_not_and_what_would_do_is_said() {
    let machine = metadata(3600);
    let error =
        key(&build(&around(&[]), json!({})).unwrap(), &nobody(), &machine).await.unwrap_err();
    assert!(error.message.contains("AWS_BEARER_TOKEN_BEDROCK"), "{error}");
    assert!(machine.sent().is_empty());
    let elsewhere = [
        var("HOME", "/nowhere"),
        var("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://[fd00:ec2::254]/"),
    ];
    key(&build(&elsewhere, json!({})).unwrap(), &nobody(), &machine).await.unwrap();
    assert!(machine.sent()[0].uri.to_string().starts_with("http://[fd00:ec2::254]/latest/"));
    let over = Script::new(move |sent| {
        match sent.method.as_str() {
        "PUT" => Answer::new(200).with_body("t"),
        _ if sent.uri.path().ends_with('/') => Answer::new(200).with_body("r"),
        _ => Answer::new(200).with_body(r#"{"AccessKeyId":"A","SecretAccessKey":"very-secret","Expiration":"2020-01-01T00:00:00Z"}"#),
    }
    });
    let error = key(&build(&elsewhere, json!({})).unwrap(), &nobody(), &over).await.unwrap_err();
    assert!(error.message.contains("run out"), "{error}");
    assert!(!format!("{error:?}").contains("very-secret"));
}

#[test]
fn nothing_is_read_when_a_target_is_built() {
    let missing = Path::new("/nowhere/credentials");
    let vars = around(&[
        var("AWS_SHARED_CREDENTIALS_FILE", missing.display()),
        var("AWS_WEB_IDENTITY_TOKEN_FILE", missing.display()),
        var("AWS_ROLE_ARN", "r"),
        var("AWS_PROFILE", "p"),
    ]);
    assert!(build(&vars, json!({})).is_ok());
}
