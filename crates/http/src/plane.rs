//! The data plane itself: a request in, a reply out, whoever listens.

use std::{
    any::Any,
    error::Error,
    fmt,
    future::poll_fn,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
};
use bytes::Bytes;
use ferro_core::{Ingress, Problem, RequestId, Route};
use ferro_gateway::Gateway;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use http_body::Body;

use crate::{
    admission::Credential,
    arrival::{Arrival, Rest},
    listing::Listing,
    name::Name,
    operations,
    outbound::Outbound,
    render,
    routes::{self, Way},
};

/// The data plane of a gateway, to be mounted in a server, under any prefix. Who is let in is the
/// gateway's [`Doors`](ferro_gateway::Doors); for the rule that lets callers on this machine in,
/// serve it with `into_make_service_with_connect_info::<SocketAddr>()`.
///
/// It hands every request to a [`Plane`].
pub fn router(gateway: Gateway) -> Router {
    Router::new().fallback(pass).with_state(Plane::new(gateway))
}

async fn pass(State(plane): State<Plane>, request: Request) -> Response<axum::body::Body> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    plane.answer(request, peer).await.map(axum::body::Body::new)
}

/// The data plane of a gateway, without a router around it. Clones are the same.
#[derive(Clone)]
pub struct Plane(Arc<Inner>);

static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every request needs.
pub(crate) struct Inner {
    pub(crate) gateway: Gateway,
    pub(crate) listing: Listing,
    dialects: Vec<Dialect>,
}

/// A dialect, and what is worked out of it once.
pub(crate) struct Dialect {
    pub(crate) ingress: &'static Ingress,
    pub(crate) credentials: Vec<Credential>,
}

/// A request's body, as a server hands it over.
pub trait Incoming:
    Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static
{
}

impl<B> Incoming for B where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static
{
}

/// What a request was refused with.
pub(crate) struct Refusal {
    pub(crate) problem: Problem,
    /// The methods that would have been right.
    pub(crate) allow: Option<&'static str>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, allow: None }
    }
}

impl Plane {
    /// The data plane of this gateway.
    pub fn new(gateway: Gateway) -> Self {
        let dialect =
            |ingress: &&'static Ingress| Dialect { ingress, credentials: Credential::of(ingress) };
        let dialects = gateway.ingresses().iter().map(dialect).collect();
        Self(Arc::new(Inner { gateway, listing: Listing::default(), dialects }))
    }

    /// Answers one request. `peer` is who has connected, where that is known: without it nobody is
    /// taken to be on this machine.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the request; it is recorded as cancelled.
    pub fn answer<B: Incoming>(
        &self,
        request: http::Request<B>,
        peer: Option<SocketAddr>,
    ) -> impl Future<Output = Response<Outbound>> + Send + use<B> {
        // What needs no waiting is done here, so that the future has no room for it.
        let Name { id, header } = Name::of(request.headers());
        let is_head = *request.method() == Method::HEAD;
        let begun = self.0.begin(id, request, peer);
        async move {
            let mut response = match begun {
                Begun::Answered(response) => *response,
                Begun::Led(led) => led.answer(&header).await,
            };
            response.headers_mut().insert(X_REQUEST_ID.clone(), header);
            if is_head { without_body(response) } else { response }
        }
    }
}

/// A request whose head was read.
enum Begun<B> {
    /// That was enough.
    Answered(Box<Response<Outbound>>),
    /// It leads somewhere.
    Led(Led<B>),
}

/// A request, and where it leads.
struct Led<B> {
    ingress: &'static Ingress,
    /// `Err` is a panic.
    way: Result<Result<Way, Refusal>, Panic>,
    /// What may be left of its body, unless its sender waits for an answer before sending it.
    rest: Option<Rest<B>>,
}

type Panic = Box<dyn Any + Send>;

impl Inner {
    fn begin<B: Incoming>(
        self: &Arc<Self>,
        id: RequestId,
        request: http::Request<B>,
        peer: Option<SocketAddr>,
    ) -> Begun<B> {
        let (head, body) = request.into_parts();
        if let Some(probe) = self.probe(&head) {
            return Begun::Answered(Box::new(probe));
        }
        let Some((dialect, route)) = self.place(&head) else {
            let body = serde_json::json!({"error": {"message": "this build speaks no dialect"}});
            return Begun::Answered(Box::new(operations::reply(StatusCode::NOT_FOUND, &body)));
        };
        // Whoever asks before sending hears the answer without sending anything.
        let asks_first = head.headers.contains_key(header::EXPECT);
        let (arrival, rest) = Arrival::new(body);
        let lead = || routes::lead(self, (dialect, route), id, (head, peer, arrival));
        let way = catch_unwind(AssertUnwindSafe(lead));
        let rest = (!asks_first).then_some(rest);
        Begun::Led(Led { ingress: dialect.ingress, way, rest })
    }

