//! Leaving a target alone that fails, and finding out when it is well again.
//!
//! A circuit is *closed* while calls succeed. Failures in a row, or too many of the recent ones, open
//! it: calls are refused without asking. After the open time it is *half open*: a few probes pass,
//! and close it if they succeed; one that fails opens it again, for twice the time. A probe that has
//! begun to answer makes room for the next: its reader may take a while. Which outcomes
//! are failures is the caller's to say: a client's own mistake is none.
//!
//! Every opening and closing begins a new life of the circuit, and a [`Permit`] knows the life that
//! it was given in: a slow call that was let through before the circuit opened can neither close it,
//! nor open it, nor take a probe's place.
//!
//! A closed circuit is one load to pass; there is a lock, taken only to open and to close.

mod circuit;
mod models;
mod permit;
mod rules;
mod settings;
mod word;

#[cfg(test)]
mod tests;

pub use circuit::{Breaker, CircuitOpen, CircuitState};
pub use models::{Blame, Breakers, MOST_MODELS, Permits};
pub use permit::Permit;
pub use settings::BreakerSettings;
