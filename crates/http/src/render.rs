//! Replies and problems as a client reads them.

use std::time::Duration;

use axum::{body::Body, response::Response};
use ferro_core::{Head, Ingress, Problem, Surface, Whole};
use ferro_gateway::{Answer, AnswerBody};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::stream::{EventBody, Pending};

/// Headers by which upstreams name a request of ours.
const UPSTREAM_IDS: [&str; 3] = ["x-request-id", "request-id", "x-amzn-requestid"];

pub(crate) fn answer<S: Surface>(
    ingress: &'static Ingress,
    answer: Answer<S>,
    keep_alive: Duration,
) -> Response {
    let mut response = match answer.body {
        AnswerBody::Whole(whole) => {
            let mut response = Response::new(Body::new(whole.into_body()));
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        }
        AnswerBody::Stream(events) => {
            stream_of(ingress, EventBody::<S>::new(events, ingress, keep_alive))
        }
    };
    let Head { status, headers } = &answer.head;
    *response.status_mut() = *status;
    let to = response.headers_mut();
    show(ingress, headers, to);
    if let Some(target) = &answer.target {
        set(to, "x-gateway-provider", target);
    }
    if let Some(variant) = &answer.variant {
        set(to, "x-ferro-variant", variant);
    }
    let overhead = answer.overhead.as_secs_f64() * 1e3;
    set(to, "x-gateway-overhead-ms", &format!("{overhead:.3}"));
    response
}

/// A stream that begins before any target has answered.
pub(crate) fn pending<S: Surface>(
    ingress: &'static Ingress,
    answer: Pending<S>,
    keep_alive: Duration,
) -> Response {
    stream_of(ingress, EventBody::<S>::pending(answer, ingress, keep_alive))
}

fn stream_of<S: Surface>(ingress: &Ingress, body: EventBody<S>) -> Response {
    let mut response = Response::new(Body::new(body));
    let headers = response.headers_mut();
    let content_type = HeaderValue::from_static(ingress.stream_content_type);
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Proxies in front of us are asked not to collect what should flow.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

pub(crate) fn problem(ingress: &Ingress, problem: &Problem) -> Response {
    let mut response = Response::new(Body::from((ingress.error)(problem)));
    *response.status_mut() = problem.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if problem.status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(upstream) = &problem.upstream {
        show(ingress, &upstream.headers, headers);
    }
    if let Some(target) = &problem.target {
        set(headers, "x-gateway-provider", target);
    }
    if let Some(wait) = problem.retry_after {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// An upstream's headers that clients of this dialect may see, and its own name for the request.
fn show(ingress: &Ingress, from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        if ingress.shows(name.as_str()) {
            to.append(name.clone(), value.clone());
        } else if UPSTREAM_IDS.contains(&name.as_str()) {
            to.insert(HeaderName::from_static("x-upstream-request-id"), value.clone());
        }
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
