//! Who stays with a target, and who gets a second one at once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{unset, words::words};

words! {
    /// By what requests are taken to belong together.
    pub enum AffinityBy {
        /// The session that they name; how their prompts begin where they name none.
        #[default]
        SessionOrPrefix = "session_or_prefix",
        /// The session that they name.
        Session = "session",
        /// How their prompts begin.
        Prefix = "prefix",
    }
}

/// Whether requests that belong together stay with the target that answered the first of them, which
/// has their prompt in its cache. It gives way where that target cannot be asked.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Affinity {
    /// By what they are known: `session_or_prefix` unless said.
    pub by: AffinityBy,
    /// The header that names a session; those of the client's dialect unless said.
    #[serde(skip_serializing_if = "unset")]
    pub header: Option<String>,
    /// How long a target is remembered after the last request: 5m unless said.
    #[serde(with = "crate::duration")]
    pub ttl: Duration,
}

impl Default for Affinity {
    fn default() -> Self {
        Self { by: AffinityBy::default(), header: None, ttl: Duration::from_secs(300) }
    }
}

/// Whether a second target is asked while the first is slow to begin. Both are paid for.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hedging {
    /// The share of streams, above 0 and below 1, that begin faster than the wait: 0.95 unless said.
    pub quantile: f64,
    /// The share of requests, above 0 and at most 1, that may be asked twice: 0.05 unless said.
    pub max_extra: f64,
}

impl Default for Hedging {
    fn default() -> Self {
        Self { quantile: 0.95, max_extra: 0.05 }
    }
}
