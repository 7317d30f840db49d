//! Cohere, by its own API: chat as v2 has it, and its list of models.
//!
//! The wire is `ferro-dialect-cohere`'s. `COHERE_BASE_URL` is the host alone, because each path
//! names its version; a version at its end is passed over.

mod discovery;
mod factory;
mod provider;

pub use factory::PROVIDERS;
