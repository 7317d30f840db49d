//! Which path leads where.

use std::{net::SocketAddr, pin::Pin, sync::Arc};

use ferro_core::{
    Asked, Inbound, Ingress, Problem, RequestId, Route, Surface, SurfaceKind,
    surface::{self, Chat},
};
use ferro_gateway::{Answer, AnswerBody, Caller, Engine, Events, Opened, StreamTimes};
use http::{Method, Response, StatusCode, request::Parts};
use tokio::time::timeout;

use crate::{
    admission::admit,
    arrival::Arrival,
    models, operations,
    outbound::Outbound,
    plane::{Dialect, Incoming, Inner, Refusal},
    render,
};

/// Routes that need no key.
const PROBES: [&str; 3] = ["/health", "/readyz", "/livez"];

/// Where a request leads that is no probe.
pub(crate) enum Way {
    /// To a surface.
    Surface(Call),
    /// To something that those ask for who run the gateway.
    Operation(Pin<Box<dyn Future<Output = Result<Response<Outbound>, Refusal>> + Send>>),
}

/// A request of a surface.
pub(crate) struct Call {
    engine: Arc<Engine>,
    ingress: &'static Ingress,
    kind: SurfaceKind,
    caller: Caller,
    inbound: Inbound,
}

/// Finds out where a request leads, and lets it in there. `place` is the dialect that its path belongs
/// to, and what the dialect has there.
pub(crate) fn lead<B: Incoming>(
    inner: &Arc<Inner>,
    place: (&Dialect, Option<&'static Route>),
    id: RequestId,
    (mut head, peer, arrival): (Parts, Option<SocketAddr>, Arrival<B>),
) -> Result<Way, Refusal> {
    let gateway = &inner.gateway;
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
        let (engine, ingress, kind) = (gateway.engine(), dialect.ingress, route.surface);
        let caller = Caller { request_id: id, principal, roll: rand::random() };
        let Parts { method, uri, headers, .. } = head;
        // What a chat asks for, its path has said.
        let asked = (kind != SurfaceKind::Chat).then(|| Box::new(Asked { method, uri }));
        let inbound = Inbound { asked, headers, body: Box::pin(arrival) };
        return Ok(Way::Surface(Call { engine, ingress, kind, caller, inbound }));
    }
    let path = head.uri.path();
    if !is_operation(path) {
        return Err(not_found(path).into());
    }
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return Err(wrong_method(path, &head.method, READ));
    }
    let inner = Arc::clone(inner);
    Ok(Way::Operation(Box::pin(async move { operation(&inner, &head).await })))
}

const METRICS: &str = "/metrics";
const MODELS: &str = "/v1/models";
const CAPABILITIES: &str = "/v1/capabilities";
const ONE_MODEL: &str = "/v1/models/";
const EXPLAINED: &str = "/admin/explain/";

/// Whether a path is one that those ask for who run the gateway.
pub(crate) fn is_operation(path: &str) -> bool {
    let is_one = path.starts_with(ONE_MODEL) || path.starts_with(EXPLAINED);
    is_one || [METRICS, MODELS, CAPABILITIES].contains(&path)
}

async fn operation(
    Inner { gateway, listing, .. }: &Inner,
    head: &Parts,
) -> Result<Response<Outbound>, Refusal> {
    let path = head.uri.path();
    if path == METRICS {
        return Ok(operations::metrics(gateway));
    }
    if let Some(id) = path.strip_prefix(EXPLAINED) {
        return Ok(operations::explanation(gateway, id)?);
    }
    let asked = models::Asked::new(head, gateway.ingresses());
    let known = listing.models(gateway).await;
    match path.strip_prefix(ONE_MODEL) {
        Some(model) => Ok(models::one(&known, model, asked)?),
        None if path == CAPABILITIES => {
            Ok(models::capabilities(&known, &gateway.abilities(), asked))
        }
        None => Ok(models::all(&known, asked)?),
    }
}

/// Answers a request of a surface. Chat goes first, and as it is: whatever else is served is boxed, so
/// that a chat's future has no room for it.
pub(crate) async fn surface(call: Call) -> Result<Response<Outbound>, Refusal> {
    let kind = call.kind;
    if kind == SurfaceKind::Chat {
        return Ok(called::<Chat>(call).await?);
    }
    match surface::with(kind, Boxed(call)) {
        Some(answer) => Ok(answer.await?),
        None => Err(not_found(kind.as_str()).into()),
    }
}

/// A call that becomes a future of one size, whatever its surface.
struct Boxed(Call);

impl surface::With for Boxed {
    type Out = Pin<Box<dyn Future<Output = Result<Response<Outbound>, Problem>> + Send>>;

    fn with<S: Surface>(self) -> Self::Out {
        Box::pin(called::<S>(self.0))
    }
}

async fn called<S: Surface>(call: Call) -> Result<Response<Outbound>, Problem> {
    let Call { engine, ingress, kind: _, caller, inbound } = call;
    let times = engine.stream_times();
    let opened = engine.open::<S>(caller, inbound).await?;
    drop(engine); // the request has it
    if opened.wants_stream() {
        // Boxed, so that a request for a reply in one piece keeps no room for what it needs besides.
        return Box::pin(streamed(ingress, opened, times)).await;
    }
    Ok(render::answer(ingress, opened.run().await?, times.keep_alive))
}

/// A stream begins after a while, even if nobody has answered.
async fn streamed<S: Surface>(
    ingress: &'static Ingress,
    opened: Box<Opened<S>>,
    times: StreamTimes,
) -> Result<Response<Outbound>, Problem> {
    let mut run: Pin<Box<_>> = Box::pin(opened.run());
    if let Ok(answer) = timeout(times.commit_after, &mut run).await {
        return Ok(render::answer(ingress, answer?, times.keep_alive));
    }
    let events = Box::pin(async move { run.await.and_then(events) });
    Ok(render::pending(ingress, events, times.keep_alive))
}

/// The client reads events by now, so a reply of another kind cannot be handed to it any more.
fn events<S: Surface>(answer: Answer<S>) -> Result<Events, Problem> {
    answer.events(|answer| {
        let what = if matches!(answer.body, AnswerBody::Bytes(_)) { "bytes" } else { "one piece" };
        let message = format!("the upstream answered in {what}, after the stream had begun");
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
