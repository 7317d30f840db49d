//! The Gemini API of AI Studio.

mod discovery;
mod factory;
mod provider;

pub(crate) use factory::Factory;
