//! The collection that has a file for each vendor: `portkey-pricing` and `portkey-general`.
//!
//! Its prices are in cents, for one token or one thing.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    facts::{Facts, Rates, Tally},
    format::{
        decimal::scaled,
        meter::{Meter, Tier},
        price::Key,
    },
    json::Json,
    traits,
};

/// Prices of tokens, in the order in which one that is there goes before the next.
const TOKENS: [(&str, Meter); 16] = [
    ("request_token", Meter::Input),
    ("request_text_token", Meter::Input),
    ("response_token", Meter::Output),
    ("response_text_token", Meter::Output),
    ("cache_read_input_token", Meter::CacheRead),
    ("cache_read_text_input_token", Meter::CacheRead),
    ("cached_text_input_token", Meter::CacheRead),
    ("cache_write_input_token", Meter::CacheWrite),
    ("reasoning_token", Meter::Reasoning),
    ("request_audio_token", Meter::AudioInput),
    ("cache_read_audio_input_token", Meter::AudioCacheRead),
    ("response_audio_token", Meter::AudioOutput),
    ("request_image_token", Meter::ImageInput),
    ("cache_read_image_input_token", Meter::ImageCacheRead),
    ("cached_image_input_token", Meter::ImageCacheRead),
    ("response_image_token", Meter::ImageOutput),
];

/// Prices of what is not, or not always, a token.
const UNITS: [(&str, Meter); 12] = [
    ("cache_write_1h", Meter::CacheWrite1h),
    ("request_audio_token", Meter::AudioInput),
    ("response_audio_token", Meter::AudioOutput),
    ("image_token", Meter::ImageOutput),
    ("input_image", Meter::ImageInput),
    ("web_search", Meter::Searches),
    ("search", Meter::Searches),
    ("file_search", Meter::FileSearches),
    ("maps", Meter::MapSearches),
    ("code_execution", Meter::CodeRuns),
    ("generated_images", Meter::Images),
    ("video_seconds", Meter::VideoTime),
];

/// A token of a tenth of a cent is none: that is what a minute of audio costs.
const DEAREST_TOKEN: u64 = 1_000_000_000_000;

/// Models that speak, whose vendor charges for characters where this source says tokens:
/// <https://platform.openai.com/docs/pricing>.
const SPEAKERS: [&str; 4] = ["tts", "tts-1", "tts-hd", "tts-1-hd"];

/// Reads what the files of these names say of their models, by id. Where two say something, the first.
pub(crate) fn read(
    from: &Path,
    (pricing, general): (&[String], &[String]),
    left_out: &mut Tally,
) -> Result<BTreeMap<String, Facts>, String> {
    let mut models: BTreeMap<String, Facts> = BTreeMap::new();
    for name in pricing {
        for (id, entry) in file(&from.join("portkey-pricing").join(format!("{name}.json")))? {
            let (id, above) = without_length(&id);
            let mut reader = Reader { id, above, rates: Rates::new(), left_out };
            reader.model(&entry);
            let rates = reader.rates;
            let facts = models.entry(id.to_owned()).or_default();
            id.clone_into(&mut facts.row.id);
            rates.into_iter().for_each(|(key, rate)| {
                facts.prices.entry(key).or_insert(rate);
            });
            note_source(facts, format!("portkey-pricing/{name}"));
        }
    }
    for facts in models.values_mut() {
        flatten(&mut facts.prices);
    }
    for name in general {
        for (id, entry) in file(&from.join("portkey-general").join(format!("{name}.json")))? {
            let facts = models.entry(id.clone()).or_default();
            facts.row.id = id;
            traits::read(&entry, &mut facts.row);
            note_source(facts, format!("portkey-general/{name}"));
        }
    }
    Ok(models)
}

fn note_source(facts: &mut Facts, source: String) {
    if !facts.row.sources.contains(&source) {
        facts.row.sources.push(source);
    }
}

/// The models of a file.
fn file(path: &Path) -> Result<BTreeMap<String, Json>, String> {
    let said = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| said(&error))?;
    let json = Json::parse(&text).map_err(|error| said(&error))?;
    let fields = json.fields().ok_or_else(|| said(&"not an object"))?;
    let is_model = |(id, entry): &(&String, &Json)| entry.fields().is_some() && *id != "default";
    Ok(fields.iter().filter(is_model).map(|(id, entry)| (id.clone(), entry.clone())).collect())
}

/// An id without the length of the prompt that this source puts behind some, and that length.
fn without_length(id: &str) -> (&str, u32) {
    for (suffix, above) in [
        ("-lte-128k", 0),
        ("-gt-128k", 128_000),
        ("-lte-200k", 0),
        ("-gt-200k", 200_000),
        ("-lte-32k", 0),
        ("-gt-32k", 32_000),
    ] {
        if let Some(rest) = id.strip_suffix(suffix) {
            return (rest, above);
        }
    }
    (id, 0)
}

/// Takes out fees of a tier, or above a length, that are those of all. Prices of tokens stay: one that
/// is named for no longer prompt is not known there.
fn flatten(rates: &mut Rates) {
    let all = rates.clone();
    rates.retain(|key, rate| {
        let plain = Key { tier: Tier::Standard, above: 0, ..key.clone() };
        let is_fee = key.meter.unit() == Meter::Searches.unit() && key.meter != Meter::Images;
        !is_fee || *key == plain || all.get(&plain) != Some(rate)
    });
}

struct Reader<'a> {
    id: &'a str,
    above: u32,
    rates: Rates,
    left_out: &'a mut Tally,
}

