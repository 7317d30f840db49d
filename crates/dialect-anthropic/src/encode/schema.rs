//! Schemas, edited as text: what the vendor's compiler does not know is said in words instead.

use ferro_core::{ProviderError, chat::Members};
use ferro_wire::write_string;
use serde_json::value::RawValue;

use super::place::invalid;

/// What a function takes of which nothing is said.
pub(super) const ANYTHING: &str = r#"{"type":"object","properties":{}}"#;

/// Words for strings that the vendor's compiler knows.
const FORMATS: &[&str] = &[
    "\"date-time\"",
    "\"time\"",
    "\"date\"",
    "\"duration\"",
    "\"email\"",
    "\"hostname\"",
    "\"uri\"",
    "\"ipv4\"",
    "\"ipv6\"",
    "\"uuid\"",
];

/// Deeper than this a schema is not read.
const MAX_DEPTH: usize = 64;

/// These members as an object.
pub(super) fn object(members: &Members<'_>) -> String {
    let mut out = b"{".to_vec();
    for (member, value) in members.iter() {
        next(&mut out, member);
        out.extend_from_slice(value.get().as_bytes());
    }
    finished(out)
}

/// The schema of a function's arguments, which has to be that of an object. It stays as it stands if
/// it says so.
pub(super) fn of_arguments(
    schema: Option<&RawValue>,
    field: &str,
) -> Result<String, ProviderError> {
    let Some(schema) = schema.filter(|schema| schema.get() != "null") else {
        return Ok(ANYTHING.to_owned());
    };
    let members = Members::of(schema.get())
        .ok_or_else(|| invalid(&format!("{field} is not a schema: it has to be an object")))?;
    match members.get("type") {
        Some("\"object\"") => Ok(schema.get().to_owned()),
        Some(other) => {
            let message =
                format!("{field}.type is {other}; a function's arguments are an `object`");
            Err(invalid(&message))
        }
        None if members.0.is_empty() => Ok(ANYTHING.to_owned()),
        None => Ok(schema.get().replacen('{', r#"{"type":"object","#, 1)),
    }
}

/// A schema that a reply, or a call, is held to. The vendor wants every object closed; bounds that its
/// compiler does not know move into the description, where the model reads them.
pub(super) fn strict(schema: &RawValue) -> String {
    let mut out = Vec::with_capacity(schema.get().len() + 64);
    close(&mut out, schema, 0);
    finished_text(out)
}

fn close(out: &mut Vec<u8>, schema: &RawValue, depth: usize) {
    let Some(members) = Members::of(schema.get()).filter(|_| depth < MAX_DEPTH) else {
        return out.extend_from_slice(schema.get().as_bytes());
    };
    out.push(b'{');
    let mut told = Vec::new();
    for (name, value) in members.iter() {
        match name {
            "description" | "$schema" | "$id" | "$comment" => {}
            // What an object may have besides is closed off; of which kind it is, the model is told.
            "additionalProperties" if matches!(value.get(), "true" | "false") => {}
            "properties" | "$defs" | "definitions" => {
                next(out, name);
                each_member(out, value, depth);
            }
            "items" => {
                next(out, name);
                close(out, value, depth + 1);
            }
            "anyOf" | "oneOf" | "allOf" => {
                // Of one of several, the compiler knows only the weaker form.
                next(out, if name == "oneOf" { "anyOf" } else { name });
                each_item(out, value, depth);
            }
            _ if is_known(name, value) => {
                next(out, name);
                out.extend_from_slice(value.get().as_bytes());
            }
            _ => told.push((name, value)),
        }
    }
    let is_object = members.get("type").is_some_and(|named| named.contains("\"object\""));
    if is_object || members.get("properties").is_some() {
        next(out, "additionalProperties");
        out.extend_from_slice(b"false");
    }
    describe(out, members.get("description"), &told);
    out.push(b'}');
}

/// Whether the compiler knows this member as it stands.
fn is_known(name: &str, value: &RawValue) -> bool {
    match name {
        "type" | "enum" | "const" | "$ref" | "title" | "required" => true,
        "minItems" => matches!(value.get(), "0" | "1"),
        "format" => FORMATS.contains(&value.get()),
        _ => false,
    }
}

fn describe(out: &mut Vec<u8>, said: Option<&str>, told: &[(&str, &RawValue)]) {
    if told.is_empty() {
        if let Some(said) = said {
            next(out, "description");
            out.extend_from_slice(said.as_bytes());
        }
        return;
    }
    let said = said.and_then(|said| serde_json::from_str::<String>(said).ok());
    let mut words = said.unwrap_or_default();
    if !words.is_empty() {
        words.push_str("\n\n");
    }
    words.push_str("It has to keep to: ");
    for (at, (name, value)) in told.iter().enumerate() {
        words.push_str(if at == 0 { "" } else { ", " });
        words.push_str(name);
        words.push(' ');
        words.push_str(value.get());
    }
    next(out, "description");
    write_string(out, &words);
}

fn each_member(out: &mut Vec<u8>, object: &RawValue, depth: usize) {
    let Some(members) = Members::of(object.get()) else {
        return out.extend_from_slice(object.get().as_bytes());
    };
    out.push(b'{');
    for (name, schema) in members.iter() {
        next(out, name);
        close(out, schema, depth + 1);
    }
    out.push(b'}');
}

fn each_item(out: &mut Vec<u8>, list: &RawValue, depth: usize) {
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(list.get()) else {
        return out.extend_from_slice(list.get().as_bytes());
    };
    out.push(b'[');
    for (at, schema) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        close(out, schema, depth + 1);
    }
    out.push(b']');
}

/// Begins the next member.
pub(super) fn next(out: &mut Vec<u8>, name: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    write_string(out, name);
    out.push(b':');
}

fn finished(mut out: Vec<u8>) -> String {
    out.push(b'}');
    finished_text(out)
}

fn finished_text(out: Vec<u8>) -> String {
    String::from_utf8(out).expect("texts between brackets are text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn arguments_are_an_object_whatever_the_client_says() {
        let said = |json: &str| of_arguments(Some(&raw(json)), "f");
        let object = r#"{ "type":"object","properties":{"n":{"minimum":-0.0}}}"#;
        assert_eq!(said(object).unwrap(), object);
        assert_eq!(said("{}").unwrap(), ANYTHING);
        assert_eq!(of_arguments(None, "f").unwrap(), ANYTHING);
        assert_eq!(said(r#"{"properties":{}}"#).unwrap(), r#"{"type":"object","properties":{}}"#);
        for bad in [r#"{"type":"string"}"#, "[]", "7"] {
            assert!(said(bad).unwrap_err().to_string().contains('f'), "{bad}");
        }
    }

    #[test]
    fn every_object_is_closed_and_bounds_are_told() {
        let closed = strict(&raw(
            r##"{"type":"object","additionalProperties":true,"required":["n"],"properties":{"n":{"type":"integer","minimum":1,"maximum":12345678901234567890123,"description":"a number"},"t":{"type":"string","format":"email"},"o":{"oneOf":[{"type":"object","properties":{}},{"$ref":"#/$defs/d"}]},"l":{"type":"array","minItems":3,"items":{"type":"string","pattern":"^a"}}},"$defs":{"d":{"type":"null"}}}"##,
        ));
        assert!(closed.contains("12345678901234567890123"), "{closed}");
        let value: Value = serde_json::from_str(&closed).unwrap();
        assert_eq!(value["additionalProperties"], false);
        let properties = &value["properties"];
        assert_eq!(
            properties["n"],
            json!({"type": "integer", "description": "a number\n\nIt has to keep to: minimum 1, maximum 12345678901234567890123"})
        );
        assert_eq!(properties["t"], json!({"type": "string", "format": "email"}));
        assert_eq!(properties["o"]["anyOf"][0]["additionalProperties"], false);
        assert_eq!(
            properties["l"],
            json!({"type": "array", "items": {"type": "string", "description": "It has to keep to: pattern \"^a\""}, "description": "It has to keep to: minItems 3"})
        );
        assert_eq!(value["$defs"]["d"], json!({"type": "null"}));
    }

    #[test]
    fn a_property_may_have_any_name() {
        let schema = r#"{"type":"object","properties":{"minimum":{"type":"string"},"items":{"type":"string"}}}"#;
        let value: Value = serde_json::from_str(&strict(&raw(schema))).unwrap();
        assert_eq!(value["properties"]["minimum"], json!({"type": "string"}));
        assert_eq!(value["properties"]["items"], json!({"type": "string"}));
    }

    #[test]
    fn what_members_an_object_may_have_besides_is_told_and_what_says_nothing_is_left_out() {
        let map = strict(&raw(
            r#"{"$schema":"http://x","$id":"i","$comment":"c","type":"object","additionalProperties":{"type":"integer"}}"#,
        ));
        let value: Value = serde_json::from_str(&map).unwrap();
        assert_eq!(
            value,
            json!({"type": "object", "additionalProperties": false, "description": "It has to keep to: additionalProperties {\"type\":\"integer\"}"})
        );
    }
}
