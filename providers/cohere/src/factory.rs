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
        Description::new(KIND, &[SurfaceKind::Chat, SurfaceKind::Embeddings, SurfaceKind::Rerank])
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

#[cfg(test)]
mod tests {
    use super::*;
    use ferro_core::TargetId;
    use http::HeaderMap;

    #[test]
    fn a_version_at_the_end_of_the_server_is_passed_over() {
        let (target, headers) = (TargetId::from("t"), HeaderMap::new());
        let vars = |name: &str| (name == KEY.name).then(|| "k".to_owned());
        for (url, path) in [
            ("https://h", ""),
            ("https://h/v2/", ""),
            ("https://h/v1", ""),
            ("https://h/proxy/v2", "/proxy"),
            ("https://h/v3", "/v3"),
        ] {
            let cx = BuildContext::new(&target, &headers, &vars).with_base_url(Some(url));
            let built = Factory.build(&cx, Settings::default()).unwrap();
            let printed = format!("{:?}", built.provider);
            assert!(printed.contains(&format!("{path}/v2/chat,")), "{url}: {printed}");
        }
    }
}
