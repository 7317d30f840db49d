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

#[test]
fn a_function_that_takes_whatever_it_is_given_keeps_its_schema() {
    for open in [
        json!({"type":"object","additionalProperties":true}),
        json!({"type":"object","properties":{},"additionalProperties":{"type":"string"}}),
    ] {
        let said = said("gemini-2.5-pro", json!({"tools":function(open.clone())}));
        let declared = &said["tools"][0]["functionDeclarations"][0];
        assert_eq!(declared["parametersJsonSchema"], open);
    }
}

#[test]
fn a_reference_stands_alone_in_a_schema_that_goes_as_it_is() {
    let schema = json!({"type":"object","properties":{
            "a":{"$ref":"#/$defs/x","description":"mine","default":"all"},
            "b":{"$ref":"#/definitions/y~1z"},
            "list":{"type":"array","items":{"$ref":"#/properties/a"}},
            "node":{"$ref":"#/$defs/node","description":"deep"},
            "$ref":{"type":"string"},
            "const":{"const":{"$ref":"#/$defs/x"}}},
        "definitions":{"y/z":{"type":"integer","minimum":1.50}},
        "$defs":{"x":{"type":"string","enum":["all","one"],"description":"theirs"},
            "node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node","title":"Next"}}}}});
    let x = json!({"type":"string","enum":["all","one"],"description":"mine","default":"all"});
    let y = json!({"type":"integer","minimum":1.50});
    let said = said(
        "gemini-2.5-pro",
        json!({"tools":function(schema.clone()),
        "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":schema}}}),
    );
    let declared = &said["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"];
    assert_eq!(&said["generationConfig"]["responseJsonSchema"], declared);
    let properties = &declared["properties"];
    assert_eq!((&properties["a"], &properties["b"]), (&x, &y));
    assert_eq!(properties["list"], json!({"type":"array","items":x}));
    assert_eq!(properties["$ref"], json!({"type":"string"}));
    assert_eq!(properties["const"], json!({"const":{"$ref":"#/$defs/x"}}), "a value is no schema");
    // One that leads into itself stays, alone.
    let next = json!({"anyOf":[{"$ref":"#/$defs/node"}],"title":"Next"});
    let node = json!({"type":"object","properties":{"next":next},"description":"deep"});
    assert_eq!(properties["node"], node);
    assert_eq!(declared["$defs"], json!({"node":{"type":"object","properties":{"next":next}}}));
}

#[test]
fn a_schema_without_references_goes_byte_for_byte() {
    let schema = r#"{ "type" : "object","properties":{"n":{"type":"number","maximum":1e400}} }"#;
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"a"}}],"tools":[{{"type":"function","function":{{"name":"f","parameters":{schema}}}}}]}}"#
    );
    let request = ChatRequest::parse(body.into_bytes()).unwrap();
    let target = TargetId::from("t");
    let (body, _) = Profile::AI_STUDIO.encode(&Call::new(&target, "m"), &request).unwrap();
    let said = String::from_utf8(body.to_vec()).unwrap();
    assert!(said.contains(&format!(r#""parametersJsonSchema":{schema}"#)), "{said}");
}

#[test]
fn a_function_without_a_name_is_refused_by_its_place() {
    for (tool, named) in [
        (json!({"type":"function","function":{"parameters":{}}}), "tools[1].function.name"),
        (json!({"type":"function","name":"f","parameters":{}}), "tools[1].function is missing"),
    ] {
        let known = json!({"type":"function","function":{"name":"f"}});
        let told = refused(json!({"tools":[known, tool]}));
        assert!(told.contains(named), "{told}");
    }
}

#[test]
fn a_tool_of_one_place_is_not_taken_to_the_other() {
    let refused = |profile, tool: &str| {
        let told = try_say(profile, "m", json!({"tools":[{"type":tool}]}));
        told.err().map(|error| (error.kind(), error.to_string().contains(tool)))
    };
    let unsupported = Some((ErrorKind::Unsupported, true));
    for tool in ["retrieval", "enterprise_web_search", "parallel_ai_search"] {
        assert_eq!(refused(Profile::AI_STUDIO, tool), unsupported, "{tool}");
        assert_eq!(refused(Profile::VERTEX, tool), None, "{tool}");
    }
    assert_eq!(refused(Profile::VERTEX, "file_search"), unsupported);
    assert_eq!(refused(Profile::AI_STUDIO, "file_search"), None);
}
