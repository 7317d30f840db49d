//! The document that a request is: judged as serde judges it, and edited without touching the rest.

use std::collections::BTreeMap;

use bytes::Bytes;
use ferro_wire::{JsonDoc, JsonError, JsonErrorKind, Rope};
use serde::de::IgnoredAny;
use serde_json::{Value, value::RawValue};

use crate::{Seeds, Target, cuts};

pub(crate) static TARGETS: &[Target] = &[Target {
    name: "json-document",
    run,
    seeds: &[
        Seeds::Files("providers", "request.json"),
        Seeds::Bodies("providers", "application/json"),
    ],
}];

fn run(bytes: &[u8]) {
    let bytes = Bytes::copy_from_slice(bytes);
    let parsed = JsonDoc::parse(bytes.clone());
    for pieces in cuts(&bytes) {
        match (JsonDoc::parse(pieces.into_iter().collect::<Rope>()), &parsed) {
            (Ok(apart), Ok(parsed)) => assert!(apart.keys().eq(parsed.keys())),
            (apart, parsed) => assert_eq!(apart.is_ok(), parsed.is_ok(), "however it arrives"),
        }
    }
    match parsed {
        Ok(doc) => {
            assert!(is_document(&bytes), "what is taken is a document");
            if let Some(theirs) = fields(&bytes) {
                edit(&doc, &theirs);
            }
        }
        // Serde takes the last of several, and has no limit to their number.
        Err(JsonError {
            kind: JsonErrorKind::Duplicate(_) | JsonErrorKind::TooManyFields, ..
        }) => {}
        Err(error) => assert!(!is_document(&bytes), "refused with {error}"),
    }
}

/// Whether serde takes it, and it is an object.
fn is_document(bytes: &[u8]) -> bool {
    // What serde only passes over it does not look at as closely: text has to be text.
    let is_text = std::str::from_utf8(bytes).is_ok();
    let is_json = || serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    is_text && bytes.trim_ascii_start().starts_with(b"{") && is_json()
}

type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// The fields as serde sees them; nothing where a name is half of a surrogate pair, which it cannot hold.
fn fields(bytes: &[u8]) -> Option<Fields<'_>> {
    serde_json::from_slice(bytes).ok()
}

fn edit(doc: &JsonDoc, theirs: &Fields<'_>) {
    assert_eq!(doc.keys().count(), theirs.len());
    for (name, value) in theirs {
        assert_eq!(doc.text(name).as_deref(), Some(value.get().as_bytes()), "{name}");
    }
    let untouched = |doc: &JsonDoc, name: &str| {
        let said = doc.to_rope().to_bytes();
        let fields = fields(&said).expect("an edited document is one");
        for (other, value) in theirs.iter().filter(|(other, _)| *other != name) {
            assert_eq!(fields.get(other).map(|found| found.get()), Some(value.get()), "{other}");
        }
        fields.get(name).map(|value| serde_json::from_str(value.get()).expect("it was set"))
    };
    for name in theirs.keys().take(3).map(String::as_str).chain(["ferro-new"]) {
        let mut edited = doc.clone();
        edited.set(name, &7);
        assert_eq!(untouched(&edited, name), Some(Value::from(7)));
        edited.remove(name);
        assert_eq!(untouched(&edited, name), None);
        edited.set(name, "again");
        assert_eq!(untouched(&edited, name), Some(Value::from("again")));
    }
}
