//! The token service: a web identity, or a lesser key, exchanged for a role's.

use std::time::Duration;

use ferro_core::{CredentialContext, CredentialError, Payload, SigningKey};
use http::{HeaderValue, Method, Request, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Given, Surroundings, exchange, failed, given, surroundings::WebIdentity};
use crate::{
    place,
    sign::{self, Scope},
};

const PLACE: &str = "the token service";
const PATIENCE: Duration = Duration::from_secs(20);
/// What a session is called that nobody names.
const SESSION: &str = "ferro";
/// What a form may hold as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A role, and how it is taken on.
#[derive(Debug)]
pub(super) struct Role<'a> {
    pub(super) arn: &'a str,
    pub(super) session: Option<&'a str>,
    pub(super) external_id: Option<&'a str>,
    pub(super) seconds: Option<&'a str>,
    pub(super) region: &'a str,
}

/// Exchanges the token of a web identity, which is read now because it is replaced from time to time.
pub(super) async fn with_web_identity(
    around: &Surroundings,
    identity: &WebIdentity,
    cx: &CredentialContext<'_>,
) -> Result<Given, CredentialError> {
    let file = &identity.token_file;
    let token = tokio::fs::read_to_string(file).await.map_err(|error| CredentialError {
        message: format!("AWS_WEB_IDENTITY_TOKEN_FILE `{file}`: {error}"),
        source: Some(Box::new(error)),
    })?;
    let form = form(&[
        ("Action", Some("AssumeRoleWithWebIdentity")),
        ("RoleArn", Some(&identity.role)),
        ("RoleSessionName", Some(identity.session.as_deref().unwrap_or(SESSION))),
        ("WebIdentityToken", Some(token.trim())),
    ]);
    ask(request(around, &around.region, form)?, cx).await
}

/// Takes on a role with a key that may.
pub(super) async fn with_key(
    around: &Surroundings,
    role: &Role<'_>,
    key: &SigningKey,
    cx: &CredentialContext<'_>,
) -> Result<Given, CredentialError> {
    let form = form(&[
        ("Action", Some("AssumeRole")),
        ("RoleArn", Some(role.arn)),
        ("RoleSessionName", Some(role.session.unwrap_or(SESSION))),
        ("ExternalId", role.external_id),
        ("DurationSeconds", role.seconds),
    ]);
    let mut request = request(around, role.region, form)?;
    let origin = request.uri().to_string();
    let origin = origin.trim_end_matches('/').to_owned();
    let scope = Scope { origin: &origin, region: role.region, service: "sts", now: cx.now };
    sign::signed(key, &mut request, scope).map_err(|error| failed(error.to_string()))?;
    ask(request, cx).await
}

fn form(fields: &[(&str, Option<&str>)]) -> String {
    let mut form = "Version=2011-06-15".to_owned();
    for (name, value) in fields {
        if let Some(value) = value {
            form = format!("{form}&{name}={}", utf8_percent_encode(value, FORM));
        }
    }
    form
}

fn request(
    around: &Surroundings,
    region: &str,
    form: String,
) -> Result<Request<Payload>, CredentialError> {
    let url = around.token_service.clone().unwrap_or_else(|| place::token_service(region));
    let uri: Uri = format!("{}/", url.trim_end_matches('/'))
        .parse()
        .map_err(|_| failed(format!("`{url}` is not where a token service can be")))?;
    let mut request = Request::new(Payload::from(form.into_bytes()));
    (*request.method_mut(), *request.uri_mut()) = (Method::POST, uri);
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(request)
}

async fn ask(
    request: Request<Payload>,
    cx: &CredentialContext<'_>,
) -> Result<Given, CredentialError> {
    let (status, body) = exchange::send(PLACE, cx.transport, request, PATIENCE).await?;
    let text = String::from_utf8_lossy(&body);
    if !status.is_success() {
        let [code, words] = ["Code", "Message"].map(|tag| element(&text, tag).unwrap_or_default());
        return Err(failed(format!("{PLACE} answered {}: {code} {words}", status.as_u16())));
    }
    let part = |tag| element(&text, tag);
    let key = (part("AccessKeyId"), part("SecretAccessKey"), part("SessionToken"));
    given::given(PLACE, key, part("Expiration").as_deref())
}

/// The text of the first element of this name: answers are small, flat, and have each once.
fn element(xml: &str, tag: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{tag}>"))?;
    let (text, _) = rest.split_once(&format!("</{tag}>"))?;
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    let text = entities.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    Some(text.trim().to_owned())
}
