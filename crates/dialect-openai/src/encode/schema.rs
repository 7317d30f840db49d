//! A JSON Schema for a vendor that takes none: an object is asked for, and the schema is said in words.

use std::borrow::Cow;

use bytes::Bytes;
use ferro_core::ProviderError;
use ferro_wire::{JsonDoc, splice};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{Doc, invalid};

#[derive(Deserialize)]
struct Format<'a> {
    #[serde(rename = "type", default, borrow)]
    kind: Cow<'a, str>,
    #[serde(default, borrow)]
    json_schema: Option<Named<'a>>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(default, borrow)]
    schema: Option<&'a RawValue>,
}

/// Whether a reply is to follow a schema.
pub(super) fn is_asked(doc: &JsonDoc) -> bool {
    doc.text("response_format").is_some_and(|text| schema(&text).is_some())
}

fn schema(format: &[u8]) -> Option<&RawValue> {
    let format: Format<'_> = serde_json::from_slice(format).ok()?;
    (format.kind == "json_schema").then_some(format.json_schema?.schema?)
}

/// Asks for an object, and puts the schema into a message before all others.
pub(super) fn say_as_prompt(doc: &mut Doc<'_>) -> Result<(), ProviderError> {
    let Some(format) = doc.text("response_format") else { return Ok(()) };
    let Some(schema) = schema(&format) else { return Ok(()) };
    let words = format!(
        "Answer with one JSON object and nothing else. It has to be valid against this JSON Schema:\n{}",
        schema.get()
    );
    let message = json!({"role": "system", "content": words});
    let messages = doc.text("messages").unwrap_or_default();
    let behind_bracket = messages.strip_prefix(b"[").unwrap_or_default().trim_ascii_start();
    let first = behind_bracket
        .starts_with(b"{")
        .then(|| messages.len() - behind_bracket.len())
        .ok_or_else(|| invalid("messages must be an array of objects".to_owned()))?;
    let messages = splice(&messages, vec![(first..first, Bytes::from(format!("{message},")))]);
    let doc = doc.to_mut();
    doc.set("response_format", &json!({"type": "json_object"}));
    doc.set_text("messages", messages);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> String {
        let doc = JsonDoc::parse(body.as_bytes().to_vec()).unwrap();
        let mut doc = Cow::Borrowed(&doc);
        say_as_prompt(&mut doc).unwrap();
        String::from_utf8(doc.to_rope().to_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_schema_becomes_words_before_the_conversation() {
        let body = r#"{"messages":[ {"role":"user"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type": "object"}}}}"#;
        assert_eq!(
            said(body),
            r#"{"messages":[ {"role":"system","content":"Answer with one JSON object and nothing else. It has to be valid against this JSON Schema:\n{\"type\": \"object\"}"},{"role":"user"}],"response_format":{"type":"json_object"}}"#
        );
    }

    #[test]
    fn any_other_format_passes() {
        for format in [r#"{"type":"json_object"}"#, r#"{"type":"json_schema"}"#, "null"] {
            let body = format!(r#"{{"messages":[{{}}],"response_format":{format}}}"#);
            assert_eq!(said(&body), body);
        }
    }

    #[test]
    fn nothing_is_said_inside_a_string() {
        let schema = r#""response_format":{"type":"json_schema","json_schema":{"schema":{}}}"#;
        for messages in [r#"["a{b"]"#, "[]", "{}", r#""{""#] {
            let body = format!(r#"{{"messages":{messages},{schema}}}"#);
            let doc = JsonDoc::parse(body.into_bytes()).unwrap();
            let error = say_as_prompt(&mut Cow::Borrowed(&doc)).unwrap_err();
            assert_eq!(error.kind(), ferro_core::ErrorKind::Invalid, "{messages}");
        }
    }
}
