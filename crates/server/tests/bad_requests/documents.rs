//! The routes whose requests are documents.

use crate::row::{Row, Told, check, of_any_document, without_a_model};

/// The rows of a route: those of any document, and those of its own fields, each of which stands in place
/// of a member of the right body, or behind it.
fn rows(path: &str, model: &str, body: &str, own: &[Own]) -> Vec<Row> {
    let mut rows = of_any_document(path, model, body);
    for Own { instead, members, param, says } in own {
        let changed = match *instead {
            "" => format!("{},{members}}}", body.strip_suffix('}').unwrap()),
            instead => {
                assert!(body.contains(instead), "{body} has no {instead}");
                body.replace(instead, members)
            }
        };
        rows.push(Row::document(path, &changed).naming(param).saying(says));
    }
    assert!(rows.len() >= 8, "{path}");
    rows
}

/// A field that is wrong.
struct Own {
    /// The member that is replaced; none if one is added.
    instead: &'static str,
    members: &'static str,
    param: &'static str,
    says: &'static [&'static str],
}

/// Makes a list of them: the member that is replaced, what stands there, the field, and what is said.
macro_rules! own {
    ($($instead:literal => $members:literal, $param:literal, $says:expr;)*) => {
        &[$(Own { instead: $instead, members: $members, param: $param, says: &$says }),*]
    };
}

#[tokio::test]
async fn a_bad_completion_is_told() {
    let (path, model) = ("/v1/completions", "gpt-3.5-turbo-instruct");
    let body = r#"{"model":"gpt-3.5-turbo-instruct","prompt":"hi"}"#;
    let mut all = rows(
        path,
        model,
        body,
        own! {
            r#""prompt":"hi""# => r#""pormpt":"hi""#, "prompt", ["prompt is required"];
            r#""prompt":"hi""# => r#""prompt":null"#, "prompt", ["prompt is required"];
            r#""prompt":"hi""# => r#""prompt":[]"#, "prompt", ["prompt is required"];
            r#""prompt":"hi""# => r#""prompt":5"#, "prompt", ["a number", "text"];
            r#""prompt":"hi""# => r#""prompt":true"#, "prompt", ["a boolean", "text"];
            "" => r#""suffix":1"#, "suffix", ["a number", "text"];
            "" => r#""temperature":2.5"#, "temperature", ["between 0 and 2", "2.5"];
            "" => r#""temperature":"warm""#, "temperature", ["warm", "a number"];
            "" => r#""top_p":-1"#, "top_p", ["between 0 and 1", "-1"];
            "" => r#""presence_penalty":3"#, "presence_penalty", ["between -2 and 2", "3"];
            "" => r#""frequency_penalty":-2.1"#, "frequency_penalty", ["between -2 and 2", "-2.1"];
            "" => r#""max_tokens":0"#, "max_tokens", ["positive", "0"];
            "" => r#""max_tokens":"9""#, "max_tokens", ["\"9\"", "an integer"];
            "" => r#""n":-1"#, "n", ["positive", "-1"];
            "" => r#""stream":"yes""#, "stream", ["yes", "a boolean"];
            "" => r#""user":7"#, "user", ["a string, not 7"];
        },
    );
    all.extend(without_a_model(path, model, body));
    check(Told::OpenAi, all).await;
}

#[tokio::test]
async fn a_bad_embedding_is_told() {
    let (path, model) = ("/v1/embeddings", "text-embedding-3-small");
    let body = r#"{"model":"text-embedding-3-small","input":"hi"}"#;
    let mut all = rows(
        path,
        model,
        body,
        own! {
            r#""input":"hi""# => r#""text":"hi""#, "input", ["input is required"];
            r#""input":"hi""# => r#""input":"""#, "input", ["input is required"];
            r#""input":"hi""# => r#""input":{}"#, "input", ["input is required"];
            r#""input":"hi""# => r#""input":12.5"#, "input", ["a number", "text"];
            r#""input":"hi""# => r#""input":false"#, "input", ["a boolean", "text"];
            "" => r#""dimensions":0"#, "dimensions", ["positive", "0"];
            "" => r#""dimensions":"many""#, "dimensions", ["many", "an integer"];
            "" => r#""dimensions":1.5"#, "dimensions", ["1.5", "an integer"];
            "" => r#""user":["me"]"#, "user", ["a string"];
        },
    );
    all.extend(without_a_model(path, model, body));
    check(Told::OpenAi, all).await;
}

