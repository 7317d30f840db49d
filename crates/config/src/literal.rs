//! `${VARIABLE}` where nobody replaces it: it would be taken by the letter, which is hardly meant.

use crate::{
    document::{Entry, Kind, Node},
    finding::{Findings, repeated},
    paths::{at, join},
    reference::has_reference,
};

/// What is replaced, with all below it.
const REPLACED: &[&str] = &[
    "api_key", "args", "base_url", "config", "endpoint", "env", "headers", "keys", "settings",
    "url",
];

/// Texts that may well hold a dollar and braces.
const SEARCHED_FOR: &str = "content_conditions";

/// Notes every reference that stays as it is.
pub(crate) fn check(entries: &[Entry], findings: &mut Findings) {
    section(entries, "", findings);
}

fn section(entries: &[Entry], path: &str, findings: &mut Findings) {
    for Entry { key, value, .. } in entries {
        let is_ours = !REPLACED.contains(&key.as_str()) && key != SEARCHED_FOR;
        if is_ours && !key.starts_with('_') {
            node(value, &join(path, key), findings);
        }
    }
}

fn node(value: &Node, path: &str, findings: &mut Findings) {
    match &value.kind {
        Kind::Map(entries) => section(entries, path, findings),
        Kind::List(items) => {
            items.iter().for_each(|(index, item)| node(item, &at(path, *index), findings));
        }
        Kind::Text(text) if has_reference(text) => {
            let text = repeated(text);
            let message = format!("`{text}` is not replaced here: it is taken by the letter");
            let help = "variables stand in keys, headers, URLs, arguments, `env`, `settings` and \
                        `config`";
            findings.warn(path, message, help);
        }
        _ => {}
    }
}
