//! An instance of a JSON schema.

use serde_json::{Map, Value, json};

/// A small instance of `schema`: every property, one item of every list, the first of every choice.
pub(crate) fn instance(schema: &Value) -> Value {
    build(schema, schema, 0)
}

fn build(root: &Value, schema: &Value, depth: usize) -> Value {
    // A schema may refer to itself; nobody asks for more than this.
    if depth > 16 {
        return Value::Null;
    }
    let deeper = |schema: &Value| build(root, schema, depth + 1);
    if let Some(target) = schema["$ref"].as_str().and_then(|path| root.pointer(&path[1..])) {
        return deeper(target);
    }
    if let Some(value) = schema.get("const").or_else(|| schema["enum"].get(0)) {
        return value.clone();
    }
    if let Some(first) = schema["anyOf"].get(0).or_else(|| schema["oneOf"].get(0)) {
        return deeper(first);
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind {
        Some("object") => {
            let properties = schema["properties"].as_object();
            let members = properties.into_iter().flatten();
            Value::Object(
                members.map(|(name, of)| (name.clone(), deeper(of))).collect::<Map<_, _>>(),
            )
        }
        Some("array") => json!([deeper(&schema["items"])]),
        Some("string") => json!("scripted"),
        Some("integer") => json!(7),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_has_every_property_in_the_schemas_order() {
        let schema = json!({
            "type": "object",
            "properties": {
                "z": {"type": "string"}, "a": {"type": ["integer", "null"]},
                "list": {"type": "array", "items": {"$ref": "#/$defs/one"}},
                "either": {"anyOf": [{"const": "x"}, {"type": "null"}]}
            },
            "$defs": {"one": {"enum": ["first", "second"]}}
        });
        let made = instance(&schema).to_string();
        assert_eq!(made, r#"{"z":"scripted","a":7,"list":["first"],"either":"x"}"#);
    }

    #[test]
    fn a_schema_that_refers_to_itself_has_an_instance() {
        let schema = json!({"type": "object", "properties": {"next": {"$ref": "#"}}});
        assert!(instance(&schema).is_object());
    }
}
