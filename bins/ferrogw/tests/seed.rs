//! What the project's first description promises a newcomer: its files, and its first request as it
//! is typed, with the real `curl` and the real binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[expect(dead_code, reason = "other tests of this binary use the rest")]
mod process;

use std::{fs, path::PathBuf, process::Stdio};

use ferro_scripted::{Upstream, WHOLE_TEXT};
use process::{Gateway, MASTER_KEY};
use serde_json::Value;
use tokio::process::Command;

const MINIMAL: &str = include_str!("../../../crates/config/tests/fixtures/seed-minimal.yaml");
const ANNOTATED: &str = include_str!("../../../crates/config/tests/fixtures/seed-annotated.yaml");
/// The body of the first request, line by line.
const HELLO: &str = r#"{
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "Hello from Ferro Labs AI Gateway"}]
  }"#;

/// What `curl` printed.
#[derive(Debug)]
struct Answer {
    status: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

/// A gateway with the one key that the description has, at a vendor whose address is written in
/// one of two ways, and with these variables besides.
async fn start(config: &str, base_url: &str, besides: &[(&str, &str)]) -> Gateway {
    let own = [("OPENAI_API_KEY", "sk-your-key"), ("OPENAI_BASE_URL", base_url)];
    Gateway::start_in(config, &[&own, besides].concat()).await.unwrap()
}

/// The first request: exactly what is typed there, but for the port. What is asked of `curl`
/// besides, it is asked in a file.
async fn first_request(gateway: &Gateway, body: &str, besides: &[&str]) -> Answer {
    let url = format!("http://localhost:{}/v1/chat/completions", gateway.address().port());
    let run = Command::new("curl")
        .env_clear()
        .env("CURL_HOME", curl_home())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .args([&url, "-H", "Content-Type: application/json", "-d", body])
        .args(besides)
        .stdin(Stdio::null())
        .output();
    let output = run.await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let (body, status) = printed.rsplit_once('\n').unwrap();
    Answer { status: status.to_owned(), body: body.to_owned() }
}

/// Where `curl` is told to print the status behind the body, and not to wait for ever.
fn curl_home() -> PathBuf {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("curl");
    fs::create_dir_all(&home).unwrap();
    let ready = home.join(".curlrc");
    if !ready.exists() {
        // Renamed into place: other tests read it at the same time.
        let written =
            home.join(format!("{}-{:?}", std::process::id(), std::thread::current().id()));
        fs::write(&written, "write-out = \"\\n%{http_code}\"\nmax-time = 60\n").unwrap();
        fs::rename(written, ready).unwrap();
    }
    home
}

#[tokio::test]
async fn the_first_request_works_as_it_is_typed() {
    let upstream = Upstream::start().await.unwrap();
    let api_root = upstream.base_url();
    let host_root = api_root.strip_suffix("/v1").unwrap().to_owned();
    for base_url in [host_root, api_root] {
        let gateway = start(MINIMAL, &base_url, &[]).await;
        let answer = first_request(&gateway, HELLO, &[]).await;
        assert_eq!(answer.status, "200", "{base_url}: {answer:?}");
        let reply = answer.json();
        assert_eq!(reply["choices"][0]["message"]["content"], WHOLE_TEXT);
        assert_eq!(reply["provider"], "openai");
        let received = upstream.requests().pop().unwrap();
        assert_eq!(received.path, "/v1/chat/completions", "{base_url}");
        assert_eq!(received.header("authorization"), Some("Bearer sk-your-key"));
        assert_eq!(String::from_utf8(received.body).unwrap(), HELLO);
    }
}

#[tokio::test]
async fn the_vendor_that_is_not_there_is_said_and_passed_over() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(MINIMAL, &upstream.base_url(), &[]).await;
    let printed = gateway.says("anthropic").await;
    assert!(printed.lines().any(|line| line.contains("warning") && line.contains("anthropic")));
    assert!(!printed.contains("sk-your-key"), "{printed}");
}