#[tokio::test]
async fn a_bad_image_is_told() {
    let (path, model) = ("/v1/images/generations", "gpt-image-1");
    let body = r#"{"model":"gpt-image-1","prompt":"hi"}"#;
    let mut all = rows(
        path,
        model,
        body,
        own! {
            r#""prompt":"hi""# => r#""x":1"#, "prompt", ["prompt is required"];
            r#""prompt":"hi""# => r#""prompt":"""#, "prompt", ["prompt is required"];
            r#""prompt":"hi""# => r#""prompt":7"#, "prompt", ["a number", "text"];
            "" => r#""n":0"#, "n", ["positive", "0"];
            "" => r#""n":"2""#, "n", ["\"2\"", "an integer"];
            "" => r#""stream":1"#, "stream", ["a boolean, not 1"];
            "" => r#""user":{}"#, "user", ["a string"];
        },
    );
    all.extend(without_a_model(path, model, body));
    check(Told::OpenAi, all).await;
}

#[tokio::test]
async fn a_bad_ranking_is_told() {
    let model = "rerank-2";
    let body = r#"{"model":"rerank-2","query":"q","documents":["a","b"]}"#;
    for path in ["/v1/rerank", "/v2/rerank"] {
        let mut all = rows(
            path,
            model,
            body,
            own! {
                r#""query":"q","# => "", "query", ["query is required"];
                r#""query":"q""# => r#""query":"""#, "query", ["query is required"];
                r#""query":"q""# => r#""query":1"#, "query", ["a number", "text"];
                r#""documents":["a","b"]"# => r#""docs":["a"]"#, "documents", ["documents is required"];
                r#""documents":["a","b"]"# => r#""documents":[]"#, "documents", ["documents is required"];
                r#""documents":["a","b"]"# => r#""documents":2"#, "documents", ["a number", "text"];
                "" => r#""top_n":-1"#, "top_n", ["zero or more", "-1"];
                "" => r#""top_n":"all""#, "top_n", ["all", "an integer"];
            },
        );
        all.extend(without_a_model(path, model, body));
        check(Told::OpenAi, all).await;
    }
}

#[tokio::test]
async fn a_bad_moderation_is_told() {
    let (path, model) = ("/v1/moderations", "omni-moderation-latest");
    let body = r#"{"model":"omni-moderation-latest","input":"hi"}"#;
    check(
        Told::OpenAi,
        rows(
            path,
            model,
            body,
            own! {
                r#""input":"hi""# => r#""inputs":"hi""#, "input", ["input is required"];
                r#""input":"hi""# => r#""input":null"#, "input", ["input is required"];
                r#""input":"hi""# => r#""input":[]"#, "input", ["input is required"];
                r#""input":"hi""# => r#""input":3"#, "input", ["a number", "text"];
                r#""input":"hi""# => r#""input":true"#, "input", ["a boolean", "text"];
                "" => r#""user":1"#, "user", ["a string, not 1"];
            },
        ),
    )
    .await;
}

#[tokio::test]
async fn bad_speech_is_told() {
    let (path, model) = ("/v1/audio/speech", "tts-1");
    let body = r#"{"model":"tts-1","input":"hi","voice":"alloy"}"#;
    let mut all = rows(
        path,
        model,
        body,
        own! {
            r#""input":"hi","# => "", "input", ["input is required"];
            r#""input":"hi""# => r#""input":"""#, "input", ["input is required"];
            r#""input":"hi""# => r#""input":1"#, "input", ["a number", "text"];
            "" => r#""instructions":true"#, "instructions", ["a boolean", "text"];
            "" => r#""speed":11"#, "speed", ["between 0 and 10", "11"];
            "" => r#""speed":"fast""#, "speed", ["fast", "a number"];
            "" => r#""stream_format":7"#, "stream_format", ["a string, not 7"];
        },
    );
    all.extend(without_a_model(path, model, body));
    check(Told::OpenAi, all).await;
}

