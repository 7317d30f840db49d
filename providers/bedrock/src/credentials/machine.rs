//! The key of the container or the machine that this runs in, which its cloud gives to whoever asks
//! from there.

use std::time::Duration;

use ferro_core::{CredentialContext, CredentialError, Payload, Transport};
use http::{HeaderName, HeaderValue, Method, Request, Uri, header};

use super::{Given, Surroundings, exchange, failed, given};

/// As long as a host beside this one is waited for: where there is none, nothing answers.
const PATIENCE: Duration = Duration::from_secs(2);
/// As long as a session with the machine lasts, in seconds: it is used for one key.
const SESSION: &str = "60";

/// The container's key, if the environment says where it is.
pub(super) async fn container(
    around: &Surroundings,
    cx: &CredentialContext<'_>,
) -> Result<Option<Given>, CredentialError> {
    const HOST: &str = "http://169.254.170.2";
    const PLACE: &str = "the container's credentials endpoint";
    let url = match (&around.container_path, &around.container_url) {
        (Some(path), _) => format!("{HOST}{path}"),
        (None, Some(url)) => url.clone(),
        (None, None) => return Ok(None),
    };
    let uri: Uri = url
        .parse()
        .map_err(|_| failed(format!("`{url}` is not where a container's key can be")))?;
    let is_beside = |host: &str| host.starts_with("169.254.") || host == "[fd00:ec2::23]";
    let is_beside = uri.host().is_some_and(is_beside);
    let way: &dyn Transport = if is_beside { cx.metadata } else { cx.transport };
    let is_near = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if !is_beside && !is_near && uri.scheme_str() != Some("https") {
        return Err(failed(format!(
            "`{url}` is neither on this machine nor reached by https: no token is shown there"
        )));
    }
    let mut headers = Vec::new();
    if let Some(token) = token(around).await? {
        headers.push((header::AUTHORIZATION, token));
    }
    let body = ask(PLACE, way, (Method::GET, uri), headers).await?;
    given::json(PLACE, body.as_bytes()).map(Some)
}

/// What the container shows: read each time, because files of tokens are replaced.
async fn token(around: &Surroundings) -> Result<Option<String>, CredentialError> {
    if let Some(file) = &around.container_token_file {
        let text = tokio::fs::read_to_string(file).await;
        let text = text.map_err(|error| CredentialError {
            message: format!("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE `{file}`: {error}"),
            source: Some(Box::new(error)),
        })?;
        return Ok(Some(text.trim().to_owned()));
    }
    Ok(around.container_token.as_ref().map(|token| token.expose().to_owned()))
}

/// The machine's key, by the second version of its service: a session first, then the name of its
/// role, then the key.
pub(super) async fn machine(
    around: &Surroundings,
    cx: &CredentialContext<'_>,
) -> Result<Given, CredentialError> {
    const PLACE: &str = "the machine's metadata service";
    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    const TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
    const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
    let uri = |path: &str| {
        let url = format!("{}{path}", around.machine);
        url.parse::<Uri>()
            .map_err(|_| failed(format!("`{url}` is not where a machine can be asked")))
    };
    let begin = (Method::PUT, uri("/latest/api/token")?);
    let session = ask(PLACE, cx.metadata, begin, vec![(TTL, SESSION.to_owned())]).await?;
    let shown = || vec![(TOKEN, session.trim().to_owned())];
    let roles = ask(PLACE, cx.metadata, (Method::GET, uri(ROLES)?), shown()).await?;
    let role = roles.lines().next().unwrap_or_default().trim();
    if role.is_empty() {
        return Err(failed(format!("{PLACE}: this machine has no role")));
    }
    let path = format!("{ROLES}{role}");
    let key = ask(PLACE, cx.metadata, (Method::GET, uri(&path)?), shown()).await?;
    given::json(PLACE, key.as_bytes())
}

async fn ask(
    place: &str,
    way: &dyn Transport,
    (method, uri): (Method, Uri),
    headers: Vec<(HeaderName, String)>,
) -> Result<String, CredentialError> {
    let path = uri.path().to_owned();
    let mut request = Request::new(Payload::empty());
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    for (name, value) in headers {
        let value = HeaderValue::from_str(&value);
        let mut value = value
            .map_err(|_| failed(format!("{place}: what is shown there no header may carry")))?;
        value.set_sensitive(true);
        request.headers_mut().insert(name, value);
    }
    let (status, body) = exchange::send(place, way, request, PATIENCE).await?;
    if !status.is_success() {
        return Err(failed(format!("{place} answered {} to {path}", status.as_u16())));
    }
    String::from_utf8(body.to_vec()).map_err(|_| failed(format!("{place} answered no text")))
}
