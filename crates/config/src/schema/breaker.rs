//! When a target is left alone for a while, and how many may ask it at once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::unset;

/// When a target that fails is left alone for a while. A target without one is asked every time.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CircuitBreaker {
    /// Failures in a row after which it is left alone: 5 unless said. 0 counts as 5.
    pub failure_threshold: u32,
    /// Successes in a row that close the circuit again: 1 unless said. 0 counts as 1.
    pub success_threshold: u32,
    /// Probes under way at once while it is half open: 1 unless said. 0 counts as 1.
    pub max_half_threshold: u32,
    /// How long it is left alone: 30s unless said.
    #[serde(with = "crate::duration")]
    pub timeout: Duration,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self {
            failure_threshold: 5,
            success_threshold: 1,
            max_half_threshold: 1,
            timeout: Duration::from_secs(30),
        }
    }
}

/// How many calls a target gets at once.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Concurrency {
    /// Calls under way: 1 to 10000, any number unless said.
    #[serde(skip_serializing_if = "unset")]
    pub max_concurrency: Option<u32>,
    /// Calls that may wait for a place: 1000 unless said, at most 10000. 0 counts as 1000.
    pub queue_size: u32,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self { max_concurrency: None, queue_size: 1000 }
    }
}
