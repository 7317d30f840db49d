//! Which way requests go, as a file says it, and what a reload leaves as it is.

use ferro_gateway::{Config, Format};
use ferro_scripted::{Received, Reply, Script, Upstream};

use crate::weather::{Vendor, Weather, healthy, refuses, well};

fn target(name: &str, upstream: &Upstream, more: &str) -> String {
    let url = upstream.base_url();
    format!("- {{virtual_key: {name}, provider: openai-compatible, base_url: '{url}', {more}}}\n")
}

#[tokio::test]
async fn an_open_circuit_outlives_a_reload_that_leaves_its_target_where_it_is() {
    let a = Vendor::ill(refuses(503)).await;
    let config = |more: &str| {
        let more = format!("circuit_breaker: {{failure_threshold: 1{more}}}, models: [m]");
        format!("strategy: {{mode: single}}\ntargets:\n{}", target("a", &a.upstream, &more))
    };
    let weather = Weather::of(&config("")).await;
    weather.ask("m", false).await;
    a.cure();
    for more in ["", ", success_threshold: 2"] {
        let config = Config::parse(&config(more), Format::Yaml).unwrap();
        weather.gateway.reload(config).unwrap();
        assert_eq!(weather.ask("m", false).await.status, 503, "{more}");
    }
    let elsewhere = healthy().await;
    let moved = target("a", &elsewhere, "circuit_breaker: {failure_threshold: 1}, models: [m]");
    let moved = format!("strategy: {{mode: single}}\ntargets:\n{moved}");
    weather.gateway.reload(Config::parse(&moved, Format::Yaml).unwrap()).unwrap();
    assert_eq!(weather.ask("m", false).await.status, 200, "it is another vendor");
}

#[tokio::test]
async fn a_configuration_that_is_refused_changes_no_limit_of_the_one_at_work() {
    let a = Vendor::ill(refuses(503)).await;
    let config = |threshold: u32| {
        let more = format!("circuit_breaker: {{failure_threshold: {threshold}}}, models: [m]");
        let text =
            format!("strategy: {{mode: single}}\ntargets:\n{}", target("a", &a.upstream, &more));
        Config::parse(&text, Format::Yaml).unwrap()
    };
    let weather = Weather::of("targets: []").await;
    weather.gateway.reload(config(3)).unwrap();
    let mut wrong = config(1);
    wrong.retry_budget.ratio = -1.0;
    assert!(weather.gateway.reload(wrong).is_err());
    weather.ask_often(4, "m").await;
    assert_eq!(a.asked(), 3, "three failures open it, and not one");
}

#[tokio::test]
async fn a_key_that_rests_rests_after_a_reload_too() {
    let takes = |received: &Received| match received.header("authorization") {
        Some(shown) if shown.contains("revoked") => refuses(401)(received),
        _ => well(received),
    };
    let a = Vendor::ill(takes).await;
    let config = |keys: &str| {
        let target = target("a", &a.upstream, &format!("keys: [{keys}], models: [m]"));
        Config::parse(&format!("targets:\n{target}"), Format::Yaml).unwrap()
    };
    let keys = "{key: sk-revoked-1, weight: 1000}, {key: sk-good-2}";
    let weather = Weather::of(
        "targets: [{virtual_key: x, provider: openai-compatible, base_url: 'http://127.0.0.1:1'}]",
    )
    .await;
    weather.gateway.reload(config(keys)).unwrap();
    assert_eq!(weather.ask("m", false).await.status, 200);
    weather.gateway.reload(config(&format!("{{key: sk-new-3}}, {keys}"))).unwrap();
    let told = weather.ask_often(5, "m").await;
    assert!(told.iter().all(|told| told.status == 200), "{told:?}");
    assert_eq!(a.asked(), 7, "the revoked key was shown once");
}

#[tokio::test]
async fn a_variant_is_named_in_the_reply_and_in_a_metric() {
    let (a, b) = (healthy().await, healthy().await);
    let targets = [("a", &a, "models: [m]"), ("b", &b, "models: [m]")];
    let variants = "[{target_key: a, weight: 0, label: old}, {target_key: b, label: new}]";
    let strategy = format!("{{mode: ab-test, ab_variants: {variants}}}");
    let weather = Weather::new(&strategy, &targets).await;
    for stream in [false, true] {
        let told = weather.ask("m", stream).await;
        assert_eq!((told.target(), told.header("x-ferro-variant")), ("b", Some("new")), "{told:?}");
    }
    let counted = r#"gateway_variant_requests_total{variant="new",status="success"}"#;
    assert_eq!(weather.metric(counted).as_deref(), Some("2"));
}

#[tokio::test]
async fn a_model_may_have_a_way_of_its_own_and_a_larger_one_behind_it() {
    let too_long = |received: &Received| -> Script {
        if !String::from_utf8_lossy(&received.body).contains(r#""model":"small""#) {
            return well(received);
        }
        let error = r#"{"error":{"message":"too long","code":"context_length_exceeded"}}"#;
        Reply::json(400, error).into()
    };
    let (a, b) = (Vendor::ill(too_long).await, healthy().await);
    let config = format!(
        "strategy: {{mode: fallback}}\ncontext_fallback: {{small: large}}\ntargets:\n{}{}\
         routes: [{{name: large-ones, when: [{{key: model, value: large}}], \
         strategy: {{mode: fallback}}, targets: [b, a]}}]\n",
        target("a", &a.upstream, "models: [small, large]"),
        target("b", &b, "models: [small, large]"),
    );
    let weather = Weather::of(&config).await;
    let told = weather.ask("small", false).await;
    assert_eq!((told.status, told.target(), a.asked()), (200, "b", 1), "{told:?}");
}

#[tokio::test]
async fn a_rule_and_a_variant_of_the_top_level_may_name_a_route() {
    let (a, b, c) = (healthy().await, Vendor::ill(refuses(503)).await, healthy().await);
    let targets = format!(
        "targets:\n{}{}{}\
         routes: [{{name: pool, strategy: {{mode: fallback}}, targets: [b, c]}}]\n",
        target("a", &a, "models: [m, n]"),
        target("b", &b.upstream, "models: [m, n]"),
        target("c", &c, "models: [m, n]"),
    );
    let rule = "conditions: [{key: model, value: m, target_key: pool}]";
    let content = "content_conditions: [{type: prompt_contains, value: hi, target_key: pool}]";
    let variant = "ab_variants: [{target_key: pool, label: new}, {target_key: a, weight: 0}]";
    let by = [("conditional", rule), ("content-based", content), ("ab-test", variant)];
    for (place, (mode, rules)) in by.into_iter().enumerate() {
        let weather = Weather::of(&format!("strategy: {{mode: {mode}, {rules}}}\n{targets}")).await;
        let told = weather.ask("m", false).await;
        assert_eq!((told.status, told.target(), b.asked()), (200, "c", place + 1), "{mode}");
        if mode == "conditional" {
            assert_eq!(weather.ask("n", false).await.target(), "a", "no rule matches");
        }
    }
}
