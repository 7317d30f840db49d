//! Usage as vendors of this wire report it, made one convention.

use ferro_core::{ServiceTier, Usage};
use ferro_wire::Walk;
use serde::Deserialize;
use serde_json::Value;

use crate::Usages;

/// Everything that any of them counts.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Counts {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    /// The prompt's, in the words of the newer surfaces.
    input_tokens: Option<u64>,
    /// The completion's, in the words of the newer surfaces.
    output_tokens: Option<u64>,
    total_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
    completion_tokens_details: Option<Details>,
    #[serde(alias = "input_token_details")]
    input_tokens_details: Option<Details>,
    output_tokens_details: Option<Details>,
    cached_tokens: Option<u64>,
    prompt_cache_hit_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
    citation_tokens: Option<u64>,
    num_search_queries: Option<u64>,
    num_sources_used: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Option<u64>,
    cached_tokens_details: Option<CachedDetails>,
    cache_write_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
    audio_tokens: Option<u64>,
    image_tokens: Option<u64>,
}

/// What the cached tokens were, besides text.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct CachedDetails {
    audio_tokens: Option<u64>,
    image_tokens: Option<u64>,
}

impl Counts {
    /// Reads counts that are written as usual; `None` leaves them to serde.
    fn walked(text: &[u8]) -> Option<Self> {
        let mut counts = Self::default();
        Walk::new(text).object(|name, walk| {
            let count = match name {
                b"prompt_tokens" => &mut counts.prompt_tokens,
                b"completion_tokens" => &mut counts.completion_tokens,
                b"input_tokens" => &mut counts.input_tokens,
                b"output_tokens" => &mut counts.output_tokens,
                b"total_tokens" => &mut counts.total_tokens,
                b"cached_tokens" => &mut counts.cached_tokens,
                b"prompt_cache_hit_tokens" => &mut counts.prompt_cache_hit_tokens,
                b"cache_read_input_tokens" => &mut counts.cache_read_input_tokens,
                b"cache_creation_input_tokens" => &mut counts.cache_creation_input_tokens,
                b"reasoning_tokens" => &mut counts.reasoning_tokens,
                b"citation_tokens" => &mut counts.citation_tokens,
                b"num_search_queries" => &mut counts.num_search_queries,
                b"num_sources_used" => &mut counts.num_sources_used,
                b"prompt_tokens_details" => {
                    return Details::walked(walk, &mut counts.prompt_tokens_details);
                }
                b"completion_tokens_details" => {
                    return Details::walked(walk, &mut counts.completion_tokens_details);
                }
                b"input_tokens_details" | b"input_token_details" => {
                    return Details::walked(walk, &mut counts.input_tokens_details);
                }
                b"output_tokens_details" => {
                    return Details::walked(walk, &mut counts.output_tokens_details);
                }
                _ => return walk.skip(),
            };
            walk.count(count)
        })?;
        Some(counts)
    }
}

impl Details {
    fn walked(walk: &mut Walk<'_>, place: &mut Option<Self>) -> Option<()> {
        if !walk.is_at(b'{') {
            let mut said = None;
            walk.say(&mut said)?;
            *place = None;
            return said.is_none().then_some(());
        }
        let mut details = Self::default();
        walk.object(|name, walk| {
            let count = match name {
                b"cached_tokens" => &mut details.cached_tokens,
                b"cache_write_tokens" => &mut details.cache_write_tokens,
                b"cache_creation_input_tokens" => &mut details.cache_creation_input_tokens,
                b"reasoning_tokens" => &mut details.reasoning_tokens,
                b"audio_tokens" => &mut details.audio_tokens,
                b"image_tokens" => &mut details.image_tokens,
                // Rare: serde reads it.
                b"cached_tokens_details" => return None,
                _ => return walk.skip(),
            };
            walk.count(count)
        })?;
        *place = Some(details);
        Some(())
    }
}

