//! Texts that have a form: URLs, headers, secrets.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::{
    SecretRef, UrlRef,
    finding::Findings,
    paths::{at, join},
    reference::has_reference,
    secret_ref::REDACTED,
};

/// A URL that requests are sent below.
pub(super) fn base_url(path: String, url: &UrlRef, findings: &mut Findings) {
    let typed = url.typed();
    let example = "write it like `https://llm.example/v1`";
    if typed.contains(['?', '#']) {
        let help = format!("it has a query or a fragment, which requests would lose; {example}");
        findings.error(path.as_str(), "a base URL ends with its path", help);
    }
    http_url(path, url, findings);
}

/// A URL of HTTP. What refers to a variable is looked at when it is known.
pub(super) fn http_url(path: String, url: &UrlRef, findings: &mut Findings) {
    let typed = url.typed();
    withheld(path.clone(), typed, findings);
    if has_reference(typed) {
        return;
    }
    let rest = typed.strip_prefix("https://").or_else(|| typed.strip_prefix("http://"));
    let is_whole = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']));
    if !is_whole || typed.contains(char::is_whitespace) {
        let help = "write it with its scheme and host, like `https://llm.example/v1`";
        findings.error(path, "this is not a URL of http or https", help);
    }
}

/// Headers that are sent with every request to somebody.
pub(super) fn headers(path: &str, headers: &BTreeMap<String, SecretRef>, findings: &mut Findings) {
    for (name, value) in headers {
        let path = join(path, name);
        if HeaderName::from_bytes(name.as_bytes()).is_err() {
            let help = "letters, digits and `-`, such as `X-Team`";
            findings.error(path.as_str(), format!("`{name}` is not a header's name"), help);
        }
        if HeaderValue::from_str(value.typed()).is_err() {
            let help = "a header's value is one line without control characters";
            findings.error(path.as_str(), "this cannot be sent in a header", help);
        }
        secret(path, value, findings);
    }
}

/// A name that stands in records, in metrics and in headers: one word, for reading.
pub(super) fn is_one_word(name: &str) -> bool {
    !name.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// A text that replies carry in a header.
pub(super) fn shown_in_header(path: String, name: &str, findings: &mut Findings) {
    if HeaderValue::from_str(name).is_err() {
        let message =
            format!("no header can hold `{}`: replies will not say it", name.escape_debug());
        findings.warn(path, message, "write it without control characters");
    }
}

/// A secret that was read back from where secrets are not shown.
pub(super) fn secret(path: String, secret: &SecretRef, findings: &mut Findings) {
    withheld(path, secret.typed(), findings);
}

/// Settings that were read back from where secrets are not shown.
pub(super) fn opaque(path: &str, keys: &Map<String, Value>, findings: &mut Findings) {
    for (key, value) in keys {
        opaque_value(&join(path, key), value, findings);
    }
}

fn opaque_value(path: &str, value: &Value, findings: &mut Findings) {
    match value {
        Value::String(text) => withheld(path.to_owned(), text, findings),
        Value::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                opaque_value(&at(path, index), item, findings);
            }
        }
        Value::Object(keys) => opaque(path, keys, findings),
        _ => {}
    }
}

fn withheld(path: String, typed: &str, findings: &mut Findings) {
    if typed.contains(REDACTED) {
        let help = "write the secret itself, or `${VARIABLE}`";
        findings.error(path, format!("`{REDACTED}` stands where a secret was withheld"), help);
    }
}
