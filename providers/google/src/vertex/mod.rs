//! Vertex AI.

mod documents;
mod factory;
mod family;
mod native;
mod place;
mod provider;

pub(crate) use factory::Factory;
pub(crate) use provider::QuotaProject;
