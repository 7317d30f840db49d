//! One question to a server of tokens.

use bytes::Bytes;
use ferro_core::{CredentialError, Payload, Transport};
use futures_util::StreamExt;
use http::{HeaderValue, Method, Request, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;

use super::failed;

/// The most that an answer may have.
const LARGEST: usize = 1 << 20;
/// What stands in a form as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The body of a form.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let field =
        |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, ESCAPED));
    fields.iter().map(field).collect::<Vec<_>>().join("&")
}

/// A request to `url`.
pub(super) fn request(
    method: Method,
    url: &str,
    content_type: &'static str,
    body: String,
) -> Result<Request<Payload>, CredentialError> {
    let uri = url.parse().map_err(|error| failed(format!("`{url}` is no URL: {error}")))?;
    let mut request = Request::new(Payload::from(body.into_bytes()));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    if !content_type.is_empty() {
        let content_type = HeaderValue::from_static(content_type);
        request.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    Ok(request)
}

/// Sends a request, and returns what a success says.
pub(super) async fn answer(
    way: &dyn Transport,
    request: Request<Payload>,
) -> Result<Bytes, CredentialError> {
    let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let sent = way.send(request).await.map_err(|error| CredentialError {
        message: format!("`{host}` could not be asked for a token"),
        source: Some(Box::new(error)),
    })?;
    let (head, mut inflow) = sent.into_parts();
    let mut body = Vec::new();
    while let Some(piece) = inflow.next().await {
        let piece = piece.map_err(|error| CredentialError {
            message: format!("`{host}` broke off its answer"),
            source: Some(Box::new(error)),
        })?;
        body.extend_from_slice(&piece);
        if body.len() > LARGEST {
            return Err(failed(format!("`{host}` answers more than a token has")));
        }
    }
    if !head.status.is_success() {
        let (status, why) = (head.status.as_u16(), why(&body));
        return Err(failed(format!("`{host}` gives no token (status {status}){why}")));
    }
    Ok(body.into())
}

/// Sends a request, and reads what a success says.
pub(super) async fn json<T: DeserializeOwned>(
    way: &dyn Transport,
    request: Request<Payload>,
) -> Result<T, CredentialError> {
    let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let body = answer(way, request).await?;
    // The error of a reader may show what it has read.
    serde_json::from_slice(&body).map_err(|_| failed(format!("what `{host}` answers is no token")))
}

/// The server's reason, in OAuth's words: `{"error": "invalid_grant", "error_description": "…"}`, or in
/// Google's: `{"error": {"message": "…"}}`.
fn why(body: &[u8]) -> String {
    const MOST: usize = 200;
    let read: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let words = [&read["error"], &read["error_description"], &read["error"]["message"]];
    let words: Vec<&str> = words.into_iter().filter_map(serde_json::Value::as_str).collect();
    if words.is_empty() {
        return String::new();
    }
    format!(": {}", words.join(": ").chars().take(MOST).collect::<String>())
}
