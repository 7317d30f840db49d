//! What a reply consumed, in one convention whatever the vendor's.

use serde::{Deserialize, Serialize};

/// Token counts of one exchange.
///
/// The convention: the two totals include everything, the other fields say which part of a total
/// was special. `cached_tokens` and the cache writes are part of `prompt_tokens`;
/// `reasoning_tokens` are part of `completion_tokens`. A dialect whose vendor counts otherwise
/// converts where it reads, so that nobody downstream prices a token twice or forgets one.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens read, cached ones included.
    pub prompt_tokens: u64,
    /// Tokens written, reasoning included.
    pub completion_tokens: u64,
    /// Of the prompt: read from a prompt cache.
    pub cached_tokens: u64,
    /// Of the prompt: written to a prompt cache that lives five minutes (or as the vendor likes).
    pub cache_write_tokens: u64,
    /// Of the prompt: written to a prompt cache that lives an hour.
    pub cache_write_1h_tokens: u64,
    /// Of the completion: thought, not said.
    pub reasoning_tokens: u64,
    /// Of the prompt: audio.
    pub prompt_audio_tokens: u64,
    /// Of the completion: audio.
    pub completion_audio_tokens: u64,
    /// Of the prompt: images.
    pub prompt_image_tokens: u64,
    /// Of the completion: images.
    pub completion_image_tokens: u64,
    /// Whether the counts are our estimate rather than the vendor's word.
    pub estimated: bool,
}

impl Usage {
    /// Counts of a prompt and a completion with nothing special about them.
    pub fn new(prompt_tokens: u64, completion_tokens: u64) -> Self {
        Self { prompt_tokens, completion_tokens, ..Self::default() }
    }

    /// Everything that was read and written.
    pub fn total_tokens(&self) -> u64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }
}
