//! Token counts in the words of the chat wire.

use serde::Serialize;

use crate::Usage;

/// Counts as clients read them.
#[derive(Serialize)]
pub(super) struct Counts {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: Prompt,
    completion_tokens_details: Completion,
}

#[derive(Serialize)]
struct Prompt {
    cached_tokens: u64,
    audio_tokens: u64,
    #[serde(skip_serializing_if = "is_none")]
    image_tokens: u64,
    #[serde(skip_serializing_if = "is_none")]
    cache_write_tokens: u64,
    #[serde(skip_serializing_if = "is_none")]
    cache_write_1h_tokens: u64,
}

#[derive(Serialize)]
struct Completion {
    reasoning_tokens: u64,
    audio_tokens: u64,
    #[serde(skip_serializing_if = "is_none")]
    image_tokens: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl From<&Usage> for Counts {
    fn from(usage: &Usage) -> Self {
        Self {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            total_tokens: usage.total_tokens(),
            prompt_tokens_details: Prompt {
                cached_tokens: usage.cached_tokens,
                audio_tokens: usage.prompt_audio_tokens,
                image_tokens: usage.prompt_image_tokens,
                cache_write_tokens: usage.cache_write_tokens,
                cache_write_1h_tokens: usage.cache_write_1h_tokens,
            },
            completion_tokens_details: Completion {
                reasoning_tokens: usage.reasoning_tokens,
                audio_tokens: usage.completion_audio_tokens,
                image_tokens: usage.completion_image_tokens,
            },
        }
    }
}
