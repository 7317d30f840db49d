//! Who may call: keys, held in memory as digests and compared in constant time.
//!
//! ```
//! use ferro_access::Keyring;
//!
//! let keys = Keyring::with_master(&ferro_core::Secret::new("sk-operator"));
//! assert!(keys.authenticate(Some("sk-operator")).is_ok());
//! assert!(keys.authenticate(Some("sk-other")).is_err());
//! ```
//!
//! # Limitations
//!
//! One key, the master key. Scopes, teams and sessions are not here yet.

mod doors;
mod keyring;

pub use doors::{Doors, Guard, OpenInProduction, is_production};
pub use keyring::{Denied, Keyring};
