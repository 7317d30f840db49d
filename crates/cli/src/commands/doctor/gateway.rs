//! Whether a gateway answers, or could be started here.

use std::{
    net::{Ipv4Addr, TcpListener},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, StatusCode, header};
use serde_json::Value;
use tokio::time::{Instant, timeout};

use super::Check;
use crate::{
    Surroundings,
    client::{Client, whole},
    configuration::shown_address,
    port,
};

/// How long a gateway may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a gateway said it is, and its clock.
struct Health {
    status: StatusCode,
    /// The word for it in its own answer; empty if that is not a gateway's.
    word: String,
    took: Duration,
    clock: Option<SystemTime>,
}

/// The gateway at `url`, which somebody expects to answer; and what its clock says.
pub(super) async fn asked_for(url: &str) -> (Check, Option<SystemTime>) {
    match health(url).await {
        Ok(health) => (judged(&shown_address(url), &health), health.clock),
        Err(error) => (Check::failed("gateway", format!("unreachable: {error}")), None),
    }
}

/// Nobody named a gateway: one could be started here, or one already was.
pub(super) async fn on_this_machine(around: &Surroundings) -> (Check, Option<SystemTime>) {
    let port = match port::asked(around) {
        Ok(port) => port,
        Err(message) => return (Check::failed("gateway", message), None),
    };
    if port == 0 {
        return (Check::ok("gateway", "it would take any free port (PORT is 0)"), None);
    }
    let Err(error) = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)) else {
        return (Check::ok("gateway", format!("port {port} is free")), None);
    };
    if error.kind() != std::io::ErrorKind::AddrInUse {
        return (Check::warning("gateway", format!("port {port}: {error}")), None);
    }
    let url = format!("http://127.0.0.1:{port}");
    match health(&url).await {
        Ok(health) if !health.word.is_empty() => (judged(&url, &health), health.clock),
        _ => {
            let taken = format!("port {port} is taken, and not by a gateway: set PORT");
            (Check::warning("gateway", taken), None)
        }
    }
}

fn judged(url: &str, health: &Health) -> Check {
    let Health { status, word, took, .. } = health;
    let took = format!("{:.1} ms", took.as_secs_f64() * 1e3);
    match *status {
        _ if word.is_empty() => {
            let code = status.as_u16();
            Check::failed("gateway", format!("{url} answers {code}, and not as a gateway does"))
        }
        StatusCode::OK => Check::ok("gateway", format!("{url} is healthy ({took})")),
        StatusCode::SERVICE_UNAVAILABLE => {
            Check::warning("gateway", format!("{url} answers and is degraded: {word} ({took})"))
        }
        status => {
            let code = status.as_u16();
            Check::failed("gateway", format!("{url} answers {code}: {word}"))
        }
    }
}

async fn health(url: &str) -> Result<Health, String> {
    let client = Client::at(url, PATIENCE)?;
    let begun = Instant::now();
    let asking = async {
        let (head, body) = client.get("/health").await.map_err(|e| e.to_string())?.into_parts();
        let body: Value = serde_json::from_slice(&whole(body).await?).unwrap_or_default();
        Ok(Health {
            status: head.status,
            word: body["status"].as_str().unwrap_or_default().to_owned(),
            took: begun.elapsed(),
            clock: clock(&head.headers),
        })
    };
    timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {PATIENCE:?}")))
}

fn clock(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()
}
