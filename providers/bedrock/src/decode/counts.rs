//! Token counts, made our convention: Bedrock counts what a cache read or took beside the prompt.

use ferro_core::{ServiceTier, Usage};
use serde::Deserialize;

use super::blocks::Tier;

/// Counts as Bedrock gives them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Counts {
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
    cache_details: Option<Vec<Detail>>,
}

/// What a cache of one lifetime took.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Detail {
    ttl: String,
    input_tokens: u64,
}

impl Counts {
    /// The counts in our convention, of a reply that was given this service.
    pub(super) fn usage(&self, tier: Option<&Tier<'_>>) -> Usage {
        let read = self.cache_read_input_tokens.unwrap_or_default();
        let written = self.cache_write_input_tokens.unwrap_or_default();
        let prompt = self.input_tokens.saturating_add(read).saturating_add(written);
        let mut usage = Usage::new(prompt, self.output_tokens);
        let hours = self.cache_details.iter().flatten().filter(|detail| detail.ttl == "1h");
        let an_hour = hours.fold(0_u64, |sum, detail| sum.saturating_add(detail.input_tokens));
        usage.cached_tokens = read;
        usage.cache_write_1h_tokens = an_hour.min(written);
        usage.cache_write_tokens = written - usage.cache_write_1h_tokens;
        usage.at(tier.map_or(ServiceTier::Standard, given))
    }
}

fn given(tier: &Tier<'_>) -> ServiceTier {
    match tier.named.get() {
        "\"default\"" | "null" => ServiceTier::Standard,
        "\"flex\"" => ServiceTier::Flex,
        "\"priority\"" => ServiceTier::Priority,
        // Such as what is reserved.
        _ => ServiceTier::Other,
    }
}
