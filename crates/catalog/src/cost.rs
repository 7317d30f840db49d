//! What an exchange cost, line by line: everything that was consumed is priced, and once.

use ferro_core::{Besides, Cost, Images, Money, ServiceTier, Unpriced, Usage};
use smallvec::SmallVec;

use crate::{
    format::meter::{Meter, THOUSAND_HOURS, Tier, Unit},
    prices::Prices,
};

/// What an exchange cost.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Bill {
    /// Everything: the exact sum of the lines, rounded once, halves up.
    pub total: Money,
    /// What was paid for, in the order of the meters; nothing that was not consumed.
    pub lines: SmallVec<[Line; 6]>,
}

impl Bill {
    /// The bill in the four parts that a record has. What is not counted in tokens is in the total alone.
    pub fn cost(&self) -> Cost {
        let mut cost = Cost::default();
        cost.total = self.total;
        for line in &self.lines {
            let part = match line.meter {
                Meter::Input | Meter::AudioInput | Meter::ImageInput => &mut cost.input,
                Meter::Output | Meter::Reasoning | Meter::AudioOutput | Meter::ImageOutput => {
                    &mut cost.output
                }
                Meter::CacheRead | Meter::AudioCacheRead | Meter::ImageCacheRead => {
                    &mut cost.cache_read
                }
                Meter::CacheWrite | Meter::CacheWrite1h => &mut cost.cache_write,
                _ => continue,
            };
            *part = *part + line.amount;
        }
        cost
    }
}

/// Something that was paid for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Line {
    /// What was counted.
    pub meter: Meter,
    /// How much of it.
    pub quantity: u64,
    /// Nano-dollars for as many as the meter's unit says.
    pub rate: u64,
    /// What it came to, rounded by itself.
    pub amount: Money,
}

/// Prices what was consumed.
///
/// A part of the tokens that a model prices nowhere costs what it is a part of: cached and written
/// tokens and images in the prompt as input, an hour's cache as five minutes', thought as output.
/// Audio and painted tokens never do: they are dearer by far. What has a price at some tier has one at
/// every tier or is unpriced there, and where longer prompts cost more, each part of the tokens has a
/// price for them or is unpriced; only requests, searches and runs cost the same where no other price is
/// named.
///
/// # Errors
/// When something was consumed that has no known price; the first such.
pub fn cost(usage: &Usage, prices: Prices<'_>) -> Result<Bill, Unpriced> {
    // What was given in a way that no catalogue has a word for has none of its prices.
    let (tier, prices) = match known(usage.tier) {
        Some(tier) => (tier, prices),
        None => (Tier::Standard, Prices::none()),
    };
    let (prompt, rest) = (usage.prompt_tokens, usage.rest());
    let length = prices.length(tier, prompt);
    let mut sum = Sum { tier: usage.tier, bill: Bill::default(), exact: 0 };
    for (meter, quantity) in tokens(usage) {
        sum.add(meter, quantity, || token_rate(prices, tier, meter, length))?;
    }
    for (meter, quantity, variants) in things(rest) {
        let rate = |variant: &&str| thing_rate(prices, tier, (meter, *variant), prompt);
        sum.add(meter, quantity, || variants.iter().find_map(rate))?;
    }
    for images in &rest.images {
        sum.add(Meter::Images, images.count, || image_rate(prices, tier, images, prompt))?;
    }
    let fee = thing_rate(prices, tier, (Meter::Requests, ""), prompt);
    // Every exchange is a request, for which most vendors charge nothing and name no price. Where they
    // are all that is counted, or nothing at all has a price, nothing says that the list is whole.
    let is_unknown = prices.is_empty() || rest.requests > 0;
    if fee.is_some() || (is_unknown && sum.bill.lines.is_empty()) {
        sum.add(Meter::Requests, rest.requests.max(1), || fee)?;
    }
    Ok(sum.bill)
}

