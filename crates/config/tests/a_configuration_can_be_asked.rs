//! What a program can ask of a configuration, however it came to be.

use std::time::Duration;

use ferro_config::{
    Condition, Config, Format, Mode, Plugin, Position, Retry, Severity, Strategy, Stream,
    Strictness, Target,
};

fn yaml(text: &str) -> Config {
    Config::parse(text, Format::Yaml).unwrap_or_else(|error| panic!("{error}"))
}

fn warnings(text: &str) -> Vec<String> {
    yaml(text).warnings().into_iter().map(|d| format!("{}: {}", d.path, d.message)).collect()
}

#[test]
fn a_place_is_told_by_line_and_column() {
    let config = yaml("# é\ntargets:\n  - virtual_key: openai\n  - {virtual_key: groq}\n");
    let place = |path: &str| config.position(path).map(|p| (p.line, p.column));
    assert_eq!(place("targets[0].virtual_key"), Some((3, 18)));
    assert_eq!(place("targets[1].virtual_key"), Some((4, 19)));
    assert_eq!(place("targets[1].api_key"), None);
    assert_eq!(Config::default().position("targets"), None);
}

#[test]
fn what_is_found_later_is_shown_where_it_stands_or_would() {
    let config = yaml("targets:\n  - virtual_key: openai\n    weight: 1\n");
    let found = config.diagnostic("targets[0].api_key", "the key is missing");
    assert_eq!(found.position, Some(Position { line: 2, column: 5 }));
    assert_eq!(found.severity, Severity::Error);
    let shown = found.to_string();
    assert!(shown.contains("configuration:2:5") && shown.contains("targets[0].api_key"), "{shown}");
}

#[test]
fn what_a_program_puts_together_is_checked_the_same_and_named_by_its_path() {
    let config = Config {
        strategy: Strategy::new(Mode::LoadBalance),
        targets: vec![
            Target { weight: Some(-1.0), ..Target::new("openai") },
            Target::new("openai"),
        ],
        plugins: vec![Plugin { name: "budget".into(), enabled: true, ..Plugin::default() }],
        ..Config::default()
    };
    let found: Vec<_> = config.validate().iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("error: targets[0].weight: -1 is no share"));
    assert!(found[1].starts_with("error: targets[1].virtual_key: `openai` is the name of"));
    let inactive: Vec<_> = config.inactive().iter().map(ToString::to_string).collect();
    assert_eq!(inactive.len(), 1, "{inactive:?}");
    assert!(inactive[0].starts_with("`plugins[0].enabled` is not served yet: plugins do not run"));
}

#[test]
fn defaults_are_what_their_documentation_says() {
    let config = yaml("targets:\n  - {virtual_key: openai, retry: {}, circuit_breaker: {}}\n");
    let target = &config.targets[0];
    assert_eq!(config.strategy.mode, Mode::Single);
    assert_eq!(
        target.retry,
        Some(Retry {
            attempts: 1,
            on_status_codes: vec![],
            initial_backoff_ms: 100,
            max_backoff: Duration::from_secs(10),
            max_retry_after: Duration::from_secs(30),
            attempt_timeout: None,
            non_idempotent: false,
        })
    );
    assert_eq!(target.circuit_breaker.as_ref().unwrap().timeout, Duration::from_secs(30));
    assert_eq!(target.weight, None);
    let stream = Stream {
        commit_after: Duration::from_secs(10),
        keep_alive: Duration::from_secs(15),
        ttft_timeout: None,
    };
    assert_eq!(config.stream, stream);
}

#[test]
fn an_absent_value_is_an_absent_key() {
    let with_nothing =
        "strategy:\ntargets:\n  - virtual_key: openai\n    retry: ~\n    headers:\nplugins: null\n";
    assert_eq!(yaml(with_nothing), yaml("targets: [{virtual_key: openai}]\n"));
    assert_eq!(yaml("strategy: {mode: ''}\n"), Config::default());
    assert_eq!(yaml("# nothing\n"), Config::default());
}

#[test]
fn what_yaml_takes_for_a_number_is_text_where_text_is_wanted() {
    let config =
        yaml("targets: [{virtual_key: 0x10, models: [1.10, yes]}]\naliases: {fast: 4, 5: 1e3}\n");
    assert_eq!(config.targets[0].virtual_key, "0x10");
    assert_eq!(config.targets[0].models, ["1.10", "yes"]);
    assert_eq!(config.aliases["fast"], "4");
    assert_eq!(config.aliases["5"], "1e3");
}

#[test]
fn yes_and_no_are_booleans_where_one_is_wanted_and_words_elsewhere() {
    let config = yaml(
        "targets: [{virtual_key: a}]\nplugins: [{name: b, enabled: Yes, config: {words: [no, yes]}}]\n",
    );
    assert!(config.plugins[0].enabled);
    assert_eq!(config.plugins[0].config.0["words"], serde_json::json!(["no", "yes"]));
}

