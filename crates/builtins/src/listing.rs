//! The crates that this build was made with. Written by `cargo xtask codegen`.

use ferro_core::{Evidence, Ingress, ProviderFactory, Registry, Vocabulary};

static INGRESSES: &[&Ingress] =
    &[&ferro_dialect_anthropic::INGRESS, &ferro_dialect_openai::INGRESS];

static PROVIDERS: &[(&[&dyn ProviderFactory], &Evidence)] = &[
    #[cfg(feature = "anthropic")]
    (ferro_provider_anthropic::PROVIDERS, &crate::evidence::ANTHROPIC),
    #[cfg(feature = "azure")]
    (ferro_provider_azure::PROVIDERS, &crate::evidence::AZURE),
    #[cfg(feature = "bedrock")]
    (ferro_provider_bedrock::PROVIDERS, &crate::evidence::BEDROCK),
    #[cfg(feature = "cohere")]
    (ferro_provider_cohere::PROVIDERS, &crate::evidence::COHERE),
    #[cfg(feature = "google")]
    (ferro_provider_google::PROVIDERS, &crate::evidence::GOOGLE),
    #[cfg(feature = "ollama")]
    (ferro_provider_ollama::PROVIDERS, &crate::evidence::OLLAMA),
    #[cfg(feature = "openai")]
    (ferro_provider_openai::PROVIDERS, &crate::evidence::OPENAI),
    #[cfg(feature = "openai-compatible")]
    (ferro_provider_openai_compatible::PROVIDERS, &crate::evidence::OPENAI_COMPATIBLE),
    #[cfg(feature = "replicate")]
    (ferro_provider_replicate::PROVIDERS, &crate::evidence::REPLICATE),
];

static VOCABULARIES: &[&[&Vocabulary]] = &[
    #[cfg(feature = "tokenizer")]
    ferro_tokenizer::VOCABULARIES,
];

/// Every provider, plugin and dialect of this build.
pub fn registry() -> Registry {
    let registry = Registry::new();
    let registry = INGRESSES.iter().fold(registry, |all, one| all.ingress(one));
    let registry = PROVIDERS.iter().fold(registry, |all, (some, by)| all.tried_providers(some, by));
    VOCABULARIES.iter().fold(registry, |all, some| all.vocabularies(some))
}
