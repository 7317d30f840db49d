//! The dialect as clients speak it.

use bytes::Bytes;
use ferro_core::{Ingress, Problem, Route, SurfaceKind};
use ferro_wire::sse;
use http::Method;
use serde::Serialize;
use serde_json::Value;

/// OpenAI's dialect: paths, credentials, errors.
pub static INGRESS: Ingress = Ingress {
    name: "openai",
    routes: &[Route {
        method: Method::POST,
        path: "/v1/chat/completions",
        surface: SurfaceKind::Chat,
    }],
    credential_headers: &["authorization", "x-api-key", "api-key"],
    session_headers: &[],
    reply_headers: &["openai-*", "x-ratelimit-*", "retry-after-ms", "x-should-retry"],
    error,
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
}

fn error(problem: &Problem) -> Bytes {
    match &problem.upstream {
        Some(answer) if answer.status == Some(problem.status) && is_envelope(&answer.body) => {
            answer.body.clone()
        }
        _ => envelope(problem),
    }
}

fn error_event(problem: &Problem) -> Bytes {
    let own = problem.upstream.as_ref().filter(|answer| is_envelope(&answer.body));
    let data = own.map_or_else(|| envelope(problem), |answer| answer.body.clone());
    let mut event = Vec::with_capacity(data.len() + 8);
    sse::write(&mut event, None, &data);
    event.into()
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