#[tokio::test]
async fn a_bad_response_is_told() {
    let (path, model) = ("/v1/responses", "gpt-4o");
    let body = r#"{"model":"gpt-4o","input":"hi"}"#;
    let mut all = rows(
        path,
        model,
        body,
        own! {
            r#""input":"hi""# => r#""input":5"#, "input", ["a number", "text"];
            r#""input":"hi""# => r#""input":true"#, "input", ["a boolean", "text"];
            "" => r#""instructions":5"#, "instructions", ["a number", "text"];
            "" => r#""tools":1"#, "tools", ["a number", "text"];
            "" => r#""temperature":9"#, "temperature", ["between 0 and 2", "9"];
            "" => r#""top_p":"all""#, "top_p", ["all", "a number"];
            "" => r#""max_output_tokens":0"#, "max_output_tokens", ["positive", "0"];
            "" => r#""max_output_tokens":"9""#, "max_output_tokens", ["\"9\"", "an integer"];
            "" => r#""stream":"true""#, "stream", ["\"true\"", "a boolean"];
            "" => r#""user":9"#, "user", ["a string, not 9"];
        },
    );
    // What is made elsewhere is not below this path.
    all.retain(|row| !row.line.starts_with("GET") && !row.line.starts_with("DELETE"));
    all.push(Row { line: format!("GET {path}"), ..Row::document(path, "").with_status(405) });
    all.extend(without_a_model(path, model, body));
    check(Told::OpenAi, all).await;
}

#[tokio::test]
async fn a_bad_message_is_told() {
    let (path, model) = ("/v1/messages", "claude-sonnet-4-5");
    let body = r#"{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#;
    let mut all = rows(
        path,
        model,
        body,
        own! {
            r#""max_tokens":9,"# => "", "max_tokens", ["max_tokens is required"];
            r#""max_tokens":9"# => r#""max_tokens":0"#, "max_tokens", ["positive", "0"];
            r#""max_tokens":9"# => r#""max_tokens":"9""#, "max_tokens", ["\"9\"", "an integer"];
            r#"[{"role":"user","content":"hi"}]"# => "[]", "messages", ["messages is required"];
            r#"[{"role":"user","content":"hi"}]"# => "null", "messages", ["messages is required"];
            r#"[{"role":"user","content":"hi"}]"# => r#""hi""#, "messages", ["array of objects"];
            r#"[{"role":"user","content":"hi"}]"# => "7", "messages", ["array of objects"];
            r#"[{"role":"user","content":"hi"}]"# => r#"["hi"]"#, "messages", ["messages[0]", "an object"];
            "" => r#""system":5"#, "system", ["a number", "text"];
            "" => r#""tools":true"#, "tools", ["a boolean", "text"];
            "" => r#""temperature":1.5"#, "temperature", ["between 0 and 1", "1.5"];
            "" => r#""top_p":2"#, "top_p", ["between 0 and 1", "2"];
            "" => r#""stream":"yes""#, "stream", ["yes", "a boolean"];
        },
    );
    all.extend(without_a_model(path, model, body));
    check(Told::Anthropic, all).await;
}

#[tokio::test]
async fn a_bad_count_is_told() {
    let (path, model) = ("/v1/messages/count_tokens", "claude-sonnet-4-5");
    let body = r#"{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"hi"}]}"#;
    let mut all = rows(
        path,
        model,
        body,
        own! {
            r#"[{"role":"user","content":"hi"}]"# => "[]", "messages", ["messages is required"];
            r#"[{"role":"user","content":"hi"}]"# => "{}", "messages", ["messages is required"];
            r#"[{"role":"user","content":"hi"}]"# => "[1]", "messages", ["messages[0]", "an object"];
            "" => r#""system":5"#, "system", ["a number", "text"];
            "" => r#""tools":5"#, "tools", ["a number", "text"];
        },
    );
    all.extend(without_a_model(path, model, body));
    check(Told::Anthropic, all).await;
}

#[tokio::test]
async fn a_bad_chat_is_told() {
    let (path, model) = ("/v1/chat/completions", "gpt-4o");
    let body = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}"#;
    let mut all = rows(
        path,
        model,
        body,
        own! {
            r#"[{"role":"user","content":"hi"}]"# => "[]", "messages", ["at least one message"];
            r#"[{"role":"user","content":"hi"}]"# => "7", "messages", ["array of objects"];
            r#"[{"role":"user","content":"hi"}]"# => "[1]", "messages", ["messages[0]", "an object"];
            "" => r#""temperature":-0.1"#, "temperature", ["between 0 and 2", "-0.1"];
            "" => r#""top_p":1.1"#, "top_p", ["between 0 and 1", "1.1"];
            "" => r#""max_tokens":0"#, "max_tokens", ["positive", "0"];
            "" => r#""max_completion_tokens":"9""#, "max_completion_tokens", ["\"9\"", "an integer"];
            "" => r#""stream":"yes""#, "stream", ["yes", "a boolean"];
            "" => r#""presence_penalty":9"#, "presence_penalty", ["between -2 and 2", "9"];
        },
    );
    all.extend(without_a_model(path, model, body));
    check(Told::OpenAi, all).await;
}
