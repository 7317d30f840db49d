//! The files that must load: those of the project's first description, one with every key, and the
//! examples.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use ferro_config::{Config, Format, Mode, Strictness};
use serde_json::Value;

/// Every key of the schema, at the path where `every-key` has it.
const EVERY_KEY: &[&str] = &[
    "apiVersion",
    "strategy.mode",
    "strategy.failover_on_status_codes[1]",
    "strategy.affinity.by",
    "strategy.affinity.header",
    "strategy.affinity.ttl",
    "strategy.hedging.quantile",
    "strategy.hedging.max_extra",
    "strategy.conditions[0].key",
    "strategy.conditions[0].value",
    "strategy.conditions[0].target_key",
    "targets[0].virtual_key",
    "targets[0].weight",
    "targets[0].models[1]",
    "targets[0].retry.attempts",
    "targets[0].retry.on_status_codes[2]",
    "targets[0].retry.initial_backoff_ms",
    "targets[0].retry.max_backoff",
    "targets[0].retry.max_retry_after",
    "targets[0].retry.attempt_timeout",
    "targets[0].retry.non_idempotent",
    "targets[0].circuit_breaker.failure_threshold",
    "targets[0].circuit_breaker.success_threshold",
    "targets[0].circuit_breaker.max_half_threshold",
    "targets[0].circuit_breaker.timeout",
    "targets[0].circuit_breaker.failure_rate",
    "targets[0].circuit_breaker.minimum_requests",
    "targets[0].circuit_breaker.window",
    "targets[0].circuit_breaker.max_timeout",
    "targets[0].circuit_breaker.per_model",
    "targets[0].concurrency.max_concurrency",
    "targets[0].concurrency.queue_size",
    "targets[0].concurrency.queue_timeout",
    "targets[1].provider",
    "targets[1].base_url",
    "targets[1].keys[0].key",
    "targets[1].keys[0].weight",
    "targets[1].headers.X-Team",
    "targets[1].timeouts.connect",
    "targets[1].timeouts.first_byte",
    "targets[1].timeouts.idle",
    "targets[1].timeouts.total",
    "targets[1].ttft_timeout",
    "targets[1].prices.*.input_per_m_tokens",
    "targets[1].prices.claude-3-5-sonnet-20241022.output_per_m_tokens",
    "targets[1].prices.claude-3-5-sonnet-20241022.cache_read_per_m_tokens",
    "targets[1].prices.claude-3-5-sonnet-20241022.cache_write_per_m_tokens",
    "targets[1].settings.region",
    "targets[2].api_key",
    "routes[0].name",
    "routes[0].when[1].key",
    "routes[0].when[1].value",
    "routes[0].strategy.mode",
    "routes[0].targets[1]",
    "routes[2].strategy.content_conditions[2].type",
    "routes[2].strategy.content_conditions[2].value",
    "routes[2].strategy.content_conditions[2].target_key",
    "routes[3].strategy.sticky",
    "routes[3].strategy.ab_variants[0].target_key",
    "routes[3].strategy.ab_variants[0].weight",
    "routes[3].strategy.ab_variants[0].label",
    "routes[4].strategy.unpriced_strategy",
    "routes[4].strategy.output_share",
    "plugins[0].name",
    "plugins[0].type",
    "plugins[0].stage",
    "plugins[0].enabled",
    "plugins[0].config.blocked_words[0]",
    "aliases.fast",
    "context_fallback.gpt-4o",
    "retry_budget.ratio",
    "retry_budget.minimum_per_second",
    "mcp_servers[0].name",
    "mcp_servers[0].url",
    "mcp_servers[0].headers.Authorization",
    "mcp_servers[0].allowed_tools[0]",
    "mcp_servers[0].max_call_depth",
    "mcp_servers[0].timeout_seconds",
    "mcp_servers[0].required",
    "mcp_servers[1].command",
    "mcp_servers[1].args[1]",
    "mcp_servers[1].env.PORT",
    "max_request_bytes",
    "max_upload_bytes",
    "spool_dir",
    "request_timeout",
    "stream.commit_after",
    "stream.keep_alive",
    "stream.ttft_timeout",
    "observability.tracing.enabled",
    "observability.tracing.endpoint",
    "observability.tracing.protocol",
    "observability.tracing.service_name",
    "observability.tracing.sample_ratio",
    "observability.tracing.privacy_level",
    "observability.tracing.shutdown_grace",
    "observability.tracing.headers.X-Scope",
    "observability.exporters[0].name",
    "observability.exporters[0].enabled",
    "observability.exporters[0].config.url",
    "compatibility.on_unsupported_param",
    "media.fetch.hosts[0]",
    "media.fetch.max_bytes",
    "media.fetch.max_count",
    "media.fetch.max_redirects",
    "media.fetch.timeout",
    "batch_target",
    "responses_target",
    "tokenizer",
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config").join(name)
}

