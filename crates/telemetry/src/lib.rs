//! What the process tells about itself: the log.
//!
//! One call of [`init`], by the process and by nobody else: a library must not decide where its
//! host's log goes. The log goes to standard output, a line an event, as JSON unless asked for text.
//!
//! ```
//! use ferro_telemetry::{Format, Level};
//!
//! assert_eq!("text".parse(), Ok(Format::Text));
//! assert!("loud".parse::<Level>().is_err());
//! ```
//!
//! # Limitations
//!
//! Traces and metrics are not exported yet.

mod log;

pub use log::{Format, InitError, Level, UnknownWord, init};
