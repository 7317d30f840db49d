//! From a target in a configuration to a provider.

use std::sync::Arc;

use ferro_core::{
    ApiKey, BuildContext, BuildError, Built, Credential, Description, EnvVar, Origin,
    ProviderFactory, Secret, Settings, StaticCredential, SurfaceKind,
};
use serde::Deserialize;

use crate::provider::Cohere;

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[&Factory];

const KIND: &str = "cohere";
const BASE_URL: &str = "https://api.cohere.com";
const KEY: EnvVar = EnvVar { name: "COHERE_API_KEY", meaning: "the key", required: true };
const PLACE: EnvVar =
    EnvVar { name: "COHERE_BASE_URL", meaning: "the server, without a version", required: false };

struct Factory;

/// A target's own settings: none, so any is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {}

impl ProviderFactory for Factory {
    fn describe(&self) -> Description {
        Description::new(KIND, &[SurfaceKind::Chat])
            .with_env(vec![KEY, PLACE])
            .with_base_url(BASE_URL)
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let Own {} = settings.parse()?;
        let place = cx.base_url.map(str::to_owned).or_else(|| cx.var(PLACE.name));
        let (origin, path) = Origin::split(place.as_deref().unwrap_or(BASE_URL))
            .map_err(|error| BuildError::new(error.to_string()))?;
        // Each path names its version; a root that names one as well means the same place.
        let versions = ["/v1", "/v2"];
        let path = versions.iter().find_map(|version| path.strip_suffix(version)).unwrap_or(&path);
        let key = cx.api_key.cloned().or_else(|| cx.var(KEY.name).map(Secret::new));
        let key = key.ok_or_else(|| {
            let name = KEY.name;
            let message = format!("`{KIND}` needs the variable {name}, or `api_key` in its target");
            BuildError::new(message)
        })?;
        let key = ApiKey::new(key).ok_or_else(|| {
            BuildError::new("the key holds a character that no HTTP header may carry")
        })?;
        let provider = Arc::new(Cohere::new(path.to_owned(), cx.headers.clone()));
        let credentials = StaticCredential(Credential::ApiKey(key));
        Ok(Built::new(provider, origin, Arc::new(credentials)))
    }
}