/// Loads a file in which nothing is odd, let alone wrong.
fn check(file: &Path) -> Config {
    let config = Config::load_with(file, Strictness::Strict);
    let config = config.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert!(config.warnings().is_empty() && config.validate().is_empty());
    config
}

#[test]
fn the_first_descriptions_minimal_file_loads() {
    let config = check(&fixture("seed-minimal.yaml"));
    assert_eq!(config.strategy.mode, Mode::Fallback);
    assert_eq!(config.targets.len(), 2);
    let retry = config.targets[0].retry.as_ref().unwrap();
    assert_eq!((retry.attempts, retry.initial_backoff_ms), (3, 100));
    assert_eq!(retry.on_status_codes, [429, 502, 503]);
    assert_eq!(config.aliases["fast"], "gpt-4o-mini");
    assert!(config.inactive().is_empty());
}

#[test]
fn the_first_descriptions_annotated_file_loads_and_what_is_inactive_is_named() {
    let config = check(&fixture("seed-annotated.yaml"));
    let inactive = config.inactive();
    let paths: Vec<_> = inactive.iter().map(|inactive| inactive.path.as_str()).collect();
    let enabled = (0..4).map(|index| format!("plugins[{index}].enabled"));
    let expected: Vec<_> = enabled.chain(["mcp_servers".to_owned()]).collect();
    assert_eq!(paths, expected);
    assert_eq!(inactive[0].position.unwrap().line, 29);
}

#[test]
fn a_file_with_every_key_says_the_same_in_yaml_and_in_json() {
    let yaml = check(&fixture("every-key.yaml"));
    let json = check(&fixture("every-key.json"));
    assert_eq!(yaml, json);
    for path in EVERY_KEY {
        assert!(yaml.position(path).is_some(), "{path} is missing in YAML");
        assert!(json.position(path).is_some(), "{path} is missing in JSON");
    }
}

/// A key that no section has: asked about it, each lists those it has.
const STRANGER: &str = "zzzzzzzzzzzzzzzz";

#[test]
fn the_file_with_every_key_lacks_none() {
    let text = fs::read_to_string(fixture("every-key.json")).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    let mut used = BTreeSet::new();
    visit(&mut document, "", &mut used);
    let config = Config::parse(&document.to_string(), Format::Json).unwrap();
    let mut sections = 0;
    for warning in config.warnings() {
        let section = warning.path.strip_suffix(STRANGER).unwrap();
        let section = of_any_element(section);
        let known = warning.help.unwrap();
        let known = known.strip_prefix("known here: ").unwrap().split(';').next().unwrap();
        for key in known.split(", ") {
            let path = of_any_element(&format!("{section}{key}"));
            assert!(used.contains(&path), "{path} is in the schema and not in the file");
        }
        sections += 1;
    }
    assert!(sections > 20, "only {sections} sections were asked");
}

