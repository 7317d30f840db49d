//! Replies and problems as a client reads them.

use std::time::Duration;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use ferro_core::{Ingress, Problem, RequestId};
use ferro_gateway::{Answer, AnswerBody};
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::{Instant, timeout_at};

/// A silent stream shows that it is alive this often.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(crate) fn answer(ingress: &'static Ingress, id: &RequestId, answer: Answer) -> Response {
    let mut response = match answer.body {
        AnswerBody::Whole(body) => {
            let mut response = Response::new(Body::new(body));
            set(response.headers_mut(), "content-type", "application/json");
            response
        }
        AnswerBody::Stream(events) => {
            let bytes = events.map(move |event| match event {
                Ok(frame) => frame.bytes,
                Err(problem) => (ingress.error_event)(&problem),
            });
            let alive = kept_alive(bytes.boxed(), ingress.keep_alive);
            let body = Body::from_stream(alive.map(Ok::<_, std::convert::Infallible>));
            let mut response = Response::new(body);
            set(response.headers_mut(), "content-type", ingress.stream_content_type);
            set(response.headers_mut(), "cache-control", "no-cache");
            response
        }
    };
    *response.status_mut() = answer.head.status;
    let headers = response.headers_mut();
    show(ingress, &answer.head.headers, headers);
    if let Some(target) = &answer.target {
        set(headers, "x-gateway-provider", target);
    }
    let overhead = answer.overhead.as_secs_f64() * 1e3;
    set(headers, "x-gateway-overhead-ms", &format!("{overhead:.3}"));
    set(headers, "x-request-id", id);
    response
}

pub(crate) fn problem(ingress: &Ingress, id: &RequestId, problem: &Problem) -> Response {
    let mut response = Response::new(Body::from((ingress.error)(problem)));
    *response.status_mut() = problem.status;
    let headers = response.headers_mut();
    set(headers, "content-type", "application/json");
    set(headers, "x-request-id", id);
    if let Some(upstream) = &problem.upstream {
        show(ingress, &upstream.headers, headers);
    }
    if let Some(target) = &problem.target {
        set(headers, "x-gateway-provider", target);
    }
    if let Some(wait) = problem.retry_after {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        set(headers, "retry-after", &seconds.to_string());
    }
    response
}

/// An upstream's headers that clients of this dialect may see, and its own name for the request.
fn show(ingress: &Ingress, from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        if ingress.shows(name.as_str()) {
            to.append(name.clone(), value.clone());
        } else if name.as_str() == "x-request-id" {
            to.insert(HeaderName::from_static("x-upstream-request-id"), value.clone());
        }
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// The same stream, with a sign of life wherever it is silent for too long. Frames are whole events,
/// so it may stand between any two.
fn kept_alive(
    inner: impl Stream<Item = Bytes> + Send + Unpin + 'static,
    sign: &'static [u8],
) -> impl Stream<Item = Bytes> + Send {
    stream::unfold(inner, move |mut inner| async move {
        match timeout_at(Instant::now() + KEEP_ALIVE, inner.next()).await {
            Ok(next) => next.map(|bytes| (bytes, inner)),
            Err(_) => Some((Bytes::from_static(sign), inner)),
        }
    })
    .filter(|bytes| std::future::ready(!bytes.is_empty()))
}
