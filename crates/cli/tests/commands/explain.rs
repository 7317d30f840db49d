//! A request that went somewhere else than it was meant to is explained, to whoever may know.

use ferro_cli::Exit;
use ferro_scripted::{Shape, Upstream, refusal};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    scene::{Scene, Told},
    serve::serving,
};

const KEY: &str = "sk-nobody-may-see-this";
/// What a client may call its request: it has to be quoted in a path.
const NAME: &str = "me/1?x#y%z";

/// A target that refuses twice, two that answer, and one that is drained.
async fn scene() -> (Scene, [Upstream; 2]) {
    let busy = || refusal(503, Shape::OpenAi);
    let broken = Upstream::builder().script(busy()).script(busy()).start().await.unwrap();
    let well = Upstream::start().await.unwrap();
    let target = |name: &str, upstream: &Upstream, more: &str| {
        let url = upstream.base_url();
        format!(
            "  - {{virtual_key: {name}, provider: openai, base_url: '{url}', api_key: k, \
             models: [scripted]{more}}}\n"
        )
    };
    let retry = ", retry: {attempts: 2, on_status_codes: [503], initial_backoff_ms: 1}";
    let mut scene = Scene::new();
    scene.write(
        "c.yaml",
        &format!(
            "strategy: {{mode: fallback}}\naliases: {{fast: scripted}}\ntargets:\n{}{}{}{}",
            target("broken", &broken, retry),
            target("well", &well, ""),
            target("spare", &well, ""),
            target("resting", &well, ", weight: 0"),
        ),
    );
    scene.set("PORT", "0").set("GATEWAY_CONFIG", "c.yaml").set("MASTER_KEY", KEY);
    (scene, [broken, well])
}

/// Sends one chat, under a name.
async fn chat(url: &str) -> String {
    chat_with(url, "fast").await
}

async fn chat_with(url: &str, model: &str) -> String {
    let body = format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"hi"}}]}}"#);
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {KEY}\r\n\
         x-request-id: {NAME}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Asks the gateway at `url`, showing a key under this variable.
async fn explain(url: &str, (variable, key): (&str, &str), typed: &[&str]) -> Told {
    let mut scene = Scene::new();
    scene.set("FERROGW_URL", url).set(variable, key);
    scene.run(&[&["explain"], typed].concat()).await
}

#[tokio::test]
async fn a_request_that_failed_over_is_explained() {
    let (scene, _upstreams) = scene().await;
    let ask = async |url: String, _| {
        let answer = chat(&url).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let told = explain(&url, ("MASTER_KEY", KEY), &[NAME]).await;
        let json = explain(&url, ("FERROGW_API_KEY", KEY), &[NAME, "--format", "json"]).await;
        (told, json)
    };
    let (_, (told, json)) = serving(&scene, &[], ask).await;
    assert_eq!(told.exit, Exit::Success, "{told:?}");
    // Spans are what they are; everything else is said in these words.
    let words: Vec<_> = told.out.lines().map(without_spans).collect();
    let expected = [
        NAME,
        "A reply of `fast`, which means `scripted` here, was asked for in one piece.",
        "It was served by `well` with status 200, after 3 calls, in _ ms, of which the gateway itself took _ ms.",
        "",
        "Why",
        "  The strategy `fallback` put 3 targets in order.",
        "  broken: first in the order (first in order): asked 2 times, and failed with status 503 (overloaded).",
        "  well: second in the order (next in order): chosen: asked, it answered after _ ms.",
        "  spare: third in the order (next in order): not needed.",
        "  resting: drained: its weight is 0.",
        "",
        "Calls",
        "  1. broken: the first call; failed after _ ms with status 503 (overloaded).",
        "  2. broken: asked again, because that may pass, after a wait of _ ms; failed after _ ms with status 503 (overloaded).",
        "  3. well: asked because the one before failed; answered after _ ms.",
    ];
    assert_eq!(words, expected, "{}", told.out);

    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["request_id"], &json["record"]["status"]), (&NAME.into(), &200.into()));
    let why = |call: usize| json["record"]["attempts"][call]["why"].as_str().unwrap();
    assert_eq!([why(0), why(1), why(2)], ["first", "retry", "next_target"]);
    assert_eq!(json["targets"][1]["target"], "well");
    assert!(!told.out.contains(KEY) && !json.to_string().contains(KEY));
}

