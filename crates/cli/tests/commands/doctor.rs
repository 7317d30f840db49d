//! What stands in the way of a gateway, and what does not.

use ferro_cli::Exit;
use ferro_scripted::Upstream;
use serde_json::Value;

use crate::{
    scene::{Scene, Told},
    serve::serving,
};

const SECRET: &str = "sk-nobody-may-see-this";

/// The line of one check.
fn line<'a>(told: &'a Told, check: &str) -> &'a str {
    let is_it = |line: &&str| line.split_whitespace().nth(1) == Some(check);
    told.out.lines().find(is_it).unwrap_or_else(|| panic!("no {check} in {}", told.out))
}

#[tokio::test]
async fn variables_are_named_and_their_values_are_not() {
    let mut scene = Scene::new();
    scene.set("PORT", "0").set("OPENAI_API_KEY", SECRET).set("CLOUDFLARE_API_KEY", SECRET);
    scene.set("HTTPS_PROXY", "http://me:sk-nobody-may-see-this@proxy");
    let told = scene.run(&["doctor"]).await;
    assert_eq!(told.exit, Exit::Success, "{told:?}");
    assert!(line(&told, "providers").starts_with("! providers   openai (OPENAI_API_KEY)"));
    assert!(told.out.contains("CLOUDFLARE_API_KEY is set, CLOUDFLARE_ACCOUNT_ID is missing"));
    assert!(line(&told, "proxy").ends_with("HTTPS_PROXY set"), "{}", told.out);
    assert!(line(&told, "gateway").contains("any free port"), "{}", told.out);
    for check in ["config", "settings", "descriptors", "clock"] {
        assert!(line(&told, check).starts_with('✓'), "{}", told.out);
    }
    assert!(!format!("{told:?}").contains(SECRET), "{told:?}");
}

#[tokio::test]
async fn an_invalid_configuration_fails_and_a_valid_one_does_not() {
    let mut scene = Scene::new();
    scene.set("PORT", "0");
    scene.write("good.yaml", "targets: [{virtual_key: openai, api_key: k}]\n");
    scene.write("bad.yaml", "targets: [{virtual_key: acme}]\n");
    let good = scene.run(&["doctor", "--config", "good.yaml"]).await;
    assert_eq!(good.exit, Exit::Success, "{good:?}");
    assert!(line(&good, "config").ends_with("good.yaml is valid"), "{}", good.out);
    let bad = scene.run(&["doctor", "--config", "bad.yaml"]).await;
    assert_eq!(bad.exit, Exit::Failure);
    assert!(line(&bad, "config").starts_with('✗'), "{}", bad.out);
    assert!(bad.out.contains("unknown provider `acme`"), "{}", bad.out);
}

#[tokio::test]
async fn a_gateway_that_was_asked_for_and_does_not_answer_fails() {
    let mut scene = Scene::new();
    // Nobody listens there.
    scene.set("FERROGW_URL", "http://127.0.0.1:1");
    let told = scene.run(&["doctor"]).await;
    assert_eq!(told.exit, Exit::Failure);
    assert!(line(&told, "gateway").contains("unreachable"), "{}", told.out);
    let told = scene.run(&["doctor", "--gateway-url", "localhost"]).await;
    assert_eq!(told.exit, Exit::Failure);
    assert!(line(&told, "gateway").contains("`localhost` is not a base URL"), "{}", told.out);
}

#[tokio::test]
async fn a_degraded_gateway_is_told_from_a_healthy_one_and_from_none() {
    let mut scene = Scene::new();
    scene.set("PORT", "0");
    let ask = async |url: String, _| Scene::new().run(&["doctor", "--gateway-url", &url]).await;
    let (_, told) = serving(&scene, &[], ask).await;
    assert_eq!(told.exit, Exit::Success, "{told:?}");
    assert!(line(&told, "gateway").contains("degraded: no_providers"), "{}", told.out);

    scene.set("OPENAI_API_KEY", SECRET);
    let (_, told) = serving(&scene, &[], ask).await;
    assert_eq!(told.exit, Exit::Success, "{told:?}");
    assert!(line(&told, "gateway").contains("is healthy"), "{}", told.out);
}

