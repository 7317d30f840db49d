//! OpenAI's wire as vendors speak it: one codec, a table row for each vendor, and the ingress for
//! clients.
//!
//! A [`Vendor`] is a row: where it lives, which variables configure it, and in what it deviates from
//! the wire ([`Profile`]). Everything else is shared: requests pass with the bytes that the client
//! sent, replies pass with the bytes that the vendor sent, and a needle finds what the gateway must
//! know. [`INGRESS`] is the dialect as clients speak it.
//!
//! ```
//! use ferro_core::ProviderFactory;
//! use ferro_dialect_openai::Vendor;
//!
//! static ACME: Vendor = Vendor {
//!     kind: "acme",
//!     base_url: "https://api.acme.example/v1",
//!     ..Vendor::OPENAI_SHAPED
//! };
//! assert_eq!(ACME.describe().kind, "acme");
//! ```
//!
//! # Limitations
//!
//! Chat is the only surface so far.

mod decode;
mod discovery;
mod encode;
mod factory;
mod ingress;
mod profile;
mod provider;
mod refusal;
mod root;
mod settings;
mod usage;
mod vendor;

pub use ingress::INGRESS;
pub use profile::{Ends, FieldEdit, MessageEdit, Profile, TokenLimit, Usages};
pub use vendor::{Auth, Base, Env, Vendor};
