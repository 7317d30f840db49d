//! The dialect as clients speak it.

use bytes::Bytes;
use ferro_core::{Ingress, Problem, Route, SurfaceKind};
use ferro_wire::sse;
use http::Method;
use serde::Serialize;
use serde_json::Value;

/// Headers in which clients of this dialect name a session: `x-session-id` is what people agree on,
/// `x-session-affinity` and `x-opencode-session` are opencode's, `session-id` and `session_id` those
/// of Codex, new and old: names seen in public repositories (2026-11).
const SESSION_HEADERS: &[&str] =
    &["x-session-id", "x-session-affinity", "x-opencode-session", "session-id", "session_id"];

const fn post(path: &'static str, surface: SurfaceKind) -> Route {
    Route { method: Method::POST, path, surface }
}

/// Whatever else is asked below the version.
const fn rest(method: Method) -> Route {
    Route { method, path: "/v1/*", surface: SurfaceKind::Forward }
}

/// OpenAI's dialect: paths, credentials, errors.
pub static INGRESS: Ingress = Ingress {
    name: "openai",
    routes: &[
        post("/v1/chat/completions", SurfaceKind::Chat),
        post("/v1/responses", SurfaceKind::Responses),
        post("/v1/completions", SurfaceKind::Completions),
        post("/v1/embeddings", SurfaceKind::Embeddings),
        post("/v1/images/generations", SurfaceKind::Images),
        post("/v1/images/edits", SurfaceKind::ImageEdits),
        post("/v1/images/variations", SurfaceKind::ImageVariations),
        post("/v1/audio/speech", SurfaceKind::Speech),
        post("/v1/audio/transcriptions", SurfaceKind::Transcriptions),
        post("/v1/audio/translations", SurfaceKind::Translations),
        post("/v1/moderations", SurfaceKind::Moderations),
        post("/v1/rerank", SurfaceKind::Rerank),
        post("/v2/rerank", SurfaceKind::Rerank),
        rest(Method::GET),
        rest(Method::POST),
        rest(Method::DELETE),
        rest(Method::PUT),
        rest(Method::PATCH),
    ],
    credential_headers: &["authorization", "x-api-key", "api-key"],
    session_headers: SESSION_HEADERS,
    reply_headers: &[
        "openai-*",
        "x-ratelimit-*",
        "retry-after-ms",
        "x-should-retry",
        // Which of a cloud's regions has answered.
        "x-ms-region",
    ],
    error,
    told_by: None,
    error_event,
    keep_alive: b": keep-alive\n\n",
    stream_content_type: "text/event-stream; charset=utf-8",
};

#[derive(Serialize)]
struct Envelope<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    param: Option<&'a str>,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
}

/// What the upstream said, where its own words could not be passed on.
#[derive(Serialize)]
struct Metadata<'a> {
    provider: Option<&'a str>,
    upstream_status: Option<u16>,
    upstream_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_request_id: Option<&'a str>,
}

/// Headers in which upstreams name a request, for whoever asks their support about it.
const REQUEST_IDS: [&str; 4] =
    ["x-request-id", "request-id", "x-amzn-requestid", "apim-request-id"];

fn error(problem: &Problem) -> Bytes {
    match &problem.upstream {
        Some(answer) if answer.status == Some(problem.status) && is_envelope(&answer.body) => {
            answer.body.clone()
        }
        _ => envelope(problem),
    }
}

fn error_event(problem: &Problem) -> Bytes {
    let own = problem.upstream.as_ref().map(|answer| &answer.body);
    let own = own.filter(|body| is_envelope(body) || event_name(body).is_some());
    let data = own.cloned().unwrap_or_else(|| envelope(problem));
    let mut event = Vec::with_capacity(data.len() + 8);
    sse::write(&mut event, event_name(&data), &data);
    event.into()
}

/// The name of an event by which a response's stream says that it failed.
fn event_name(body: &[u8]) -> Option<&'static str> {
    const NAMES: [&str; 2] = ["response.failed", "error"];
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    NAMES.into_iter().find(|name| value["type"] == *name)
}