#[tokio::test]
async fn a_running_gateway_is_found_on_its_port_and_a_stranger_is_no_gateway() {
    let mut scene = Scene::new();
    scene.set("PORT", "0").set("OPENAI_API_KEY", SECRET);
    let ask = async |url: String, _| {
        let mut beside = Scene::new();
        beside.set("PORT", url.rsplit_once(':').unwrap().1);
        beside.run(&["doctor"]).await
    };
    let (_, told) = serving(&scene, &[], ask).await;
    assert!(line(&told, "gateway").contains("is healthy"), "{}", told.out);

    let stranger = Upstream::start().await.unwrap();
    let url = stranger.base_url();
    let root = url.trim_end_matches("/v1");
    scene.set("PORT", root.rsplit_once(':').unwrap().1);
    let told = scene.run(&["doctor"]).await;
    assert_eq!(told.exit, Exit::Success, "{told:?}");
    assert!(line(&told, "gateway").contains("not by a gateway"), "{}", told.out);
    let told = scene.run(&["doctor", "--gateway-url", root]).await;
    assert_eq!(told.exit, Exit::Failure);
    assert!(line(&told, "gateway").contains("not as a gateway does"), "{}", told.out);
}

#[tokio::test]
async fn programs_read_the_same() {
    let mut scene = Scene::new();
    scene.set("PORT", "0");
    let told = scene.run(&["doctor", "--format", "json"]).await;
    let result: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(result["healthy"], true);
    let checks = result["checks"].as_array().unwrap();
    let names: Vec<_> = checks.iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["providers", "config", "settings", "gateway", "proxy", "descriptors", "clock"]
    );
    assert_eq!(checks[0]["status"], "warning");

    scene.set("GATEWAY_CONFIG", "absent.yaml");
    let told = scene.run(&["doctor", "--format", "yaml"]).await;
    assert_eq!(told.exit, Exit::Failure);
    assert_eq!(serde_saphyr::from_str::<Value>(&told.out).unwrap()["healthy"], false);
}

#[tokio::test]
async fn what_is_set_and_does_nothing_is_named_without_its_value() {
    let mut scene = Scene::new();
    scene.set("PORT", "0").set("RATE_LIMIT_RPS", "20").set("OTEL_EXPORTER_OTLP_HEADERS", SECRET);
    scene.set("API_KEY_STORE_BACKEND", "memory").set("ENABLE_PPROF", "false");
    scene.write(
        "c.yaml",
        "mcp_servers: [{name: m, url: 'http://m'}]\ntargets: [{virtual_key: openai, api_key: k}]\n",
    );
    let told = scene.run(&["doctor", "--config", "c.yaml"]).await;
    assert_eq!(told.exit, Exit::Success, "{told:?}");
    assert!(line(&told, "settings").starts_with('!'), "{}", told.out);
    for name in ["`RATE_LIMIT_RPS`", "`OTEL_EXPORTER_OTLP_HEADERS`", "mcp_servers:"] {
        assert!(told.out.contains(name), "{name}: {}", told.out);
    }
    for absent in [SECRET, "API_KEY_STORE_BACKEND", "ENABLE_PPROF"] {
        assert!(!told.out.contains(absent), "{absent}: {}", told.out);
    }
}

#[tokio::test]
async fn what_a_gateway_would_refuse_fails() {
    for (name, value, words) in [
        ("CORS_ORIGINS", "https://a.example, *", "CORS_ORIGINS with `*`"),
        ("ALLOW_UNAUTHENTICATED_PROXY", "true", "ALLOW_UNAUTHENTICATED_PROXY=true is refused"),
        ("FERRO_MODEL_DISCOVERY_INTERVAL", "30s", "1m or longer"),
    ] {
        let mut scene = Scene::new();
        scene.set("PORT", "0").set("GATEWAY_ENV", "production").set(name, value);
        let told = scene.run(&["doctor"]).await;
        assert_eq!(told.exit, Exit::Failure, "{told:?}");
        assert!(line(&told, "settings").contains(words), "{}", told.out);
    }
}
