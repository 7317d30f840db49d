//! From an operator's words to a server at a place.

use std::sync::Arc;

use ferro_core::{
    BuildContext, BuildError, Built, Description, Origin, ProviderFactory, Settings,
    StaticCredential, SurfaceKind,
};
use ferro_dialect_openai::{Base, Env, Profile, Vendor};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::provider::Ollama;

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[&Factory(&SERVER), &Factory(&CLOUD)];

/// Where a server lives and what configures it. `OLLAMA_MODELS` is deprecated as ours.
pub(crate) static SERVER: Vendor = Vendor {
    kind: "ollama",
    base_url: "http://localhost:11434",
    base: Base::Server { scheme: "http", port: Some(11434), path: "" },
    env: &[
        Env::Host("OLLAMA_HOST"),
        Env::Models("OLLAMA_MODELS"),
        Env::Models("FERRO_OLLAMA_MODELS"),
    ],
    models: &["llama3.2"],
    surfaces: &[
        SurfaceKind::Chat,
        SurfaceKind::Completions,
        SurfaceKind::Embeddings,
        SurfaceKind::Forward,
    ],
    ..Vendor::OPENAI_SHAPED
};

/// The vendor's own servers, which speak as any other does, to who has a key (cloud API and authentication,
/// <https://docs.ollama.com/cloud/api>, read 2026-12-01). Of what they have in OpenAI's words, completions are
/// not listed.
static CLOUD: Vendor = Vendor {
    kind: "ollama-cloud",
    base_url: "https://ollama.com",
    base: Base::Server { scheme: "https", port: None, path: "" },
    env: &[
        Env::Key("OLLAMA_API_KEY"),
        Env::BaseUrl("OLLAMA_CLOUD_BASE_URL"),
        Env::Models("OLLAMA_CLOUD_MODELS"),
    ],
    models: &["gpt-oss:120b", "gpt-oss:20b", "qwen3-coder:480b", "deepseek-v3.1:671b"],
    surfaces: &[SurfaceKind::Chat, SurfaceKind::Embeddings, SurfaceKind::Forward],
    profile: Profile { strips_prefix: "ollama-cloud/", ..Profile::STANDARD },
    ..Vendor::OPENAI_SHAPED
};

/// Roots of its two APIs, which people paste where the server is asked for.
const ROOTS: [&str; 4] = ["/api/chat", "/chat/completions", "/api", "/v1"];

/// Builds what a row describes.
struct Factory(&'static Vendor);

/// What a target may say of every request to it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    /// Options for requests that do not say them.
    #[serde(default)]
    options: Map<String, Value>,
    /// How long a model stays loaded.
    #[serde(default)]
    keep_alive: Option<Value>,
}

impl ProviderFactory for Factory {
    fn describe(&self) -> Description {
        self.0.describe()
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let Own { options, keep_alive } = settings.parse()?;
        let row = self.0;
        let root = row.api_root(cx)?;
        let (origin, path) = Origin::split(&root).map_err(|e| BuildError::new(e.to_string()))?;
        let server =
            ROOTS.iter().fold(path.as_str(), |path, end| path.strip_suffix(end).unwrap_or(path));
        let credentials = StaticCredential(row.credential(cx)?);
        let provider = Ollama::new(row, server, cx.headers.clone(), row.models(cx))
            .with_defaults(options, keep_alive);
        Ok(Built::new(Arc::new(provider), origin, Arc::new(credentials)))
    }
}

#[cfg(test)]
mod tests {
    use ferro_core::{Owns, TargetId};
    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    fn build(vars: &[(&str, &str)], settings: Value) -> Result<Built, BuildError> {
        build_row(&SERVER, vars, settings)
    }

    fn build_row(
        row: &'static Vendor,
        vars: &[(&str, &str)],
        settings: Value,
    ) -> Result<Built, BuildError> {
        let (target, headers) = (TargetId::from("t"), HeaderMap::new());
        let vars = |name: &str| {
            vars.iter().find(|(var, _)| *var == name).map(|(_, value)| (*value).to_owned())
        };
        let Value::Object(settings) = settings else { panic!("settings are an object") };
        Factory(row).build(&BuildContext::new(&target, &headers, &vars), Settings(settings))
    }

    #[test]
    fn a_server_is_found_however_it_is_written() {
        for (host, origin) in [
            ("0.0.0.0", "http://127.0.0.1:11434"),
            ("gpu:8080", "http://gpu:8080"),
            ("http://gpu:8080/v1", "http://gpu:8080"),
            ("http://gpu:8080/v1/chat/completions", "http://gpu:8080"),
            ("https://gpu/api/", "https://gpu"),
            ("https://gpu/api/chat", "https://gpu"),
        ] {
            let built = build(&[("OLLAMA_HOST", host)], json!({})).unwrap();
            assert_eq!(built.origin.to_string(), origin);
            let shown = format!("{:?}", built.provider);
            assert!(shown.contains("chat: /api/chat"), "{host}: {shown}");
        }
    }

    #[test]
    fn its_models_are_listed_and_a_path_is_none() {
        let owns = |vars: &[(&str, &str)], model: &str| {
            build(vars, json!({})).unwrap().provider.owns(model)
        };
        assert_eq!(owns(&[], "llama3.2"), Owns::Yes);
        assert_eq!(owns(&[], "qwen3"), Owns::Any);
        let both = [("OLLAMA_MODELS", "/var/models,a"), ("FERRO_OLLAMA_MODELS", "b")];
        assert_eq!((owns(&both, "a"), owns(&both, "b")), (Owns::Any, Owns::Yes));
        assert_eq!(owns(&both[..1], "a"), Owns::Yes);
    }

    #[test]
    fn the_vendors_own_servers_are_found_and_want_a_key() {
        let key = ("OLLAMA_API_KEY", "k");
        for vars in [&[key][..], &[key, ("OLLAMA_CLOUD_BASE_URL", "https://ollama.com/v1")]] {
            let built = build_row(&CLOUD, vars, json!({})).unwrap();
            assert_eq!(built.origin.to_string(), "https://ollama.com");
            let shown = format!("{:?}", built.provider);
            assert!(shown.contains("embed: /api/embed"), "{vars:?}: {shown}");
            for own in ["gpt-oss:120b", "ollama-cloud/anything"] {
                assert_eq!(built.provider.owns(own), Owns::Yes, "{own}");
            }
            assert_eq!(built.provider.owns("anything"), Owns::Any);
        }
        let error = build_row(&CLOUD, &[], json!({})).unwrap_err().to_string();
        assert!(error.contains("OLLAMA_API_KEY"), "{error}");
    }

    #[test]
    fn a_setting_that_is_not_known_is_named() {
        build(&[], json!({"options": {"num_ctx": 8192}, "keep_alive": -1})).unwrap();
        let error = build(&[], json!({"option": {}})).unwrap_err().to_string();
        assert!(error.contains("option") && error.contains("keep_alive"), "{error}");
    }
}
