//! Anthropic: the vendor whose own wire is Messages.
#![doc = include_str!("../README.md")]

mod discovery;
mod factory;
mod provider;
mod settings;

pub use factory::PROVIDERS;
