//! Where a target lives, from what an operator typed, and what its requests carry.

use ferro_core::{BuildError, Credential, ErrorKind, Origin, Payload, ProviderError};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};

/// The header in which a key is shown: never the query, which ends up in logs.
const KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

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

/// Shows a key in its header, and a token as a bearer's.
pub(crate) fn show(
    credential: &Credential,
    request: &mut Request<Payload>,
) -> Result<(), ProviderError> {
    let (name, value) = match credential {
        Credential::ApiKey(key) => (KEY, key.bare()),
        Credential::Token(token) => (header::AUTHORIZATION, token.bearer()),
        Credential::None => return Ok(()),
        other => {
            let told = format!("Google is shown a key or a token, not {other:?}");
            return Err(ProviderError::new(ErrorKind::Unauthorized).with_message(told));
        }
    };
    request.headers_mut().insert(name, value.clone());
    Ok(())
}
