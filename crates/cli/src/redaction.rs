//! A configuration as it may be shown: what is secret, or may be, is masked; references to
//! variables stay.

use ferro_gateway::Config;
use serde_json::Value;

const MASK: &str = "[redacted]";

/// Members that end like this hold secrets.
const SECRET: [&str; 8] = [
    "api_key",
    "access_key",
    "_token",
    "secret",
    "password",
    "authorization",
    "dsn",
    "credentials",
];
/// Members whose own members are free: any of them may hold a secret.
const FREE: [&str; 3] = ["headers", "env", "args"];

/// A configuration as it would be written, with everything that its own crate writes.
pub(crate) fn written(config: &Config) -> Value {
    serde_json::to_value(config).expect("a configuration has names for keys and finite numbers")
}

/// A configuration as it may be shown to anybody.
pub(crate) fn redacted(config: &Config) -> Value {
    let mut value = written(config);
    redact(&mut value, false);
    value
}

fn redact(value: &mut Value, is_secret: bool) {
    match value {
        Value::String(text) if is_secret && !is_reference(text) => *text = MASK.to_owned(),
        Value::String(text) => hide_userinfo(text),
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, is_secret)),
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.to_ascii_lowercase();
                let is_free = FREE.contains(&name.as_str());
                let ends = |end: &&str| name.ends_with(*end) || end.trim_matches('_') == name;
                redact(member, is_secret || is_free || SECRET.iter().any(ends));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a text is nothing but the name of a variable.
fn is_reference(text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

/// Masks the name and password in front of a URL's host.
fn hide_userinfo(text: &mut String) {
    let Some(begin) = text.find("://").map(|at| at + 3) else { return };
    let end = text[begin..].find(['/', '?', '#']).map_or(text.len(), |at| begin + at);
    if let Some(at) = text[begin..end].rfind('@') {
        text.replace_range(begin..begin + at, MASK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_masked_and_references_and_everything_else_stay() {
        let mut shown = json!({
            "targets": [{"virtual_key": "a", "api_key": "sk-1", "base_url": "https://me:pw@h/v1?a@b"}],
            "plugins": [{"config": {"redis_token": "t", "max_tokens": 5, "token": "t"}}],
            "mcp_servers": [{"headers": {"X-Any": "v", "Authorization": "${TOKEN}"}, "args": ["--k=v"]}],
            "strategy": {"conditions": [{"key": "model", "target_key": "a"}]},
        });
        redact(&mut shown, false);
        let expected = json!({
            "targets": [{"virtual_key": "a", "api_key": MASK, "base_url": "https://[redacted]@h/v1?a@b"}],
            "plugins": [{"config": {"redis_token": MASK, "max_tokens": 5, "token": MASK}}],
            "mcp_servers": [{"headers": {"X-Any": MASK, "Authorization": "${TOKEN}"}, "args": [MASK]}],
            "strategy": {"conditions": [{"key": "model", "target_key": "a"}]},
        });
        assert_eq!(shown, expected);
    }
}
