//! From a target in a configuration to a provider.

use std::sync::Arc;

use ferro_core::{
    BuildContext, BuildError, Built, Description, EnvVar, ProviderFactory, Settings, SurfaceKind,
};

use crate::{
    endpoint,
    entra::ENV,
    foundry::Foundry,
    openai::{AZURE, AzureOpenAi, is_v1},
    settings::{FoundrySettings, OpenAiSettings, Shown},
};

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[&OpenAiFactory, &FoundryFactory];

/// The version that is asked for where nobody says one.
const VERSION: &str = "2024-10-21";

const OPENAI: Shown = Shown {
    kind: "azure-openai",
    key: "AZURE_OPENAI_API_KEY",
    scope: "https://cognitiveservices.azure.com/.default",
};
const FOUNDRY: Shown = Shown {
    kind: "azure-foundry",
    key: "AZURE_FOUNDRY_API_KEY",
    scope: "https://ai.azure.com/.default",
};

const OPENAI_ENDPOINT: &str = "AZURE_OPENAI_ENDPOINT";
const OPENAI_DEPLOYMENT: &str = "AZURE_OPENAI_DEPLOYMENT";
const OPENAI_VERSION: &str = "AZURE_OPENAI_API_VERSION";
const FOUNDRY_ENDPOINT: &str = "AZURE_FOUNDRY_ENDPOINT";
const FOUNDRY_VERSION: &str = "AZURE_FOUNDRY_API_VERSION";

/// What a Foundry resource serves.
const FOUNDRYS: &[SurfaceKind] = &[
    SurfaceKind::Chat,
    SurfaceKind::Completions,
    SurfaceKind::Embeddings,
    SurfaceKind::Images,
    SurfaceKind::Rerank,
    SurfaceKind::Messages,
    SurfaceKind::CountTokens,
];

struct OpenAiFactory;

struct FoundryFactory;

fn var(name: &'static str, meaning: &'static str, required: bool) -> EnvVar {
    EnvVar { name, meaning, required }
}

impl ProviderFactory for OpenAiFactory {
    fn describe(&self) -> Description {
        let own = [
            var(OPENAI.key, "the key", true),
            var(OPENAI_ENDPOINT, "the resource", true),
            var(OPENAI_DEPLOYMENT, "the deployment of models that are not mapped", true),
            var(OPENAI_VERSION, "the API's version", false),
        ];
        let env: Vec<_> = own.into_iter().chain(ENV.iter().copied()).collect();
        Description::new(OPENAI.kind, AZURE.surfaces).with_env(env).with_deployments()
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let mut settings: OpenAiSettings = settings.parse()?;
        let (origin, path) = endpoint::of(cx, OPENAI.kind, OPENAI_ENDPOINT)?;
        settings.deployment = settings.deployment.or_else(|| cx.var(OPENAI_DEPLOYMENT));
        let version = settings.api_version.clone().or_else(|| cx.var(OPENAI_VERSION));
        let version = version.unwrap_or_else(|| VERSION.to_owned());
        let names_none = settings.deployment.is_none() && settings.deployments.is_empty();
        if names_none && !is_v1(&version) {
            return Err(BuildError::new(format!(
                "`{}` needs the variable {OPENAI_DEPLOYMENT}, or `deployment` or `deployments` in \
                 its settings, or the `api_version` v1",
                OPENAI.kind
            )));
        }
        let credentials = OPENAI.source(cx, settings.entra.take())?;
        let provider = AzureOpenAi::new(path, &version, settings, cx.headers.clone());
        let provider = Arc::new(provider.map_err(BuildError::new)?);
        Ok(Built::new(provider, origin, credentials))
    }
}

impl ProviderFactory for FoundryFactory {
    fn describe(&self) -> Description {
        let own = [
            var(FOUNDRY.key, "the key", true),
            var(FOUNDRY_ENDPOINT, "the resource", true),
            var(FOUNDRY_VERSION, "taken for older configurations", false),
        ];
        let env: Vec<_> = own.into_iter().chain(ENV.iter().copied()).collect();
        Description::new(FOUNDRY.kind, FOUNDRYS).with_env(env).with_deployments()
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let mut settings: FoundrySettings = settings.parse()?;
        let (origin, path) = endpoint::of(cx, FOUNDRY.kind, FOUNDRY_ENDPOINT)?;
        let credentials = FOUNDRY.source(cx, settings.entra.take())?;
        let provider = Arc::new(Foundry::new(&path, settings, cx.headers.clone()));
        Ok(Built::new(provider, origin, credentials))
    }
}
