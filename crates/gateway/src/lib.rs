//! The gateway as a library: what an embedding program depends on.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use ferro_gateway::{Config, Gateway, Registry};
//!
//! let config = Config::load("config.yaml")?;
//! let gateway = Gateway::builder(config, Registry::new()).build()?;
//! assert!(gateway.models().is_empty());
//! # Ok(()) }
//! ```
//!
//! # Limitations
//!
//! Reload, discovery, hooks and the typed surface methods are not here yet.

mod build;
mod gateway;

pub use build::{GatewayBuilder, GatewayError};
pub use ferro_config::{Config, ConfigError, Format};
pub use ferro_core::Registry;
pub use ferro_engine::{Answer, AnswerBody, Caller, Engine, Opened};
pub use gateway::{Gateway, Model};
