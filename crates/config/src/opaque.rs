//! Keys that only a component reads: a provider's settings, a plugin's configuration.

use std::fmt;

use ferro_core::Vars;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{
    SecretRef, Unresolved, UrlRef,
    paths::{at, join},
    reference::expand,
};

/// Keys that only a component reads. Whatever it does not know it refuses itself.
///
/// Strings may hold `${VARIABLE}`. A string whose key sounds like a secret (`api_key`, `password`,
/// `dsn`, …) is not shown when it is typed out, nor are the credentials in a URL.
#[derive(Clone, Default, Deserialize, PartialEq)]
#[serde(transparent)]
pub struct Opaque(pub Map<String, Value>);

impl Opaque {
    /// The keys, with every reference in every string replaced. `path` is where they stand, for
    /// the error.
    pub fn resolve(&self, path: &str, vars: Vars<'_>) -> Result<Map<String, Value>, Unresolved> {
        let resolved = self
            .0
            .iter()
            .map(|(key, value)| Ok((key.clone(), resolved(value, &join(path, key), vars)?)));
        resolved.collect()
    }

    fn shown(&self) -> Map<String, Value> {
        self.0.iter().map(|(key, value)| (key.clone(), shown(key, value))).collect()
    }
}

fn resolved(value: &Value, path: &str, vars: Vars<'_>) -> Result<Value, Unresolved> {
    Ok(match value {
        Value::String(text) => Value::String(expand(text, path, vars)?),
        Value::Array(list) => {
            let items = list.iter().enumerate();
            let items = items.map(|(index, item)| resolved(item, &at(path, index), vars));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Value::Object(map) => Value::Object(Opaque(map.clone()).resolve(path, vars)?),
        other => other.clone(),
    })
}

fn shown(key: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if sounds_secret(key) => {
            Value::String(SecretRef::from(text.as_str()).shown().to_owned())
        }
        Value::String(text) if text.contains("://") => {
            Value::String(UrlRef::from(text.as_str()).shown())
        }
        Value::Array(list) => list.iter().map(|item| shown(key, item)).collect(),
        Value::Object(map) => Value::Object(Opaque(map.clone()).shown()),
        other => other.clone(),
    }
}

/// Whether a key's name says that its value is a secret. Errs towards hiding.
pub(crate) fn sounds_secret(key: &str) -> bool {
    const PARTS: &[&str] =
        &["secret", "token", "passw", "credential", "authorization", "dsn", "private", "cookie"];
    let key = key.to_ascii_lowercase();
    let key_like = key.ends_with("key") || key.ends_with("keys");
    let is_name = ["virtual_key", "target_key"].contains(&key.as_str());
    // `max_tokens` counts; it is no secret.
    let counts = key.ends_with("tokens");
    (key_like && !is_name) || (!counts && PARTS.iter().any(|part| key.contains(part)))
}

impl From<Map<String, Value>> for Opaque {
    fn from(keys: Map<String, Value>) -> Self {
        Self(keys)
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown().fmt(f)
    }
}

impl Serialize for Opaque {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shown().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn opaque(value: Value) -> Opaque {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn every_string_is_resolved_and_the_path_of_an_unset_variable_is_told() {
        let typed = opaque(json!({"a": ["x", {"b": "${B}"}], "c": 1}));
        let vars = |name: &str| (name == "B").then(|| "y".to_owned());
        let resolved = typed.resolve("settings", &vars).unwrap();
        assert_eq!(Value::Object(resolved), json!({"a": ["x", {"b": "y"}], "c": 1}));
        let error = typed.resolve("settings", &|_| None).unwrap_err();
        assert_eq!((error.path.as_str(), error.variable.as_str()), ("settings.a[1].b", "B"));
    }

    #[test]
    fn what_sounds_like_a_secret_is_not_shown() {
        let typed = opaque(json!({
            "dsn": "postgres://u:p@db", "deep": {"api_key": "sk-1"}, "tokens": ["t"],
            "auth_token": "${TOKEN}", "region": "eu", "max_tokens": 3, "Authorization": ["x"],
            "url": "https://u:p@h/?k=1",
        }));
        let expected = json!({
            "dsn": "[REDACTED]", "deep": {"api_key": "[REDACTED]"}, "tokens": ["t"],
            "auth_token": "${TOKEN}", "region": "eu", "max_tokens": 3,
            "Authorization": ["[REDACTED]"], "url": "https://[REDACTED]@h/?[REDACTED]",
        });
        assert_eq!(serde_json::to_value(&typed).unwrap(), expected);
        assert!(!format!("{typed:?}").contains("sk-1"));
    }
}
