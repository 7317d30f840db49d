//! What a request says to the vendor, quirk by quirk.

#![expect(clippy::needless_pass_by_value, reason = "literals are written where they are used")]

use bytes::Bytes;
use ferro_core::{Call, ErrorKind, Fetched, Media, TargetId, chat::ChatRequest};
use serde_json::{Value, json};

use crate::Profile;

const PNG: &str = "data:image/jpg;base64,iVBORw0KGgoAAAANSUhEUg==";

fn chat(fields: Value) -> ChatRequest {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    ChatRequest::of(&body).unwrap()
}

fn try_say(
    profile: Profile,
    model: &str,
    fields: Value,
) -> Result<Value, ferro_core::ProviderError> {
    let target = TargetId::from("t");
    let call = Call::new(&target, model);
    let (body, _) = profile.encode(&call, &chat(fields))?;
    Ok(serde_json::from_slice(&body).unwrap())
}

/// What the Gemini API is told.
fn said(model: &str, fields: Value) -> Value {
    try_say(Profile::AI_STUDIO, model, fields).unwrap()
}

fn refused(fields: Value) -> String {
    try_say(Profile::AI_STUDIO, "gemini-2.5-pro", fields).unwrap_err().to_string()
}

fn unsaid(profile: Profile, model: &str, fields: Value) -> Vec<String> {
    let target = TargetId::from("t");
    let unsaid = profile.unsaid(&Call::new(&target, model), &chat(fields));
    unsaid.into_iter().map(|field| field.0.into_owned()).collect()
}

fn contents(messages: Value) -> Value {
    said("gemini-2.5-pro", json!({"messages": messages}))["contents"].clone()
}

fn user(content: Value) -> Value {
    json!({"role": "user", "content": content})
}

fn call(id: &str, name: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": "{\"a\":1}"}})
}

fn function(parameters: Value) -> Value {
    json!([{"type": "function", "function": {"name": "f", "parameters": parameters}}])
}

#[test]
fn the_operators_words_go_beside_the_conversation_each_for_itself() {
    let messages = json!([{"role":"system","content":"a"}, user(json!("hi")), {"role":"developer","content":[{"type":"text","text":"b"},{"type":"text","text":""}]}]);
    let said = said("gemini-2.5-pro", json!({"messages": messages}));
    assert_eq!(said["systemInstruction"], json!({"parts":[{"text":"a"},{"text":"b"}]}));
    assert_eq!(said["contents"], json!([{"role":"user","parts":[{"text":"hi"}]}]));
}

#[test]
fn the_operators_words_alone_are_the_users() {
    let said = said("gemini-2.5-pro", json!({"messages":[{"role":"system","content":"a"}]}));
    assert_eq!(said, json!({"contents":[{"role":"user","parts":[{"text":"a"}]}]}));
}

#[test]
fn what_one_speaker_says_in_a_row_is_one_entry() {
    let messages = json!([user(json!("a")), user(json!("b")), {"role":"assistant","content":"c"}, {"role":"assistant","content":""}, user(json!("d"))]);
    assert_eq!(
        contents(messages),
        json!([
            {"role":"user","parts":[{"text":"a"},{"text":"b"}]},
            {"role":"model","parts":[{"text":"c"}]},
            {"role":"user","parts":[{"text":"d"}]},
        ])
    );
}

#[test]
fn a_turn_that_says_nothing_is_a_space_and_an_empty_part_is_none() {
    assert_eq!(contents(json!([user(json!(""))])), json!([{"role":"user","parts":[{"text":" "}]}]));
    let parts = json!([{"type":"text","text":""},{"type":"text","text":"a"}]);
    assert_eq!(contents(json!([user(parts)])), json!([{"role":"user","parts":[{"text":"a"}]}]));
}

