//! From an operator's words to the Gemini API.

use std::sync::Arc;

use ferro_core::{
    ApiKey, BuildContext, BuildError, Built, Credential, Description, EnvVar, ProviderFactory,
    Secret, Settings, StaticCredential, SurfaceKind,
};
use serde::Deserialize;

use super::provider::Gemini;
use crate::root;

const BASE_URL: &str = "https://generativelanguage.googleapis.com/v1beta";
const VERSION: &str = "/v1beta";
const KEY: EnvVar = EnvVar { name: "GEMINI_API_KEY", meaning: "the key", required: true };
const PLACE: EnvVar = EnvVar { name: "GEMINI_BASE_URL", meaning: "the API root", required: false };

/// Builds targets of kind `gemini`.
pub(crate) struct Factory;

/// A target's own settings: none so far, so any is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {}

impl ProviderFactory for Factory {
    fn describe(&self) -> Description {
        Description::new(
            "gemini",
            &[SurfaceKind::Chat, SurfaceKind::Embeddings, SurfaceKind::Images],
        )
        .with_env(vec![KEY, PLACE])
        .with_base_url(BASE_URL)
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let Own {} = settings.parse()?;
        let url = cx.base_url.map(str::to_owned).or_else(|| cx.var(PLACE.name));
        let (origin, path) = root::split(url.as_deref().unwrap_or(BASE_URL), VERSION)?;
        let secret = cx.api_key.cloned().or_else(|| cx.var(KEY.name).map(Secret::new));
        let secret = secret.ok_or_else(|| {
            let name = KEY.name;
            BuildError::new(format!(
                "`gemini` needs the variable {name}, or `api_key` in its target"
            ))
        })?;
        let key = ApiKey::new(secret).ok_or_else(|| {
            BuildError::new("the key holds a character that no HTTP header may carry")
        })?;
        let credentials = StaticCredential(Credential::ApiKey(key));
        Ok(Built::new(Arc::new(Gemini::new(&path, cx.headers)), origin, Arc::new(credentials)))
    }
}
