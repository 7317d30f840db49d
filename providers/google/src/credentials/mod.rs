//! Google's tokens: asked for with whatever the operator or the machine has, and renewed ahead of their
//! end.
//!
//! There are well-kept crates for this (`gcp_auth`, `google-cloud-auth`). Each brings its own way out:
//! neither can be driven over the gateway's transport, which checks where it goes, so they would be a
//! second HTTP client beside it. What is here is four forms that lead to one POST.
//!
//! Forms: `https://google.aip.dev/auth/4110` and those that it names, by excerpts of 2026-11-29.

mod ask;
mod jwt;
mod key_file;
mod tokens;

use std::{fmt, path::PathBuf};

use async_trait::async_trait;
use ferro_core::{Credential, CredentialContext, CredentialError, CredentialSource, Renewal, Vars};
use http::HeaderValue;

use crate::vertex::QuotaProject;
use key_file::KeyFile;

/// Where a machine's own cloud is asked, unless a variable says otherwise.
const METADATA_HOST: &str = "169.254.169.254";

/// Where credentials are.
#[derive(Debug)]
pub(crate) enum Origin {
    /// Here.
    Held(Box<KeyFile>),
    /// In a file, which is read again for each token.
    File(PathBuf),
    /// The machine's own: in the file that `gcloud` leaves, if it is there; else its cloud is asked.
    Machine { left: Option<PathBuf> },
}

impl Origin {
    /// The JSON itself.
    pub(crate) fn json(json: &str) -> Result<Self, String> {
        KeyFile::parse(json, false).map(|file| Self::Held(Box::new(file)))
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> Self {
        Self::File(path.into())
    }

    /// What the environment says.
    pub(crate) fn of_the_machine(vars: Vars<'_>) -> Self {
        const NAME: &str = "application_default_credentials.json";
        let var = |name| vars(name).filter(|value| !value.is_empty());
        if let Some(path) = var("GOOGLE_APPLICATION_CREDENTIALS") {
            return Self::file(path);
        }
        let folder = var("CLOUDSDK_CONFIG").map(PathBuf::from);
        let folder = folder.or_else(|| Some(PathBuf::from(var("APPDATA")?).join("gcloud")));
        let folder = folder.or_else(|| Some(PathBuf::from(var("HOME")?).join(".config/gcloud")));
        Self::Machine { left: folder.map(|folder| folder.join(NAME)) }
    }
}

/// Tokens for one target.
pub(crate) struct GoogleCredentials {
    origin: Origin,
    /// `http://<host>`.
    metadata: String,
    quota_project: QuotaProject,
    renewal: Renewal,
}

impl fmt::Debug for GoogleCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleCredentials").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl GoogleCredentials {
    pub(crate) fn new(origin: Origin, vars: Vars<'_>, quota_project: QuotaProject) -> Self {
        let host = ["GCE_METADATA_HOST", "GCE_METADATA_IP"].into_iter().find_map(vars);
        let host = host.filter(|host| !host.is_empty());
        let metadata = format!("http://{}", host.as_deref().unwrap_or(METADATA_HOST));
        let source = Self { origin, metadata, quota_project, renewal: Renewal::default() };
        if let Origin::Held(file) = &source.origin {
            source.note(file);
        }
        source
    }

    /// Who pays, if the file says so and nobody has before.
    fn note(&self, file: &KeyFile) {
        let project = file.quota_project().and_then(|name| HeaderValue::from_str(name).ok());
        if let Some(project) = project {
            let _first = self.quota_project.set(project);
        }
    }

    async fn renew(&self, cx: &CredentialContext<'_>) -> tokens::Renewed {
        let read;
        let file = match &self.origin {
            Origin::Held(file) => file,
            Origin::File(path) => {
                read = at(path).await?.ok_or_else(|| {
                    failed(format!("there is no file `{}` with credentials", path.display()))
                })?;
                &read
            }
            Origin::Machine { left } => {
                let left = match left {
                    Some(path) => at(path).await?,
                    None => None,
                };
                let Some(left) = left else {
                    return tokens::of_the_machine(cx, &self.metadata).await;
                };
                read = left;
                &read
            }
        };
        self.note(file);
        tokens::of(cx, file).await
    }
}

/// The credentials in a file; `None` if there is none.
async fn at(path: &std::path::Path) -> Result<Option<Box<KeyFile>>, CredentialError> {
    let json = match tokio::fs::read_to_string(path).await {
        Ok(json) => json,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(failed(format!("`{}` cannot be read: {error}", path.display())));
        }
    };
    let file = KeyFile::parse(&json, true);
    file.map(|file| Some(Box::new(file)))
        .map_err(|why| failed(format!("`{}`: {why}", path.display())))
}

#[async_trait]
impl CredentialSource for GoogleCredentials {
    async fn current(&self, cx: &CredentialContext<'_>) -> Result<Credential, CredentialError> {
        self.renewal.current(|| self.renew(cx)).await
    }

    fn at_hand(&self) -> Option<Credential> {
        self.renewal.at_hand()
    }

    fn refused(&self, used: &Credential) {
        self.renewal.refused(used);
    }
}

fn failed(message: impl Into<String>) -> CredentialError {
    CredentialError { message: message.into(), source: None }
}

#[cfg(test)]
mod tests;
