//! `acme`, a vendor with a wire of its own: brains that are told lines and say something.
//!
//! ```
//! assert_eq!(acme::PROVIDERS[0].describe().kind, "acme");
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
