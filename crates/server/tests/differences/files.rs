//! What is read of a file.

use ferro_core::Registry;
use ferro_gateway::{Config, Format, Strictness};

use crate::setup::{answering, ask, gateway, parsed, refused_at, target};

pub(crate) async fn an_unknown_key_is_warned_about_and_refused_when_strict() {
    let text = "targets: [{virtual_key: a, colour: blue}]\n";
    assert_eq!(parsed(text).warnings().len(), 1);
    Config::parse_with(text, Format::Yaml, Strictness::Strict).unwrap_err();
}

pub(crate) async fn a_key_that_is_written_twice_is_refused() {
    let text = "{\"max_request_bytes\": 1,\n \"max_request_bytes\": 2}";
    let error = Config::parse(text, Format::Json).unwrap_err();
    assert_eq!(error.diagnostics()[0].position.unwrap().line, 2);
}

pub(crate) async fn a_second_document_is_refused() {
    let text = "targets: [{virtual_key: a}]\n---\ntargets: [{virtual_key: b}]\n";
    Config::parse(text, Format::Yaml).unwrap_err();
}

pub(crate) async fn a_variable_in_braces_is_replaced_and_a_bare_dollar_is_not() {
    let upstream = answering(&[]).await;
    let keys = "headers: {X-Team: '${TEAM}', X-Price: '$TEAM'}";
    let gateway = gateway("{}", &[target("a", &upstream, keys)], "");
    ask(&gateway).await.unwrap();
    let received = upstream.requests().pop().unwrap();
    assert_eq!(received.header("x-team"), Some("search"));
    assert_eq!(received.header("x-price"), Some("$TEAM"), "without braces it is literal");
}

pub(crate) async fn a_bad_duration_is_refused() {
    let text = "targets:\n  - {virtual_key: a, circuit_breaker: {timeout: soon}}\n";
    let at = ("targets[0].circuit_breaker.timeout".to_owned(), 2);
    assert_eq!(refused_at(text, Format::Yaml), [at]);
    let absent = parsed("targets: [{virtual_key: a, circuit_breaker: {}}]\n");
    let circuit = absent.targets[0].circuit_breaker.as_ref().unwrap();
    assert_eq!(circuit.timeout.as_secs(), 30, "left out it is the default, as before");
}

pub(crate) async fn a_bad_pattern_and_an_unknown_target_are_refused_at_load() {
    let text = "strategy:\n  mode: content-based\n  content_conditions:\n  \
                - {type: prompt_regex, value: '(', target_key: a}\n  \
                - {value: x, target_key: b}\ntargets: [{virtual_key: a}]\n";
    let rule = |n: usize, key: &str| format!("strategy.content_conditions[{n}].{key}");
    assert_eq!(
        refused_at(text, Format::Yaml),
        [(rule(0, "value"), 4), (rule(1, "target_key"), 5)],
        "both at once"
    );
}

pub(crate) async fn a_rule_with_an_unknown_key_is_warned_about() {
    let text = "strategy: {mode: conditional, conditions: [{key: modle, value: m, target_key: a}]}\n\
                targets: [{virtual_key: a}]\n";
    let warnings = parsed(text).warnings();
    assert!(warnings[0].message.contains("never matches"), "{warnings:?}");
}

pub(crate) async fn negative_attempts_are_refused() {
    let text = "targets: [{virtual_key: a, retry: {attempts: -1}}]\n";
    assert_eq!(refused_at(text, Format::Yaml)[0].0, "targets[0].retry.attempts");
    let absent = parsed("targets: [{virtual_key: a, retry: {}}]\n");
    assert_eq!(absent.targets[0].retry.as_ref().unwrap().attempts, 1);
}

pub(crate) async fn two_targets_of_one_name_are_refused() {
    let text = "targets:\n  - {virtual_key: openai}\n  - {virtual_key: openai}\n";
    let at = ("targets[1].virtual_key".to_owned(), 3);
    assert_eq!(refused_at(text, Format::Yaml), [at]);
    parsed("targets: [{virtual_key: openai}, {virtual_key: other, provider: openai}]\n");
}

pub(crate) async fn without_a_file_targets_stand_in_the_builds_order() {
    let registry = Registry::new().providers(ferro_provider_openai_compatible::PROVIDERS);
    let everything = |_: &str| Some("x".to_owned());
    let named = |config: Config| -> Vec<String> {
        config.targets.into_iter().map(|target| target.virtual_key).collect()
    };
    let kinds: Vec<_> = registry.provider_factories().iter().map(|f| f.describe().kind).collect();
    let mut first = named(Config::from_environment(&registry, &everything));
    assert!(first.len() > 1, "{first:?}");
    assert_eq!(first, named(Config::from_environment(&registry, &everything)));
    first.retain(|kind| !kinds.contains(&kind.as_str()));
    assert!(first.is_empty(), "{first:?}");
}
