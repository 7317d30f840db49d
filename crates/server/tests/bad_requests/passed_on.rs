//! What is passed on: files, batches, ids of responses, and the rest.

use crate::{
    gateway::MOST,
    row::{JSON, Row, Told, check},
};

fn asked(line: &str) -> Row {
    let headers = "x-provider: speaks\r\n".to_owned();
    Row { line: line.to_owned(), headers, ..Row::document("", "") }
}

/// What leads nowhere, below each of the places that things are kept in.
fn astray(place: &str) -> Vec<Row> {
    let ends = [
        "/..",
        "/../admin",
        "/%2e%2e/admin",
        "/%252e%252e/admin",
        "//x",
        "/",
        "/a;b=c",
        "/a%00",
        "/a%3Fb",
        "%2f..%2fadmin",
        "/a%ff",
    ];
    let lines = ends.iter().map(|end| format!("GET {place}{end}"));
    lines.map(|line| asked(&line).saying(&["path"])).collect()
}

/// Documents that are none.
fn broken(line: &str) -> Vec<Row> {
    let said = |body: &str| Row {
        headers: format!("{JSON}x-provider: speaks\r\n"),
        body: body.as_bytes().to_vec(),
        what: body.chars().take(60).collect(),
        ..asked(line)
    };
    let long = format!("{{\"x\":\"{}\"}}", "a".repeat(MOST));
    vec![
        said("{").saying(&["not valid JSON", "at byte 1"]),
        said("[]").saying(&["expected an object", "at byte 0"]),
        said("{\"a\":1,\"a\":2}").saying(&["duplicate field `a`", "at byte"]),
        said("{\"model\":7}").naming("model").saying(&["a string, not 7"]),
        said(&long).with_status(413).saying(&["4096 bytes", "max_request_bytes"]),
    ]
}

#[tokio::test]
async fn a_bad_request_about_a_file_is_told() {
    let mut all = astray("/v1/files");
    all.extend(broken("POST /v1/files"));
    // Nobody is named who would have it.
    let nobody = |line: &str| Row { headers: String::new(), ..asked(line) }.with_status(501);
    all.push(nobody("GET /v1/files/file-1").saying(&["batch_target"]));
    all.push(asked("BREW /v1/files").with_status(501));
    check(Told::OpenAi, all).await;
}

#[tokio::test]
async fn a_bad_request_about_a_batch_is_told() {
    let mut all = astray("/v1/batches");
    all.extend(broken("POST /v1/batches"));
    let typed = Row {
        headers: JSON.to_owned(),
        body: br#"{"input_file_id":7}"#.to_vec(),
        ..asked("POST /v1/batches")
    };
    all.push(typed.naming("input_file_id").saying(&["a string, or a list of strings, not 7"]));
    check(Told::OpenAi, all).await;
}

#[tokio::test]
async fn a_bad_request_about_a_response_is_told() {
    let mut all = astray("/v1/responses");
    all.extend(broken("POST /v1/responses/resp_1/cancel"));
    let nobody = Row { headers: String::new(), ..asked("GET /v1/responses/resp_9") };
    all.push(nobody.with_status(501).saying(&["responses_target"]));
    check(Told::OpenAi, all).await;
}

#[tokio::test]
async fn a_bad_request_that_would_be_passed_on_is_told() {
    let mut all = astray("/v1/fine_tuning");
    all.extend(broken("POST /v1/fine_tuning/jobs"));
    let without = |line: &str, headers: &str| Row { headers: headers.to_owned(), ..asked(line) };
    all.extend([
        without("GET /v1/x", "").saying(&["x-provider"]),
        without("GET /v1/x", "x-provider: nobody\r\n").with_status(404).saying(&["`nobody`"]),
        asked("BREW /v1/x").with_status(501),
    ]);
    check(Told::OpenAi, all).await;
}
