//! Which path leads where.

use std::{panic::AssertUnwindSafe, pin::Pin};

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
};
use ferro_core::{
    Inbound, Ingress, Problem, RequestId, Route, Surface, SurfaceKind, surface::Chat,
};
use ferro_gateway::{Caller, Gateway};
use futures_util::FutureExt;
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use tokio::time::timeout;

use crate::{admission::admit, arrival::Arrival, listing::Listing, operations, render};

/// The data plane of a gateway, to be mounted in a server, under any prefix. Who is let in is the
/// gateway's [`Doors`](ferro_gateway::Doors); for the rule that lets callers on this machine in,
/// serve it with `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn router(gateway: Gateway) -> Router {
    Router::new().fallback(dispatch).with_state(Plane { gateway, listing: Listing::default() })
}

/// What every request needs.
#[derive(Clone)]
struct Plane {
    gateway: Gateway,
    listing: Listing,
}

async fn dispatch(State(plane): State<Plane>, request: Request) -> Response {
    let id = request_id(&request);
    let mut response = respond(&plane, &id, request).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

async fn respond(plane: &Plane, id: &RequestId, request: Request) -> Response {
    let gateway = &plane.gateway;
    let (head, body) = request.into_parts();
    if let Some(probe) = probe(gateway, &head) {
        return probe;
    }
    let Some(ingress) = ingress_of(gateway, head.uri.path()) else {
        let body = serde_json::json!({"error": {"message": "this build speaks no dialect"}});
        return operations::reply(StatusCode::NOT_FOUND, &body);
    };
    // Whoever asks before sending hears the answer without sending anything.
    let asks_first = head.headers.contains_key(header::EXPECT);
    let (arrival, rest) = Arrival::new(body);
    let served = AssertUnwindSafe(serve(plane, ingress, id, (head, arrival))).catch_unwind();
    let Refusal { problem, allow } = match served.await {
        Ok(Ok(response)) => return response,
        Ok(Err(refusal)) => refusal,
        Err(_) => Refusal::from(panicked(id)),
    };
    if !asks_first {
        rest.discard().await;
    }
    let mut response = render::problem(ingress, &problem);
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    response
}

/// A problem, and the methods that would have been right.
struct Refusal {
    problem: Problem,
    allow: Option<&'static str>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, allow: None }
    }
}

/// Routes that need no key.
const PROBES: [&str; 3] = ["/health", "/readyz", "/livez"];

fn probe(gateway: &Gateway, head: &Parts) -> Option<Response> {
    if head.method != Method::GET && head.method != Method::HEAD {
        return None;
    }
    match head.uri.path() {
        "/health" => Some(operations::health(gateway)),
        "/readyz" => Some(operations::ready(gateway)),
        "/livez" => Some(operations::reply(StatusCode::OK, &serde_json::json!({"status": "ok"}))),
        _ => None,
    }
}

/// The dialect that a path belongs to; the build's first where it is nobody's.
fn ingress_of(gateway: &Gateway, path: &str) -> Option<&'static Ingress> {
    let ingresses = gateway.ingresses();
    let owner = ingresses.iter().find(|i| i.routes.iter().any(|route| route.path == path));
    owner.or(ingresses.first()).copied()
}

async fn serve(
    Plane { gateway, listing }: &Plane,
    ingress: &'static Ingress,
    id: &RequestId,
    (mut head, arrival): (Parts, Arrival),
) -> Result<Response, Refusal> {
    let path = head.uri.path().to_owned();
    check_known(&path, &head.method)?;
    if PROBES.contains(&path.as_str()) {
        return Err(wrong_method(&path, &head.method, READ));
    }
    let is_inference = path.starts_with("/v1/");
    let principal = admit(gateway.doors(), ingress, &mut head, is_inference)?;
    if let Some(route) = ingress.routes.iter().find(|route| route.path == path) {
        check_method(route, &head.method)?;
        let inbound = Inbound { headers: head.headers, body: Box::pin(arrival) };
        let caller = Caller { request_id: id.clone(), principal, roll: rand::random() };
        return surface(gateway, ingress, route.surface, (caller, inbound)).await;
    }
    let model = path.strip_prefix("/v1/models/");
    if model.is_none() && path != "/metrics" && path != "/v1/models" {
        return Err(not_found(&path).into());
    }
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return Err(wrong_method(&path, &head.method, READ));
    }
    if path == "/metrics" {
        return Ok(operations::metrics(gateway));
    }
    let known = listing.models(gateway).await;
    match model {
        Some(model) => Ok(operations::one_model(&known, model)?),
        None => Ok(operations::models(&known)),
    }
}

