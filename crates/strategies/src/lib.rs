//! In which order targets are asked: one strategy a file, each a pure function of what it is shown.
//!
//! ```
//! assert!(ferro_strategies::by_mode("fallback").is_some());
//! assert!(ferro_strategies::by_mode("roulette").is_none());
//! ```
//!
//! # Limitations
//!
//! `single` and `fallback` so far.

mod fallback;
mod modes;
mod single;

pub use fallback::Fallback;
pub use modes::{MODES, by_mode};
pub use single::Single;
