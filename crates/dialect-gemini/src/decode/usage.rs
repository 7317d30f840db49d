//! What a reply consumed, in our convention.

use ferro_core::{ServiceTier, Usage};
use http::response::Parts;
use serde_json::value::RawValue;

use super::wire::{Counts, Modality};

/// In which of its tiers the Gemini API has answered.
const TIER: &str = "x-gemini-service-tier";

/// Reads counts; `None` if they count nothing. Prompts do not include here what the vendor's own tools
/// read, and answers not what was thought; what was cached is part of the prompt.
pub(super) fn read(counts: &Counts<'_>) -> Option<Usage> {
    counts.prompt_token_count.or(counts.candidates_token_count)?;
    let count = Option::unwrap_or_default;
    let prompt = count(counts.prompt_token_count) + count(counts.tool_use_prompt_token_count);
    let thought = count(counts.thoughts_token_count);
    let mut usage = Usage::new(prompt, count(counts.candidates_token_count) + thought);
    usage.reasoning_tokens = thought;
    usage.cached_tokens = count(counts.cached_content_token_count);
    let read = [&counts.prompt_tokens_details, &counts.tool_use_prompt_tokens_details];
    let of = |name| read.into_iter().map(|details| tokens(*details, name)).sum();
    usage.prompt_audio_tokens = of("AUDIO");
    usage.prompt_image_tokens = of("IMAGE");
    let written = counts.candidates_tokens_details;
    usage.completion_audio_tokens = tokens(written, "AUDIO");
    usage.completion_image_tokens = tokens(written, "IMAGE");
    let said = counts.traffic_type.as_deref().or(counts.service_tier.as_deref());
    let usage = usage.at(said.map_or(ServiceTier::Standard, tier));
    let cached = counts.cache_tokens_details;
    let (audio, images) = (tokens(cached, "AUDIO"), tokens(cached, "IMAGE"));
    Some(match (audio, images) {
        (0, 0) => usage,
        _ => usage.with(|besides| {
            (besides.cached_audio_tokens, besides.cached_image_tokens) = (audio, images);
        }),
    })
}

/// In which tier it is answered, where a head says so.
pub(super) fn tier_in(head: &Parts) -> Option<&str> {
    head.headers.get(TIER)?.to_str().ok()
}

/// What was consumed, in the tier that a head says.
pub(super) fn served(usage: Usage, tier: Option<&str>) -> Usage {
    match tier {
        Some(said) => usage.at(self::tier(said)),
        None => usage,
    }
}

/// The service that was given, in the words of the Gemini API or of Vertex AI. What comes from capacity
/// that was paid for beforehand has no price.
fn tier(said: &str) -> ServiceTier {
    match said {
        "" | "standard" | "unspecified" | "ON_DEMAND" | "TRAFFIC_TYPE_UNSPECIFIED" => {
            ServiceTier::Standard
        }
        "flex" | "ON_DEMAND_FLEX" => ServiceTier::Flex,
        "priority" | "ON_DEMAND_PRIORITY" => ServiceTier::Priority,
        "batch" => ServiceTier::Batch,
        _ => ServiceTier::Other,
    }
}

/// How many tokens of a kind there are: most are of text, and every piece of a stream says so.
fn tokens(details: Option<&RawValue>, name: &str) -> u64 {
    let Some(details) = details.map(RawValue::get).filter(|json| json.contains(name)) else {
        return 0;
    };
    let all: Vec<Modality<'_>> = serde_json::from_str(details).unwrap_or_default();
    let own = all.iter().filter(|detail| detail.modality.as_deref() == Some(name));
    own.filter_map(|detail| detail.token_count).sum()
}
