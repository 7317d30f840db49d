//! Replies that are bytes, and requests that are forms, as a client meets them.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use axum::{body::Body, response::Response};
use bytes::Bytes;
use ferro_core::{
    Built, CallContext, Credential, ErrorKind, Frame, Head, Origin, Payload, Provider,
    ProviderError, Reply, ReplyBody, Serve, StaticCredential, Subject,
    document::{DocumentReply, DocumentRequest, Speech},
    forward::{Forward, ForwardRequest},
    upload::{Transcriptions, UploadRequest},
};
use ferro_gateway::{Doors, Gateway, Registry};
use ferro_http::router;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::BodyExt;
use tokio::time::{Instant, sleep};
use tower::ServiceExt;

/// A provider that does what the model's name says.
#[derive(Debug, Default)]
struct Scripted {
    sent: Mutex<Vec<Bytes>>,
}

impl Provider for Scripted {
    fn speech(&self) -> Option<&dyn Serve<Speech>> {
        Some(self)
    }

    fn transcriptions(&self) -> Option<&dyn Serve<Transcriptions>> {
        Some(self)
    }

    fn forward(&self) -> Option<&dyn Serve<Forward>> {
        Some(self)
    }
}

#[async_trait]
impl Serve<Forward> for Scripted {
    async fn serve(
        &self,
        _: &CallContext<'_>,
        _: &ForwardRequest,
    ) -> Result<Reply<Forward>, ProviderError> {
        let late = stream::once(async {
            sleep(Duration::from_secs(300)).await;
            Ok(Frame::new("data: 2\n\n"))
        });
        let frames = stream::iter([Ok(Frame::new("data: 1\n\n"))]).chain(late).boxed();
        Ok(Reply { head: head("text/event-stream", None), body: ReplyBody::Stream(frames) })
    }
}

fn head(kind: &'static str, length: Option<u64>) -> Head {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    Head { status: StatusCode::OK, headers }
}

#[async_trait]
impl Serve<Speech> for Scripted {
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        _: &DocumentRequest<Speech>,
    ) -> Result<Reply<Speech>, ProviderError> {
        let sound = || stream::iter([Ok(Frame::new("RIFF")), Ok(Frame::new("WAVE"))]);
        let (length, body) = match cx.call.model {
            "late-refusal" => {
                sleep(Duration::from_secs(60)).await;
                return Err(ProviderError::new(ErrorKind::Overloaded).with_message("too busy"));
            }
            "pausing" => {
                let pause = stream::once(async {
                    sleep(Duration::from_secs(300)).await;
                    Ok(Frame::new("data"))
                });
                (None, sound().chain(pause).boxed())
            }
            "broken" => {
                let error = ProviderError::new(ErrorKind::Interrupted).with_message("cut");
                (Some(100), sound().chain(stream::iter([Err(error)])).boxed())
            }
            "empty" => (Some(0), stream::empty().boxed()),
            _ => (Some(8), sound().boxed()),
        };
        Ok(Reply { head: head("audio/wav", length), body: ReplyBody::Bytes(body) })
    }
}

#[async_trait]
impl Serve<Transcriptions> for Scripted {
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        request: &UploadRequest<Transcriptions>,
    ) -> Result<Reply<Transcriptions>, ProviderError> {
        let outgoing = request.outgoing(cx.call.model);
        let Payload::Rope(body) = outgoing.payload else { panic!("a small form is in memory") };
        self.sent.lock().unwrap().push(body.to_bytes());
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        let whole = DocumentReply::new(Bytes::from("1\nhello\n"), None).with_content_type(text);
        Ok(Reply { head: Head::default(), body: ReplyBody::Whole(whole) })
    }
}

fn gateway(provider: &Arc<Scripted>) -> Gateway {
    let origin = Origin::split("http://127.0.0.1:1").unwrap().0;
    let provider: Arc<dyn Provider> = Arc::clone(provider) as _;
    let built = Built::new(provider, origin, Arc::new(StaticCredential(Credential::None)));
    let registry = Registry::new().ingress(&ferro_dialect_openai::INGRESS);
    let builder = Gateway::builder().registry(registry).register_provider("t", built);
    builder.doors(Doors::open()).build().unwrap()
}

async fn send(path: &str, content_type: &str, body: &str) -> Response {
    let provider = Arc::default();
    let request = Request::post(path).header("host", "localhost");
    let request = request.header("content-type", content_type).body(Body::from(body.to_owned()));
    router(gateway(&provider)).oneshot(request.unwrap()).await.unwrap()
}

async fn speak(model: &str) -> Response {
    let body = format!(r#"{{"model":"{model}","input":"Hello.","voice":"alloy"}}"#);
    send("/v1/audio/speech", "application/json", &body).await
}

async fn transcribe(body: &str) -> (StatusCode, String) {
    let content_type = "multipart/form-data; boundary=b";
    let response = send("/v1/audio/transcriptions", content_type, body).await;
    let (status, body) = (response.status(), response.into_body().collect().await.unwrap());
    (status, String::from_utf8(body.to_bytes().into()).unwrap())
}

#[tokio::test]
async fn bytes_have_their_upstreams_type_and_length_and_nothing_besides() {
    let response = speak("whole").await;
    let headers = response.headers();
    assert_eq!(headers["content-type"], "audio/wav");
    assert_eq!(headers["content-length"], "8");
    assert_eq!(headers["x-gateway-provider"], "t");
    assert!(!headers.contains_key("cache-control"), "{headers:?}");
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "RIFFWAVE");
}