/// The tier by which prices are named; `None` where there can be none.
fn known(given: ServiceTier) -> Option<Tier> {
    match given {
        ServiceTier::Standard => Some(Tier::Standard),
        ServiceTier::Batch => Some(Tier::Batch),
        ServiceTier::Flex => Some(Tier::Flex),
        ServiceTier::Priority => Some(Tier::Priority),
        ServiceTier::Fast => Some(Tier::Fast),
        _ => None,
    }
}

/// The tokens by what they are charged as: each once.
fn tokens(usage: &Usage) -> [(Meter, u64); 12] {
    let prompt = Prompt::of(usage);
    let special = [usage.reasoning_tokens, usage.completion_audio_tokens];
    let special =
        special.iter().fold(usage.completion_image_tokens, |sum, n| sum.saturating_add(*n));
    [
        (Meter::Input, prompt.text),
        (Meter::CacheRead, prompt.cached_text),
        (Meter::CacheWrite, usage.cache_write_tokens),
        (Meter::CacheWrite1h, usage.cache_write_1h_tokens),
        (Meter::Output, usage.completion_tokens.saturating_sub(special)),
        (Meter::Reasoning, usage.reasoning_tokens),
        (Meter::AudioInput, prompt.audio),
        (Meter::AudioCacheRead, prompt.cached_audio),
        (Meter::AudioOutput, usage.completion_audio_tokens),
        (Meter::ImageInput, prompt.images),
        (Meter::ImageCacheRead, prompt.cached_images),
        (Meter::ImageOutput, usage.completion_image_tokens),
    ]
}

/// A prompt's tokens, but for those that were written to a cache.
struct Prompt {
    text: u64,
    audio: u64,
    images: u64,
    cached_text: u64,
    cached_audio: u64,
    cached_images: u64,
}

impl Prompt {
    /// Takes the prompt apart. A vendor counts what was cached and what was audio, and may not say how
    /// much was both. Where the parts are together more than the prompt, that much was: first of the
    /// audio, then of the images. Parts that are still too many are charged as they are told.
    fn of(usage: &Usage) -> Self {
        let rest = usage.rest();
        let written = usage.cache_write_tokens.saturating_add(usage.cache_write_1h_tokens);
        let told_audio = rest.cached_audio_tokens.min(usage.cached_tokens);
        let told_images = rest.cached_image_tokens.min(usage.cached_tokens - told_audio);
        let mut prompt = Self {
            text: 0,
            audio: usage.prompt_audio_tokens.saturating_sub(told_audio),
            images: usage.prompt_image_tokens.saturating_sub(told_images),
            cached_text: usage.cached_tokens - told_audio - told_images,
            cached_audio: told_audio,
            cached_images: told_images,
        };
        let parts = [usage.cached_tokens, written, prompt.audio, prompt.images];
        let parts = parts.iter().fold(0u64, |sum, part| sum.saturating_add(*part));
        prompt.text = usage.prompt_tokens.saturating_sub(parts);
        let mut both = parts.saturating_sub(usage.prompt_tokens);
        for (fresh, cached) in [
            (&mut prompt.audio, &mut prompt.cached_audio),
            (&mut prompt.images, &mut prompt.cached_images),
        ] {
            let moved = both.min(*fresh).min(prompt.cached_text);
            *fresh -= moved;
            *cached += moved;
            prompt.cached_text -= moved;
            both -= moved;
        }
        prompt
    }
}

/// What is counted one by one, and the variants of its price from the closest on.
fn things(rest: &Besides) -> [(Meter, u64, [&str; 2]); 7] {
    let plain = |meter, quantity| (meter, quantity, ["", ""]);
    [
        plain(Meter::Characters, rest.characters),
        plain(Meter::AudioTime, rest.audio_ms),
        (Meter::VideoTime, rest.video_ms, [rest.video_size.as_str(), ""]),
        plain(Meter::Searches, rest.searches),
        plain(Meter::FileSearches, rest.file_searches),
        plain(Meter::MapSearches, rest.map_searches),
        plain(Meter::CodeRuns, rest.code_runs),
    ]
}

