//! `azure`, a vendor with a wire of its own: brains that are told lines and say something.
//!
//! ```
//! assert_eq!(ferro_provider_azure::PROVIDERS[0].describe().kind, "azure");
//! ```
//!
//! # Limitations
//!
//! Text only: what else a chat request may say is listed as unsaid.

mod decode;
mod encode;
mod factory;
mod provider;

pub use factory::PROVIDERS;