/// A line without the figures in front of its units.
fn without_spans(line: &str) -> String {
    let is_figure = |word: &str| word.parse::<f64>().is_ok();
    let words: Vec<_> = line.split(' ').collect();
    let shown = words.iter().enumerate().map(|(index, word)| match words.get(index + 1) {
        Some(unit) if is_figure(word) && unit.trim_end_matches(['.', ',', ';']) == "ms" => "_",
        _ => word,
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn who_does_not_know_the_key_or_the_name_is_told_what_would_help() {
    let (scene, _upstreams) = scene().await;
    let ask = async |url: String, _| {
        chat(&url).await;
        let stranger = explain(&url, ("MASTER_KEY", "sk-other"), &[NAME]).await;
        let nobody = explain(&url, ("PORT", "1"), &[NAME]).await;
        let unknown = explain(&url, ("MASTER_KEY", KEY), &["another"]).await;
        [stranger, nobody, unknown]
    };
    let (_, [stranger, nobody, unknown]) = serving(&scene, &[], ask).await;
    for told in [&stranger, &nobody, &unknown] {
        assert_eq!((told.exit, told.out.as_str()), (Exit::Failure, ""), "{told:?}");
    }
    assert!(
        stranger.err.contains("invalid or revoked API key; set FERROGW_API_KEY"),
        "{stranger:?}"
    );
    assert!(nobody.err.contains("missing or invalid authorization header"), "{nobody:?}");
    assert!(unknown.err.contains("answers 404: no request `another` is among the last 10000"));
    assert!(unknown.err.contains("x-request-id"), "{unknown:?}");
}

#[tokio::test]
async fn what_a_client_called_its_model_commands_no_terminal() {
    let (scene, _upstreams) = scene().await;
    let ask = async |url: String, _| {
        let answer = chat_with(&url, r"\u001b[2J\nm\u202e").await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        explain(&url, ("MASTER_KEY", KEY), &[NAME]).await
    };
    let (_, told) = serving(&scene, &[], ask).await;
    assert_eq!(told.exit, Exit::Success, "{told:?}");
    let is_odd = |c: &char| c.is_control() && *c != '\n' || *c == '\u{202e}';
    assert!(!told.out.chars().any(|c| is_odd(&c)), "{told:?}");
    assert!(told.out.contains(r"A reply of `\u{1b}[2J\nm\u{202e}` was asked for"), "{told:?}");
}

#[tokio::test]
async fn a_password_in_the_gateways_address_is_not_repeated() {
    let stranger = Upstream::start().await.unwrap();
    let there = stranger.base_url();
    for url in [there.as_str(), "http://127.0.0.1:1", "ftp://127.0.0.1", "http://"] {
        let url = url.replace("://", &format!("://me:{KEY}@"));
        let told = explain(&url, ("MASTER_KEY", "k"), &["r"]).await;
        assert_eq!((told.exit, told.out.as_str()), (Exit::Failure, ""), "{told:?}");
        assert!(!told.err.contains(KEY), "{told:?}");
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_shown_is_not_taken_for_a_gateway_that_is_away() {
    let told = explain("http://127.0.0.1:1", ("MASTER_KEY", "a\nb"), &["r"]).await;
    assert_eq!(told.exit, Exit::Failure);
    assert!(told.err.contains("no header may hold; set FERROGW_API_KEY"), "{told:?}");
    assert!(!told.err.contains("names another gateway"), "{told:?}");
}

#[tokio::test]
async fn where_no_gateway_answers_that_is_said() {
    let upstream = Upstream::start().await.unwrap();
    let stranger = upstream.base_url();
    let told = explain(&stranger, ("MASTER_KEY", KEY), &["r"]).await;
    assert_eq!(told.exit, Exit::Failure);
    assert!(told.err.contains(&stranger) && !told.err.contains(KEY), "{told:?}");
    // Nobody listens there.
    let told = explain("http://127.0.0.1:1", ("MASTER_KEY", KEY), &["r"]).await;
    assert_eq!((told.exit, told.out.as_str()), (Exit::Failure, ""), "{told:?}");
    assert!(told.err.contains("--gateway-url or FERROGW_URL names another"), "{told:?}");
}
