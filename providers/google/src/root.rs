//! Where a target lives, from what an operator typed, and what its requests carry.

use ferro_core::{Auth, BuildError, ErrorKind, Origin, Payload, ProviderError};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};

/// A key is shown in a header: never in the query, which ends up in logs.
pub(crate) const AUTH: Auth = Auth::Header("x-goog-api-key");

/// The origin and the path of a base URL; one that has no path gets `version`.
pub(crate) fn split(url: &str, version: &str) -> Result<(Origin, String), BuildError> {
    let split = Origin::split(url.trim()).map_err(|error| BuildError::new(error.to_string()))?;
    let (origin, path) = split;
    Ok((origin, if path.is_empty() { version.to_owned() } else { path }))
}

/// The headers of every request.
pub(crate) fn headers(operators: &HeaderMap) -> HeaderMap {
    let mut headers = operators.clone();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers
}

/// A request with this body.
pub(crate) fn post(
    path: &str,
    headers: &HeaderMap,
    body: impl Into<Payload>,
) -> Result<Request<Payload>, ProviderError> {
    let uri: Uri = path.parse().map_err(|error| {
        let told = format!("`{path}` is no path: {error}");
        ProviderError::new(ErrorKind::Invalid).with_message(told)
    })?;
    let mut request = Request::new(body.into());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers.clone();
    Ok(request)
}

/// How a model is asked for a reply, or for a stream.
pub(crate) fn verb(is_stream: bool) -> &'static str {
    if is_stream { ":streamGenerateContent?alt=sse" } else { ":generateContent" }
}
