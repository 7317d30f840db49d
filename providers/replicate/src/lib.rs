//! Replicate, whose replies are predictions.
//!
#![doc = include_str!("../README.md")]
//!
//! # Limitations
//!
//! Chat only: pictures are another surface. A prediction is not reported by webhook.

mod conversation;
mod decode;
mod encode;
mod exchange;
mod factory;
mod follow;
mod inputs;
mod model;
mod prediction;
mod provider;
mod running;

pub use factory::PROVIDERS;
