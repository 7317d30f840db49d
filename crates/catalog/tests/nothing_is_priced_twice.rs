//! Laws of every bill: what was consumed is charged, and once.

use ferro_catalog::{Bill, Catalog, Declared, Meter, Overlay, cost};
use ferro_core::{Rates, Unpriced, Usage};
use proptest::prelude::*;

/// The meters of tokens, in the order of the parts of an exchange below.
const PARTS: [Meter; 12] = [
    Meter::Input,
    Meter::CacheRead,
    Meter::CacheWrite,
    Meter::CacheWrite1h,
    Meter::Output,
    Meter::Reasoning,
    Meter::AudioInput,
    Meter::AudioCacheRead,
    Meter::AudioOutput,
    Meter::ImageInput,
    Meter::ImageCacheRead,
    Meter::ImageOutput,
];
/// Dollars for a million of each: prime, so that no sum is another's by accident.
const PRIMES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

/// A catalogue whose one model has these prices, of the meters that are let.
fn catalog(is_let: impl Fn(Meter) -> bool) -> Catalog {
    let prices = PARTS.into_iter().zip(PRIMES).filter(|(meter, _)| is_let(*meter));
    let prices = prices.map(|(meter, price)| (meter.name().to_owned(), price.to_string()));
    let declared = Declared {
        kind: "none".into(),
        id: "it".into(),
        prices: prices.collect(),
        ..Declared::default()
    };
    let mut overlay = Overlay::default();
    overlay.declare(&declared).expect("it makes sense");
    Catalog::compiled().overlaid(&overlay).expect("one model")
}

fn bill(catalog: &Catalog, usage: &Usage) -> Result<Bill, Unpriced> {
    cost(usage, catalog.exact("none", "it").expect("it is declared").prices())
}

/// The consumption that falls into exactly these parts.
fn consumption(parts: [u64; 12]) -> Usage {
    let [text, read, write, hour, said, thought, audio, old_audio, spoken, image, old_image, drawn] =
        parts;
    let prompt = text + read + write + hour + audio + old_audio + image + old_image;
    let mut usage = Usage::new(prompt, said + thought + spoken + drawn);
    usage.cached_tokens = read + old_audio + old_image;
    usage.cache_write_tokens = write;
    usage.cache_write_1h_tokens = hour;
    usage.reasoning_tokens = thought;
    usage.prompt_audio_tokens = audio + old_audio;
    usage.completion_audio_tokens = spoken;
    usage.prompt_image_tokens = image + old_image;
    usage.completion_image_tokens = drawn;
    usage.with(|besides| {
        (besides.cached_audio_tokens, besides.cached_image_tokens) = (old_audio, old_image);
    })
}

fn quantity(bill: &Bill, meters: &[Meter]) -> u64 {
    bill.lines.iter().filter(|line| meters.contains(&line.meter)).map(|line| line.quantity).sum()
}

