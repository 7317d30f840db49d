//! Pictures, sounds, films and documents.

use super::*;

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
fn a_text_that_begins_like_a_picture_is_none() {
    for (text, known) in [("BMW builds cars.", "text/plain"), ("ID3 is a tag.", "text/plain")] {
        let url = format!("data:text/plain,{}", text.replace(' ', "%20"));
        let part = json!({"type":"file","file":{"file_data":url}});
        let parts = contents(json!([user(json!([part]))]))[0]["parts"].clone();
        assert_eq!(parts[0]["inlineData"]["mimeType"], known);
    }
}
