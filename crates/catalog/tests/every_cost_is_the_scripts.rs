//! What the product charges is what a script that shares no code with it works out: see
//! `cost_table.py`, which wrote the table.

use ferro_catalog::{Bill, Catalog, Consumption, Declared, Images, Overlay, Tier, Unpriced, cost};

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
        let mut images = Vec::new();
        let consumed = consumption(self.consumption, &mut images);
        cost(&Consumption { images: &images, ..consumed }, model.prices(), self.tier)
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

fn consumption<'a>(text: &'a str, images: &mut Vec<Images<'a>>) -> Consumption<'a> {
    let mut all = Consumption::default();
    for (name, count) in text.split(' ').filter_map(|word| word.split_once('=')) {
        let count: u64 = count.parse().expect("a number");
        let (name, variant) = name.split_once('[').unwrap_or((name, ""));
        let variant = variant.trim_end_matches(']');
        match name {
            "prompt_tokens" => all.usage.prompt_tokens = count,
            "completion_tokens" => all.usage.completion_tokens = count,
            "cached_tokens" => all.usage.cached_tokens = count,
            "cache_write_tokens" => all.usage.cache_write_tokens = count,
            "cache_write_1h_tokens" => all.usage.cache_write_1h_tokens = count,
            "reasoning_tokens" => all.usage.reasoning_tokens = count,
            "prompt_audio_tokens" => all.usage.prompt_audio_tokens = count,
            "completion_audio_tokens" => all.usage.completion_audio_tokens = count,
            "prompt_image_tokens" => all.usage.prompt_image_tokens = count,
            "completion_image_tokens" => all.usage.completion_image_tokens = count,
            "cached_audio_tokens" => all.cached_audio_tokens = count,
            "cached_image_tokens" => all.cached_image_tokens = count,
            "characters" => all.characters = count,
            "audio_minute" => all.audio_milliseconds = count,
            "video_second" => (all.video_milliseconds, all.video_size) = (count, variant),
            "request" => all.requests = count,
            "search" => all.searches = count,
            "file_search" => all.file_searches = count,
            "map_search" => all.map_searches = count,
            "code_run" => all.code_runs = count,
            "image" => {
                let (quality, size) = match variant.split_once(',') {
                    Some(both) => both,
                    None if variant.contains('x') => ("", variant),
                    None => (variant, ""),
                };
                images.push(Images { quality, size, count });
            }
            other => panic!("`{other}` is counted nowhere"),
        }
    }
    all
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
                let said = format!("unpriced {}", unpriced.meter.name());
                assert_eq!(said, case.expected, "{}", case.name);
                assert_eq!(unpriced.tier, case.tier, "{}", case.name);
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