proptest! {
    #[test]
    fn every_part_is_charged_once_at_its_own_rate(parts: [u32; 12]) {
        let parts = parts.map(u64::from);
        let bill = bill(&catalog(|_| true), &consumption(parts)).unwrap();
        for (meter, part) in PARTS.into_iter().zip(parts) {
            prop_assert_eq!(quantity(&bill, &[meter]), part, "{}", meter.name());
            prop_assert!(bill.lines.iter().filter(|line| line.meter == meter).count() <= 1);
        }
        // A dollar for a million is a thousand nano-dollars each.
        let total: u64 = parts.iter().zip(PRIMES).map(|(part, price)| part * price * 1_000).sum();
        prop_assert_eq!(bill.total.nanos(), total);
    }

    #[test]
    fn counts_that_contradict_each_other_are_charged_as_they_are_told(counts: [u16; 12]) {
        let [prompt, completion, cached, write, hour, thought, audio, spoken, image, drawn, a, b] =
            counts.map(u64::from);
        let mut usage = Usage::new(prompt, completion);
        usage.cached_tokens = cached;
        usage.cache_write_tokens = write;
        usage.cache_write_1h_tokens = hour;
        usage.reasoning_tokens = thought;
        usage.prompt_audio_tokens = audio;
        usage.completion_audio_tokens = spoken;
        usage.prompt_image_tokens = image;
        usage.completion_image_tokens = drawn;
        let usage = usage.with(|besides| {
            (besides.cached_audio_tokens, besides.cached_image_tokens) = (a, b);
        });
        let bill = bill(&catalog(|_| true), &usage).unwrap();
        let cached_lines = [Meter::CacheRead, Meter::AudioCacheRead, Meter::ImageCacheRead];
        prop_assert_eq!(quantity(&bill, &cached_lines), cached);
        prop_assert_eq!(quantity(&bill, &[Meter::CacheWrite]), write);
        prop_assert_eq!(quantity(&bill, &[Meter::CacheWrite1h]), hour);
        let said = [Meter::Output, Meter::Reasoning, Meter::AudioOutput, Meter::ImageOutput];
        prop_assert_eq!(quantity(&bill, &said), completion.max(thought + spoken + drawn));
        prop_assert!(quantity(&bill, &PARTS) >= prompt + completion.max(thought + spoken + drawn));
    }

    #[test]
    fn whatever_has_no_price_is_named_and_never_free(parts: [u16; 12], missing in 0..12usize) {
        let parts = parts.map(u64::from);
        let meter = PARTS[missing];
        let catalog = catalog(|known| known != meter);
        let whole = match meter {
            Meter::CacheRead | Meter::CacheWrite | Meter::ImageInput => Some(0),
            Meter::CacheWrite1h => Some(2),
            Meter::Reasoning => Some(4),
            Meter::AudioCacheRead => Some(6),
            Meter::ImageCacheRead => Some(9),
            _ => None,
        };
        match (bill(&catalog, &consumption(parts)), whole) {
            (Ok(bill), Some(whole)) => {
                let mut prices = PRIMES;
                prices[missing] = PRIMES[whole];
                let total: u64 =
                    parts.iter().zip(prices).map(|(part, price)| part * price * 1_000).sum();
                prop_assert_eq!(bill.total.nanos(), total);
            }
            (Ok(_), None) => prop_assert_eq!(parts[missing], 0),
            (Err(unpriced), _) => {
                prop_assert_eq!(unpriced.meter, meter.name());
                prop_assert_eq!(unpriced.quantity, parts[missing]);
            }
        }
    }
}

/// What a strategy makes of rates: a sum over three parts, in nano-dollars.
fn compared(rates: &Rates, usage: &Usage) -> u64 {
    let rates = rates.of(usage.prompt_tokens);
    let fresh = usage.prompt_tokens - usage.cached_tokens;
    let input = rates.input.expect("it is priced");
    let read = rates.cache_read.unwrap_or(input);
    let femtos = fresh * input
        + usage.cached_tokens * read
        + usage.completion_tokens * rates.output.expect("it is priced");
    (femtos + 500_000) / 1_000_000
}

proptest! {
    #[test]
    fn targets_are_compared_by_what_they_charge(prompt in 0..2_000_000u64, share in 0..=100u64, completion in 0..100_000u64) {
        let mut usage = Usage::new(prompt, completion);
        usage.cached_tokens = prompt * share / 100;
        for (kind, id) in
            [("openai", "gpt-4o"), ("gemini", "gemini-2.5-pro"), ("anthropic", "claude-sonnet-4-5"), ("openai", "gpt-4")]
        {
            let catalog = Catalog::compiled();
            let prices = catalog.find(kind, id).expect("it is well known").prices().unwrap();
            let bill = cost(&usage, prices).unwrap();
            prop_assert_eq!(compared(&prices.rates().unwrap(), &usage), bill.total.nanos(), "{}", id);
        }
    }
}

#[test]
fn rates_know_the_lengths_of_prompts_that_cost_more() {
    let catalog = Catalog::compiled();
    let model = catalog.exact("gemini", "gemini-2.5-pro").expect("it is well known");
    let rates = model.prices().rates().unwrap();
    assert_eq!(rates.longer.as_ref().map(|(above, _)| *above), Some(200_000));
    assert!(rates.of(200_001).input > rates.of(200_000).input);
}

#[test]
fn cached_audio_that_nobody_counted_apart_is_not_charged_as_fresh() {
    let mut usage = Usage::new(1_000, 0);
    usage.cached_tokens = 900;
    usage.prompt_audio_tokens = 500;
    let bill = bill(&catalog(|_| true), &usage).unwrap();
    // Of 1,000 at least 400 were both.
    assert_eq!(quantity(&bill, &[Meter::AudioCacheRead]), 400);
    assert_eq!(quantity(&bill, &[Meter::AudioInput]), 100);
    assert_eq!(quantity(&bill, &PARTS), 1_000);
}

#[test]
fn counts_beyond_all_reason_end_at_the_largest_amount() {
    let usage = Usage::new(u64::MAX, u64::MAX);
    let bill = bill(&catalog(|_| true), &usage).unwrap();
    assert_eq!(bill.total.nanos(), u64::MAX);
}
