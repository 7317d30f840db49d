//! The dialect as clients speak it.

use bytes::Bytes;
use ferro_core::{Ingress, Problem, Route, SurfaceKind};
use ferro_wire::sse;
use http::Method;
use serde::Serialize;
use serde_json::Value;

const fn post(path: &'static str, surface: SurfaceKind) -> Route {
    Route { method: Method::POST, path, surface }
}

/// Whatever else is asked below the version: batches of messages, files.
const fn rest(method: Method) -> Route {
    Route { method, path: "/v1/*", surface: SurfaceKind::Forward }
}

/// Anthropic's dialect: paths, credentials, errors.
pub static INGRESS: Ingress = Ingress {
    name: "anthropic",
    routes: &[
        post("/v1/messages", SurfaceKind::Messages),
        post("/v1/messages/count_tokens", SurfaceKind::CountTokens),
        rest(Method::GET),
        rest(Method::POST),
        rest(Method::DELETE),
    ],
    credential_headers: &["x-api-key", "authorization"],
    // Claude Code's own, by its vendor's page on gateways (read 2026-11).
    session_headers: &["x-claude-code-session-id"],
    // Its libraries ask for models and files at addresses that other dialects have too.
    told_by: Some("anthropic-version"),
    reply_headers: &["anthropic-*", "request-id", "retry-after-ms", "x-should-retry"],
    error,
    error_event,
    keep_alive: b"event: ping\ndata: {\"type\":\"ping\"}\n\n",
    stream_content_type: "text/event-stream; charset=utf-8",
};

/// An error in the words of the dialect.
#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    named: &'static str,
    error: Error<'a>,
    /// The upstream's name for the request, for whoever asks its support.
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Error<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
}

fn error(problem: &Problem) -> Bytes {
    own(problem).cloned().unwrap_or_else(|| envelope(problem))
}

fn error_event(problem: &Problem) -> Bytes {
    let data = error(problem);
    let mut event = Vec::with_capacity(data.len() + 32);
    sse::write(&mut event, Some("error"), &data);
    event.into()
}

/// The upstream's own words, which clients match on: as they came, wherever they are in this dialect
/// and are about what the client did or can wait for. What is about the gateway's own credential is the
/// operator's.
fn own(problem: &Problem) -> Option<&Bytes> {
    let answer = problem.upstream.as_ref()?;
    (problem.code != "upstream_auth_error" && is_envelope(&answer.body)).then_some(&answer.body)
}

fn is_envelope(body: &[u8]) -> bool {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = &said["error"];
    said["type"] == "error" && error["type"].is_string() && error["message"].is_string()
}

fn envelope(problem: &Problem) -> Bytes {
    let headers = problem.upstream.as_ref().map(|answer| &answer.headers);
    let request_id = headers.and_then(|headers| headers.get("request-id")?.to_str().ok());
    let error = Error { kind: kind(problem), message: &problem.message };
    let envelope = Envelope { named: "error", error, request_id };
    serde_json::to_vec(&envelope).expect("strings are JSON").into()
}

/// The dialect's word for a problem.
fn kind(problem: &Problem) -> &'static str {
    match (problem.status.as_u16(), &*problem.code) {
        (402, _) | (_, "insufficient_quota") => "billing_error",
        (401, _) => "authentication_error",
        (403, _) => "permission_error",
        (404, _) => "not_found_error",
        (413, _) => "request_too_large",
        (429, _) => "rate_limit_error",
        (408 | 504, _) => "timeout_error",
        (_, "overloaded" | "upstream_unavailable") => "overloaded_error",
        (400..=499, _) => "invalid_request_error",
        _ => "api_error",
    }
}

#[cfg(test)]
mod tests {
    use ferro_core::{ErrorKind, ProviderError, TargetId};
    use http::StatusCode;
    use serde_json::json;

    use super::*;

    fn problem(status: u16, body: &'static str) -> Problem {
        let head = http::Response::builder().status(status).header("request-id", "req_1");
        let head = head.body(()).unwrap().into_parts().0;
        let error = crate::refuse(&head, Bytes::from_static(body.as_bytes()));
        Problem::from_upstream(&error, Some(&TargetId::from("t")))
    }

    #[test]
    fn the_upstreams_own_words_pass_as_they_came_whatever_the_status() {
        for (status, body) in [
            (
                400,
                r#"{ "type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 2 > 1"}}"#,
            ),
            (
                529,
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}"#,
            ),
        ] {
            assert_eq!(error(&problem(status, body)), body);
            let event = error_event(&problem(status, body));
            assert_eq!(event, format!("event: error\ndata: {body}\n\n"));
        }
    }

    #[test]
    fn what_is_about_our_credential_or_in_other_words_is_said_in_ours() {
        for (status, body, kind) in [
            (
                401,
                r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#,
                "api_error",
            ),
            (429, r#"{"error":{"message":"slow down"}}"#, "rate_limit_error"),
            (503, "<html>", "overloaded_error"),
            (504, "", "timeout_error"),
            (404, "", "not_found_error"),
        ] {
            let said: Value = serde_json::from_slice(&error(&problem(status, body))).unwrap();
            assert_eq!(said["type"], "error");
            assert_eq!(said["error"]["type"], kind, "{status}");
            assert!(said["error"]["message"].as_str().unwrap().contains("target `t`"), "{said}");
            assert_eq!(said["request_id"], "req_1");
        }
    }

    #[test]
    fn a_problem_of_ours_has_the_dialects_word() {
        for (status, code, kind) in [
            (400, "invalid_request", "invalid_request_error"),
            (401, "invalid_api_key", "authentication_error"),
            (402, "insufficient_quota", "billing_error"),
            (403, "insufficient_scope", "permission_error"),
            (404, "model_not_found", "not_found_error"),
            (413, "request_too_large", "request_too_large"),
            (429, "rate_limit_exceeded", "rate_limit_error"),
            (503, "upstream_unavailable", "overloaded_error"),
            (500, "internal_error", "api_error"),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let ours = Problem::new(status, "x", code, "words");
            let said: Value = serde_json::from_slice(&error(&ours)).unwrap();
            let wanted = json!({"type": "error", "error": {"type": kind, "message": "words"}, "request_id": null});
            assert_eq!(said, wanted);
        }
        let broken = ProviderError::new(ErrorKind::Interrupted).with_message("cut");
        let event = error_event(&Problem::from_upstream(&broken, None));
        assert!(event.starts_with(b"event: error\ndata: {\"type\":\"error\","), "{event:?}");
    }
}
