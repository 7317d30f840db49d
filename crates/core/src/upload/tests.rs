//! Forms are understood, edited and passed on, held or not.

use futures_util::{StreamExt, stream};
use http::{HeaderMap, StatusCode, header};
use http_body::Body as _;

use super::*;
use crate::{BodyError, Inbound, Limits, Spool};

const EARLY: &[&str] = &["model", "prompt"];

fn field(name: &str, text: &str) -> String {
    format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
}

fn file(name: &str, length: usize) -> String {
    let head = format!("content-disposition: form-data; name=\"{name}\"; filename=\"a.wav\"");
    format!("--x\r\n{head}\r\ncontent-type: audio/wav\r\n\r\n{}\r\n", "RIFF".repeat(length / 4))
}

fn inbound(body: &str) -> Inbound {
    let mut headers = HeaderMap::new();
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=x"));
    headers.insert(header::CONTENT_LENGTH, body.len().into());
    let pieces: Vec<_> = body.as_bytes().chunks(5_000).map(Bytes::copy_from_slice).collect();
    let body = stream::iter(pieces.into_iter().map(Ok)).boxed();
    Inbound { body, ..Inbound::new(headers, Bytes::new()) }
}

async fn read(parts: &[String], limits: &Limits) -> Result<Upload, BadRequest> {
    inbound(&(parts.concat() + "--x--\r\n")).form(limits, EARLY).await
}

fn limits() -> Limits {
    Limits::default().with_spool(Some(Spool::of_the_system()))
}

