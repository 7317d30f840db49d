//! The official Python libraries of two vendors through a gateway to scripted upstreams, in each
//! vendor's own words. `cargo xtask sdks` installs them.

use std::path::Path;

use ferro_core::Secret;
use ferro_gateway::{Config, Doors, Format, Gateway, Keyring, Registry};
use ferro_scripted::{Received, Reply, Script, Upstream};
use ferro_server::Server;
use ferro_testkit::oracle;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// What vendors send, by the fixtures of their providers.
macro_rules! sent {
    ($case:literal) => {
        include_str!(concat!("../../../providers/", $case, "/upstream.http"))
            .split_once("\n\n")
            .unwrap()
            .1
    };
}

const FILE: &str = r#"{"id":"file-1","object":"file","bytes":8,"created_at":1,"filename":"requests.jsonl","purpose":"batch","status":"processed"}"#;
const BATCH: &str = r#"{"id":"batch-1","object":"batch","endpoint":"/v1/responses","input_file_id":"file-1","completion_window":"24h","status":"completed","output_file_id":"file-2","created_at":1}"#;
const ITEMS: &str = r#"{"object":"list","data":[{"id":"msg_1","type":"message","role":"user","content":[{"type":"input_text","text":"Hello"}]}],"first_id":"msg_1","last_id":"msg_1","has_more":false}"#;
const TOO_LONG: &str = r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 2 > 1"}}"#;

fn claude(received: &Received) -> Script {
    let says = |word: &str| String::from_utf8_lossy(&received.body).contains(word);
    let events = sent!("anthropic/tests/fixtures/anthropic/messages/hello_streamed");
    let whole = sent!("anthropic/tests/fixtures/anthropic/messages/hello_whole");
    match () {
        () if received.path.contains("count_tokens") => {
            Reply::json(200, r#"{"input_tokens":14}"#).into()
        }
        () if says("too long") => Reply::json(400, TOO_LONG).into(),
        () if says("\"stream\":true") => Reply::new(200, "text/event-stream", events).into(),
        () => Reply::json(200, whole).into(),
    }
}

fn gpt(received: &Received) -> Script {
    let whole = sent!("openai/tests/fixtures/openai/responses/hello_whole");
    let events = sent!("openai/tests/fixtures/openai/responses/hello_streamed");
    let is_stream = String::from_utf8_lossy(&received.body).contains("\"stream\":true");
    match (received.method.as_str(), received.path.as_str()) {
        ("POST", "/v1/responses") if is_stream => {
            Reply::new(200, "text/event-stream", events).into()
        }
        ("GET", "/v1/responses/resp_conformance/input_items") => Reply::json(200, ITEMS).into(),
        ("POST", "/v1/files") => Reply::json(200, FILE).into(),
        ("GET", "/v1/files/file-2/content") => {
            Reply::new(200, "application/octet-stream", "{\"b\":2}\n").into()
        }
        (_, path) if path.starts_with("/v1/batches") => Reply::json(200, BATCH).into(),
        _ => Reply::json(200, whole).into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_library_hears_its_vendor() {
    let claude = Upstream::builder().answers(claude).start().await.unwrap();
    let gpt = Upstream::builder().answers(gpt).start().await.unwrap();
    let text = format!(
        "batch_target: gpt\ntargets:\n\
         - {{virtual_key: claude, provider: anthropic, base_url: '{}', api_key: sk-of-claude}}\n\
         - {{virtual_key: gpt, provider: openai, base_url: '{}', api_key: sk-of-gpt}}\n",
        claude.base_url(),
        gpt.base_url()
    );
    let registry = Registry::new()
        .providers(ferro_provider_openai::PROVIDERS)
        .providers(ferro_provider_anthropic::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS)
        .ingress(&ferro_dialect_anthropic::INGRESS);
    let config = Config::parse(&text, Format::Yaml).unwrap();
    let doors = Doors::behind(Keyring::with_master(&Secret::new("sk-master-key")));
    let gateway = Gateway::builder().config(config).registry(registry).doors(doors);
    let server = Server::bind(([127, 0, 0, 1], 0).into(), gateway.build().unwrap()).await.unwrap();
    let root = format!("http://{}", server.address().unwrap());
    let mut tasks = JoinSet::new();
    tasks.spawn(server.run(std::future::pending()));

    let hello = "Grüß dich! 🙂";
    let cases = [
        ("messages", json!([hello, "end_turn", 40])),
        ("messages_beta", json!([hello])),
        ("messages_streamed", json!([["Grüß", " dich! 🙂"], 7])),
        ("messages_counted", json!([14])),
        ("messages_refused", json!([400, "prompt is too long: 2 > 1"])),
        ("responses", json!([hello, 8])),
        ("responses_streamed", json!([["Grüß", " dich! 🙂"], "response.completed", 29])),
        ("responses_kept", json!([hello, 1, "completed"])),
        ("files_and_batches", json!(["file-1", "completed", "{\"b\":2}\n"])),
    ];
    let ask = |(case, _): &(&str, Value)| json!({"case": case, "base_url": root, "api_key": "sk-master-key"});
    let asked: Vec<_> = cases.iter().map(ask).collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/native/sdk.py");
    let seen = tokio::task::spawn_blocking(move || oracle(&script, &asked)).await.unwrap();
    for ((case, expected), seen) in cases.iter().zip(seen) {
        assert_eq!(seen, *expected, "{case}");
    }
    let is_beta = |asked: &Received| asked.header("anthropic-beta").is_some();
    let beta = claude.requests().into_iter().find(is_beta).unwrap();
    assert_eq!(beta.header("anthropic-beta"), Some("context-management-2025-06-27"));
    assert_eq!(beta.header("x-api-key"), Some("sk-of-claude"));
}