    fn probe(&self, head: &Parts) -> Option<Response<Outbound>> {
        if head.method != Method::GET && head.method != Method::HEAD {
            return None;
        }
        match head.uri.path() {
            "/health" => Some(operations::health(&self.gateway)),
            "/readyz" => Some(operations::ready(&self.gateway)),
            "/livez" => {
                Some(operations::reply(StatusCode::OK, &serde_json::json!({"status": "ok"})))
            }
            _ => None,
        }
    }

    /// The dialect that a request's path belongs to, and what it has there; where the path is nobody's,
    /// the dialect that has the rest elsewhere.
    fn place(&self, head: &Parts) -> Option<(&Dialect, Option<&'static Route>)> {
        let path = head.uri.path();
        let here = self.dialects.iter().find_map(|dialect| {
            let route = dialect.ingress.routes.iter().find(|route| route.path == path)?;
            Some((dialect, Some(route)))
        });
        let here = here.or_else(|| self.rest(head).filter(|_| !routes::is_operation(path)));
        here.or_else(|| {
            let has_rest = |dialect: &&Dialect| {
                let mut routes = dialect.ingress.routes.iter();
                dialect.ingress.told_by.is_none() && routes.any(|route| route.path.ends_with('*'))
            };
            let usual = self.dialects.iter().find(has_rest).or_else(|| self.dialects.first());
            usual.map(|dialect| (dialect, None))
        })
    }

    /// Who has the rest of the paths that begin like a request's: the dialect that its headers tell, or
    /// one that needs not be told.
    fn rest(&self, head: &Parts) -> Option<(&Dialect, Option<&'static Route>)> {
        let (path, method) = (head.uri.path(), &head.method);
        let is_rest = |route: &&Route| {
            route.path.strip_suffix('*').is_some_and(|begin| path.starts_with(begin))
                && route.method == *method
        };
        let told_by = |dialect: &&Dialect| {
            dialect.ingress.told_by.is_some_and(|header| head.headers.contains_key(header))
        };
        let told = self.dialects.iter().filter(told_by);
        let others = self.dialects.iter().filter(|dialect| dialect.ingress.told_by.is_none());
        told.chain(others).find_map(|dialect| {
            let route = dialect.ingress.routes.iter().find(is_rest)?;
            Some((dialect, Some(route)))
        })
    }
}

impl<B: Incoming> Led<B> {
    /// The answer, whatever happens on the way.
    async fn answer(self, name: &HeaderValue) -> Response<Outbound> {
        let Self { ingress, way, rest } = self;
        let served = match way {
            // Pinned where it is made: every move would copy it.
            Ok(Ok(Way::Surface(call))) => unwound(pin!(routes::surface(call))).await,
            Ok(Ok(Way::Operation(mut operation))) => unwound(operation.as_mut()).await,
            Ok(Err(refusal)) => Ok(Err(refusal)),
            Err(panic) => Err(panic),
        };
        let refusal = match served {
            Ok(Ok(response)) => return response,
            Ok(Err(refusal)) => refusal,
            Err(_) => Refusal::from(panicked(name)),
        };
        // Rare, and too large to be a part of every request.
        Box::pin(refused(ingress, refusal, rest)).await
    }
}

/// The answer to a request that was refused, once its sender can read it.
async fn refused<B: Incoming>(
    ingress: &Ingress,
    Refusal { problem, allow }: Refusal,
    rest: Option<Rest<B>>,
) -> Response<Outbound> {
    if let Some(rest) = rest {
        rest.discard().await;
    }
    let mut response = render::problem(ingress, &problem);
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    response
}

/// A future's outcome, or that it panicked.
async fn unwound<F: Future + ?Sized>(mut future: Pin<&mut F>) -> Result<F::Output, Panic> {
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// What a `HEAD` asks for: what `GET` would say of its body, and nothing of the body.
fn without_body(response: Response<Outbound>) -> Response<Outbound> {
    let (mut head, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        head.headers.entry(header::CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    Response::from_parts(head, Outbound::empty())
}

/// What panicked is in the log, under the request's name.
fn panicked(name: &HeaderValue) -> Problem {
    let id = name.to_str().unwrap_or_default();
    tracing::error!(request_id = id, "a request panicked");
    let message = format!("the gateway failed; its log says more about request {id}");
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, "server_error", "internal_error", message)
}

impl fmt::Debug for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Plane").field(&self.0.gateway).finish()
    }
}
