//! Tokens in place of a key, given to a client that has a secret: OAuth's client credentials, asked for
//! at the vendor's own host, held until they have to be renewed.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use ferro_core::{
    ApiKey, BuildContext, BuildError, Credential, CredentialContext, CredentialError,
    CredentialSource, EnvVar, Origin, Payload, Renewal, Secret, Vars, drive,
};
use http::{HeaderValue, Method, Request, Uri, header};
use serde::Deserialize;

use crate::Tokens;

/// An answer with a token is smaller.
const LARGEST_ANSWER: usize = 256 << 10;
/// How long a token is good that does not say so.
const UNSAID_LIFE: Duration = Duration::from_secs(300);

impl Tokens {
    pub(crate) fn describe(&self) -> [EnvVar; 2] {
        let optional = |name, meaning| EnvVar { name, meaning, required: false };
        [
            optional(self.client_id, "the client, for tokens in place of a key"),
            optional(self.client_secret, "the client's secret"),
        ]
    }

    pub(crate) fn are_configured(&self, vars: Vars<'_>) -> bool {
        let is_set = |name| vars(name).is_some_and(|value| !value.is_empty());
        is_set(self.client_id) && is_set(self.client_secret)
    }

    /// The tokens of the environment's client, given at `origin`; `None` if there is no client.
    pub(crate) fn source(
        self,
        origin: &Origin,
        cx: &BuildContext<'_>,
    ) -> Option<Result<ClientTokens, BuildError>> {
        let (client, secret) = (cx.var(self.client_id)?, cx.var(self.client_secret)?);
        let place = format!("{origin}{}", self.path);
        let tokens = || {
            let basic = Secret::new(BASE64_STANDARD.encode(format!("{client}:{secret}")));
            let shown = basic.to_header("Basic ").expect("base64 is plain text");
            let place = place.parse().map_err(|error| {
                BuildError::new(format!("`{place}`, where tokens are given, is no URL: {error}"))
            })?;
            let (secret, renewal) = (Secret::new(secret), Renewal::default());
            Ok(ClientTokens { place, scope: self.scope, shown, secret, renewal })
        };
        Some(tokens())
    }
}

/// Tokens of one client.
pub(crate) struct ClientTokens {
    place: Uri,
    scope: &'static str,
    /// Who asks, as a header.
    shown: HeaderValue,
    /// What an answer must not tell.
    secret: Secret,
    renewal: Renewal,
}

impl fmt::Debug for ClientTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTokens").field("place", &self.place).finish_non_exhaustive()
    }
}

#[async_trait]
impl CredentialSource for ClientTokens {
    async fn current(&self, cx: &CredentialContext<'_>) -> Result<Credential, CredentialError> {
        self.renewal.current(|| self.token(cx)).await
    }

    fn at_hand(&self) -> Option<Credential> {
        self.renewal.at_hand()
    }

    fn refused(&self, used: &Credential) {
        self.renewal.refused(used);
    }
}

impl ClientTokens {
    /// A token, and how long it is good.
    async fn token(
        &self,
        cx: &CredentialContext<'_>,
    ) -> Result<(Credential, Duration), CredentialError> {
        let form = format!("grant_type=client_credentials&scope={}", self.scope);
        let mut request = Request::new(Payload::from(form.into_bytes()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.place.clone();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(header::CONTENT_TYPE, form);
        request.headers_mut().insert(header::AUTHORIZATION, self.shown.clone());
        let unheard = |error: ferro_core::ProviderError| CredentialError {
            message: format!("{} could not be asked for a token", self.place),
            source: Some(error.into()),
        };
        let (head, inflow) = cx.transport.send(request).await.map_err(unheard)?.into_parts();
        let body = drive::whole(inflow, &head.headers, LARGEST_ANSWER).await.map_err(unheard)?;
        let granted: Granted = serde_json::from_slice(&body).unwrap_or_default();
        let token =
            granted.access_token.filter(|token| head.status.is_success() && !token.is_empty());
        let token = token.and_then(|token| ApiKey::new(Secret::new(token)));
        let token = token.ok_or_else(|| {
            let words = [granted.error, granted.error_description].into_iter().flatten();
            let words = words.collect::<Vec<_>>().join(": ");
            let words = words.replace(self.secret.expose(), "[REDACTED]");
            let status = head.status.as_u16();
            let message = format!("{} gives no token: {status} {words}", self.place);
            CredentialError { message: message.trim_end().to_owned(), source: None }
        })?;
        let life = granted.expires_in.map_or(UNSAID_LIFE, Duration::from_secs);
        Ok((Credential::Token(token), life))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Granted {
    access_token: Option<String>,
    /// In seconds.
    expires_in: Option<u64>,
    error: Option<String>,
    error_description: Option<String>,
}
