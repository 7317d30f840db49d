//! The crates that this build was made with.

use ferro_core::Registry;

/// Every provider, plugin and dialect of this build.
pub fn registry() -> Registry {
    let registry = Registry::new().ingress(&ferro_dialect_openai::INGRESS);
    #[cfg(feature = "openai")]
    let registry = registry.providers(ferro_provider_openai::PROVIDERS);
    #[cfg(feature = "openai-compatible")]
    let registry = registry.providers(ferro_provider_openai_compatible::PROVIDERS);
    registry
}
