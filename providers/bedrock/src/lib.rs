//! AWS Bedrock: every family of models by the Converse API, signed or with a bearer's key.
//!
//! A chat becomes `POST /model/{model}/converse`, or `…/converse-stream` for a stream, whose events are
//! binary frames. What only some families take (thinking, `top_k`, cache points, native JSON schemas)
//! is decided by the model's name: see `model.rs`. What Bedrock cannot be told is listed as unsaid;
//! content that it cannot take is an error that names the part.
//!
//! Who asks is shown by a key of Bedrock's own (`AWS_BEARER_TOKEN_BEDROCK`), or by a signature with
//! the key that AWS's usual places name: variables, profiles, web identity, containers, the machine.
//! No place is read before a request needs it, but for the variables.
//!
//! ```
//! assert_eq!(ferro_provider_bedrock::PROVIDERS[0].describe().kind, "bedrock");
//! ```
//!
//! # Limitations
//!
//! Embeddings, rankings and images are asked for by `InvokeModel`. Nothing that a chat says needs it: Converse takes every family,
//! and the ARNs of imported, custom and provisioned models. Profiles that sign in by a browser (SSO) are
//! refused with a word on what would do. One request gets one answer: `n` above 1 is refused.

mod annotations;
mod count;
mod credentials;
mod decode;
mod discovery;
mod documents;
mod encode;
mod factory;
mod invoke;
mod model;
mod place;
mod provider;
mod refusal;
mod settings;
mod sign;
mod skew;
#[cfg(test)]
mod tests;

pub use factory::{PROVIDERS, wire};
