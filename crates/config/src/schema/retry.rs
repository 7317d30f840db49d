//! How often a target is asked again.

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
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 1, on_status_codes: Vec::new(), initial_backoff_ms: 100 }
    }
}
