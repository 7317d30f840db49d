//! Answers that are audio, words that were heard, or pictures.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{Events, Received, Reply, Script, faults};

/// Audio, or what passes for it: bytes of every value.
fn audio() -> Vec<u8> {
    let body = (0..2_048_u32).map(|at| u8::try_from(at % 256).expect("it is small"));
    b"ID3".iter().copied().chain(body).collect()
}

/// The answer to a request of one of these surfaces; `None` where the path is none of theirs.
pub(crate) fn media(path: &str, request: &Received) -> Option<Script> {
    let answer = match path.split_once("/v1/")?.1 {
        "audio/speech" => speech,
        "audio/transcriptions" => heard,
        "audio/translations" => heard,
        "images/edits" | "images/variations" => drawn,
        _ => return None,
    };
    let asked = Asked::of(request);
    let failed = faults::error_by_model(&asked.get("model"));
    Some(failed.unwrap_or_else(|| answer(&asked)))
}

fn speech(asked: &Asked<'_>) -> Script {
    if asked.get("stream_format") != "sse" {
        return Reply::new(200, "audio/mpeg", audio()).into();
    }
    Events::new([
        event(r#"{"type":"speech.audio.delta","audio":"SUQz"}"#),
        event(r#"{"type":"speech.audio.delta","audio":"AAEC"}"#),
        event(
            r#"{"type":"speech.audio.done","usage":{"input_tokens":3,"output_tokens":9,"total_tokens":12}}"#,
        ),
    ])
    .into()
}

fn heard(asked: &Asked<'_>) -> Script {
    const USAGE: &str = r#""usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":0,"audio_tokens":14},"output_tokens":2,"total_tokens":16}"#;
    if asked.get("stream") == "true" {
        return Events::new([
            event(r#"{"type":"transcript.text.delta","delta":"Heard"}"#),
            event(r#"{"type":"transcript.text.delta","delta":" it."}"#),
            event(&format!(r#"{{"type":"transcript.text.done","text":"Heard it.",{USAGE}}}"#)),
        ])
        .into();
    }
    let text = |words: &str| Reply::new(200, "text/plain; charset=utf-8", words.to_owned()).into();
    match &*asked.get("response_format") {
        "text" => text("Heard it.\n"),
        "srt" => text("1\n00:00:00,000 --> 00:00:01,000\nHeard it.\n\n"),
        "vtt" => text("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHeard it.\n\n"),
        "verbose_json" => Reply::json(
            200,
            r#"{"task":"transcribe","language":"english","duration":1.0,"text":"Heard it.","segments":[],"usage":{"type":"duration","seconds":1}}"#,
        )
        .into(),
        _ => Reply::json(200, format!(r#"{{"text":"Heard it.",{USAGE}}}"#)).into(),
    }
}

fn drawn(asked: &Asked<'_>) -> Script {
    const USAGE: &str = r#""usage":{"input_tokens":50,"input_tokens_details":{"image_tokens":40,"text_tokens":10},"output_tokens":20,"total_tokens":70}"#;
    const LOOKS: &str = r#""created_at":1764000000,"size":"1024x1024","quality":"low","background":"opaque","output_format":"png""#;
    if asked.get("stream") == "true" {
        return Events::new([
            event(&format!(
                r#"{{"type":"image_edit.partial_image","b64_json":"iVBO","partial_image_index":0,{LOOKS}}}"#
            )),
            event(&format!(
                r#"{{"type":"image_edit.completed","b64_json":"iVBORw0KGgo=",{LOOKS},{USAGE}}}"#
            )),
        ])
        .into();
    }
    let body =
        format!(r#"{{"created":1764000000,"data":[{{"b64_json":"iVBORw0KGgo="}}],{USAGE}}}"#);
    Reply::json(200, body).into()
}

fn event(data: &str) -> String {
    format!("data: {data}\n\n")
}

/// A request whose fields are looked up by their names, whether it is a form or a document.
enum Asked<'a> {
    Form { boundary: &'a str, body: &'a [u8] },
    Document(Fields<'a>),
}

#[derive(Default, Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default)]
    model: Cow<'a, str>,
    #[serde(borrow, default)]
    stream_format: Cow<'a, str>,
    #[serde(default)]
    stream: bool,
}

impl<'a> Asked<'a> {
    fn of(request: &'a Received) -> Self {
        let content_type = request.header("content-type").unwrap_or_default();
        match content_type.split_once("boundary=") {
            Some((_, boundary)) => {
                Self::Form { boundary: boundary.trim_matches('"'), body: &request.body }
            }
            None => Self::Document(serde_json::from_slice(&request.body).unwrap_or_default()),
        }
    }

    /// A field's text; empty where there is none.
    fn get(&self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Document(fields) => match name {
                "model" => fields.model.as_ref().into(),
                "stream_format" => fields.stream_format.as_ref().into(),
                "stream" if fields.stream => "true".into(),
                _ => "".into(),
            },
            Self::Form { boundary, body } => {
                let text = String::from_utf8_lossy(body);
                let own = format!("name=\"{name}\"\r\n\r\n");
                let value = text.split(boundary).find_map(|part| {
                    Some(part.split_once(&own)?.1.trim_end_matches("\r\n--").to_owned())
                });
                value.unwrap_or_default().into()
            }
        }
    }
}
