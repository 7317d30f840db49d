//! Images and documents.

use super::*;

#[test]
fn what_a_picture_is_its_bytes_say() {
    const PNG: &str = "iVBORw0KGgoAAAA=";
    let picture = |url: &str| user(json!([{"type": "image_url", "image_url": {"url": url}}]));
    let sent = messages(&[picture(&format!("data:image/jpeg;base64,{PNG}"))]);
    assert_eq!(
        sent[0]["content"][0]["source"],
        json!({"type": "base64", "media_type": "image/png", "data": PNG})
    );
    let sent = messages(&[picture("data:image/jpg;base64,AAAA")]);
    assert_eq!(sent[0]["content"][0]["source"]["media_type"], "image/jpeg");
    let (kind, message) = refused(&json!({"messages": [picture("data:image/bmp;base64,Qk0=")]}));
    assert_eq!(kind, ErrorKind::Unsupported);
    assert!(
        message.starts_with("messages[0].content[0].image_url.url: it is image/bmp"),
        "{message}"
    );
    let sent = messages(&[picture("https://example.com/x.png")]);
    assert_eq!(
        sent[0]["content"][0]["source"],
        json!({"type": "url", "url": "https://example.com/x.png"})
    );
}

#[test]
fn what_the_vendor_cannot_take_is_an_error_that_names_the_part() {
    for (part, named) in [
        (
            json!({"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}}),
            "input_audio",
        ),
        (json!({"type": "video_url", "video_url": {"url": "https://h/v"}}), "video_url"),
        (json!({"type": "hologram"}), "hologram"),
        (
            json!({"type": "file", "file": {"file_data": "data:application/zip;base64,UEs="}}),
            "file.file_data",
        ),
    ] {
        let (kind, message) =
            refused(&json!({"messages": [user(json!("Go.")), user(json!([part]))]}));
        assert_eq!(kind, ErrorKind::Unsupported);
        assert!(message.starts_with(&format!("messages[1].content[0].{named}: ")), "{message}");
    }
}

#[test]
fn documents_are_what_their_bytes_say_and_files_take_their_feature() {
    let file = |file: Value| user(json!([{"type": "file", "file": file}]));
    let sent =
        messages(&[file(json!({"file_data": "data:;base64,JVBERi0xLjc=", "filename": "a.pdf"}))]);
    assert_eq!(
        sent[0]["content"][0],
        json!({"type": "document", "title": "a.pdf", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjc="}})
    );
    let sent = messages(&[file(json!({"file_data": "data:text/csv;base64,YSxi"}))]);
    assert_eq!(
        sent[0]["content"][0]["source"],
        json!({"type": "text", "media_type": "text/plain", "data": "a,b"})
    );
    let uploaded = json!({"messages": [file(json!({"file_id": "file_1"}))]});
    assert_eq!(
        encoded(Profile::anthropic(), NEW, &uploaded).betas.as_deref(),
        Some("files-api-2025-04-14")
    );
    assert_eq!(
        said(&uploaded)["messages"][0]["content"][0]["source"],
        json!({"type": "file", "file_id": "file_1"})
    );
}

#[test]
fn a_host_that_fetches_nothing_is_given_the_bytes() {
    let parts = json!([
        {"type": "image_url", "image_url": {"url": "https://h/x"}},
        {"type": "file", "file": {"file_data": "https://h/y"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    ]);
    let request = request(NEW, &json!({"messages": [user(parts)]}));
    let messages = Messages::new(Profile::bedrock());
    let needs: Vec<_> =
        messages.needs(&request).into_iter().map(|need| (need.url, need.field)).collect();
    assert_eq!(
        needs,
        [
            ("https://h/x".into(), "messages[0].content[0].image_url.url".into()),
            ("https://h/y".into(), "messages[0].content[1].file.file_data".into()),
        ]
    );
    assert_eq!(Messages::new(Profile::anthropic()).needs(&request), []);
    let target = TargetId::from("t");
    let error = messages.encode(&Call::new(&target, NEW), &request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let fetched = |media_type: &str, bytes: &'static [u8]| Fetched {
        media_type: media_type.into(),
        bytes: Bytes::from_static(bytes),
    };
    let media = Media::new([
        ("https://h/x".into(), fetched("image/png", b"x")),
        ("https://h/y".into(), fetched("application/pdf", b"y")),
    ]);
    let call = Call::new(&target, NEW).with_media(media);
    let sent: Value =
        serde_json::from_slice(&messages.encode(&call, &request).unwrap().body).unwrap();
    let blocks = &sent["messages"][0]["content"];
    assert_eq!(
        blocks[0]["source"],
        json!({"type": "base64", "media_type": "image/png", "data": "eA=="})
    );
    assert_eq!(
        (&blocks[1]["type"], &blocks[1]["source"]["data"]),
        (&json!("document"), &json!("eQ=="))
    );
}

#[test]
fn a_document_among_the_pictures_is_a_document() {
    let picture = |url: &str| user(json!([{"type": "image_url", "image_url": {"url": url}}]));
    let sent = messages(&[picture("data:application/pdf;base64,JVBERi0xLjc=")]);
    let block = &sent[0]["content"][0];
    assert_eq!(
        (&block["type"], &block["source"]["media_type"]),
        (&json!("document"), &json!("application/pdf"))
    );
    let target = TargetId::from("t");
    let fetched = Fetched { media_type: "text/plain".into(), bytes: Bytes::from_static(b"words") };
    let media = Media::new([("https://h/x".into(), fetched)]);
    let request = request(NEW, &json!({"messages": [picture("https://h/x")]}));
    let call = Call::new(&target, NEW).with_media(media);
    let body = Messages::new(Profile::vertex()).encode(&call, &request).unwrap().body;
    let sent: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(sent["messages"][0]["content"][0]["type"], "document");
}
