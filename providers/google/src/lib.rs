//! Google's two places.
//!
#![doc = include_str!("../README.md")]

mod credentials;
mod documents;
mod gemini;
mod root;
mod vertex;

use ferro_core::ProviderFactory;

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[&gemini::Factory, &vertex::Factory];
