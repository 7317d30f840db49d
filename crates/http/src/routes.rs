//! Which path leads where.

use std::{net::SocketAddr, pin::Pin};

use ferro_core::{
    Inbound, Ingress, Problem, RequestId, Route, Surface, SurfaceKind, surface::Chat,
};
use ferro_gateway::{Answer, Caller, Events, Gateway};
use http::{Method, Response, StatusCode, request::Parts};
use tokio::time::timeout;

use crate::{
    admission::admit,
    arrival::Arrival,
    operations,
    outbound::Outbound,
    plane::{Dialect, Incoming, Inner, Refusal},
    render,
};

/// Routes that need no key.
const PROBES: [&str; 3] = ["/health", "/readyz", "/livez"];

/// Serves a request that is no probe. `place` is the dialect that its path belongs to, and what the
/// dialect has there.
pub(crate) async fn serve<B: Incoming>(
    Inner { gateway, listing, .. }: &Inner,
    place: (&Dialect, Option<&'static Route>),
    id: &RequestId,
    (mut head, peer, arrival): (Parts, Option<SocketAddr>, Arrival<B>),
) -> Result<Response<Outbound>, Refusal> {
    let path = head.uri.path();
    check_known(path, &head.method)?;
    if PROBES.contains(&path) {
        return Err(wrong_method(path, &head.method, READ));
    }
    let is_inference = path.starts_with("/v1/");
    let (dialect, route) = place;
    let principal = admit(gateway.doors(), dialect, (&mut head, peer), is_inference)?;
    if let Some(route) = route {
        check_method(route, &head.method)?;
        let inbound = Inbound { headers: head.headers, body: Box::pin(arrival) };
        let caller = Caller { request_id: id.clone(), principal, roll: rand::random() };
        return surface(gateway, dialect.ingress, route.surface, (caller, inbound)).await;
    }
    let path = head.uri.path();
    let model = path.strip_prefix("/v1/models/");
    let explained = path.strip_prefix("/admin/explain/");
    if model.is_none() && explained.is_none() && path != "/metrics" && path != "/v1/models" {
        return Err(not_found(path).into());
    }
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return Err(wrong_method(path, &head.method, READ));
    }
    if path == "/metrics" {
        return Ok(operations::metrics(gateway));
    }
    if let Some(id) = explained {
        return Ok(operations::explanation(gateway, id)?);
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
) -> Result<Response<Outbound>, Refusal> {
    match kind {
        SurfaceKind::Chat => Ok(call::<Chat>(gateway, ingress, request).await?),
        other => Err(not_found(other.as_str()).into()),
    }
}

async fn call<S: Surface>(
    gateway: &Gateway,
    ingress: &'static Ingress,
    (caller, inbound): (Caller, Inbound),
) -> Result<Response<Outbound>, Problem> {
    let engine = gateway.engine();
    let times = engine.stream_times();
    let opened = engine.open::<S>(caller, inbound).await?;
    if !opened.wants_stream() {
        return Ok(render::answer(ingress, opened.run().await?, times.keep_alive));
    }
    let mut run: Pin<Box<_>> = Box::pin(opened.run());
    if let Ok(answer) = timeout(times.commit_after, &mut run).await {
        return Ok(render::answer(ingress, answer?, times.keep_alive));
    }
    let events = Box::pin(async move { run.await.and_then(events) });
    Ok(render::pending(ingress, events, times.keep_alive))
}

/// The client reads events by now, so a reply in one piece cannot be handed to it any more.
fn events<S: Surface>(answer: Answer<S>) -> Result<Events, Problem> {
    answer.events(|_| {
        let message = "the upstream answered in one piece, after the stream had begun";
        Problem::new(StatusCode::BAD_GATEWAY, "upstream_error", "upstream_error", message)
    })
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
