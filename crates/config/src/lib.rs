//! What was typed, made into a plan: the configuration file and the environment's defaults.
//!
//! ```
//! use ferro_config::{Config, Format};
//!
//! let config = Config::parse("targets:\n  - virtual_key: openai\n", Format::Yaml)?;
//! assert_eq!(config.targets[0].kind(), "openai");
//! # Ok::<(), ferro_config::ConfigError>(())
//! ```
//!
//! # Limitations
//!
//! Mistakes are reported one at a time. Keys that are not served yet are accepted and do nothing.

mod load;
mod schema;

pub use load::{ConfigError, Format};
pub use schema::{Config, Prices, Retry, Strategy, Target};
