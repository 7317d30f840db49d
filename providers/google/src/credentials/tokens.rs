//! How each form of credentials comes to a token.

use std::{pin::Pin, time::Duration};

use ferro_core::{ApiKey, Credential, CredentialContext, CredentialError, Secret};
use http::{HeaderName, HeaderValue, Method, header};
use serde::Deserialize;
use serde_json::json;

use super::{
    ask, failed, jwt,
    key_file::{Asker, External, Impersonated, KeyFile, ServiceAccount, User, Voucher},
};

/// What a token is for.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const FORM: &str = "application/x-www-form-urlencoded";
/// How long a token for another account is asked to be good.
const LIFETIME: Duration = Duration::from_secs(3600);

/// A token, and how long it is good.
pub(super) type Renewed = Result<(Credential, Duration), CredentialError>;

/// A token as servers write it.
#[derive(Deserialize)]
struct Token {
    access_token: String,
    expires_in: u64,
}

/// A token that is not shown to a model's server: it asks for another one.
struct Held {
    token: Secret,
    good: Duration,
}

impl Token {
    fn held(self) -> Held {
        // The metadata server pads what it says.
        let token = self.access_token.trim_end_matches('.').to_owned();
        Held { token: Secret::new(token), good: Duration::from_secs(self.expires_in) }
    }
}

impl Held {
    fn credential(self) -> Renewed {
        let token = ApiKey::new(self.token)
            .ok_or_else(|| failed("the token holds a character that no HTTP header may carry"))?;
        Ok((Credential::Token(token), self.good))
    }
}

/// A token for what is in a file.
pub(super) async fn of(cx: &CredentialContext<'_>, file: &KeyFile) -> Renewed {
    ask_as(cx, &file.asker).await?.credential()
}

/// A token of the machine's own account, from its cloud.
pub(super) async fn of_the_machine(cx: &CredentialContext<'_>, metadata: &str) -> Renewed {
    const PATH: &str = "/computeMetadata/v1/instance/service-accounts/default/token";
    let mut request = ask::request(Method::GET, &format!("{metadata}{PATH}"), "", String::new())?;
    // Without it nobody is answered: it shows that no browser was led here.
    let name = HeaderName::from_static("metadata-flavor");
    request.headers_mut().insert(name, HeaderValue::from_static("Google"));
    let token: Token = ask::json(cx.metadata, request).await.map_err(|error| CredentialError {
        message: "no credentials: set VERTEX_AI_API_KEY or VERTEX_AI_SERVICE_ACCOUNT_JSON, name a file in \
            GOOGLE_APPLICATION_CREDENTIALS, or run where a metadata server gives tokens"
            .to_owned(),
        source: Some(Box::new(error)),
    })?;
    token.held().credential()
}

type Asked<'a> = Pin<Box<dyn Future<Output = Result<Held, CredentialError>> + Send + 'a>>;

/// Boxed, because one account may speak for another.
fn ask_as<'a>(cx: &'a CredentialContext<'a>, asker: &'a Asker) -> Asked<'a> {
    Box::pin(async move {
        match asker {
            Asker::ServiceAccount(own) => service_account(cx, own).await,
            Asker::AuthorizedUser(own) => user(cx, own).await,
            Asker::ExternalAccount(own) => external(cx, own).await,
            Asker::ImpersonatedServiceAccount(own) => impersonated(cx, own).await,
        }
    })
}

async fn service_account(
    cx: &CredentialContext<'_>,
    own: &ServiceAccount,
) -> Result<Held, CredentialError> {
    let assertion = jwt::assertion(own, cx.now).map_err(failed)?;
    let form = ask::form(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", &assertion),
    ]);
    let request = ask::request(Method::POST, &own.token_uri, FORM, form)?;
    ask::json::<Token>(cx.transport, request).await.map(Token::held)
}

async fn user(cx: &CredentialContext<'_>, own: &User) -> Result<Held, CredentialError> {
    let form = ask::form(&[
        ("grant_type", "refresh_token"),
        ("client_id", &own.client_id),
        ("client_secret", own.client_secret.expose()),
        ("refresh_token", own.refresh_token.expose()),
    ]);
    let request = ask::request(Method::POST, &own.token_uri, FORM, form)?;
    ask::json::<Token>(cx.transport, request).await.map(Token::held)
}

async fn external(cx: &CredentialContext<'_>, own: &External) -> Result<Held, CredentialError> {
    let word = vouched(cx, &own.credential_source).await?;
    let form = ask::form(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("audience", &own.audience),
        ("scope", SCOPE),
        ("subject_token_type", &own.subject_token_type),
        ("subject_token", word.expose()),
    ]);
    let request = ask::request(Method::POST, &own.token_url, FORM, form)?;
    let held = ask::json::<Token>(cx.transport, request).await?.held();
    match &own.service_account_impersonation_url {
        Some(url) => spoken_for(cx, &held, url, &[]).await,
        None => Ok(held),
    }
}

/// The word of another cloud.
async fn vouched(cx: &CredentialContext<'_>, source: &Voucher) -> Result<Secret, CredentialError> {
    let (place, text) = match (&source.file, &source.url) {
        (Some(path), _) => {
            let text = tokio::fs::read_to_string(path).await;
            (path, text.map_err(|error| failed(format!("`{path}` cannot be read: {error}")))?)
        }
        (None, Some(url)) => {
            let mut request = ask::request(Method::GET, url, "", String::new())?;
            for (name, value) in &source.headers {
                let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
                let name = name.parse::<HeaderName>().ok();
                let (name, value) = name.zip(value).ok_or_else(|| {
                    failed("credential_source.headers holds what no header may be")
                })?;
                request.headers_mut().insert(name, value);
            }
            let bytes = ask::answer(cx.transport, request).await?;
            (url, String::from_utf8_lossy(&bytes).into_owned())
        }
        (None, None) => {
            return Err(failed(
                "credential_source names neither a `file` nor a `url`: what else there is (an \
                 executable, AWS) is not served",
            ));
        }
    };
    source.format.word(&text).map_err(|why| failed(format!("`{place}`: {why}")))
}

async fn impersonated(
    cx: &CredentialContext<'_>,
    own: &Impersonated,
) -> Result<Held, CredentialError> {
    let held = ask_as(cx, &own.source_credentials).await?;
    spoken_for(cx, &held, &own.service_account_impersonation_url, &own.delegates).await
}

/// A token of the account at `url`, for somebody who may speak for it.
async fn spoken_for(
    cx: &CredentialContext<'_>,
    held: &Held,
    url: &str,
    delegates: &[String],
) -> Result<Held, CredentialError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Spoken {
        access_token: String,
    }
    let lifetime = format!("{}s", LIFETIME.as_secs());
    let body = json!({"scope": [SCOPE], "lifetime": lifetime, "delegates": delegates});
    let mut request = ask::request(Method::POST, url, "application/json", body.to_string())?;
    let bearer = held.token.to_header("Bearer ");
    let bearer = bearer.ok_or_else(|| failed("the token holds what no HTTP header may carry"))?;
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    let Spoken { access_token } = ask::json(cx.transport, request).await?;
    Ok(Held { token: Secret::new(access_token), good: LIFETIME.min(held.good) })
}