impl Reader<'_> {
    fn model(&mut self, entry: &Json) {
        let path = ["pricing_config", "pay_as_you_go"];
        entry
            .at(&path)
            .into_iter()
            .for_each(|prices| self.list(Tier::Standard, self.above, prices));
        let path = ["pricing_config", "batch_config"];
        entry.at(&path).into_iter().for_each(|prices| self.list(Tier::Batch, self.above, prices));
        let path = ["pricing_config", "fixed_cost", "request", "price"];
        if let Some(price) = entry.at(&path) {
            self.put(&Key::plain(Meter::Requests), price);
        }
        let regions = entry.at(&["custom_pricing", "regions"]).and_then(Json::fields);
        for (region, modes) in regions.into_iter().flatten() {
            if region == "default" {
                self.modes(modes, entry.at(&["custom_pricing", "context_tier_map"]));
            } else {
                self.leave_out("prices of a region that is not the default one");
            }
        }
        self.put_right();
    }

    fn modes(&mut self, modes: &Json, lengths: Option<&Json>) {
        let modes = modes.get("execution_modes").and_then(Json::fields);
        for (mode, prices) in modes.into_iter().flatten() {
            let Some(tier) = Tier::of(mode) else {
                self.leave_out(&format!("prices of the tier {mode}"));
                continue;
            };
            let flat = prices.at(&["pricing_config", "pay_as_you_go"]);
            flat.into_iter().for_each(|prices| self.list(tier, 0, prices));
            let tiers = prices.get("context_tiers").and_then(Json::fields);
            for (label, prices) in tiers.into_iter().flatten() {
                let above = lengths.and_then(|lengths| {
                    let mut all = lengths.fields()?.iter();
                    all.find(|(_, name)| name.text() == Some(label))?.0.parse().ok()
                });
                let prices = prices.at(&["pricing_config", "pay_as_you_go"]);
                let Some((above, prices)) = above.zip(prices) else { continue };
                self.list(tier, above, prices);
            }
        }
    }

    /// Prices of one tier, for prompts above one length.
    fn list(&mut self, tier: Tier, above: u32, prices: &Json) {
        let key = |meter| Key { tier, meter, variant: String::new(), above };
        for (name, meter) in TOKENS {
            if let Some(price) = prices.at(&[name, "price"]) {
                self.put(&key(meter), price);
            }
        }
        let units = prices.get("additional_units").and_then(Json::fields);
        for (name, price) in units.into_iter().flatten() {
            let Some(price) = price.get("price") else { continue };
            if let Some((_, meter)) = UNITS.iter().find(|(known, _)| known == name) {
                self.put(&key(*meter), price);
            } else if let Some(size) = name.strip_prefix("video_duration_seconds_") {
                let size = size.replace('_', "x");
                self.put(&Key { variant: size, ..key(Meter::VideoTime) }, price);
            } else if !name.starts_with("default_") {
                self.leave_out(&format!("the unit {name}"));
            }
        }
        let qualities = prices.get("image").and_then(Json::fields);
        for (quality, sizes) in qualities.into_iter().flatten() {
            for (size, price) in sizes.fields().into_iter().flatten() {
                let Some(price) = price.get("price") else { continue };
                let words = [quality.as_str(), size.as_str()];
                let words: Vec<_> = words.into_iter().filter(|word| *word != "default").collect();
                self.put(&Key { variant: words.join(","), ..key(Meter::Images) }, price);
            }
        }
    }

    /// Notes a price, unless there is one: what stands first is more exact in this source. Nothing is
    /// free but what says so; zero stands for what is not known.
    fn put(&mut self, key: &Key, price: &Json) {
        let cents = price.number().unwrap_or_default();
        let factor = match key.meter.unit() {
            super::format::meter::Unit::Million => 10_000 * key.meter.unit().factor(),
            unit => unit.factor() / 100,
        };
        let Ok(rate) = scaled(cents, factor) else {
            self.leave_out("a price that is not a number");
            return;
        };
        let is_free = self.id.ends_with(":free")
            && key.tier == Tier::Standard
            && matches!(key.meter, Meter::Input | Meter::Output);
        if rate.value == 0 && !is_free {
            self.leave_out("a price of zero that nothing says is free");
            return;
        }
        if !rate.is_exact {
            self.leave_out("digits of a price behind a nano-dollar for a million");
        }
        let known = *self.rates.entry(key.clone()).or_insert(rate.value);
        if known != rate.value {
            self.leave_out("a second price in the same file, which is not the first");
        }
    }

    /// Says what was meant where a unit is not what this source calls it.
    fn put_right(&mut self) {
        let is_speaker = SPEAKERS.contains(&self.id);
        let all = std::mem::take(&mut self.rates);
        let minute = Key::plain(Meter::AudioInput);
        let minute = all.get(&minute).filter(|rate| **rate >= DEAREST_TOKEN);
        for (key, rate) in &all {
            let is_token =
                key.meter.name() != Meter::Images.name() && key.meter.unit() == Meter::Input.unit();
            let key = match key.meter {
                Meter::Input if is_speaker => Key { meter: Meter::Characters, ..key.clone() },
                Meter::AudioInput if *rate >= DEAREST_TOKEN => {
                    // Cents for a minute were read as cents for a token.
                    let key = Key { meter: Meter::AudioTime, ..key.clone() };
                    self.rates.insert(key, rate / 100 * 6);
                    continue;
                }
                Meter::Input if minute == Some(rate) => continue,
                _ if is_token && *rate >= DEAREST_TOKEN => {
                    self.leave_out("a price for a token that no token has");
                    continue;
                }
                _ => key.clone(),
            };
            self.rates.insert(key, *rate);
        }
    }

    fn leave_out(&mut self, what: &str) {
        *self.left_out.entry(what.to_owned()).or_default() += 1;
    }
}
