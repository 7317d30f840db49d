//! A secret is in a configuration to be used, and nowhere to be seen.
#![expect(clippy::unwrap_used, reason = "a test panics when its text does not load")]

use ferro_config::{Config, Format};
use serde_json::json;

const TEXT: &str = "
targets:
  - virtual_key: a
    base_url: https://me:SECRET@llm.example/v1
    api_key: SECRET
    headers: {X-Key: SECRET, Authorization: 'Bearer ${TOKEN}'}
    settings: {password: SECRET, region: '${REGION}'}
  - virtual_key: b
    keys: [{key: SECRET}, {key: '${KEY_B}'}]
plugins:
  - {name: logger, enabled: true, config: {dsn: 'postgres://me:SECRET@db', level: info}}
mcp_servers:
  - {name: tools, command: tools, args: ['--key=SECRET'], env: {TOKEN: SECRET}}
observability: {tracing: {headers: {X-Key: SECRET}}}
";

fn config() -> Config {
    Config::parse(TEXT, Format::Yaml).unwrap()
}

fn vars(name: &str) -> Option<String> {
    (name != "REGION").then(|| format!("value of {name}"))
}

#[test]
fn neither_debug_nor_what_is_written_out_shows_a_secret() {
    let config = config();
    let debug = format!("{config:?}");
    assert!(!debug.contains("SECRET"), "{debug}");
    let written = serde_json::to_string(&config).unwrap();
    assert!(!written.contains("SECRET"), "{written}");
}

#[test]
fn what_is_written_out_keeps_references() {
    let written = serde_json::to_value(config()).unwrap();
    let target = &written["targets"][0];
    assert_eq!(target["api_key"], "[REDACTED]");
    assert_eq!(target["base_url"], "https://[REDACTED]@llm.example/v1");
    let headers = json!({"Authorization": "Bearer ${TOKEN}", "X-Key": "[REDACTED]"});
    assert_eq!(target["headers"], headers);
    assert_eq!(target["settings"], json!({"password": "[REDACTED]", "region": "${REGION}"}));
    assert_eq!(written["targets"][1]["keys"][1]["key"], "${KEY_B}");
}

#[test]
fn what_was_withheld_cannot_be_read_back_as_the_secret() {
    let written = serde_json::to_string(&config()).unwrap();
    let error = Config::parse(&written, Format::Json).unwrap_err();
    let paths: Vec<_> = error.diagnostics().iter().map(|d| d.path.as_str()).collect();
    let expected = [
        "targets[0].base_url",
        "targets[0].api_key",
        "targets[0].headers.X-Key",
        "targets[0].settings.password",
        "targets[1].keys[0].key",
        "plugins[0].config.dsn",
        "mcp_servers[0].args[0]",
        "mcp_servers[0].env.TOKEN",
        "observability.tracing.headers.X-Key",
    ];
    for path in expected {
        assert!(paths.contains(&path), "{path} is taken for the secret: {paths:?}");
    }
}

#[test]
fn a_configuration_without_typed_out_secrets_reads_back_the_same() {
    let text = TEXT.replace("me:SECRET@", "").replace("--key=SECRET", "${ARG}");
    let text = text.replace("SECRET", "'${S}'").replace("postgres://db", "${DSN}");
    let config = Config::parse(&text, Format::Yaml).unwrap();
    let written = serde_json::to_string(&config).unwrap();
    assert_eq!(Config::parse(&written, Format::Json).unwrap(), config);
}

#[test]
fn references_are_replaced_when_asked_and_the_configuration_stays_as_typed() {
    let config = config();
    let header = &config.targets[0].headers["Authorization"];
    let secret = header.resolve("targets[0].headers.Authorization", &vars).unwrap();
    assert_eq!(secret.expose(), "Bearer value of TOKEN");
    assert_eq!(format!("{header:?}"), "Bearer ${TOKEN}");
    let key = &config.targets[1].keys[0].key;
    assert_eq!(key.resolve("targets[1].keys[0].key", &vars).unwrap().expose(), "SECRET");
}

#[test]
fn an_unset_variable_is_named_with_its_path() {
    let error = config().targets[0].settings.resolve("targets[0].settings", &vars).unwrap_err();
    let said = "`targets[0].settings.region` refers to the variable `REGION`, which is not set";
    assert_eq!(error.to_string(), said);
}