/// The one place that knows which surface is which type.
async fn surface(
    gateway: &Gateway,
    ingress: &'static Ingress,
    kind: SurfaceKind,
    request: (Caller, Inbound),
) -> Result<Response, Refusal> {
    match kind {
        SurfaceKind::Chat => Ok(call::<Chat>(gateway, ingress, request).await?),
        other => Err(not_found(other.as_str()).into()),
    }
}

async fn call<S: Surface>(
    gateway: &Gateway,
    ingress: &'static Ingress,
    (caller, inbound): (Caller, Inbound),
) -> Result<Response, Problem> {
    let engine = gateway.engine();
    let times = engine.stream_times();
    let opened = engine.open::<S>(caller, inbound).await?;
    if !opened.wants_stream() {
        return Ok(render::answer(ingress, opened.run().await?, times.keep_alive));
    }
    let mut run: Pin<Box<_>> = Box::pin(opened.run());
    match timeout(times.commit_after, &mut run).await {
        Ok(answer) => Ok(render::answer(ingress, answer?, times.keep_alive)),
        Err(_) => Ok(render::pending(ingress, run, times.keep_alive)),
    }
}

fn check_method(route: &Route, method: &Method) -> Result<(), Refusal> {
    if route.method == *method {
        return Ok(());
    }
    let allow = if route.method == Method::POST { "POST" } else { READ };
    Err(wrong_method(route.path, method, allow))
}

/// How routes are asked that tell something.
const READ: &str = "GET, HEAD";

/// A method that nobody knows is refused wherever it is sent.
fn check_known(path: &str, method: &Method) -> Result<(), Refusal> {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    if KNOWN.contains(method) {
        return Ok(());
    }
    let message = format!("{path} is not asked with {method}: no method has this name");
    Err(method_not_supported(StatusCode::NOT_IMPLEMENTED, message).into())
}

fn wrong_method(path: &str, method: &Method, allow: &'static str) -> Refusal {
    let message = format!("{path} is asked with {allow}, not {method}");
    let problem = method_not_supported(StatusCode::METHOD_NOT_ALLOWED, message);
    Refusal { problem, allow: Some(allow) }
}

fn method_not_supported(status: StatusCode, message: String) -> Problem {
    Problem::new(status, "invalid_request_error", "method_not_supported", message)
}

fn not_found(path: &str) -> Problem {
    let message = format!("there is nothing at {path}");
    let status = StatusCode::NOT_FOUND;
    Problem::new(status, "invalid_request_error", "not_found", message)
}

/// What panicked is in the log, under the request's name.
fn panicked(id: &RequestId) -> Problem {
    tracing::error!(request_id = %id, "a request panicked");
    let message = format!("the gateway failed; its log says more about request {id}");
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, "server_error", "internal_error", message)
}

/// The client's own name for the request, if it is safe to repeat; else a new one.
fn request_id(request: &Request) -> RequestId {
    let own = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    let is_safe =
        |id: &&str| !id.is_empty() && id.len() <= 128 && id.bytes().all(|b| b.is_ascii_graphic());
    match own.filter(is_safe) {
        Some(id) => RequestId::from(id),
        None => RequestId::from(format!("{:032x}", rand::random::<u128>())),
    }
}
