//! Laws of every bill: what was consumed is charged, and once.

use ferro_catalog::{Bill, Catalog, Consumption, Declared, Meter, Overlay, Tier, Unpriced, cost};
use ferro_core::Usage;
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

fn bill(catalog: &Catalog, consumed: &Consumption<'_>) -> Result<Bill, Unpriced> {
    cost(consumed, catalog.exact("none", "it").expect("it is declared").prices(), Tier::Standard)
}

/// The consumption that falls into exactly these parts.
fn consumption(parts: [u64; 12]) -> Consumption<'static> {
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
    Consumption {
        usage,
        cached_audio_tokens: old_audio,
        cached_image_tokens: old_image,
        ..Consumption::default()
    }
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
        let consumed = Consumption {
            usage, cached_audio_tokens: a, cached_image_tokens: b, ..Consumption::default()
        };
        let bill = bill(&catalog(|_| true), &consumed).unwrap();
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
                prop_assert_eq!(unpriced.meter, meter);
                prop_assert_eq!(unpriced.quantity, parts[missing]);
            }
        }
    }
}

#[test]
fn routing_and_records_are_told_the_same_prices() {
    let catalog = catalog(|_| true);
    let mut usage = Usage::new(1_000, 100);
    usage.cached_tokens = 300;
    usage.cache_write_tokens = 200;
    usage.cache_write_1h_tokens = 50;
    let bill = bill(&catalog, &Consumption::tokens(usage)).unwrap();
    let facts = catalog.exact("none", "it").unwrap().facts();
    assert_eq!(Some(bill.cost()), facts.rates.cost(&usage));
}

#[test]
fn cached_audio_that_nobody_counted_apart_is_not_charged_as_fresh() {
    let mut usage = Usage::new(1_000, 0);
    usage.cached_tokens = 900;
    usage.prompt_audio_tokens = 500;
    let consumed = Consumption { usage, ..Consumption::default() };
    let bill = bill(&catalog(|_| true), &consumed).unwrap();
    // Of 1,000 at least 400 were both.
    assert_eq!(quantity(&bill, &[Meter::AudioCacheRead]), 400);
    assert_eq!(quantity(&bill, &[Meter::AudioInput]), 100);
    assert_eq!(quantity(&bill, &PARTS), 1_000);
}

#[test]
fn counts_beyond_all_reason_end_at_the_largest_amount() {
    let usage = Usage::new(u64::MAX, u64::MAX);
    let consumed = Consumption { usage, ..Consumption::default() };
    let bill = bill(&catalog(|_| true), &consumed).unwrap();
    assert_eq!(bill.total.nanos(), u64::MAX);
}
