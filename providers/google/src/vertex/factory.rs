//! From an operator's words to Vertex AI.

use std::sync::Arc;

use ferro_core::{
    ApiKey, BuildContext, BuildError, Built, Credential, CredentialSource, Description, EnvVar,
    ProviderFactory, Secret, Settings, StaticCredential, SurfaceKind,
};
use http::HeaderValue;
use serde::Deserialize;

use super::{
    place::{Place, is_name},
    provider::{QuotaProject, Vertex},
};
use crate::credentials::{GoogleCredentials, Origin};

const PROJECT: EnvVar =
    EnvVar { name: "VERTEX_AI_PROJECT_ID", meaning: "the project", required: true };
const REGION: EnvVar = EnvVar {
    name: "VERTEX_AI_REGION",
    meaning: "the region, or `global`, `us`, `eu`",
    required: true,
};
const KEY: EnvVar = EnvVar { name: "VERTEX_AI_API_KEY", meaning: "a key", required: false };
const ACCOUNT: EnvVar = EnvVar {
    name: "VERTEX_AI_SERVICE_ACCOUNT_JSON",
    meaning: "a service account, as JSON or as the path of its file",
    required: false,
};
const PLACE: EnvVar =
    EnvVar { name: "VERTEX_AI_BASE_URL", meaning: "the API root", required: false };
const DEFAULT_FILE: EnvVar = EnvVar {
    name: "GOOGLE_APPLICATION_CREDENTIALS",
    meaning: "the file of the default credentials",
    required: false,
};

/// Builds targets of kind `vertex-ai`.
pub(crate) struct Factory;

/// A target's own settings, which go before any variable.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    project_id: Option<String>,
    region: Option<String>,
    credentials_file: Option<String>,
    quota_project_id: Option<String>,
}

impl ProviderFactory for Factory {
    fn describe(&self) -> Description {
        const SURFACES: &[SurfaceKind] = &[
            SurfaceKind::Chat,
            SurfaceKind::Embeddings,
            SurfaceKind::Images,
            SurfaceKind::Messages,
            SurfaceKind::CountTokens,
        ];
        Description::new("vertex-ai", SURFACES)
            .with_env(vec![PROJECT, REGION, KEY, ACCOUNT, DEFAULT_FILE, PLACE])
            .with_base_url("https://{region}-aiplatform.googleapis.com/v1")
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let own: Own = settings.parse()?;
        let project = name(cx, own.project_id, PROJECT, "project_id")?;
        let region = name(cx, own.region, REGION, "region")?;
        let url = cx.base_url.map(str::to_owned).or_else(|| cx.var(PLACE.name));
        let (origin, place) = Place::of(&project, &region, url.as_deref())?;
        let quota_project = QuotaProject::default();
        let pays = own.quota_project_id.or_else(|| cx.var("GOOGLE_CLOUD_QUOTA_PROJECT"));
        if let Some(pays) = pays {
            let pays = HeaderValue::from_str(&pays).map_err(|_| {
                BuildError::new("quota_project_id holds a character that no HTTP header may carry")
            })?;
            quota_project.set(pays).expect("nobody has set it before");
        }
        let credentials = credentials(cx, own.credentials_file, &quota_project)?;
        let vertex = Vertex::new(place, cx.headers, quota_project);
        Ok(Built::new(Arc::new(vertex), origin, credentials))
    }
}

/// A name that stands in paths.
fn name(
    cx: &BuildContext<'_>,
    own: Option<String>,
    variable: EnvVar,
    setting: &str,
) -> Result<String, BuildError> {
    let variable = variable.name;
    let name = own.or_else(|| cx.var(variable)).ok_or_else(|| {
        BuildError::new(format!(
            "`vertex-ai` needs the variable {variable}, or `{setting}` in its target's settings"
        ))
    })?;
    if is_name(&name) {
        return Ok(name);
    }
    Err(BuildError::new(format!("{variable} or `{setting}` is `{name}`, which is no such name")))
}

fn credentials(
    cx: &BuildContext<'_>,
    file: Option<String>,
    quota_project: &QuotaProject,
) -> Result<Arc<dyn CredentialSource>, BuildError> {
    let key = cx.api_key.cloned();
    let key = key.or_else(|| cx.var(KEY.name).filter(|_| file.is_none()).map(Secret::new));
    if let Some(secret) = key {
        let key = ApiKey::new(secret).ok_or_else(|| {
            BuildError::new("the key holds a character that no HTTP header may carry")
        })?;
        return Ok(Arc::new(StaticCredential(Credential::ApiKey(key))));
    }
    let origin = match (file, cx.var(ACCOUNT.name)) {
        (Some(path), _) => Origin::file(path),
        (None, Some(account)) if account.trim_start().starts_with('{') => Origin::json(&account)
            .map_err(|error| BuildError::new(format!("{}: {error}", ACCOUNT.name)))?,
        (None, Some(path)) => Origin::file(path),
        (None, None) => Origin::of_the_machine(cx.vars),
    };
    Ok(Arc::new(GoogleCredentials::new(origin, cx.vars, quota_project.clone())))
}

#[cfg(test)]
mod tests;