async fn sent(form: &Upload, instead: &[(&'static str, &str)]) -> Result<String, BodyError> {
    let (mut payload, length) = form.payload(instead);
    let mut all = Vec::new();
    while let Some(frame) =
        std::future::poll_fn(|cx| std::pin::Pin::new(&mut payload).poll_frame(cx)).await
    {
        all.extend_from_slice(&frame?.into_data().unwrap());
    }
    assert_eq!(length, Some(all.len() as u64));
    Ok(String::from_utf8(all).unwrap())
}

#[tokio::test]
async fn a_form_is_sent_byte_for_byte_but_for_what_was_set() {
    for length in [40, 3 << 20] {
        let parts = [file("file", length), field("model", "fast"), field("x", ""), field("p", "é")];
        let form = read(&parts, &limits()).await.unwrap();
        assert_eq!(form.replay(), Replay::Any);
        let body = parts.concat() + "--x--\r\n";
        assert!(sent(&form, &[]).await.unwrap() == body, "the bytes are others");
        let expected = body.replace("\r\nfast\r\n", "\r\nwhisper-1\r\n");
        assert!(sent(&form, &[("model", "whisper-1")]).await.unwrap() == expected);
        assert!(sent(&form, &[("absent", "value")]).await.unwrap() == body);
        assert_eq!(form.text("p").unwrap().as_deref(), Some("é"));
        assert_eq!(form.text("absent").unwrap(), None);
        assert!(form.has_file("file") && !form.has_file("model"));
    }
}

#[tokio::test]
async fn what_was_set_is_what_is_read_and_sent() {
    let parts = [field("model", "fast"), field("prompt", "secret"), file("file", 8)];
    let mut form = read(&parts, &limits()).await.unwrap();
    form.set("prompt", "[redacted]").unwrap();
    form.set("model", "meant").unwrap();
    assert_eq!(form.text("prompt").unwrap().as_deref(), Some("[redacted]"));
    let expected = parts.concat().replace("secret", "[redacted]").replace("fast", "other");
    assert_eq!(sent(&form, &[("model", "other")]).await.unwrap(), expected + "--x--\r\n");
    assert_eq!(form.set("absent", "v").unwrap_err().param.as_deref(), Some("absent"));
}

#[tokio::test]
async fn no_text_becomes_a_part_of_its_own() {
    let parts = [field("model", "m"), field("prompt", "\r\n-REMOVED-x\r\nv")];
    let mut form = read(&parts, &limits()).await.unwrap();
    let text = form.text("prompt").unwrap().unwrap().replace("REMOVED", "");
    assert_eq!(form.set("prompt", &text).unwrap_err().param.as_deref(), Some("prompt"));
    assert_eq!(sent(&form, &[("model", "\r\n--x--")]).await.unwrap(), parts.concat() + "--x--\r\n");
}

#[tokio::test]
async fn a_text_that_is_unclear_is_refused_by_its_name() {
    let twice = [field("model", "a"), field("model", "b")];
    let as_file = [file("model", 8)];
    for parts in [&twice[..], &as_file[..]] {
        let form = read(parts, &limits()).await.unwrap();
        let bad = form.text("model").unwrap_err();
        assert_eq!((bad.status.as_u16(), bad.param.as_deref()), (400, Some("model")));
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused_with_what_is_wrong() {
    let mut no_type = inbound("{}");
    no_type.headers.remove(header::CONTENT_TYPE);
    let mut json = inbound("{}");
    json.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (mut inbound, words) in [
        (no_type, "multipart/form-data"),
        (json, "multipart/form-data"),
        (inbound("{}"), "does not begin with the boundary"),
        (inbound(&field("model", "m")), "ends before its last boundary"),
    ] {
        let bad = inbound.form(&limits(), EARLY).await.unwrap_err();
        assert_eq!(bad.status, StatusCode::BAD_REQUEST);
        assert!(bad.message.contains(words), "{bad}");
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_whether_its_length_is_told_or_not() {
    let limits = limits().with_body(10).with_upload(100_000);
    for told in [true, false] {
        let mut inbound = inbound(&(file("file", 200_000) + "--x--"));
        if !told {
            inbound.headers.remove(header::CONTENT_LENGTH);
        }
        let bad = inbound.form(&limits, EARLY).await.unwrap_err();
        assert_eq!((bad.status.as_u16(), bad.code), (413, "request_too_large"));
        assert!(bad.message.contains("max_upload_bytes"), "{bad}");
    }
    let small = read(&[file("file", 50_000)], &limits).await;
    assert!(small.is_ok(), "a form may be larger than another body");
}

#[tokio::test]
async fn where_there_is_no_room_a_form_is_passed_on_once() {
    let parts = [field("model", "fast"), file("file", 2 << 20), field("language", "en")];
    let form = read(&parts, &Limits::default()).await.unwrap();
    assert_eq!(form.replay(), Replay::Passing);
    assert!(form.has_file("file"));
    let expected = parts.concat().replace("fast", "whisper-1") + "--x--\r\n";
    assert!(sent(&form, &[("model", "whisper-1")]).await.unwrap() == expected, "others");
    assert!(matches!(sent(&form, &[]).await, Err(BodyError::Sent)));
}

#[tokio::test]
async fn what_must_be_known_before_stands_before_the_file_of_a_form_that_is_passed_on() {
    let parts = [file("file", 2 << 20), field("model", "fast")];
    let form = read(&parts, &Limits::default()).await.unwrap();
    assert_eq!(form.text("model").unwrap(), None);
    assert!(form.missing("model").message.contains("before the file"), "{}", form.missing("model"));
    let form = read(&parts, &limits()).await.unwrap();
    assert_eq!(form.text("model").unwrap().as_deref(), Some("fast"), "the order is the client's");
    assert_eq!(form.missing("language").message, "language is required");

    let late = [field("model", "fast"), file("file", 2 << 20), field("prompt", "unseen")];
    let form = read(&late, &Limits::default()).await.unwrap();
    let error = sent(&form, &[]).await.unwrap_err();
    assert!(error.to_string().starts_with("prompt is to stand before the file"), "{error}");
}

#[tokio::test]
async fn a_form_that_is_passed_on_breaks_off_where_it_turns_out_to_be_none() {
    let open = field("model", "fast") + &file("file", 2 << 20);
    for (behind, words) in [("", "ends before"), ("--x\r\nno head\r\n\r\n", "no header")] {
        let mut inbound = inbound(&(open.clone() + behind));
        let form = inbound.form(&Limits::default(), EARLY).await.unwrap();
        let error = sent(&form, &[]).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    let mut endless = inbound(&(open + "--x--"));
    endless.headers.remove(header::CONTENT_LENGTH);
    let limits = Limits::default().with_body(10).with_upload(2 << 20);
    let form = endless.form(&limits, EARLY).await.unwrap();
    let error = form.payload(&[]).0;
    let error = read_to_error(error).await;
    assert!(error.to_string().contains("too large"), "{error}");
}

async fn read_to_error(mut payload: Payload) -> BodyError {
    loop {
        let next = std::future::poll_fn(|cx| std::pin::Pin::new(&mut payload).poll_frame(cx)).await;
        if let Err(error) = next.expect("it breaks off") {
            return error;
        }
    }
}