/// A path, whichever element of a list it leads through. A route's strategy is the section that the top
/// level has.
fn of_any_element(path: &str) -> String {
    let path: String = path.chars().filter(|c| !c.is_ascii_digit()).collect();
    match path.strip_prefix("routes[].strategy.") {
        Some(below) => format!("strategy.{below}"),
        None => path,
    }
}

/// Puts the stranger into every section, and notes every key, whichever element of a list has it.
fn visit(value: &mut Value, path: &str, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                let below: String = format!("{path}{key}");
                let is_free =
                    ["aliases", "context_fallback", "headers", "env", "settings", "config", "more"]
                        .contains(&key.as_str());
                used.insert(of_any_element(&below));
                if !is_free {
                    visit(value, &format!("{below}."), used);
                }
            }
            if !path.ends_with("prices.") {
                map.insert(STRANGER.to_owned(), 0.into());
            }
        }
        Value::Array(list) => {
            let path = format!("{}[].", path.trim_end_matches('.'));
            list.iter_mut().for_each(|item| visit(item, &path, used));
        }
        _ => {}
    }
}

#[test]
fn the_examples_load_and_say_the_same() {
    let yaml = check(&example("config.example.yaml"));
    let json = check(&example("config.example.json"));
    assert_eq!(yaml, json);
}

#[test]
fn the_routing_example_loads_with_a_pool_inside_a_fallback() {
    let config = check(&example("routing.example.yaml"));
    let [pool, search, gold] = &config.routes[..] else { panic!("{:?}", config.routes) };
    assert!(pool.when.is_empty() && search.targets.contains(&pool.name));
    assert_eq!((search.strategy.mode, gold.when.len()), (Mode::Fallback, 1));
}

#[test]
fn a_files_name_says_how_it_is_written() {
    let error = Config::load("config.toml").unwrap_err().to_string();
    assert!(error.contains("unsupported config file extension \"toml\""), "{error}");
    let bad = fixture("bad/words.yaml");
    let error = Config::load(&bad).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: 5 errors\n", bad.display())), "{error}");
    assert!(error.contains(&format!("--> {}:1:18", bad.display())), "{error}");
    let error = Config::load("missing.yaml").unwrap_err();
    assert!(error.to_string().starts_with("missing.yaml cannot be read: "), "{error}");
    assert!(error.diagnostics().is_empty());
}

#[test]
fn when_a_stream_begins_is_no_matter_of_a_target() {
    let text = "targets: [{virtual_key: a, stream: {commit_after: 3s}}]\n";
    let config = Config::parse(text, Format::Yaml).unwrap();
    let warnings = config.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].path.starts_with("targets[0].stream"), "{warnings:?}");
}

#[test]
fn what_is_no_file_of_settings_is_refused_by_its_name() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let large = directory.join("large.yaml");
    std::fs::write(&large, "# no end to it\n".repeat(600_000)).unwrap();
    let binary = directory.join("binary.yaml");
    std::fs::write(&binary, b"targets: \xff\xfe\n").unwrap();
    let folder = directory.join("folder.yaml");
    std::fs::create_dir_all(&folder).unwrap();
    let absent = directory.join("absent.yaml");
    for (file, words) in [
        (large, "longer than 8 MiB"),
        (binary, "UTF-8"),
        (folder, "directory"),
        (absent, "No such"),
    ] {
        let error = Config::load(&file).unwrap_err().to_string();
        let name = file.display().to_string();
        assert!(error.contains(words) && error.contains(&name), "{error}");
    }
}

#[test]
fn a_file_behind_a_link_with_windows_lines_and_a_byte_order_mark_loads() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (file, link) = (directory.join("windows.yaml"), directory.join("linked.yaml"));
    std::fs::write(&file, "\u{feff}targets:\r\n  - virtual_key: a\r\n    models:\r\n    - b\r\n")
        .unwrap();
    drop(std::fs::remove_file(&link));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let config = check(&link);
    assert_eq!((config.targets[0].kind(), &config.targets[0].models[0][..]), ("a", "b"));
}
