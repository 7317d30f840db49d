//! What this build can be configured to use: its features decide.
//!
//! ```
//! assert_eq!(ferro_builtins::registry().ingresses().len(), 2);
//! ```

#[rustfmt::skip]
mod evidence;
mod listing;

pub use listing::registry;
