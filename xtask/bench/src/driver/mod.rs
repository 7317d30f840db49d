//! The load driver: closed and open loop, streams, connections that are held open, and
//! clients that leave.
//!
//! It runs in the bench's own process on one thread, beside the upstream's core. Every reply is
//! checked; one that is wrong fails the run by name, because a figure with errors in it is none.

mod chunked;
mod closed;
mod connection;
mod held;
mod leave;
mod open;
mod request;

pub use closed::closed;
pub use connection::Connection;
pub use held::Held;
pub use leave::leave;
pub use open::{Pace, open};
pub use request::{Goal, Prepared, Seen};

/// What a window of load showed. Times are microseconds.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Requests that were answered in the window.
    pub requests: u64,
    /// Events that arrived with them.
    pub events: u64,
    /// How long each request took, less what the upstream itself waited where that is known.
    pub latencies: Vec<u32>,
    /// How long each event took from the upstream's socket to the driver.
    pub delays: Vec<u32>,
}
