//! As whom tokens are asked for: said in a target's settings, or found in the environment.

use std::path::PathBuf;

use ferro_core::{BuildContext, BuildError, Origin, Secret};
use serde::Deserialize;

use super::{AUTHORITY, CLIENT, SECRET, TENANT, TOKEN_FILE};

const PUBLIC_AUTHORITY: &str = "https://login.microsoftonline.com";
/// Where a virtual machine asks who it is.
const METADATA: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
/// What App Service and its like set.
const APP_ENDPOINT: &str = "IDENTITY_ENDPOINT";
const APP_HEADER: &str = "IDENTITY_HEADER";

/// What an operator says about tokens. What is not said is found in the environment.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Entra {
    by: Option<By>,
    tenant_id: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    token_file: Option<PathBuf>,
    authority_host: Option<String>,
    pub(super) scope: Option<String>,
}

/// How tokens are asked for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
enum By {
    ClientSecret,
    WorkloadIdentity,
    ManagedIdentity,
}

/// As whom tokens are asked for.
#[derive(Debug)]
pub(super) enum Identity {
    /// A client with a secret.
    ClientSecret { token_url: String, client_id: String, secret: Secret },
    /// A workload whose own token lies in a file, and changes there.
    Workload { token_url: String, client_id: String, file: PathBuf },
    /// The machine; `client_id` chooses among several of its identities.
    Machine { client_id: Option<String> },
    /// The app, as the platform that runs it knows it.
    App { endpoint: String, header: Secret, client_id: Option<String> },
}

impl std::fmt::Debug for Entra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entra").field("by", &self.by).finish_non_exhaustive()
    }
}

impl Entra {
    /// Whether the environment says enough to ask for tokens.
    pub(crate) fn is_in_environment(cx: &BuildContext<'_>) -> bool {
        let has = |name| cx.var(name).is_some();
        has(TENANT) && has(CLIENT) && (has(SECRET) || has(TOKEN_FILE))
            || has(APP_ENDPOINT) && has(APP_HEADER)
    }

    /// As whom tokens are asked for.
    pub(super) fn identity(self, cx: &BuildContext<'_>) -> Result<Identity, BuildError> {
        let client_id = self.client_id.clone().or_else(|| cx.var(CLIENT));
        let secret = self.client_secret.clone().or_else(|| cx.var(SECRET));
        let file = self.token_file.clone().or_else(|| cx.var(TOKEN_FILE).map(PathBuf::from));
        let by = self.by.unwrap_or(match (&secret, &file) {
            (Some(_), _) => By::ClientSecret,
            (None, Some(_)) => By::WorkloadIdentity,
            (None, None) => By::ManagedIdentity,
        });
        match by {
            By::ManagedIdentity => Ok(machine(client_id, cx)),
            By::ClientSecret => {
                let secret = Secret::new(said(secret, "client_secret", SECRET)?);
                let client_id = said(client_id, "client_id", CLIENT)?;
                Ok(Identity::ClientSecret { token_url: self.token_url(cx)?, client_id, secret })
            }
            By::WorkloadIdentity => {
                let file = said(file, "token_file", TOKEN_FILE)?;
                let client_id = said(client_id, "client_id", CLIENT)?;
                Ok(Identity::Workload { token_url: self.token_url(cx)?, client_id, file })
            }
        }
    }

    /// Where a tenant's tokens are issued.
    fn token_url(self, cx: &BuildContext<'_>) -> Result<String, BuildError> {
        let tenant = said(self.tenant_id.or_else(|| cx.var(TENANT)), "tenant_id", TENANT)?;
        let is_segment = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if !tenant.chars().all(is_segment) || matches!(&*tenant, "." | "..") {
            return Err(BuildError::new(format!("`{tenant}` is not a tenant's id")));
        }
        let host = self.authority_host.or_else(|| cx.var(AUTHORITY));
        let host = host.unwrap_or_else(|| PUBLIC_AUTHORITY.to_owned());
        let host = if host.contains("://") { host } else { format!("https://{host}") };
        let (origin, path) =
            Origin::split(&host).map_err(|error| BuildError::new(error.to_string()))?;
        Ok(format!("{origin}{path}/{tenant}/oauth2/v2.0/token"))
    }
}

/// The machine's own identity: the platform's where it offers one, else the virtual machine's.
fn machine(client_id: Option<String>, cx: &BuildContext<'_>) -> Identity {
    match (cx.var(APP_ENDPOINT), cx.var(APP_HEADER)) {
        (Some(endpoint), Some(header)) => {
            Identity::App { endpoint, header: Secret::new(header), client_id }
        }
        _ => Identity::Machine { client_id },
    }
}

fn said<T>(value: Option<T>, key: &str, variable: &str) -> Result<T, BuildError> {
    value.ok_or_else(|| {
        BuildError::new(format!(
            "tokens of Entra ID need `entra.{key}`, or the variable {variable}"
        ))
    })
}

/// Where the machine is asked.
pub(super) const fn metadata() -> &'static str {
    METADATA
}
