//! What an older model is told of a schema.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn said(schema: &Value) -> Value {
    serde_json::from_str(&normalised(&schema.to_string())).unwrap()
}

#[test]
fn a_reference_is_replaced_by_what_it_names() {
    let schema = json!({"type":"object","properties":{"a":{"$ref":"#/$defs/x~1y"},"b":{"$ref":"#/$defs/x~1y","description":"own"}},
        "$defs":{"x/y":{"type":"string","description":"theirs"}},"required":["a","ghost"]});
    assert_eq!(
        said(&schema),
        json!({"properties":{"a":{"description":"theirs","type":"string"},"b":{"description":"own","type":"string"}},
            "required":["a"],"type":"object"})
    );
}

#[test]
fn a_schema_that_names_itself_ends() {
    let schema = json!({"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}},"$ref":"#/$defs/node"});
    let next = json!({"type":"object"});
    assert_eq!(said(&schema), json!({"properties":{"next":next},"type":"object"}));
    assert_eq!(said(&json!({"$ref":"#"})), json!({"type":"object"}));
}

#[test]
fn a_property_keeps_its_name_whatever_it_is_called() {
    let names = [
        "$ref",
        "$defs",
        "definitions",
        "additionalProperties",
        "type",
        "const",
        "allOf",
        "anyOf",
        "required",
        "title",
        "description",
        "default",
        "properties",
        "items",
        "nullable",
        "enum",
    ];
    let properties: serde_json::Map<_, _> =
        names.iter().map(|name| ((*name).to_owned(), json!({"type":"string"}))).collect();
    let schema =
        json!({"type":"object","properties":properties,"additionalProperties":false,"$schema":"x"});
    assert_eq!(said(&schema), json!({"properties":properties,"type":"object"}));
    let mut referring = schema;
    referring["properties"]["own"] = json!({"$ref":"#/properties/title"});
    let mut alone = referring.clone();
    alone["properties"]["own"] = json!({"type":"string"});
    assert_eq!(on_its_own(&referring), alone);
}

fn on_its_own(schema: &Value) -> Value {
    serde_json::from_str(&standing_alone(&schema.to_string())).unwrap()
}

#[test]
fn a_reference_to_nothing_or_to_what_doubles_itself_ends() {
    let nothing =
        json!({"properties":{"a":{"$ref":"https://h/x","title":"t"},"b":{"$ref":"#/$defs/y"}}});
    assert_eq!(
        on_its_own(&nothing),
        json!({"properties":{"a":{"anyOf":[{"$ref":"https://h/x"}],"title":"t"},"b":{"$ref":"#/$defs/y"}}})
    );
    let mut defs = json!({"d0":{"type":"string"}});
    for n in 1..64 {
        let before = json!({"$ref":format!("#/$defs/d{}", n - 1)});
        defs[format!("d{n}")] = json!({"type":"object","properties":{"a":before,"b":before}});
    }
    let doubling = json!({"$ref":"#/$defs/d63","$defs":defs}).to_string();
    let most = 2 * longest(doubling.len());
    assert!(most < 200_000, "{most}");
    assert!(standing_alone(&doubling).len() < most && normalised(&doubling).len() < most);
}

#[test]
fn a_union_is_one_schema() {
    let schema = json!({"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},
        {"properties":{"b":{"type":"boolean"}},"required":["b"]}]});
    assert_eq!(
        said(&schema),
        json!({"properties":{"a":{"type":"integer"},"b":{"type":"boolean"}},"required":["a","b"],"type":"object"})
    );
}

#[test]
fn a_constant_is_a_list_of_one_and_only_strings_are_listed() {
    assert_eq!(said(&json!({"const":"x"})), json!({"enum":["x"],"type":"string"}));
    assert_eq!(said(&json!({"enum":["a","b"]})), json!({"enum":["a","b"],"type":"string"}));
    assert_eq!(said(&json!({"type":"integer","enum":[1,2]})), json!({"type":"integer"}));
    assert_eq!(said(&json!({"type":"integer","enum":["1"]})), json!({"type":"integer"}));
}

#[test]
fn several_types_are_nullable_or_a_choice() {
    assert_eq!(said(&json!({"type":["string","null"]})), json!({"nullable":true,"type":"string"}));
    assert_eq!(
        said(&json!({"type":["string","integer"]})),
        json!({"anyOf":[{"type":"string"},{"type":"integer"}]})
    );
}

#[test]
fn a_choice_without_null_is_nullable_and_one_of_is_any_of() {
    let text = json!({"type":"string"});
    assert_eq!(
        said(&json!({"anyOf":[{"type":"string"},{"type":"null"}],"description":"d"})),
        json!({"nullable":true,"description":"d","type":"string"})
    );
    assert_eq!(
        said(&json!({"oneOf":[text,{"type":"number"}]})),
        json!({"anyOf":[text,{"type":"number"}]})
    );
}

#[test]
fn what_is_not_said_is_completed_and_what_is_not_known_left_out() {
    assert_eq!(said(&json!({"type":"array"})), json!({"items":{"type":"string"},"type":"array"}));
    assert_eq!(
        said(&json!({"properties":{"a":{}}})),
        json!({"properties":{"a":{"type":"object"}},"type":"object"})
    );
    assert_eq!(
        said(&json!({"type":"string","format":"uuid","minLength":1,"x-y":1,"examples":[]})),
        json!({"minLength":1,"type":"string"})
    );
    let date = json!({"format":"date-time","type":"string"});
    assert_eq!(said(&date), date);
}

#[test]
fn numbers_keep_their_text() {
    let schema = r#"{"type":"number","minimum":-0.0,"maximum":1e400}"#;
    assert_eq!(normalised(schema), r#"{"minimum":-0.0,"maximum":1e400,"type":"number"}"#);
}

#[test]
fn a_function_that_takes_nothing_is_known() {
    for nothing in [
        r#"{"type":"object"}"#,
        r#"{"type":"object","properties":{},"required":[],"additionalProperties":false}"#,
        "{}",
    ] {
        assert!(takes_nothing(nothing), "{nothing}");
    }
    for something in [r##"{"$ref":"#/x"}"##, r#"{"properties":{"a":{}}}"#, "true"] {
        assert!(!takes_nothing(something), "{something}");
    }
}

/// Any JSON in which the words of schemas are likely.
fn any_schema() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] = &[
        "$ref",
        "$defs",
        "allOf",
        "anyOf",
        "oneOf",
        "type",
        "enum",
        "const",
        "items",
        "properties",
        "required",
        "format",
        "x",
    ];
    const VALUES: &[&str] =
        &["#", "#/$defs/x", "#/properties/x", "string", "array", "object", "null", "date-time"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(VALUES).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(WORDS), inner), 0..5).prop_map(|members| {
                Value::Object(
                    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                )
            }),
        ]
    })
}

