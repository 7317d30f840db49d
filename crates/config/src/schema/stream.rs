//! How a streamed answer is begun and kept open.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::unset;

/// How a streamed answer is begun and kept open.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stream {
    /// How long a stream may wait for its first event before status 200 is committed: 10s unless
    /// said. Until then a plan that fails keeps its true status.
    #[serde(with = "crate::duration")]
    pub commit_after: Duration,
    /// How long a committed stream may be silent before a comment is sent: 15s unless said; `0s`
    /// for never.
    #[serde(with = "crate::duration")]
    pub keep_alive: Duration,
    /// How long a target may take until the first event of a stream, where it does not say so
    /// itself; as long as it may take at all unless said. Then the next one is asked.
    #[serde(with = "crate::duration::option", skip_serializing_if = "unset")]
    pub ttft_timeout: Option<Duration>,
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            commit_after: Duration::from_secs(10),
            keep_alive: Duration::from_secs(15),
            ttft_timeout: None,
        }
    }
}
