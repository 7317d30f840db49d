//! Routes for those who run the gateway: probes, metrics, and why a request went where it went.

use ferro_core::Problem;
use ferro_gateway::Gateway;
use http::{Response, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::outbound::Outbound;

pub(crate) fn health(gateway: &Gateway) -> Response<Outbound> {
    let engine = gateway.engine();
    let targets = engine.targets();
    let providers: Vec<_> = targets
        .iter()
        .map(|target| {
            let models = target.parts().models.len() + target.discovered().len();
            let circuit = circuit(target.standing_now().circuit, "half_open");
            json!({"name": target.id(), "status": "available", "circuit": circuit, "models": models})
        })
        .collect();
    let (status, word) = match targets.is_empty() {
        true => (StatusCode::SERVICE_UNAVAILABLE, "no_providers"),
        false => (StatusCode::OK, "ok"),
    };
    reply(status, &json!({"status": word, "providers": providers}))
}

pub(crate) fn ready(gateway: &Gateway) -> Response<Outbound> {
    let engine = gateway.engine();
    let targets = engine.targets();
    if targets.is_empty() {
        let body = json!({"status": "not_ready", "reason": "no routable targets"});
        return reply(StatusCode::SERVICE_UNAVAILABLE, &body);
    }
    let stand = targets.iter().map(|target| (target.id(), target.standing_now().circuit));
    let providers = stand
        .clone()
        .map(|(id, state)| json!({"name": id, "circuit": circuit(state, "half-open")}));
    let providers: Vec<_> = providers.collect();
    // Where all circuits are open it is ready all the same: it alone can find out that one may close.
    let targets = stand.map(|(id, state)| json!({"name": id, "routable": state != Some(OPEN)}));
    let targets: Vec<_> = targets.collect();
    let body = json!({"status": "ready", "providers": providers, "targets": targets});
    reply(StatusCode::OK, &body)
}

/// How the metrics count a circuit that is open.
const OPEN: u8 = 1;

/// The word for how a circuit stands. A target that has none is closed to nobody. Half open is written
/// in two ways: whoever reads one of the probes reads it as it always was there.
fn circuit(state: Option<u8>, half_open: &'static str) -> &'static str {
    match state {
        None | Some(0) => "closed",
        Some(OPEN) => "open",
        Some(_) => half_open,
    }
}

pub(crate) fn metrics(gateway: &Gateway) -> Response<Outbound> {
    let mut response = Response::new(gateway.engine().metrics().render().into());
    let format = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(format));
    response
}

/// Why the request of this name went where it went.
pub(crate) fn explanation(gateway: &Gateway, id: &str) -> Result<Response<Outbound>, Problem> {
    let id = percent_decode_str(id).decode_utf8_lossy();
    let explanation = gateway.explain(&id).ok_or_else(|| {
        let count = gateway.explains_last();
        let message = format!(
            "no request `{id}` is among the last {count} that ended here; every reply names its \
             own in the header `x-request-id`"
        );
        Problem::new(StatusCode::NOT_FOUND, "not_found_error", "resource_not_found", message)
    })?;
    Ok(reply(StatusCode::OK, &json!(explanation)))
}

pub(crate) fn reply(status: StatusCode, body: &Value) -> Response<Outbound> {
    let mut response = Response::new(body.to_string().into());
    *response.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