/// The rate of a part of the tokens, or of what it is a part of where it has none of its own.
pub(crate) fn token_rate(prices: Prices<'_>, tier: Tier, meter: Meter, above: u32) -> Option<u64> {
    let whole = match meter {
        Meter::CacheRead | Meter::CacheWrite | Meter::ImageInput => Meter::Input,
        Meter::CacheWrite1h => Meter::CacheWrite,
        Meter::Reasoning => Meter::Output,
        Meter::AudioCacheRead => Meter::AudioInput,
        Meter::ImageCacheRead if prices.names(Meter::ImageInput) => Meter::ImageInput,
        Meter::ImageCacheRead => Meter::CacheRead,
        _ => return prices.rate_above(tier, meter, above),
    };
    if prices.names(meter) {
        prices.rate_above(tier, meter, above)
    } else {
        token_rate(prices, tier, whole, above)
    }
}

/// The rate of something else than tokens.
fn thing_rate(
    prices: Prices<'_>,
    tier: Tier,
    (meter, variant): (Meter, &str),
    prompt: u64,
) -> Option<u64> {
    let of_tier = |tier| prices.rate_where((tier, meter), prompt, |known| known == variant);
    let is_a_fee = matches!(
        meter,
        Meter::Requests
            | Meter::Searches
            | Meter::FileSearches
            | Meter::MapSearches
            | Meter::CodeRuns
    );
    of_tier(tier).or_else(|| of_tier(Tier::Standard).filter(|_| is_a_fee))
}

/// The rate of an image: of its quality and size as far as they are said, or else of any image. What is
/// said and is not among what others are priced by is unpriced.
fn image_rate(prices: Prices<'_>, tier: Tier, images: &Images, prompt: u64) -> Option<u64> {
    let (quality, size) = (images.quality.as_str(), images.size.as_str());
    let is_it = |variant: &str| match (quality, size) {
        (one, "") | ("", one) => variant == one,
        _ => variant.split_once(',') == Some((quality, size)),
    };
    let of_any = || prices.rate(tier, Meter::Images, prompt).filter(|_| !varies(prices));
    prices.rate_where((tier, Meter::Images), prompt, is_it).or_else(of_any)
}

/// Whether images have prices by what they are.
fn varies(prices: Prices<'_>) -> bool {
    prices.iter().any(|price| price.key.meter == Meter::Images && !price.key.variant.is_empty())
}

/// Nano-dollars times this are whole numbers, whatever the unit of a line.
const DENOMINATOR: u128 = THOUSAND_HOURS as u128;

struct Sum {
    tier: ServiceTier,
    bill: Bill,
    /// In nano-dollars divided by [`DENOMINATOR`].
    exact: u128,
}

impl Sum {
    /// Adds a line. `rate` is asked for only where something was consumed.
    fn add(
        &mut self,
        meter: Meter,
        quantity: u64,
        rate: impl FnOnce() -> Option<u64>,
    ) -> Result<(), Unpriced> {
        if quantity == 0 {
            return Ok(());
        }
        let rate = rate().ok_or_else(|| Unpriced::new(meter.name(), quantity).at(self.tier))?;
        let scale = match meter.unit() {
            Unit::Minute | Unit::Second => 1,
            unit => DENOMINATOR / u128::from(unit.count()),
        };
        let exact = u128::from(quantity).saturating_mul(u128::from(rate)).saturating_mul(scale);
        self.exact = self.exact.saturating_add(exact);
        self.bill.total = rounded(self.exact);
        self.bill.lines.push(Line { meter, quantity, rate, amount: rounded(exact) });
        Ok(())
    }
}

fn rounded(exact: u128) -> Money {
    let nanos = exact / DENOMINATOR + u128::from(exact % DENOMINATOR >= DENOMINATOR / 2);
    Money::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
