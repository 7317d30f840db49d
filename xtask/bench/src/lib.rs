//! Measures what the gateway costs, beside a proxy that does nothing.
//!
//! A system under test runs on one core; the load driver and the bundled upstream share another.
//! What counts is the system's own processor time per request or per event, as a ratio to
//! [`nothing`] in the same round: the machine's moods cancel, and so does most of what other
//! programs do meanwhile. `xtask/README.md` says how to run it and what came out.
//!
//! # Limitations
//!
//! Linux only: it reads `/proc` and pins processes with `taskset`. HTTP/1.1 without TLS.

pub mod driver;
mod figures;
pub mod machine;
pub mod meter;
pub mod nothing;
pub mod percentile;
pub mod report;
pub mod rounds;
mod run;
pub mod scenario;
pub mod script;
pub mod system;
pub mod upstream;
mod wish;

pub use wish::Wish;
