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
}

impl Default for Stream {
    fn default() -> Self {
        Self { commit_after: Duration::from_secs(10), keep_alive: Duration::from_secs(15) }
    }
}

/// What one target has otherwise.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TargetStream {
    /// [`Stream::commit_after`] for this target; as for all unless said.
    #[serde(with = "crate::duration::option", skip_serializing_if = "unset")]
    pub commit_after: Option<Duration>,
}
