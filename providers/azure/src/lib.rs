//! Azure's hosts of models: Azure OpenAI, by deployments or by its v1 API, and Foundry.
//!
#![doc = include_str!("../README.md")]

mod claude;
mod discovery;
mod endpoint;
mod entra;
mod factory;
mod foundry;
mod openai;
mod settings;
mod surfaces;

pub use factory::PROVIDERS;
