//! The routes whose requests are forms.

use crate::{
    gateway::MOST_WITH_FILES,
    row::{JSON, Row, Told, check},
};

const FORM: &str = "content-type: multipart/form-data; boundary=x\r\n";

/// A form of these parts: texts, and, where the value begins with `@`, files.
fn form(parts: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        let file = value.strip_prefix('@');
        let more = if file.is_some() { "; filename=\"a.bin\"" } else { "" };
        let value = file.unwrap_or(value);
        format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--x--\r\n"
}

fn row(path: &str, body: &str) -> Row {
    Row { headers: FORM.to_owned(), ..Row::document(path, body) }
}

/// What is wrong on every route that takes a form. `parts` are those of one that is right.
fn rows(path: &str, parts: &[(&'static str, &str)]) -> Vec<Row> {
    let right = form(parts);
    let without = |name: &str| {
        let rest: Vec<_> = parts.iter().copied().filter(|(own, _)| *own != name).collect();
        row(path, &form(&rest))
    };
    let with = |name: &'static str, value: &str| {
        let all = parts.iter().copied();
        let all: Vec<_> =
            all.map(|(own, it)| (own, if own == name { value } else { it })).collect();
        row(path, &form(&all))
    };
    let file = parts.iter().find(|(_, value)| value.starts_with('@')).unwrap().0;
    let twice = [parts, &[("model", "other")]].concat();
    let large = format!("@{}", "a".repeat(MOST_WITH_FILES));
    let mut rows = vec![
        row(path, "").saying(&["ends before its last boundary"]),
        row(path, &right.replace("--x", "--y")).saying(&["does not begin with the boundary"]),
        row(path, &right[..right.len() - 10]).saying(&["ends before its last boundary"]),
        row(path, &right.replacen("content-disposition", "x", 1))
            .saying(&["part 1 of the form", "content-disposition"]),
        Row { headers: JSON.to_owned(), ..row(path, "{}") },
        Row { headers: "content-type: multipart/form-data\r\n".to_owned(), ..row(path, &right) }
            .saying(&["`multipart/form-data`", "boundary"]),
        Row { headers: "content-type: text/plain\r\n".to_owned(), ..row(path, &right) }
            .saying(&["`text/plain`", "`multipart/form-data`"]),
        Row { headers: String::new(), ..row(path, &right) }.saying(&["`multipart/form-data`"]),
        without("model").naming("model").saying(&["model is required"]),
        with("model", "").naming("model").saying(&["model is required"]),
        with("model", "nobodys").with_status(404).naming("model").saying(&["`nobodys`"]),
        with("model", "@whisper-1").naming("model").saying(&["a text, not a file"]),
        row(path, &form(&twice)).naming("model").saying(&["twice"]),
        without(file).naming(file).saying(&["is required, as a file"]),
        with(file, "no file").naming(file).saying(&["is required, as a file"]),
        with(file, &large).with_status(413).saying(&["8192 bytes", "max_upload_bytes"]),
        Row { line: format!("GET {path}"), ..row(path, "") }.with_status(405),
        Row { line: format!("PUT {path}"), ..row(path, "") }.with_status(405),
    ];
    if path.starts_with("/v1/audio") {
        rows[4] = Row { headers: JSON.to_owned(), ..row(path, "{}") }
            .saying(&["`application/json`", "`multipart/form-data`"]);
    }
    rows
}

#[tokio::test]
async fn a_bad_transcription_is_told() {
    let parts = [("file", "@audio"), ("model", "whisper-1"), ("stream", "false")];
    for path in ["/v1/audio/transcriptions", "/v1/audio/translations"] {
        let mut all = rows(path, &parts);
        let more = |name, value| row(path, &form(&[&parts[..2], &[(name, value)]].concat()));
        all.push(
            more("stream", "maybe").naming("stream").saying(&["`maybe`", "`true` or `false`"]),
        );
        all.push(more("prompt", "@a file").naming("prompt").saying(&["a text, not a file"]));
        check(Told::OpenAi, all).await;
    }
}

#[tokio::test]
async fn a_bad_edit_of_an_image_is_told() {
    let path = "/v1/images/edits";
    let parts = [("image", "@pixels"), ("model", "gpt-image-1"), ("prompt", "hi")];
    let mut all = rows(path, &parts);
    // It takes documents too.
    all.retain(|row| row.headers != JSON);
    let more = |name, value| row(path, &form(&[&parts[..], &[(name, value)]].concat()));
    let json = |body: &str| Row::document(path, body);
    all.extend([
        row(path, &form(&parts[..2])).naming("prompt").saying(&["prompt is required"]),
        more("n", "0").naming("n").saying(&["positive", "0"]),
        more("n", "two").naming("n").saying(&["`two`", "an integer"]),
        more("stream", "si").naming("stream").saying(&["`si`", "`true` or `false`"]),
        json("{").saying(&["not valid JSON", "at byte 1"]),
        json(r#"{"prompt":"hi"}"#).naming("model").saying(&["model is required"]),
        json(r#"{"model":"gpt-image-1","prompt":"hi"}"#).naming("images").saying(&["required"]),
        json(r#"{"model":"gpt-image-1","images":[{}]}"#).naming("prompt").saying(&["required"]),
        json(r#"{"model":"gpt-image-1","images":[{}],"prompt":7}"#).naming("prompt"),
        json(r#"{"model":"gpt-image-1","images":[{}],"prompt":"hi","n":0}"#)
            .naming("n")
            .saying(&["positive", "0"]),
    ]);
    check(Told::OpenAi, all).await;
}

#[tokio::test]
async fn a_bad_variation_of_an_image_is_told() {
    let path = "/v1/images/variations";
    let parts = [("image", "@pixels"), ("model", "dall-e-2")];
    let mut all = rows(path, &parts);
    let more = |name, value| row(path, &form(&[&parts[..], &[(name, value)]].concat()));
    all.push(more("n", "-1").naming("n").saying(&["positive", "-1"]));
    check(Told::OpenAi, all).await;
}
