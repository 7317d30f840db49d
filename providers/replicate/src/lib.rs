//! Replicate, whose replies are predictions.
//!
#![doc = include_str!("../README.md")]
//!
//! # Limitations
//!
//! Chat, and pictures by their addresses. A prediction is not reported by webhook.

mod chat;
mod conversation;
mod decode;
mod encode;
mod exchange;
mod factory;
mod follow;
mod images;
mod inputs;
mod model;
mod prediction;
mod provider;
mod running;

pub use factory::PROVIDERS;
