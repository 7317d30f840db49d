//! One question for a token, and its answer.

use std::{
    fs, io,
    net::IpAddr,
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use ferro_core::{
    ApiKey, Credential, CredentialContext, CredentialError, Payload, Secret, Transport,
};
use futures_util::StreamExt;
use http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use super::identity::{Identity, metadata};

/// An answer with a token is smaller.
const LARGEST_ANSWER: usize = 256 << 10;
/// How long a token is good that does not say so.
const UNSAID_LIFE: Duration = Duration::from_secs(300);
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Asks for a token for `scope`, and says how long it is good.
pub(super) async fn token(
    identity: &Identity,
    scope: &str,
    cx: &CredentialContext<'_>,
) -> Result<(Credential, Duration), CredentialError> {
    let (request, secret) = request(identity, scope)?;
    // The machine's own address is no other host's business.
    let is_beside = match identity {
        Identity::Machine { .. } => true,
        Identity::App { .. } => is_link_local(request.uri()),
        _ => false,
    };
    let way: &dyn Transport = if is_beside { cx.metadata } else { cx.transport };
    let answered = way.send(request).await.map_err(|error| CredentialError {
        message: format!("a token for {scope} could not be asked for"),
        source: Some(error.into()),
    })?;
    let status = answered.status();
    let body = read(answered).await?;
    granted(status, &body, cx).map_err(|why| {
        let why = secret.map_or(why.clone(), |secret| why.replace(secret.expose(), "[REDACTED]"));
        failed(format!("no token for {scope}: {why}"))
    })
}

/// Whether a host is one of those beside the machine, where App Service on Linux answers.
fn is_link_local(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    match host.parse() {
        Ok(IpAddr::V4(v4)) => v4.is_link_local(),
        Ok(IpAddr::V6(v6)) => v6.is_unicast_link_local(),
        Err(_) => false,
    }
}

/// The question, and what in it must not be repeated.
fn request(
    identity: &Identity,
    scope: &str,
) -> Result<(Request<Payload>, Option<Secret>), CredentialError> {
    match identity {
        Identity::ClientSecret { token_url, client_id, secret } => {
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", client_id),
                ("client_secret", secret.expose()),
                ("scope", scope),
            ];
            Ok((post(token_url, &form)?, Some(secret.clone())))
        }
        Identity::Workload { token_url, client_id, file } => {
            // Read each time: whoever wrote it writes it anew before it ends. It is small, and lies in
            // memory where a cluster puts it.
            let assertion =
                fs::read_to_string(file).map_err(|error: io::Error| CredentialError {
                    message: format!("the workload's token in {} cannot be read", file.display()),
                    source: Some(error.into()),
                })?;
            let assertion = assertion.trim();
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", client_id),
                ("client_assertion_type", ASSERTION),
                ("client_assertion", assertion),
                ("scope", scope),
            ];
            Ok((post(token_url, &form)?, Some(Secret::new(assertion))))
        }
        Identity::Machine { client_id } => {
            let query = query("2018-02-01", scope, client_id.as_deref());
            let mut request = get(&format!("{}?{query}", metadata()))?;
            request.headers_mut().insert("metadata", HeaderValue::from_static("true"));
            Ok((request, None))
        }
        Identity::App { endpoint, header, client_id } => {
            let query = query("2019-08-01", scope, client_id.as_deref());
            let mut request = get(&format!("{endpoint}?{query}"))?;
            let value = header.to_header("").ok_or_else(|| {
                failed("IDENTITY_HEADER holds a character that no HTTP header may carry")
            })?;
            request.headers_mut().insert("x-identity-header", value);
            Ok((request, Some(header.clone())))
        }
    }
}

/// Machines are asked for a resource, where tenants are asked for a scope of it.
fn query(version: &str, scope: &str, client_id: Option<&str>) -> String {
    let resource = scope.strip_suffix("/.default").unwrap_or(scope);
    let mut pairs = vec![("api-version", version), ("resource", resource)];
    pairs.extend(client_id.map(|id| ("client_id", id)));
    encoded(&pairs)
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| {
        format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
    };
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn post(url: &str, form: &[(&str, &str)]) -> Result<Request<Payload>, CredentialError> {
    let mut request = Request::new(Payload::from(encoded(form).into_bytes()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.parse().map_err(|_| failed(format!("`{url}` is no URL")))?;
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(header::CONTENT_TYPE, form);
    Ok(request)
}

fn get(url: &str) -> Result<Request<Payload>, CredentialError> {
    let mut request = Request::new(Payload::empty());
    *request.uri_mut() = url.parse().map_err(|_| failed(format!("`{url}` is no URL")))?;
    Ok(request)
}

async fn read(answered: http::Response<ferro_core::Inflow>) -> Result<Bytes, CredentialError> {
    let (mut inflow, mut body) = (answered.into_body(), Vec::new());
    while let Some(piece) = inflow.next().await {
        let piece = piece.map_err(|error| CredentialError {
            message: "the answer with a token broke off".to_owned(),
            source: Some(error.into()),
        })?;
        body.extend_from_slice(&piece);
        if body.len() > LARGEST_ANSWER {
            return Err(failed("the answer with a token is too large"));
        }
    }
    Ok(body.into())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answered {
    access_token: Option<String>,
    /// Seconds; some write them as text.
    expires_in: Value,
    /// Seconds since 1970.
    expires_on: Value,
    error: Value,
    error_description: Option<String>,
    message: Option<String>,
}

/// The token, or why there is none.
fn granted(
    status: StatusCode,
    body: &[u8],
    cx: &CredentialContext<'_>,
) -> Result<(Credential, Duration), String> {
    let answered: Answered = serde_json::from_slice(body).unwrap_or_default();
    let token = answered.access_token.as_ref().filter(|_| status.is_success());
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        let code = answered.error.as_str().unwrap_or_default();
        let words = answered.error_description.or(answered.message).unwrap_or_default();
        // What follows the first line are names of the exchange.
        let first = words.lines().next().unwrap_or_default();
        return Err(format!("{} {code} {first}", status.as_u16()).trim_end().to_owned());
    };
    let token = ApiKey::new(Secret::new(token.clone()))
        .ok_or("it holds a character that no HTTP header may carry")?;
    let now = cx.now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let left = seconds(&answered.expires_in)
        .or_else(|| Some(seconds(&answered.expires_on)?.saturating_sub(now)));
    Ok((Credential::Token(token), left.unwrap_or(UNSAID_LIFE)))
}

fn seconds(value: &Value) -> Option<Duration> {
    let said = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Duration::from_secs(said))
}

fn failed(message: impl Into<String>) -> CredentialError {
    CredentialError { message: message.into(), source: None }
}
