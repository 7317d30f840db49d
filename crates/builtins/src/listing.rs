//! The crates that this build was made with. Written by `cargo xtask codegen`.

use ferro_core::{Ingress, ProviderFactory, Registry};

static INGRESSES: &[&Ingress] = &[&ferro_dialect_openai::INGRESS];

static PROVIDERS: &[&[&dyn ProviderFactory]] = &[
    #[cfg(feature = "ollama")]
    ferro_provider_ollama::PROVIDERS,
    #[cfg(feature = "openai")]
    ferro_provider_openai::PROVIDERS,
    #[cfg(feature = "openai-compatible")]
    ferro_provider_openai_compatible::PROVIDERS,
    #[cfg(feature = "replicate")]
    ferro_provider_replicate::PROVIDERS,
];

/// Every provider, plugin and dialect of this build.
pub fn registry() -> Registry {
    let registry = Registry::new();
    let registry = INGRESSES.iter().fold(registry, |all, one| all.ingress(one));
    PROVIDERS.iter().fold(registry, |all, some| all.providers(some))
}
