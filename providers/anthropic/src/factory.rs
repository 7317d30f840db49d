//! From a target in a configuration to a provider.

use std::sync::Arc;

use ferro_core::{
    ApiKey, BuildContext, BuildError, Built, Credential, Description, EnvVar, Origin,
    ProviderFactory, Secret, Settings, StaticCredential, SurfaceKind,
};
use http::HeaderValue;

use crate::{provider::Anthropic, settings::Own};

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[&Factory];

const KIND: &str = "anthropic";
const BASE_URL: &str = "https://api.anthropic.com/v1";
/// The version in a root's path, which a host without a path takes.
const VERSION: &str = "/v1";
const KEY: EnvVar = EnvVar { name: "ANTHROPIC_API_KEY", meaning: "the key", required: true };
const ROOT: EnvVar =
    EnvVar { name: "ANTHROPIC_BASE_URL", meaning: "the API root", required: false };

struct Factory;

impl ProviderFactory for Factory {
    fn describe(&self) -> Description {
        const SURFACES: &[SurfaceKind] = &[
            SurfaceKind::Chat,
            SurfaceKind::Messages,
            SurfaceKind::CountTokens,
            SurfaceKind::Forward,
        ];
        Description::new(KIND, SURFACES).with_env([KEY, ROOT]).with_base_url(BASE_URL)
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let profile = settings.parse::<Own>()?.profile();
        for name in [&*profile.version].into_iter().chain(profile.betas.iter().map(String::as_str))
        {
            if name.contains(',') || HeaderValue::from_str(name).is_err() {
                let message = format!("settings: `{name}` is no name that a header can carry");
                return Err(BuildError::new(message));
            }
        }
        let root = cx.base_url.map(str::to_owned).or_else(|| cx.var(ROOT.name));
        let root = root.unwrap_or_else(|| BASE_URL.to_owned());
        let (origin, path) =
            Origin::split(&root).map_err(|error| BuildError::new(error.to_string()))?;
        let path = if path.is_empty() { VERSION } else { &path };
        let key = cx.api_key.cloned().or_else(|| cx.var(KEY.name).map(Secret::new));
        let key = key.ok_or_else(|| {
            let name = KEY.name;
            BuildError::new(format!(
                "`{KIND}` needs the variable {name}, or `api_key` in its target"
            ))
        })?;
        let key = ApiKey::new(key).ok_or_else(|| {
            BuildError::new("the key holds a character that no HTTP header may carry")
        })?;
        let provider = Arc::new(Anthropic::new(profile, path, cx.headers.clone()));
        let credentials = StaticCredential(Credential::ApiKey(key));
        Ok(Built::new(provider, origin, Arc::new(credentials)))
    }
}
