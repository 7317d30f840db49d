//! OpenAI's wire as vendors speak it: one codec, a table row for each vendor, and the ingress for
//! clients.
//!
//! A [`Vendor`] is a row: where it lives, which variables configure it, and in what it deviates from
//! the wire ([`Profile`]). A deviation is a small value that is implemented once, here, and edits
//! exactly the bytes that it concerns. Everything else is shared: requests pass with the bytes that
//! the client sent, replies pass with the bytes that the vendor sent, and a needle finds the few events
//! that the gateway must read. [`INGRESS`] is the dialect as clients speak it.
//!
//! ```
//! use ferro_core::ProviderFactory;
//! use ferro_dialect_openai::{MessageEdit, Profile, Vendor};
//!
//! static ACME: Vendor = Vendor {
//!     kind: "acme",
//!     base_url: "https://api.acme.example/v1",
//!     refuses: &["logit_bias"],
//!     profile: Profile { messages: &[MessageEdit::DeveloperIsSystem], ..Profile::STANDARD },
//!     ..Vendor::OPENAI_SHAPED
//! };
//! assert_eq!(ACME.describe().kind, "acme");
//! ```
//!
//! # Limitations
//!
//! Replies are edited only where a row says that content may be a
//! list: a vendor's own word for why it stopped, or its own shape of probabilities, reaches the client
//! as it is. Values are not judged: where a vendor takes a narrower range than the wire, it says so
//! itself.

mod decode;
mod discovery;
mod drawn;
mod encode;
mod factory;
mod forwarding;
mod ingress;
mod media;
mod passing;
mod profile;
mod provider;
pub mod refusal;
mod root;
mod settings;
mod tokens;
mod uploading;
mod usage;
mod vendor;

pub use ingress::INGRESS;
pub use passing::Passing;
pub use profile::{Contents, Ends, FieldEdit, MessageEdit, Profile, TokenLimit, Usages};
pub use vendor::{Base, Beside, Env, Tokens, Vendor};