/// Reads the usage object that `text` starts with; `None` if it counts nothing.
pub(crate) fn read(text: &[u8], convention: Usages) -> Option<Usage> {
    let counts = Counts::walked(text).or_else(|| first(text));
    let counts = counts.or_else(|| serde_json::from_value(tidied(first(text)?)?).ok())?;
    let read = counts.prompt_tokens.or(counts.input_tokens);
    let written = counts.completion_tokens.or(counts.output_tokens);
    read.or(written).or(counts.total_tokens)?;
    let prompt = counts.prompt_tokens_details.or(counts.input_tokens_details).unwrap_or_default();
    let completion = counts.completion_tokens_details.or(counts.output_tokens_details);
    let completion = completion.unwrap_or_default();
    // What writes nothing counts nothing but a total, at some vendors.
    let read = read.or_else(|| counts.total_tokens?.checked_sub(written.unwrap_or_default()));
    let mut usage = Usage::new(read.unwrap_or_default(), written.unwrap_or_default());
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
    // What was read to be cited is counted apart, and charged as what was asked.
    let cited = counts.citation_tokens.unwrap_or_default();
    usage.prompt_tokens = usage.prompt_tokens.saturating_add(cited);
    let cached = prompt.cached_tokens_details.unwrap_or_default();
    let searches = counts.num_search_queries.or(counts.num_sources_used).unwrap_or_default();
    let (audio, images) = (cached.audio_tokens, cached.image_tokens);
    if searches == 0 && audio.is_none() && images.is_none() {
        return Some(usage);
    }
    Some(usage.with(|besides| {
        besides.searches = searches;
        besides.cached_audio_tokens = audio.unwrap_or_default();
        besides.cached_image_tokens = images.unwrap_or_default();
    }))
}

/// The service that a reply says it was given, in JSON. A word that nobody knows is a service whose
/// price nobody knows.
pub(crate) fn tier(said: &[u8]) -> ServiceTier {
    match said {
        b"null" | b"\"\"" | b"\"default\"" | b"\"standard\"" | b"\"auto\"" | b"\"on_demand\"" => {
            ServiceTier::Standard
        }
        b"\"flex\"" => ServiceTier::Flex,
        b"\"priority\"" => ServiceTier::Priority,
        b"\"batch\"" => ServiceTier::Batch,
        _ => ServiceTier::Other,
    }
}

fn first<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    serde_json::Deserializer::from_slice(text).into_iter().next()?.ok()
}

/// Counts without what is none: a price in words beside them, a list, a number below zero. A member
/// that stands twice is the last of the two by now.
fn tidied(value: Value) -> Option<Value> {
    match value {
        Value::Object(members) => {
            let counts = members.into_iter().filter_map(|(name, of)| Some((name, tidied(of)?)));
            Some(Value::Object(counts.collect()))
        }
        Value::Number(number) => {
            number.as_u64().or_else(|| whole(number.as_f64()?)).map(Value::from)
        }
        _ => None,
    }
}

/// A count that was written with a point.
fn whole(number: f64) -> Option<u64> {
    const LIMIT: f64 = (1u64 << 53) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in these bounds")]
    ((0.0..LIMIT).contains(&number) && number.fract() == 0.0).then_some(number as u64)
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
    fn the_service_that_was_given_is_read_and_an_unknown_one_is_no_standard_one() {
        for (said, tier_of_it) in [
            (r#""default""#, ServiceTier::Standard),
            ("null", ServiceTier::Standard),
            (r#""flex""#, ServiceTier::Flex),
            (r#""priority""#, ServiceTier::Priority),
            (r#""scale""#, ServiceTier::Other),
            ("7", ServiceTier::Other),
        ] {
            assert_eq!(tier(said.as_bytes()), tier_of_it, "{said}");
        }
    }

    #[test]
    fn what_is_counted_besides_is_kept() {
        let usage = standard(
            r#"{"prompt_tokens":5000,"completion_tokens":9,"num_sources_used":4,"prompt_tokens_details":{"cached_tokens":3000,"audio_tokens":4000,"cached_tokens_details":{"audio_tokens":2500}}}"#,
        );
        assert_eq!((usage.rest().searches, usage.rest().cached_audio_tokens), (4, 2_500));
        assert_eq!((usage.cached_tokens, usage.prompt_audio_tokens), (3_000, 4_000));
        let usage = standard(
            r#"{"prompt_tokens":33,"completion_tokens":70,"total_tokens":103,"citation_tokens":19028,"num_search_queries":21}"#,
        );
        assert_eq!((usage.prompt_tokens, usage.rest().searches), (19_061, 21));
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

    #[test]
    fn an_odd_member_hides_no_count() {
        let usage = standard(
            r#"{"prompt_tokens":3.0,"completion_tokens":9,"completion_tokens":4,"total_tokens":"7","cached_tokens":-1,"prompt_tokens_details":[],"completion_tokens_details":{"reasoning_tokens":2e0,"audio_tokens":0.5}}"#,
        );
        assert_eq!((usage.prompt_tokens, usage.completion_tokens), (3, 4));
        assert_eq!((usage.cached_tokens, usage.reasoning_tokens), (0, 2));
        assert_eq!(usage.completion_audio_tokens, 0);
        assert_eq!(read(br#"{"prompt_tokens":1e300}"#, Usages::Standard), None);
    }
}
