//! How often a target is asked again, and how often all of them together.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::unset;

/// How often a target is asked again.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Calls in all: 1, which is no retry, unless said. 0 counts as 1.
    pub attempts: u32,
    /// Statuses after which asking again is worth it. Empty: 408, 429, those from 500, and errors
    /// that have no status.
    #[serde(skip_serializing_if = "unset")]
    pub on_status_codes: Vec<u16>,
    /// The first wait, in milliseconds: 100 unless said. It doubles with each attempt, and the real
    /// wait is anywhere between nothing and that. 0 counts as 100.
    pub initial_backoff_ms: u64,
    /// The longest of these waits: 10s unless said.
    #[serde(with = "crate::duration")]
    pub max_backoff: Duration,
    /// The longest `Retry-After` of the target that is waited for: 30s unless said. A target that
    /// names a longer one is passed over; `0s` passes over all that name any.
    #[serde(with = "crate::duration")]
    pub max_retry_after: Duration,
    /// How long one call may take; as long as the target may unless said.
    #[serde(with = "crate::duration::option", skip_serializing_if = "unset")]
    pub attempt_timeout: Option<Duration>,
    /// Whether a call is repeated too that may have had its effect already, such as making an
    /// image: no unless said.
    #[serde(skip_serializing_if = "unset")]
    pub non_idempotent: bool,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 1,
            on_status_codes: Vec::new(),
            initial_backoff_ms: 100,
            max_backoff: Duration::from_secs(10),
            max_retry_after: Duration::from_secs(30),
            attempt_timeout: None,
            non_idempotent: false,
        }
    }
}

/// How many retries all targets together get, so that a vendor that is down is not stormed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryBudget {
    /// Retries for each request that came lately: 0.2 unless said.
    pub ratio: f64,
    /// Retries a second that there are in any case: 10 unless said.
    pub minimum_per_second: u32,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self { ratio: 0.2, minimum_per_second: 10 }
    }
}
