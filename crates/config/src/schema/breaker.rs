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
    /// Probes at once while it is half open, until they begin to answer: 1 unless said. 0 counts
    /// as 1.
    pub max_half_threshold: u32,
    /// How long it is left alone the first time: 30s unless said.
    #[serde(with = "crate::duration")]
    pub timeout: Duration,
    /// The share of calls that fail, above 0 and at most 1, from which it is left alone as well;
    /// whatever the share unless said.
    #[serde(skip_serializing_if = "unset")]
    pub failure_rate: Option<f64>,
    /// Calls that the window must hold before the share says anything: 20 unless said. Not 0.
    pub minimum_requests: u32,
    /// How far back calls count for the share: 60s unless said.
    #[serde(with = "crate::duration")]
    pub window: Duration,
    /// How long it is left alone at most, where each probe that fails doubles the time: 5m unless
    /// said. See [`longest`](Self::longest).
    #[serde(with = "crate::duration")]
    pub max_timeout: Duration,
    /// Whether each of its models has a circuit of its own: no unless said.
    #[serde(skip_serializing_if = "unset")]
    pub per_model: bool,
}

impl CircuitBreaker {
    /// How long it is left alone at most: `max_timeout`, or `timeout` where that is longer.
    pub fn longest(&self) -> Duration {
        self.max_timeout.max(self.timeout)
    }
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self {
            failure_threshold: 5,
            success_threshold: 1,
            max_half_threshold: 1,
            timeout: Duration::from_secs(30),
            failure_rate: None,
            minimum_requests: 20,
            window: Duration::from_secs(60),
            max_timeout: Duration::from_secs(300),
            per_model: false,
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
    /// Calls that may wait for a place: 1000 unless said, at most 10000; with 0 none waits.
    pub queue_size: u32,
    /// How long a call may wait for a place: 30s unless said.
    #[serde(with = "crate::duration")]
    pub queue_timeout: Duration,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self { max_concurrency: None, queue_size: 1000, queue_timeout: Duration::from_secs(30) }
    }
}
