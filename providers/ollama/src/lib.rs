//! Ollama, by its own wire.
//!
#![doc = include_str!("../README.md")]
//!
//! # Limitations
//!
//! Chat, completions, embeddings and the list of models. `n` of a chat is one: the server has no word for more.

mod decode;
mod discover;
mod documents;
mod encode;
mod factory;
mod fields;
mod messages;
mod provider;
mod refusal;

pub use factory::PROVIDERS;
pub use provider::wire;