#[test]
fn anchors_and_merges_are_resolved() {
    let text = "_base: &again {attempts: 3}\ntargets:\n  - {virtual_key: a, retry: *again}\n  - virtual_key: b\n    retry: {<<: *again, initial_backoff_ms: 5}\n";
    let config = yaml(text);
    let attempts = |index: usize| config.targets[index].retry.as_ref().unwrap().attempts;
    assert_eq!((attempts(0), attempts(1)), (3, 3));
    let config = yaml("_n: &n 0x5\ntargets: [{virtual_key: *n}]\n");
    assert_eq!(config.targets[0].virtual_key, "0x5");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let config = yaml("\u{feff}targets: [{virtual_key: a}]\n");
    assert_eq!(config.position("targets").unwrap(), Position { line: 1, column: 10 });
    Config::parse("\u{feff}{\"targets\": []}", Format::Json).unwrap();
}

#[test]
fn what_is_odd_is_warned_about_and_refused_when_strict() {
    let text = "targets: [{virtual_key: a, colour: blue}]\nplugins: [{name: budget}]\n";
    assert_eq!(
        warnings(text),
        ["targets[0].colour: unknown key `colour`: it does nothing", "plugins[0]: `budget` is off"]
    );
    let error = Config::parse_with(text, Format::Yaml, Strictness::Strict).unwrap_err();
    assert_eq!(error.diagnostics().len(), 2);
    assert!(error.diagnostics().iter().all(ferro_config::Diagnostic::is_error));
}

#[test]
fn a_plugin_that_is_written_to_be_off_is_not_spoken_of() {
    assert!(
        warnings("targets: [{virtual_key: a}]\nplugins: [{name: b, enabled: no}]\n").is_empty()
    );
}

#[test]
fn a_target_that_cannot_be_read_is_no_reason_to_call_a_name_unknown() {
    let text = "targets: [{virtual_key: [a]}]\nbatch_target: a\n";
    let error = Config::parse(text, Format::Yaml).unwrap_err();
    let paths: Vec<_> = error.diagnostics().iter().map(|d| d.path.as_str()).collect();
    assert_eq!(paths, ["targets[0].virtual_key"]);
}

#[test]
fn a_file_that_was_hardly_meant_to_be_one_is_cut_short() {
    let targets: String = (0..5000).map(|_| "  - 1\n").collect();
    let error = Config::parse(&format!("targets:\n{targets}"), Format::Yaml).unwrap_err();
    assert_eq!(error.diagnostics().len(), 101);
    assert!(error.to_string().contains("there are more than 100 mistakes"));
}

#[test]
fn nesting_ends_before_the_stack_does() {
    let deep = format!("targets: {}{}\n", "[".repeat(5000), "]".repeat(5000));
    for format in [Format::Yaml, Format::Json] {
        let error = Config::parse(&deep.replace("targets", "\"targets\""), format).unwrap_err();
        assert_eq!(error.diagnostics().len(), 1);
    }
}

#[test]
fn a_strategy_is_inactive_exactly_while_the_build_does_not_have_it() {
    for word in Mode::WORDS {
        let mode: Mode = serde_json::from_value((*word).into()).unwrap();
        let config = Config { strategy: Strategy::new(mode), ..Config::default() };
        let is_inactive = config.inactive().iter().any(|inactive| inactive.path == "strategy.mode");
        assert_eq!(is_inactive, !ferro_strategies::MODES.contains(word), "{word}");
    }
}

#[test]
fn what_rules_and_variants_go_by_is_accepted_exactly_where_the_strategies_know_it() {
    let words = [
        "model",
        "model_prefix",
        "user",
        "key",
        "header:X-Team",
        "header:",
        "header:a b",
        "header",
        "metadata:tier",
        "metadata:",
        "metadata",
        "cookie",
        "cookie:a",
        "",
        ":",
        "Model",
    ];
    for word in words {
        let mut config = Config { targets: vec![Target::new("acme")], ..Config::default() };
        config.strategy.conditions = vec![Condition {
            key: word.to_owned(),
            value: "m".to_owned(),
            target_key: "acme".to_owned(),
        }];
        config.strategy.sticky = Some(word.to_owned());
        let found = config.validate();
        // That neither is for the mode is said besides.
        let complains = |path: &str, about: &str| {
            found.iter().any(|found| found.path == path && found.message.contains(about))
        };
        let is_known = ferro_strategies::Condition::new(word, "m", "acme").is_known();
        let never = complains("strategy.conditions[0].key", "never matches");
        assert_eq!(!never, is_known, "{word}");
        let is_sticky = word.parse::<ferro_strategies::Sticky>().is_ok();
        let nobody = complains("strategy.sticky", "nobody is known by");
        assert_eq!(!nobody, is_sticky, "{word}");
    }
}
