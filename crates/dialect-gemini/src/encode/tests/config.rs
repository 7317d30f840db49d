//! How the answer is made.

use super::*;

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
        "image_config":{"aspectRatio":"1:1"}});
    assert_eq!(
        said("gemini-2.5-flash", fields)["generationConfig"],
        json!({"temperature":0.5,"topP":0.9,"topK":3,"seed":7,"presencePenalty":0.1,
            "frequencyPenalty":0.2,"candidateCount":2,"responseLogprobs":true,"logprobs":5,
            "mediaResolution":"MEDIA_RESOLUTION_LOW","speechConfig":{},"imageConfig":{"aspectRatio":"1:1"},
            "maxOutputTokens":9,"stopSequences":["x"],"responseModalities":["TEXT","IMAGE"]})
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
