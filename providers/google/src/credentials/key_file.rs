//! What a file with Google's credentials holds, in each of its forms.

use ferro_core::Secret;
use http::Uri;
use serde::{Deserialize, Deserializer};

/// Where tokens are asked for, unless a file says otherwise.
const TOKENS: &str = "https://oauth2.googleapis.com/token";

/// Credentials.
#[derive(Debug)]
pub(crate) struct KeyFile {
    pub(super) asker: Asker,
    quota_project: Option<String>,
}

/// Who asks for a token.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Asker {
    ServiceAccount(ServiceAccount),
    AuthorizedUser(User),
    ExternalAccount(External),
    ImpersonatedServiceAccount(Impersonated),
}

/// An account that signs for itself.
#[derive(Debug, Deserialize)]
pub(super) struct ServiceAccount {
    pub(super) client_email: String,
    #[serde(default)]
    pub(super) private_key_id: Option<String>,
    #[serde(deserialize_with = "secret")]
    pub(super) private_key: Secret,
    #[serde(default = "tokens")]
    pub(super) token_uri: String,
}

/// A person who has let a program act.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) client_id: String,
    #[serde(deserialize_with = "secret")]
    pub(super) client_secret: Secret,
    #[serde(deserialize_with = "secret")]
    pub(super) refresh_token: Secret,
    #[serde(default = "tokens")]
    pub(super) token_uri: String,
}

/// Somebody whom another cloud vouches for.
#[derive(Debug, Deserialize)]
pub(super) struct External {
    pub(super) audience: String,
    pub(super) subject_token_type: String,
    pub(super) token_url: String,
    pub(super) credential_source: Voucher,
    #[serde(default)]
    pub(super) service_account_impersonation_url: Option<String>,
}

/// Where the other cloud's word is.
#[derive(Debug, Deserialize)]
pub(super) struct Voucher {
    #[serde(default)]
    pub(super) file: Option<String>,
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) headers: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    pub(super) format: Form,
}

/// How that word is written.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Form {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    subject_token_field_name: String,
}

/// Somebody who speaks for an account.
#[derive(Debug, Deserialize)]
pub(super) struct Impersonated {
    pub(super) service_account_impersonation_url: String,
    #[serde(default)]
    pub(super) delegates: Vec<String>,
    pub(super) source_credentials: Box<Asker>,
}

impl KeyFile {
    /// Reads credentials. What an operator keeps in a file may name any place; what came otherwise may
    /// send what it holds over TLS only.
    pub(super) fn parse(json: &str, is_operators_file: bool) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Pays {
            #[serde(default)]
            quota_project_id: Option<String>,
        }
        // The error of a reader may show what it has read.
        let wrong = |error: serde_json::Error| {
            format!(
                "these are no credentials of Google's (line {}, column {}): expected an object whose \
                `type` is service_account, authorized_user, external_account or \
                impersonated_service_account",
                error.line(),
                error.column()
            )
        };
        let asker: Asker = serde_json::from_str(json).map_err(wrong)?;
        let Pays { quota_project_id } = serde_json::from_str(json).map_err(wrong)?;
        asker.check(is_operators_file)?;
        Ok(Self { asker, quota_project: quota_project_id })
    }

    pub(super) fn quota_project(&self) -> Option<&str> {
        self.quota_project.as_deref()
    }
}

impl Asker {
    fn check(&self, is_operators_file: bool) -> Result<(), String> {
        let mut places: Vec<&str> = Vec::new();
        match self {
            Self::ServiceAccount(account) => places.push(&account.token_uri),
            Self::AuthorizedUser(user) => places.push(&user.token_uri),
            Self::ExternalAccount(external) => {
                places.push(&external.token_url);
                places.extend(external.service_account_impersonation_url.as_deref());
            }
            Self::ImpersonatedServiceAccount(impersonated) => {
                places.push(&impersonated.service_account_impersonation_url);
                impersonated.source_credentials.check(is_operators_file)?;
            }
        }
        let is_fit = |place: &&str| {
            let uri = place.parse::<Uri>().ok();
            let scheme = uri.as_ref().and_then(Uri::scheme_str);
            scheme == Some("https") || is_operators_file && scheme == Some("http")
        };
        match places.iter().find(|place| !is_fit(place)) {
            Some(place) => {
                Err(format!("a token would be asked for at `{place}`, which is no `https` URL"))
            }
            None => Ok(()),
        }
    }
}

impl Form {
    /// The word in what was read.
    pub(super) fn word(&self, text: &str) -> Result<Secret, String> {
        if self.kind != "json" {
            return Ok(Secret::new(text.trim()));
        }
        let name = &*self.subject_token_field_name;
        let read = serde_json::from_str::<serde_json::Value>(text).ok();
        let word = read.as_ref().and_then(|read| read.get(name)?.as_str());
        word.map(Secret::new).ok_or_else(|| format!("it has no text under `{name}`"))
    }
}

fn tokens() -> String {
    TOKENS.to_owned()
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    String::deserialize(from).map(Secret::new)
}