fn is_envelope(body: &[u8]) -> bool {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    value["error"]["message"].is_string()
}

fn envelope(problem: &Problem) -> Bytes {
    let metadata = problem.upstream.as_ref().map(|answer| Metadata {
        provider: problem.target.as_deref(),
        upstream_status: answer.status.map(|status| status.as_u16()),
        upstream_code: answer.code.as_deref(),
        upstream_request_id: REQUEST_IDS
            .iter()
            .find_map(|name| answer.headers.get(*name)?.to_str().ok()),
    });
    let error = Error {
        message: &problem.message,
        kind: problem.kind,
        param: problem.param.as_deref(),
        code: &problem.code,
        metadata,
    };
    serde_json::to_vec(&Envelope { error }).expect("strings are JSON").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferro_core::{ErrorKind, ProviderError, TargetId};
    use http::StatusCode;

    fn problem(status: u16, body: &'static str) -> Problem {
        let head = http::Response::builder().status(status).header("x-request-id", "r-1");
        let head = head.body(()).unwrap().into_parts().0;
        let error = crate::refusal::read(&head, Bytes::from_static(body.as_bytes()), &[]);
        Problem::from_upstream(&error, Some(&TargetId::from("t")))
    }

    fn said(bytes: &[u8]) -> Value {
        serde_json::from_slice(bytes).unwrap()
    }

    #[test]
    fn a_session_is_what_the_first_header_says_that_says_anything() {
        let session = |headers: &[(&'static str, &'static str)]| {
            let headers = headers.iter().map(|(name, value)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
            });
            INGRESS.session(&headers.collect()).map(str::to_owned)
        };
        assert_eq!(session(&[("session_id", "s-1")]).as_deref(), Some("s-1"));
        let both = [("session_id", "s-1"), ("x-session-id", "s-2")];
        assert_eq!(session(&both).as_deref(), Some("s-2"));
        let blank = [("session_id", "s-1"), ("x-session-id", " ")];
        assert_eq!(session(&blank).as_deref(), Some("s-1"));
        assert_eq!(session(&[("x-request-id", "r-1")]), None);
    }

    #[test]
    fn the_upstreams_own_envelope_passes_under_its_own_status() {
        let body = r#"{ "error": {"message":"no","type":"t","param":"p","code":"c","x":1e2} }"#;
        assert_eq!(error(&problem(400, body)), body);
        let event = error_event(&problem(400, body));
        assert_eq!(event, format!("data: {body}\n\n"));
    }

    #[test]
    fn an_envelope_of_ours_tells_what_the_upstream_said() {
        for (status, body, message, code) in [
            (401, r#"{"error":{"message":"bad key","code":"c"}}"#, ": bad key", Some("c")),
            (400, r#"{"detail":"no"}"#, ": no", None),
            (502, "<html><b>bad gateway</b>", "target `t` answered 502", None),
        ] {
            let problem = problem(status, body);
            let said = said(&error(&problem));
            let words = said["error"]["message"].as_str().unwrap();
            assert!(words.ends_with(message) && !words.contains('<'), "{said}");
            assert_eq!(said["error"]["param"], Value::Null);
            assert_eq!(said["error"]["code"], *problem.code);
            let metadata = &said["error"]["metadata"];
            assert_eq!(metadata["upstream_status"], status);
            assert_eq!(metadata["upstream_code"].as_str(), code);
            assert_eq!(metadata["upstream_request_id"], "r-1");
        }
    }

    #[test]
    fn a_problem_of_ours_has_no_upstream_to_tell_of() {
        let status = StatusCode::NOT_FOUND;
        let ours = Problem::new(status, "invalid_request_error", "model_not_found", "no such");
        assert_eq!(
            error(&ours),
            r#"{"error":{"message":"no such","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#
        );
        let broken = ProviderError::new(ErrorKind::Interrupted).with_message("cut");
        let event = error_event(&Problem::from_upstream(&broken, None));
        assert!(event.starts_with(b"data: {\"error\":{\"message\":") && event.ends_with(b"}}\n\n"));
    }
}