#[tokio::test(start_paused = true)]
async fn nothing_stands_between_bytes_however_long_they_pause() {
    let response = speak("pausing").await;
    assert!(!response.headers().contains_key("content-length"), "it was not told");
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "RIFFWAVEdata");
}

#[tokio::test(start_paused = true)]
async fn events_that_are_passed_on_are_kept_open() {
    let response = send("/v1/x/events", "application/json", r#"{"model":"m"}"#).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    let said = response.into_body().collect().await.unwrap().to_bytes();
    let said = String::from_utf8_lossy(&said);
    let between = said.strip_prefix("data: 1\n\n").unwrap().strip_suffix("data: 2\n\n").unwrap();
    let mut signs = between.split_inclusive("\n\n");
    assert!(!between.is_empty() && signs.all(|sign| sign.starts_with(':')), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_keeps_its_status_however_late_it_comes() {
    let begun = Instant::now();
    let response = speak("late-refusal").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(begun.elapsed() >= Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn bytes_that_break_off_end_with_a_broken_body() {
    let mut body = speak("broken").await.into_body();
    let mut read = Vec::new();
    let error = loop {
        match body.frame().await.expect("it does not end well") {
            Ok(frame) => read.extend_from_slice(&frame.into_data().unwrap()),
            Err(error) => break error,
        }
    };
    assert_eq!(read, b"RIFFWAVE", "what had come before, and no words");
    assert!(error.to_string().contains("broke off"), "{error}");
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn an_answer_without_a_byte_is_a_failure() {
    let response = speak("empty").await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
}

const FILE: &str =
    "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n";
const MODEL: &str = "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n";

#[tokio::test]
async fn a_text_keeps_its_type_and_is_no_json() {
    let form = format!("{FILE}{MODEL}--b--\r\n");
    let content_type = "multipart/form-data; boundary=b";
    let response = send("/v1/audio/transcriptions", content_type, &form).await;
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "1\nhello\n");
}

#[tokio::test]
async fn what_is_wrong_with_a_form_is_said_with_its_field() {
    let text = |name: &str, value: &str| {
        format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    for (body, param, words) in [
        (format!("{FILE}--b--"), "\"model\"", "model is required"),
        (format!("{MODEL}--b--"), "\"file\"", "file is required, as a file"),
        (format!("{FILE}{}--b--", text("model", "")), "\"model\"", "model is required"),
        (format!("{FILE}{MODEL}{MODEL}--b--"), "\"model\"", "model stands in the form twice"),
        (format!("{FILE}{MODEL}{}--b--", text("stream", "maybe")), "\"stream\"", "`true` or"),
        (format!("{FILE}{MODEL}"), "null", "ends before its last boundary"),
        ("{}".to_owned(), "null", "does not begin with the boundary"),
    ] {
        let (status, said) = transcribe(&body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        assert!(said.contains(words), "{body}: {said}");
        assert!(said.contains(&format!("\"param\":{param}")), "{body}: {said}");
    }
    let json = send("/v1/audio/transcriptions", "application/json", "{}").await;
    assert_eq!(json.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_wrong_with_a_document_is_said_with_its_field() {
    for (body, param) in [
        (r#"{"input":"a","voice":"v"}"#, "model"),
        (r#"{"model":"m","voice":"v"}"#, "input"),
        (r#"{"model":"m","input":"","voice":"v"}"#, "input"),
        (r#"{"model":"m","input":"a","voice":"v","stream_format":1}"#, "stream_format"),
        (r#"{"model":"m","input":"a","voice":"v","speed":"fast"}"#, "speed"),
    ] {
        let response = send("/v1/audio/speech", "application/json", body).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body}");
        let said = response.into_body().collect().await.unwrap().to_bytes();
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains(&format!("\"param\":\"{param}\"")), "{body}: {said}");
    }
}

#[tokio::test]
async fn policy_sees_and_edits_the_prompt_of_a_form() {
    let prompt = "--b\r\ncontent-disposition: form-data; name=\"prompt\"\r\n\r\nsecret\r\n";
    let content_type = HeaderValue::from_static("multipart/form-data; boundary=b");
    let form = format!("{FILE}{prompt}{MODEL}--b--\r\n");
    let upload = ferro_core::Upload::parse(content_type, form.clone().into_bytes()).unwrap();
    let mut request = UploadRequest::<Transcriptions>::form(upload).unwrap();
    let mut seen = Vec::new();
    request.texts(&mut |_, text| seen.push(text.to_owned())).unwrap();
    assert_eq!(seen, ["secret"]);
    request.edit_texts(&mut |_, text| Some(text.replace("secret", "[hidden]"))).unwrap();
    request.set_model("meant");
    let Payload::Rope(body) = request.outgoing("meant").payload else { panic!("in memory") };
    let expected = form.replace("secret", "[hidden]").replace("whisper", "meant");
    assert_eq!(body.to_bytes(), expected);
}
