//! Usage as vendors of this wire report it, made one convention.

use ferro_core::Usage;
use serde::Deserialize;

use crate::Usages;

/// Everything that any of them counts.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Counts {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    total_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
    completion_tokens_details: Option<Details>,
    cached_tokens: Option<u64>,
    prompt_cache_hit_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
    audio_tokens: Option<u64>,
    image_tokens: Option<u64>,
}

/// Reads the usage object that `text` starts with; `None` if it counts nothing.
pub(crate) fn read(text: &[u8], convention: Usages) -> Option<Usage> {
    let counts: Counts = serde_json::Deserializer::from_slice(text).into_iter().next()?.ok()?;
    counts.prompt_tokens.or(counts.completion_tokens).or(counts.total_tokens)?;
    let prompt = counts.prompt_tokens_details.unwrap_or_default();
    let completion = counts.completion_tokens_details.unwrap_or_default();
    let mut usage = Usage::new(
        counts.prompt_tokens.unwrap_or_default(),
        counts.completion_tokens.unwrap_or_default(),
    );
    let flat = counts.cached_tokens.or(counts.prompt_cache_hit_tokens);
    let cached = prompt.cached_tokens.or(flat).or(counts.cache_read_input_tokens);
    usage.cached_tokens = cached.unwrap_or_default();
    let written = prompt.cache_write_tokens.or(prompt.cache_creation_input_tokens);
    let written = written.or(counts.cache_creation_input_tokens);
    usage.cache_write_tokens = written.unwrap_or_default();
    let reasoning = completion.reasoning_tokens.or(counts.reasoning_tokens);
    usage.reasoning_tokens = reasoning.unwrap_or_default();
    usage.prompt_audio_tokens = prompt.audio_tokens.unwrap_or_default();
    usage.prompt_image_tokens = prompt.image_tokens.unwrap_or_default();
    usage.completion_audio_tokens = completion.audio_tokens.unwrap_or_default();
    usage.completion_image_tokens = completion.image_tokens.unwrap_or_default();
    include(&mut usage, counts.total_tokens, convention);
    Some(usage)
}

/// Our totals include their parts: a part that came on top is added.
fn include(usage: &mut Usage, total: Option<u64>, convention: Usages) {
    let without = usage.total_tokens();
    let on_top = match convention {
        Usages::Standard => false,
        Usages::ReasoningOnTop => total.is_none_or(|total| total != without),
    };
    if on_top || usage.reasoning_tokens > usage.completion_tokens {
        usage.completion_tokens = usage.completion_tokens.saturating_add(usage.reasoning_tokens);
    }
    let cache = usage.cached_tokens.saturating_add(usage.cache_write_tokens);
    if cache > usage.prompt_tokens {
        usage.prompt_tokens = usage.prompt_tokens.saturating_add(cache);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard(text: &str) -> Usage {
        read(text.as_bytes(), Usages::Standard).unwrap()
    }

    #[test]
    fn every_convention_becomes_one() {
        let nested = r#"{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}} trailing"#;
        let usage = standard(nested);
        assert_eq!((usage.prompt_tokens, usage.cached_tokens), (10, 4));
        assert_eq!(usage.cache_write_tokens, 2);
        assert_eq!((usage.completion_tokens, usage.reasoning_tokens), (5, 3));
        for flat in ["prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens"] {
            let hits = format!(r#"{{"prompt_tokens":10,"completion_tokens":5,"{flat}":6}}"#);
            assert_eq!(standard(&hits).cached_tokens, 6, "{flat}");
        }
    }

    #[test]
    fn reasoning_on_top_is_added_unless_the_total_says_otherwise() {
        let counts = |total: &str| {
            let text = format!(
                r#"{{"prompt_tokens":10,"completion_tokens":5{total},"completion_tokens_details":{{"reasoning_tokens":3}}}}"#
            );
            read(text.as_bytes(), Usages::ReasoningOnTop).unwrap().completion_tokens
        };
        assert_eq!(counts(""), 8);
        assert_eq!(counts(r#","total_tokens":18"#), 8);
        assert_eq!(counts(r#","total_tokens":15"#), 5);
    }

    #[test]
    fn a_part_never_exceeds_its_whole() {
        let usage = standard(
            r#"{"prompt_tokens":10,"completion_tokens":5,"reasoning_tokens":90,"cache_read_input_tokens":100}"#,
        );
        assert_eq!((usage.prompt_tokens, usage.completion_tokens), (110, 95));
    }

    #[test]
    fn what_counts_nothing_is_no_usage() {
        for text in ["null", "{}", r#"{"of":"it"}"#, r#"{"prompt_tokens":"many"}"#] {
            assert_eq!(read(text.as_bytes(), Usages::Standard), None, "{text}");
        }
    }
}