#[test]
fn older_models_are_told_a_word_beside_media_alone() {
    let messages = json!([user(json!([{"type":"image_url","image_url":{"url":PNG}}]))]);
    let parts = |model| said(model, json!({"messages": messages}))["contents"][0]["parts"].clone();
    let picture = json!({"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgoAAAANSUhEUg=="}});
    assert_eq!(parts("gemini-1.5-flash"), json!([picture, {"text":" "}]));
    assert_eq!(parts("gemini-2.5-flash"), json!([picture]));
}

#[test]
fn media_that_are_here_go_with_the_type_that_their_bytes_tell() {
    let parts = json!([
        {"type":"image_url","image_url":{"url":PNG}},
        {"type":"image_url","image_url":{"url":"data:image/jpg;base64,AAAA"}},
        {"type":"input_audio","input_audio":{"data":"AAAA","format":"mp3"}},
        {"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERi0xLjc="}},
        {"type":"video_url","video_url":{"url":"data:video/mp4;base64,AAAA"}},
    ]);
    let parts = contents(json!([user(parts)]))[0]["parts"].clone();
    let types: Vec<_> = parts
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["inlineData"]["mimeType"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["image/png", "image/jpeg", "audio/mp3", "application/pdf", "video/mp4"]);
}

#[test]
fn media_that_the_vendor_finds_itself_are_named() {
    let parts = json!([
        {"type":"image_url","image_url":{"url":"gs://bucket/cat.png"}},
        {"type":"video_url","video_url":{"url":"https://www.youtube.com/watch?v=x"}},
        {"type":"file","file":{"file_id":"files/abc","format":"application/pdf"}},
        {"type":"image_url","image_url":{"url":"https://generativelanguage.googleapis.com/v1beta/files/x"}},
    ]);
    assert_eq!(
        contents(json!([user(parts)]))[0]["parts"],
        json!([
            {"fileData":{"mimeType":"image/png","fileUri":"gs://bucket/cat.png"}},
            {"fileData":{"mimeType":"video/mp4","fileUri":"https://www.youtube.com/watch?v=x"}},
            {"fileData":{"mimeType":"application/pdf","fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc"}},
            {"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/x"}},
        ])
    );
    let untyped =
        json!([user(json!([{"type":"image_url","image_url":{"url":"gs://bucket/cat"}}]))]);
    assert!(refused(json!({"messages": untyped})).contains("messages[0].content[0]"));
}

#[test]
fn media_on_the_web_are_fetched_once_and_go_as_bytes() {
    let (target, url) = (TargetId::from("t"), "https://h/cat.png");
    let part = json!({"type":"image_url","image_url":{"url":url}});
    let own = json!({"type":"image_url","image_url":{"url":"https://generativelanguage.googleapis.com/v1beta/files/x"}});
    let request = chat(json!({"messages":[user(json!([part, part, own]))]}));
    let call = Call::new(&target, "gemini-2.5-pro");
    let needs = Profile::AI_STUDIO.needs(&call, &request);
    assert_eq!(needs.len(), 1);
    assert_eq!((&*needs[0].url, &*needs[0].field), (url, "messages[0].content[0].image_url"));
    assert_eq!(Profile::VERTEX.needs(&call, &request).len(), 2, "Vertex keeps no files");
    let fetched = Fetched { media_type: "image/png".into(), bytes: Bytes::from_static(b"x") };
    let call = call.with_media(Media::new([(url.into(), fetched)]));
    let (body, _) = Profile::AI_STUDIO.encode(&call, &request).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let picture = json!({"inlineData":{"mimeType":"image/png","data":"eA=="}});
    assert_eq!(body["contents"][0]["parts"][1], picture);
}