#[tokio::test]
async fn a_short_name_means_its_model_and_an_unknown_one_is_named() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(MINIMAL, &upstream.base_url(), &[]).await;
    let answer = first_request(&gateway, &HELLO.replace("gpt-4o-mini", "fast"), &[]).await;
    assert_eq!(answer.status, "200", "{answer:?}");
    let received = upstream.requests().pop().unwrap();
    assert_eq!(String::from_utf8(received.body).unwrap(), HELLO);

    let unknown = HELLO.replace("gpt-4o-mini", "nobody-has-this");
    let answer = first_request(&gateway, &unknown, &[]).await;
    assert_eq!(answer.status, "404", "{answer:?}");
    let error = &answer.json()["error"];
    assert!(error["message"].as_str().unwrap().contains("nobody-has-this"), "{answer:?}");
    assert_eq!(
        (&error["type"], &error["code"]),
        (&"invalid_request_error".into(), &"model_not_found".into())
    );
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn the_annotated_file_serves_and_what_does_nothing_in_it_is_named() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(ANNOTATED, &upstream.base_url(), &[]).await;
    let printed = gateway.says("/v1 is").await;
    for inactive in [
        "plugins[0].enabled",
        "plugins[1].enabled",
        "plugins[2].enabled",
        "plugins[3].enabled",
        "mcp_servers",
    ] {
        assert!(printed.lines().any(|line| line.contains(inactive)), "{inactive}: {printed}");
    }
    let answer = first_request(&gateway, HELLO, &[]).await;
    assert_eq!(answer.status, "200", "{answer:?}");
}

#[tokio::test]
async fn a_caller_from_elsewhere_hears_where_its_key_was_printed() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(MINIMAL, &upstream.base_url(), &[]).await;
    let printed = gateway.says("/v1 is").await;
    let proxied = ["-H", "X-Forwarded-For: 203.0.113.9"];
    let answer = first_request(&gateway, HELLO, &proxied).await;
    assert_eq!(answer.status, "401", "{answer:?}");
    let error = &answer.json()["error"];
    assert_eq!(error["type"], "authentication_error");
    let words = "the key was printed to standard error when the gateway started";
    assert!(error["message"].as_str().unwrap().contains(words), "{answer:?}");
    assert!(upstream.requests().is_empty());

    let key = printed.split_whitespace().find(|word| word.starts_with("fgw_")).unwrap();
    let key = format!("Authorization: Bearer {key}");
    let answer = first_request(&gateway, HELLO, &[&proxied[..], &["-H", &key]].concat()).await;
    assert_eq!(answer.status, "200", "{answer:?}");
}

#[tokio::test]
async fn an_operators_key_closes_it_to_this_machine_too() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = start(MINIMAL, &upstream.base_url(), &[("MASTER_KEY", MASTER_KEY)]).await;
    let answer = first_request(&gateway, HELLO, &[]).await;
    assert_eq!(answer.status, "401", "{answer:?}");
    assert!(!answer.body.contains("printed"), "no key was printed: {answer:?}");
    let key = format!("Authorization: Bearer {MASTER_KEY}");
    let answer = first_request(&gateway, HELLO, &["-H", &key]).await;
    assert_eq!(answer.status, "200", "{answer:?}");
}

#[tokio::test]
async fn an_open_gateway_is_open_to_everybody_and_refused_in_production() {
    let upstream = Upstream::start().await.unwrap();
    let open = ("ALLOW_UNAUTHENTICATED_PROXY", "true");
    let gateway = start(MINIMAL, &upstream.base_url(), &[open]).await;
    let proxied = ["-H", "X-Forwarded-For: 203.0.113.9", "-H", "Host: gateway.example"];
    let answer = first_request(&gateway, HELLO, &proxied).await;
    assert_eq!(answer.status, "200", "{answer:?}");

    let refused = Command::new(process::binary())
        .env_clear()
        .envs([("PORT", "0"), ("OPENAI_API_KEY", "sk-your-key"), open])
        .env("GATEWAY_ENV", "production")
        .stdin(Stdio::null())
        .output();
    let refused = refused.await.unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains(open.0) && said.contains("GATEWAY_ENV=production"), "{said}");
}
