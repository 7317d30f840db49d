//! Which path leads where.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    response::Response,
};
use ferro_core::{
    BodyError, Inbound, Ingress, Principal, Problem, RequestId, Surface, SurfaceKind, surface::Chat,
};
use ferro_gateway::{Caller, Gateway};
use futures_util::TryStreamExt;
use http::{Method, StatusCode};

use crate::{Doors, operations, render};

struct Plane {
    gateway: Arc<Gateway>,
    doors: Doors,
}

/// The data plane of a gateway, to be mounted in a server, under any prefix. For the rule that lets
/// callers on this machine in, serve it with `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn router(gateway: Arc<Gateway>, doors: Doors) -> Router {
    Router::new().fallback(dispatch).with_state(Arc::new(Plane { gateway, doors }))
}

async fn dispatch(State(plane): State<Arc<Plane>>, request: Request) -> Response {
    let id = request_id(&request);
    let path = request.uri().path().to_owned();
    let method =
        if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    match (method.clone(), path.as_str()) {
        (Method::GET, "/health") => return operations::health(&plane.gateway),
        (Method::GET, "/readyz") => return operations::ready(&plane.gateway),
        (Method::GET, "/livez") => {
            return operations::reply(StatusCode::OK, &serde_json::json!({"status": "ok"}));
        }
        _ => {}
    }
    let Some(ingress) = plane.gateway.ingresses().first().copied() else {
        return operations::reply(StatusCode::NOT_FOUND, &serde_json::json!({}));
    };
    serve(&plane, ingress, &id, (method, path), request)
        .await
        .unwrap_or_else(|problem| render::problem(ingress, &id, &problem))
}

async fn serve(
    plane: &Plane,
    ingress: &'static Ingress,
    id: &RequestId,
    (method, path): (Method, String),
    request: Request,
) -> Result<Response, Problem> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let (mut head, body) = request.into_parts();
    let principal = plane.doors.admit(ingress, &mut head.headers, peer)?;
    let routes =
        || plane.gateway.ingresses().iter().flat_map(|i| i.routes.iter().map(move |r| (*i, r)));
    let found = routes().find(|(_, route)| route.path == path);
    let gateway = &plane.gateway;
    match (found, path.as_str()) {
        (Some((_, route)), _) if route.method != method => {
            let message = format!("{path} is asked with {}, not {method}", route.method);
            let (status, code) = (StatusCode::METHOD_NOT_ALLOWED, "method_not_supported");
            Err(Problem::new(status, "invalid_request_error", code, message))
        }
        (Some((ingress, route)), _) => {
            let pieces = body.into_data_stream().map_err(|error| BodyError::Closed(error.into()));
            let inbound = Inbound { headers: head.headers, body: Box::pin(pieces) };
            match route.surface {
                SurfaceKind::Chat => call::<Chat>(gateway, ingress, (id, principal), inbound).await,
                _ => Err(not_found(&path)),
            }
        }
        (None, "/metrics") if method == Method::GET => Ok(operations::metrics(gateway)),
        (None, "/v1/models") if method == Method::GET => Ok(operations::models(gateway)),
        (None, path) => {
            let model = path.strip_prefix("/v1/models/").filter(|_| method == Method::GET);
            model.and_then(|id| operations::one_model(gateway, id)).ok_or_else(|| not_found(path))
        }
    }
}

async fn call<S: Surface>(
    gateway: &Gateway,
    ingress: &'static Ingress,
    (id, principal): (&RequestId, Principal),
    inbound: Inbound,
) -> Result<Response, Problem> {
    let headers = inbound.headers.clone();
    let caller = Caller { request_id: id.clone(), principal, headers, roll: rand::random() };
    let opened = gateway.engine().open::<S>(caller, inbound).await?;
    let answer = opened.run().await?;
    Ok(render::answer(ingress, id, answer))
}

fn not_found(path: &str) -> Problem {
    let message = format!("there is nothing at {path}");
    let status = StatusCode::NOT_FOUND;
    Problem::new(status, "invalid_request_error", "not_found", message)
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