/// Whether every word of a schema is one that the vendor takes.
fn is_taken(schema: &Value) -> bool {
    const STRUCTURE: &[&str] =
        &["nullable", "anyOf", "items", "properties", "required", "enum", "format", "type"];
    let Some(members) = schema.as_object() else { return false };
    let each = |value: &Value| value.as_array().is_none_or(|all| all.iter().all(is_taken));
    members.iter().all(|(word, value)| match word.as_str() {
        "items" => is_taken(value),
        "anyOf" => each(value),
        "properties" => value.as_object().is_some_and(|all| all.values().all(is_taken)),
        word => VERBATIM.contains(&word) || STRUCTURE.contains(&word),
    })
}

/// Whether no schema in a schema has anything beside a reference.
fn refers_alone(schema: &Value) -> bool {
    const NAMED: [&str; 2] = ["properties", "$defs"];
    let Some(members) = schema.as_object() else {
        return schema.as_array().is_none_or(|all| all.iter().all(refers_alone));
    };
    let has_reference = members.get("$ref").is_some_and(Value::is_string);
    let is_alone = !has_reference || members.keys().all(|name| name.starts_with('$'));
    is_alone
        && members.iter().all(|(word, value)| match word.as_str() {
            word if NAMED.contains(&word) => {
                value.as_object().is_none_or(|all| all.values().all(refers_alone))
            }
            "items" | "anyOf" | "oneOf" | "allOf" => refers_alone(value),
            _ => true,
        })
}

proptest! {
    #[test]
    fn in_any_json_a_reference_stands_alone(schema in any_schema()) {
        let alone = on_its_own(&schema);
        prop_assert!(refers_alone(&alone), "{alone}");
    }

    #[test]
    fn any_json_comes_to_a_schema_that_is_taken(schema in any_schema()) {
        let said = said(&schema);
        prop_assert!(is_taken(&said), "{said}");
    }
}
