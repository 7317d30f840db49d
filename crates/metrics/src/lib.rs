//! Metric names, and handles resolved before they are needed.
//!
//! One [`Metrics`] per gateway, so that two in one process share nothing. A [`Series`] holds the
//! handles of one (provider, model) pair: recording a request is a few atomic additions, and takes no
//! lock. What the system knows about the process (`process_*`) is read when [`Metrics::render`] is
//! called, on Linux.
//!
//! ```
//! use std::time::Duration;
//! use ferro_metrics::{Metrics, Status};
//!
//! let metrics = Metrics::new();
//! metrics.series("openai", "gpt-4o").request(Status::Success, Duration::from_millis(60));
//! assert!(metrics.render().contains("gateway_requests_total{provider=\"openai\""));
//! ```

mod connections;
mod durations;
mod metrics;
#[cfg(target_os = "linux")]
mod process;
mod series;
mod standings;
mod variants;

pub use connections::{ConnectionMeter, OpenConnection};
pub use metrics::Metrics;
pub use series::{Series, Status};
pub use standings::Standing;
