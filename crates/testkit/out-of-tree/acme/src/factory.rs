//! From a target in a configuration to a provider.

use std::sync::Arc;

use ferro_core::{
    ApiKey, BuildContext, BuildError, Built, Credential, Description, EnvVar, Origin,
    ProviderFactory, Secret, Settings, StaticCredential, SurfaceKind,
};
use serde::Deserialize;

use crate::provider::Acme;

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[&Factory];

const KIND: &str = "acme";
const BASE_URL: &str = "https://api.acme.example";
const KEY: EnvVar = EnvVar { name: "ACME_API_KEY", meaning: "the key", required: true };

struct Factory;

/// A target's own settings: none so far, so any is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {}

impl ProviderFactory for Factory {
    fn describe(&self) -> Description {
        let description = Description::new(KIND, &[SurfaceKind::Chat]).with_env([KEY]);
        description.with_base_url(BASE_URL)
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let Own {} = settings.parse()?;
        let (origin, path) = Origin::split(cx.base_url.unwrap_or(BASE_URL))
            .map_err(|error| BuildError::new(error.to_string()))?;
        let key = cx.api_key.cloned().or_else(|| cx.var(KEY.name).map(Secret::new));
        let key = key.ok_or_else(|| {
            let name = KEY.name;
            BuildError::new(format!("`{KIND}` needs the variable {name}, or `api_key`"))
        })?;
        let key = ApiKey::new(key)
            .ok_or_else(|| BuildError::new("the key holds a character that no header may carry"))?;
        let provider = Arc::new(Acme::new(&path, cx.headers.clone()));
        let credentials = StaticCredential(Credential::ApiKey(key));
        Ok(Built::new(provider, origin, Arc::new(credentials)))
    }
}
