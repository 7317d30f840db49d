//! What the product charges is what a script that shares no code with it works out: see
//! `cost_table.py`, which wrote the table.

use ferro_catalog::{Bill, Catalog, Declared, Overlay, Tier, cost};
use ferro_core::{Images, ServiceTier, Unpriced, Usage};

const TABLE: &str = include_str!("cost_table.tsv");

/// A row of the table.
struct Case<'a> {
    name: String,
    tier: Tier,
    prices: &'a str,
    consumption: &'a str,
    lines: &'a str,
    expected: &'a str,
}

fn cases() -> Vec<Case<'static>> {
    let rows = TABLE.lines().skip(1).map(|row| {
        let columns: Vec<_> = row.split('\t').collect();
        let &[kind, model, _, tier, body, prices, consumption, lines, expected] =
            columns.as_slice()
        else {
            panic!("a row of nine columns: {row}")
        };
        let name = format!("{kind}/{model} {tier} {body}");
        let tier = Tier::of(tier).expect("a tier");
        Case { name, tier, prices, consumption, lines, expected }
    });
    rows.collect()
}

impl Case<'_> {
    fn bill(&self) -> Result<Bill, Unpriced> {
        let prices =
            self.prices.split(' ').map(|price| price.split_once('=').expect("KEY=DOLLARS"));
        let prices = prices.map(|(key, dollars)| (key.to_owned(), dollars.to_owned())).collect();
        let declared =
            Declared { kind: "none".into(), id: "it".into(), prices, ..Declared::default() };
        let mut overlay = Overlay::default();
        overlay.declare(&declared).expect("the table is right");
        let catalog = Catalog::compiled().overlaid(&overlay).expect("one model");
        let model = catalog.exact("none", "it").expect("it is declared");
        cost(&usage(self.consumption).at(given(self.tier)), model.prices())
    }

    /// The lines as the table writes them: the meter with its variant, and how many.
    fn shown(&self, bill: &Bill) -> Vec<String> {
        let mut told = self.lines.split(' ').filter(|line| *line != "-");
        let variant = told.find_map(|line| line.split_once('[')?.1.split_once(']'));
        let lines = bill.lines.iter().map(|line| match variant {
            Some((variant, _)) => format!("{}[{variant}]:{}", line.meter.name(), line.quantity),
            None => format!("{}:{}", line.meter.name(), line.quantity),
        });
        lines.collect()
    }
}

/// The tier as a vendor gives it.
fn given(tier: Tier) -> ServiceTier {
    match tier {
        Tier::Standard => ServiceTier::Standard,
        Tier::Batch => ServiceTier::Batch,
        Tier::Flex => ServiceTier::Flex,
        Tier::Priority => ServiceTier::Priority,
        Tier::Fast => ServiceTier::Fast,
        other => panic!("{} is new", other.name()),
    }
}

fn usage(text: &str) -> Usage {
    let mut all = Usage::default();
    for (name, count) in text.split(' ').filter_map(|word| word.split_once('=')) {
        let count: u64 = count.parse().expect("a number");
        let (name, variant) = name.split_once('[').unwrap_or((name, ""));
        let variant = variant.trim_end_matches(']');
        match name {
            "prompt_tokens" => all.prompt_tokens = count,
            "completion_tokens" => all.completion_tokens = count,
            "cached_tokens" => all.cached_tokens = count,
            "cache_write_tokens" => all.cache_write_tokens = count,
            "cache_write_1h_tokens" => all.cache_write_1h_tokens = count,
            "reasoning_tokens" => all.reasoning_tokens = count,
            "prompt_audio_tokens" => all.prompt_audio_tokens = count,
            "completion_audio_tokens" => all.completion_audio_tokens = count,
            "prompt_image_tokens" => all.prompt_image_tokens = count,
            "completion_image_tokens" => all.completion_image_tokens = count,
            _ => all = besides(all, name, variant, count),
        }
    }
    all
}

fn besides(usage: Usage, name: &str, variant: &str, count: u64) -> Usage {
    usage.with(|besides| match name {
        "cached_audio_tokens" => besides.cached_audio_tokens = count,
        "cached_image_tokens" => besides.cached_image_tokens = count,
        "characters" => besides.characters = count,
        "audio_minute" => besides.audio_ms = count,
        "video_second" => (besides.video_ms, besides.video_size) = (count, variant.to_owned()),
        "request" => besides.requests = count,
        "search" => besides.searches = count,
        "file_search" => besides.file_searches = count,
        "map_search" => besides.map_searches = count,
        "code_run" => besides.code_runs = count,
        "image" => {
            let (quality, size) = match variant.split_once(',') {
                Some(both) => both,
                None if variant.contains('x') => ("", variant),
                None => (variant, ""),
            };
            besides.images.push(Images::new(count).with(quality, size));
        }
        other => panic!("`{other}` is counted nowhere"),
    })
}

#[test]
fn every_cost_is_the_scripts() {
    let cases = cases();
    for case in &cases {
        match case.bill() {
            Ok(bill) => {
                assert_eq!(bill.total.nanos().to_string(), case.expected, "{}", case.name);
                let mut told: Vec<_> =
                    case.lines.split(' ').filter(|line| *line != "-").map(str::to_owned).collect();
                let mut shown = case.shown(&bill);
                told.sort_unstable();
                shown.sort_unstable();
                assert_eq!(shown, told, "{}", case.name);
            }
            Err(unpriced) => {
                let said = format!("unpriced {}", unpriced.meter);
                assert_eq!(said, case.expected, "{}", case.name);
                assert_eq!(unpriced.tier, given(case.tier), "{}", case.name);
            }
        }
    }
}

#[test]
fn the_table_has_what_it_has_to_have() {
    let mut names: Vec<_> = cases().into_iter().map(|case| case.name).collect();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() >= 120, "{} distinct rows", names.len());
    for tier in Tier::ALL {
        assert!(cases().iter().any(|case| case.tier == tier), "{}", tier.name());
    }
}
