//! Pictures, sounds and documents that a request names by URL.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::unset;

/// What is done with media that a request names by URL.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    /// Whether they are fetched for vendors that take them by their bytes, and how; not at all unless
    /// said.
    #[serde(skip_serializing_if = "unset")]
    pub fetch: Option<MediaFetch>,
}

/// How media are fetched. Only public addresses are ever asked.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct MediaFetch {
    /// The hosts that may be asked, each with those below it; any unless said.
    pub hosts: Vec<String>,
    /// The most bytes that all media of one request may have together: 20971520 (20 MiB) unless said.
    pub max_bytes: usize,
    /// The most URLs that one request may name: 16 unless said.
    pub max_count: usize,
    /// The most redirects that are followed from one URL: 3 unless said.
    pub max_redirects: usize,
    /// How long one of them may take, redirects included: 10s unless said.
    #[serde(with = "crate::duration")]
    pub timeout: Duration,
}

impl Default for MediaFetch {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            max_bytes: 20 << 20,
            max_count: 16,
            max_redirects: 3,
            timeout: Duration::from_secs(10),
        }
    }
}
