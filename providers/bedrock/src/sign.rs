//! How a request shows who sends it: a bearer's key, or a signature of the fourth version.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use ferro_core::{Credential, ErrorKind, Payload, ProviderError, SigningKey};
use http::{HeaderName, HeaderValue, Request, header};

/// Whom a request is signed for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// Scheme, host and port, as the request will be sent.
    pub(crate) origin: &'a str,
    pub(crate) region: &'a str,
    /// The service, by its name in signatures.
    pub(crate) service: &'a str,
    pub(crate) now: SystemTime,
}

/// Adds what shows the credential.
pub(crate) fn show(
    credential: &Credential,
    request: &mut Request<Payload>,
    scope: Scope<'_>,
) -> Result<(), ProviderError> {
    match credential {
        Credential::ApiKey(key) | Credential::Token(key) => {
            request.headers_mut().insert(header::AUTHORIZATION, key.bearer().clone());
            Ok(())
        }
        Credential::Signing(key) => signed(key, request, scope),
        other => {
            let message = format!("Bedrock is shown a key or a signature, not {other:?}");
            Err(ProviderError::new(ErrorKind::Unauthorized).with_message(message))
        }
    }
}

/// Signs what is there: path and query, content type, body.
pub(crate) fn signed(
    key: &SigningKey,
    request: &mut Request<Payload>,
    scope: Scope<'_>,
) -> Result<(), ProviderError> {
    let session = key.session().map(|session| session.expose().to_owned());
    let secret = key.secret().expose();
    let identity = Credentials::new(key.id(), secret, session, None, "ferro").into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(scope.now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| unsigned(&error))?
        .into();
    let body = match request.body() {
        Payload::Rope(rope) => rope.to_bytes(),
        _ => return Err(unsigned(&"what is passed on as it arrives cannot be signed")),
    };
    // Relative to the origin for signers that want a whole URL; nothing else is read from it.
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let url = format!("{}{path}", scope.origin);
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let headers = content_type.map(|value| (header::CONTENT_TYPE.as_str(), value));
    let signable = SignableRequest::new(
        request.method().as_str(),
        url,
        headers.into_iter(),
        SignableBody::Bytes(&body),
    )
    .map_err(|error| unsigned(&error))?;
    let (instructions, _) = sign(signable, &params).map_err(|error| unsigned(&error))?.into_parts();
    for (name, value) in instructions.headers() {
        let name: HeaderName = name.parse().expect("the signer names headers");
        let mut value = HeaderValue::from_str(value).map_err(|error| unsigned(&error))?;
        value.set_sensitive(name == header::AUTHORIZATION || name == "x-amz-security-token");
        request.headers_mut().insert(name, value);
    }
    Ok(())
}

fn unsigned(source: &impl std::fmt::Display) -> ProviderError {
    let message = format!("the request could not be signed: {source}");
    ProviderError::new(ErrorKind::Unauthorized).with_message(message)
}
