//! Usage as vendors of this wire report it, made one convention.

use ferro_core::Usage;
use serde::Deserialize;

use crate::Usages;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Counts {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
    completion_tokens_details: Option<Details>,
    /// DeepSeek's word for cached tokens.
    prompt_cache_hit_tokens: Option<u64>,
    /// Moonshot's.
    cached_tokens: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
    audio_tokens: Option<u64>,
    image_tokens: Option<u64>,
}

/// Reads the usage object that `text` starts with.
pub(crate) fn read(text: &[u8], convention: Usages) -> Option<Usage> {
    let counts: Counts = serde_json::Deserializer::from_slice(text).into_iter().next()?.ok()?;
    let prompt = counts.prompt_tokens_details.unwrap_or_default();
    let completion = counts.completion_tokens_details.unwrap_or_default();
    let mut usage = Usage::new(
        counts.prompt_tokens.unwrap_or_default(),
        counts.completion_tokens.unwrap_or_default(),
    );
    let cached = prompt.cached_tokens.or(counts.prompt_cache_hit_tokens).or(counts.cached_tokens);
    usage.cached_tokens = cached.unwrap_or_default();
    usage.reasoning_tokens = completion.reasoning_tokens.unwrap_or_default();
    usage.prompt_audio_tokens = prompt.audio_tokens.unwrap_or_default();
    usage.prompt_image_tokens = prompt.image_tokens.unwrap_or_default();
    usage.completion_audio_tokens = completion.audio_tokens.unwrap_or_default();
    usage.completion_image_tokens = completion.image_tokens.unwrap_or_default();
    if convention == Usages::ReasoningOnTop {
        usage.completion_tokens += usage.reasoning_tokens;
    }
    Some(usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_convention_becomes_one() {
        let nested = br#"{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}} trailing"#;
        let usage = read(nested, Usages::Standard).unwrap();
        assert_eq!((usage.prompt_tokens, usage.cached_tokens), (10, 4));
        assert_eq!((usage.completion_tokens, usage.reasoning_tokens), (5, 3));
        assert_eq!(read(nested, Usages::ReasoningOnTop).unwrap().completion_tokens, 8);
        let hits = br#"{"prompt_tokens":10,"completion_tokens":5,"prompt_cache_hit_tokens":6}"#;
        assert_eq!(read(hits, Usages::Standard).unwrap().cached_tokens, 6);
        assert_eq!(read(b"null", Usages::Standard), None);
    }
}
