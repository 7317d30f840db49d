//! The table of the vendors that speak OpenAI's wire.
//!
#![doc = include_str!("../README.md")]

mod anthropics;
mod deep_infra;
mod fireworks;
mod further;
mod gateways;
mod hugging_face;
mod listing;
mod local;
mod nvidia;
mod vendors;

pub use listing::PROVIDERS;

#[cfg(test)]
mod tests;
