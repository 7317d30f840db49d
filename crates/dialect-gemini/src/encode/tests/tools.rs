//! What the model may call.

use super::*;

#[test]
fn functions_are_declared_with_their_schema_as_the_model_takes_it() {
    let schema = json!({"type":"object","properties":{"a":{"type":["string","null"]}},"additionalProperties":false});
    let declared = |model, schema: &Value| {
        said(model, json!({"tools": function(schema.clone())}))["tools"][0]["functionDeclarations"]
            [0]
        .clone()
    };
    assert_eq!(
        declared("gemini-2.5-pro", &schema),
        json!({"name":"f","parametersJsonSchema":schema})
    );
    assert_eq!(
        declared("gemini-2.0-flash", &schema),
        json!({"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string","nullable":true}}}})
    );
    let nothing = json!({"type":"object","properties":{}});
    assert_eq!(declared("gemini-2.5-pro", &nothing), json!({"name":"f"}));
    assert_eq!(declared("gemini-2.0-flash", &nothing), json!({"name":"f"}));
}

#[test]
fn the_vendors_own_tools_pass_in_every_form() {
    let tools = json!([
        {"googleSearch":{"a":1}}, {"type":"url_context"}, {"type":"code_execution","code_execution":{"b":2}},
        {"type":"googleMaps","enableWidget":true}, {"type":"function","function":{"name":"f"}},
    ]);
    assert_eq!(
        said("gemini-2.5-pro", json!({"tools": tools}))["tools"],
        json!([{"functionDeclarations":[{"name":"f"}]}, {"googleSearch":{"a":1}}, {"urlContext":{}},
            {"codeExecution":{"b":2}}, {"googleMaps":{"enableWidget":true}}])
    );
    let told = refused(json!({"tools":[{"type":"web_search"}]}));
    assert!(told.contains("tools[0].type") && told.contains("google_search"), "{told}");
    assert!(said("gemini-2.5-pro", json!({"tools":[]})).get("tools").is_none());
}

#[test]
fn which_tool_may_be_called_is_said_in_every_mode() {
    let tools = json!([{"type":"function","function":{"name":"a b"}}]);
    let config = |choice: Value| {
        said("gemini-2.5-pro", json!({"tools": tools, "tool_choice": choice}))["toolConfig"]["functionCallingConfig"].clone()
    };
    let renamed = crate::names::fit("a b");
    assert_eq!(config(json!("auto")), json!({"mode":"AUTO"}));
    assert_eq!(config(json!("none")), json!({"mode":"NONE"}));
    assert_eq!(config(json!("required")), json!({"mode":"ANY"}));
    let named = json!({"type":"function","function":{"name":"a b"}});
    assert_eq!(config(named.clone()), json!({"mode":"ANY","allowedFunctionNames":[renamed]}));
    let allowed =
        |mode| json!({"type":"allowed_tools","allowed_tools":{"mode":mode,"tools":[named]}});
    assert_eq!(config(allowed("required")), json!({"mode":"ANY","allowedFunctionNames":[renamed]}));
    assert_eq!(
        config(allowed("auto")),
        json!({"mode":"VALIDATED","allowedFunctionNames":[renamed]})
    );
}

#[test]
fn a_tool_that_takes_free_text_is_refused_by_name() {
    let tools = json!([{"type":"custom","custom":{"name":"c"}}]);
    let error = try_say(Profile::AI_STUDIO, "gemini-2.5-pro", json!({"tools":tools})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("tools[0]"), "{error}");
}