#[test]
fn what_cannot_be_taken_is_named_by_its_place() {
    for (part, named) in [
        (json!({"type":"hologram"}), "hologram"),
        (json!({"type":"file","file":{"file_id":"file-abc"}}), "file-abc"),
        (json!({"type":"image_url","image_url":{"url":"ftp://h/x"}}), "data:"),
        (json!({"type":"input_audio","input_audio":{"data":"AA","format":"../x"}}), "../x"),
    ] {
        let told = refused(json!({"messages":[user(json!([{"type":"text","text":"a"}, part]))]}));
        assert!(told.contains("messages[0].content[1]") && told.contains(named), "{told}");
    }
    let system = json!([{"role":"system","content":[{"type":"image_url","image_url":{"url":PNG}}]}, user(json!("a"))]);
    assert!(refused(json!({"messages": system})).contains("messages[0].content[0]"));
}

#[test]
fn results_stand_alone_in_the_order_of_the_calls() {
    let messages = json!([
        user(json!("go")),
        {"role":"assistant","content":null,"tool_calls":[call("1","f"),call("2","g")]},
        {"role":"tool","tool_call_id":"2","content":"[1]"},
        {"role":"tool","tool_call_id":"1","content":" {\"x\":1.50} "},
        user(json!("and?")),
    ]);
    assert_eq!(
        contents(messages),
        json!([
            {"role":"user","parts":[{"text":"go"}]},
            {"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{"a":1}}},{"functionCall":{"id":"2","name":"g","args":{"a":1}}}]},
            {"role":"user","parts":[
                {"functionResponse":{"id":"1","name":"f","response":{"x":1.50}}},
                {"functionResponse":{"id":"2","name":"g","response":{"result":"[1]"}}},
            ]},
            {"role":"user","parts":[{"text":"and?"}]},
        ])
    );
}

#[test]
fn vertex_is_told_no_ids() {
    let messages = json!([{"role":"assistant","tool_calls":[call("1","f")]},{"role":"tool","tool_call_id":"1","content":"x"}]);
    let said = try_say(Profile::VERTEX, "gemini-2.5-pro", json!({"messages": messages})).unwrap();
    assert!(!said.to_string().contains("\"id\""), "{said}");
}

#[test]
fn a_result_without_a_call_is_refused_by_name_and_one_that_failed_says_so() {
    let stray = json!([user(json!("a")), {"role":"tool","tool_call_id":"x","content":"y"}]);
    let told = refused(json!({"messages": stray}));
    assert!(told.contains("messages[1].tool_call_id") && told.contains("`x`"), "{told}");
    let failed = json!([{"role":"assistant","tool_calls":[call("1","f")]},{"role":"tool","tool_call_id":"1","content":"{}","is_error":true}]);
    assert_eq!(
        contents(failed)[1]["parts"][0]["functionResponse"]["response"],
        json!({"error":"{}"})
    );
    let older = json!([{"role":"assistant","function_call":{"name":"f","arguments":""}},{"role":"function","name":"f","content":"y"}]);
    assert_eq!(contents(older)[1]["parts"][0]["functionResponse"]["name"], "f");
}

#[test]
fn media_in_a_result_are_for_newer_models() {
    let result = json!([{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":PNG}}]);
    let messages = json!([{"role":"assistant","tool_calls":[call("1","f")]},{"role":"tool","tool_call_id":"1","content":result}]);
    let said = said("gemini-3-flash-preview", json!({"messages": messages}));
    let response = &said["contents"][1]["parts"][0]["functionResponse"];
    assert_eq!(response["response"], json!({"result":"see"}));
    assert_eq!(response["parts"][0]["inlineData"]["mimeType"], "image/png");
    assert!(refused(json!({"messages": messages})).contains("messages[1].content[1]"));
}

#[test]
fn a_seal_goes_back_where_it_was_and_the_first_call_of_a_step_has_one() {
    let sealed = json!([{"role":"assistant","content":"so","reasoning_details":[
        {"type":"reasoning.encrypted","data":"TEXT","format":"google-gemini-v1"},
        {"type":"reasoning.text","text":"hm","signature":"THINK","format":"google-gemini-v1"},
        {"type":"reasoning.encrypted","data":"NAMED","format":"google-gemini-v1","id":"2"},
        {"type":"reasoning.encrypted","data":"FOREIGN","format":"anthropic-claude-v1"}],
        "tool_calls":[call("1__thought__SEAL","f"),call("2","g"),call("3","h")]}]);
    assert_eq!(
        said("gemini-3-pro-preview", json!({"messages": sealed}))["contents"][0]["parts"],
        json!([
            {"text":"hm","thought":true,"thoughtSignature":"THINK"},
            {"text":"so","thoughtSignature":"TEXT"},
            {"functionCall":{"id":"1","name":"f","args":{"a":1}},"thoughtSignature":"SEAL"},
            {"functionCall":{"id":"2","name":"g","args":{"a":1}},"thoughtSignature":"NAMED"},
            {"functionCall":{"id":"3","name":"h","args":{"a":1}}},
        ])
    );
}

#[test]
fn a_call_that_was_anothers_goes_with_the_word_for_that_where_seals_are_checked() {
    let messages = json!([{"role":"assistant","tool_calls":[call("1","f"),call("2","g")]}]);
    let seals = |model| {
        let said = said(model, json!({"messages": messages}));
        let parts = said["contents"][0]["parts"].as_array().unwrap().clone();
        parts.iter().map(|part| part.get("thoughtSignature").cloned()).collect::<Vec<_>>()
    };
    assert_eq!(seals("gemini-3.5-flash"), [Some(json!("skip_thought_signature_validator")), None]);
    assert_eq!(seals("gemini-2.5-flash"), [None, None]);
    let older = json!([{"role":"assistant","function_call":{"name":"f","arguments":"{}"}}]);
    let said = said("gemini-3.5-flash", json!({"messages": older}));
    assert!(said.to_string().contains("skip_thought_signature_validator"));
}

#[test]
fn a_seal_without_a_text_goes_on_an_empty_one() {
    let details = json!([{"type":"reasoning.encrypted","data":"S","format":"google-gemini-v1"}]);
    let messages = json!([{"role":"assistant","content":null,"reasoning_details":details}]);
    assert_eq!(contents(messages)[0]["parts"], json!([{"text":"","thoughtSignature":"S"}]));
    let parts =
        json!([{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"text","text":""}]);
    let messages = json!([{"role":"assistant","content":parts,"reasoning_details":details}]);
    assert_eq!(
        contents(messages)[0]["parts"],
        json!([{"text":"a"},{"text":"b","thoughtSignature":"S"}])
    );
}

#[test]
fn pictures_that_the_model_made_go_back_with_their_seals() {
    let messages = json!([{"role":"assistant","content":null,
        "images":[{"type":"image_url","index":0,"image_url":{"url":PNG}}],
        "reasoning_details":[{"type":"reasoning.encrypted","data":"S","format":"google-gemini-v1","id":"image_0"}]}]);
    assert_eq!(
        contents(messages)[0]["parts"],
        json!([{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgoAAAANSUhEUg=="},"thoughtSignature":"S"}])
    );
}

#[test]
fn thoughts_without_a_seal_of_this_vendors_are_reported() {
    for (message, is_lost) in [
        (json!({"reasoning_content":"hm"}), true),
        (
            json!({"reasoning_details":[{"type":"reasoning.text","text":"t","signature":"s","format":"anthropic-claude-v1"}]}),
            true,
        ),
        (
            json!({"reasoning_details":[{"type":"reasoning.encrypted","data":"d","format":"google-gemini-v1"}]}),
            false,
        ),
    ] {
        let mut message = message;
        message["role"] = json!("assistant");
        let unsaid = unsaid(Profile::AI_STUDIO, "gemini-3.5-flash", json!({"messages":[message]}));
        assert_eq!(!unsaid.is_empty(), is_lost, "{unsaid:?}");
    }
}

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
fn the_form_of_the_answer_is_said_as_the_model_takes_it() {
    let schema = json!({"type":"object","properties":{"a":{"const":"x"}}});
    let format = json!({"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":schema}}});
    assert_eq!(
        said("gemini-2.5-pro", format.clone())["generationConfig"],
        json!({"responseMimeType":"application/json","responseJsonSchema":schema})
    );
    assert_eq!(
        said("gemini-1.5-pro", format)["generationConfig"]["responseSchema"],
        json!({"type":"object","properties":{"a":{"type":"string","enum":["x"]}}})
    );
    let object = said("gemini-2.5-pro", json!({"response_format":{"type":"json_object"}}));
    assert_eq!(object["generationConfig"], json!({"responseMimeType":"application/json"}));
    assert!(refused(json!({"response_format":{"type":"grammar"}})).contains("response_format"));
}

#[test]
fn how_the_answer_is_made_is_said_field_by_field() {
    let fields = json!({"temperature":0.5,"top_p":0.9,"top_k":3,"seed":7,"presence_penalty":0.1,
        "frequency_penalty":0.2,"n":2,"logprobs":true,"top_logprobs":5,"max_tokens":9,"stop":"x",
        "media_resolution":"MEDIA_RESOLUTION_LOW","modalities":["text","image"],"speech_config":{},
        "audio_timestamp":true,"image_config":{"aspectRatio":"1:1"}});
    assert_eq!(
        said("gemini-2.5-flash", fields)["generationConfig"],
        json!({"temperature":0.5,"topP":0.9,"topK":3,"seed":7,"presencePenalty":0.1,
            "frequencyPenalty":0.2,"candidateCount":2,"responseLogprobs":true,"logprobs":5,
            "mediaResolution":"MEDIA_RESOLUTION_LOW","speechConfig":{},"imageConfig":{"aspectRatio":"1:1"},
            "audioTimestamp":true,"maxOutputTokens":9,"stopSequences":["x"],"responseModalities":["TEXT","IMAGE"]})
    );
    let newer = said(
        "gemini-2.5-flash",
        json!({"max_tokens":1,"max_completion_tokens":2,"stop":["a","b"],"audio":{"voice":"Kore"}}),
    );
    assert_eq!(
        newer["generationConfig"],
        json!({"maxOutputTokens":2,"stopSequences":["a","b"],"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Kore"}}}})
    );
}

#[test]
fn what_stands_beside_is_said_wherever_the_client_has_put_it() {
    let settings = json!([{"category":"HARM_CATEGORY_HATE_SPEECH","threshold":"OFF"}]);
    let said = said(
        "gemini-2.5-pro",
        json!({"safety_settings":settings,"extra_body":{"google":{"cached_content":"cachedContents/x"}},"service_tier":"flex"}),
    );
    assert_eq!(
        (&said["safetySettings"], &said["cachedContent"]),
        (&settings, &json!("cachedContents/x"))
    );
    assert_eq!(said["serviceTier"], "flex");
    let tier = |tier| {
        try_say(Profile::VERTEX, "m", json!({"service_tier":tier}))
            .unwrap()
            .get("serviceTier")
            .cloned()
    };
    assert_eq!((tier("auto"), tier("default")), (None, Some(json!("standard"))));
    let labels = json!({"labels":{"a":"b"}});
    assert_eq!(try_say(Profile::VERTEX, "m", labels.clone()).unwrap()["labels"], json!({"a":"b"}));
    assert!(try_say(Profile::AI_STUDIO, "m", labels.clone()).unwrap().get("labels").is_none());
    assert_eq!(unsaid(Profile::AI_STUDIO, "m", labels.clone()), ["labels"]);
    assert_eq!(unsaid(Profile::VERTEX, "m", labels), [""; 0]);
}

#[test]
fn an_effort_is_said_as_the_model_takes_it() {
    let thinking = |model, effort| {
        said(model, json!({"reasoning_effort": effort}))["generationConfig"]
            .get("thinkingConfig")
            .cloned()
    };
    for (model, effort, config) in [
        ("gemini-3-pro-preview", "medium", json!({"includeThoughts":true,"thinkingLevel":"HIGH"})),
        ("gemini-3.5-flash", "none", json!({"thinkingLevel":"MINIMAL"})),
        ("gemini-2.5-pro", "high", json!({"includeThoughts":true,"thinkingBudget":4096})),
        ("gemini-2.5-flash", "none", json!({"thinkingBudget":0})),
        ("gemini-2.5-flash-lite", "max", json!({"includeThoughts":true,"thinkingBudget":16384})),
    ] {
        assert_eq!(thinking(model, effort), Some(config), "{model} {effort}");
    }
    assert_eq!(thinking("gemini-2.5-pro", "none"), None);
    assert_eq!(thinking("gemini-2.0-flash", "low"), None);
    for (model, effort) in
        [("gemini-2.5-pro", "none"), ("gemini-2.0-flash", "low"), ("gemini-3.5-flash", "huge")]
    {
        assert_eq!(
            unsaid(Profile::AI_STUDIO, model, json!({"reasoning_effort":effort})),
            ["reasoning_effort"]
        );
    }
}

#[test]
fn what_a_client_says_of_thinking_in_other_words_is_understood() {
    let thinking = |fields: Value| {
        said("gemini-2.5-pro", fields)["generationConfig"]["thinkingConfig"].clone()
    };
    let own = json!({"thinking_budget":-1,"include_thoughts":false});
    for fields in [
        json!({"thinking_config":own}),
        json!({"extra_body":{"google":{"thinking_config":own}}}),
        json!({"google":{"thinking_config":own},"reasoning_effort":"low"}),
    ] {
        assert_eq!(thinking(fields), own);
    }
    assert_eq!(
        thinking(json!({"reasoning":{"max_tokens":99999,"exclude":true}})),
        json!({"includeThoughts":false,"thinkingBudget":32768})
    );
    assert_eq!(
        thinking(json!({"thinking":{"type":"enabled","budget_tokens":1}})),
        json!({"includeThoughts":true,"thinkingBudget":128})
    );
    let newer = said("gemini-3.5-flash", json!({"reasoning":{"max_tokens":500}}));
    assert_eq!(
        newer["generationConfig"]["thinkingConfig"],
        json!({"includeThoughts":true,"thinkingBudget":500})
    );
}

#[test]
fn what_has_no_words_here_is_listed_by_its_place() {
    let fields = json!({
        "logit_bias":{"1":1},"user":"u","parallel_tool_calls":false,"extra_body":{"x":1,"google":{"y":2}},"service_tier":"scale",
        "tool_choice":"required",
        "messages":[{"role":"user","name":"n","x":1,"content":[
            {"type":"text","text":"a","cache_control":{}},
            {"type":"image_url","image_url":{"url":PNG,"detail":"high"}}]}],
    });
    let mut unsaid = unsaid(Profile::AI_STUDIO, "gemini-2.5-pro", fields);
    unsaid.sort();
    assert_eq!(
        unsaid,
        [
            "extra_body.google.y",
            "extra_body.x",
            "logit_bias",
            "messages[0].content[0].cache_control",
            "messages[0].content[1].image_url.detail",
            "messages[0].name",
            "messages[0].x",
            "parallel_tool_calls",
            "service_tier",
            "tool_choice",
            "user",
        ]
    );
}

#[test]
fn a_strict_function_is_not_promised() {
    let tools = json!([{"type":"function","function":{"name":"f","strict":true}}]);
    assert_eq!(
        unsaid(Profile::AI_STUDIO, "gemini-2.5-pro", json!({"tools":tools})),
        ["tools[0].function.strict"]
    );
}

#[test]
fn a_tool_that_takes_free_text_is_refused_by_name() {
    let tools = json!([{"type":"custom","custom":{"name":"c"}}]);
    let error = try_say(Profile::AI_STUDIO, "gemini-2.5-pro", json!({"tools":tools})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("tools[0]"), "{error}");
}
