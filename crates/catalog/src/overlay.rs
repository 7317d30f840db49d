//! What is laid over the compiled catalogue: a file of models, and what a configuration declares.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::format::{
    date::Date,
    decimal::scaled,
    meter::Meter,
    names::{CAPABILITIES, List, MODALITIES, SURFACES},
    price::{Key, Price},
    row::{Lifecycle, Row, Stage},
};

/// The longest file that is read, in bytes.
pub const MAX_FILE: usize = 8 << 20;
/// The longest name of a kind, of a model, or of a price's variant, in bytes.
const MAX_NAME: usize = 512;
/// The most kinds of provider.
const MAX_KINDS: usize = 10_000;
/// The most prices of one model.
const MAX_PRICES: usize = 1_000;

/// Rows to be laid over a catalogue.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    pub(crate) rows: BTreeMap<String, Vec<Row>>,
    /// Kinds and ids, in small letters.
    seen: BTreeSet<(String, String)>,
    skipped: Vec<String>,
}

/// A model that is declared, or whose prices are put right, by a configuration. What is left empty is
/// as the catalogue has it.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The kind of provider.
    pub kind: String,
    /// The model's id.
    pub id: String,
    /// The kinds of call that it serves.
    pub surfaces: Vec<String>,
    /// Tokens that fit into prompt and completion together.
    pub context_window: Option<u32>,
    /// Tokens that it can write at most.
    pub max_output_tokens: Option<u32>,
    /// What it can do.
    pub capabilities: Vec<String>,
    /// Dollars by the price's name, both as the catalogue's own files write them: `input` is for a
    /// million tokens, `image[high,1024x1536]` for one image, `batch.output@200000` for a million
    /// tokens in a batch behind a prompt of more than 200,000.
    pub prices: BTreeMap<String, String>,
}

impl Overlay {
    /// Reads a file of models: one JSON object, whose keys are `KIND/ID`.
    ///
    /// A model has `mode`, `context_window`, `max_output_tokens`, `pricing`, `capabilities`,
    /// `lifecycle`, `source` and `updated_at`, all of which may be missing. Besides the names that end
    /// in `_per_m_tokens` and their like, `prices` takes any that this catalogue writes. Numbers are
    /// read as they are written, digit by digit. Models that make no sense are left out and
    /// [named](Self::skipped).
    ///
    /// # Errors
    /// When it is longer than [`MAX_FILE`], is not such an object, or holds no model.
    pub fn read(file: &[u8]) -> Result<Self, String> {
        if file.len() > MAX_FILE {
            return Err(format!("{} bytes, more than {MAX_FILE}", file.len()));
        }
        let entries: BTreeMap<String, Box<RawValue>> =
            serde_json::from_slice(file).map_err(|error| format!("not a catalogue: {error}"))?;
        let mut overlay = Self::default();
        for (name, entry) in &entries {
            let read = serde_json::from_str::<Entry>(entry.get()).map_err(|e| e.to_string());
            let placed = read.and_then(|entry| overlay.take(name, &entry));
            if let Err(error) = placed {
                overlay.skipped.push(format!("`{name}`: {error}"));
            }
        }
        if overlay.rows.is_empty() {
            let why = overlay.skipped.first().map_or("it is empty", String::as_str);
            return Err(format!("no model in it: {why}"));
        }
        Ok(overlay)
    }

    /// Adds what a configuration declares.
    ///
    /// # Errors
    /// When a name or a number in it is none.
    pub fn declare(&mut self, declared: &Declared) -> Result<(), String> {
        let mut row = Row::new(&declared.id);
        row.surfaces = set(SURFACES, &declared.surfaces)?;
        row.capabilities = set(CAPABILITIES, &declared.capabilities)?;
        row.context_window = declared.context_window.unwrap_or_default();
        row.max_output_tokens = declared.max_output_tokens.unwrap_or_default();
        for (key, dollars) in &declared.prices {
            row.prices.push(Price::parse(&format!("{key}={dollars}"))?);
        }
        self.put(&declared.kind, row)
    }

    /// What was left out, and why.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// How many models there are.
    pub fn len(&self) -> usize {
        self.rows.values().map(Vec::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn take(&mut self, name: &str, entry: &Entry) -> Result<(), String> {
        let (kind, id) = name.split_once('/').ok_or("the key is not KIND/ID")?;
        let row = entry.row(id)?;
        self.put(&kind.replace('_', "-"), row)
    }

    fn put(&mut self, kind: &str, mut row: Row) -> Result<(), String> {
        let mut names = vec![kind, &row.id];
        names.extend(row.prices.iter().map(|price| price.key.variant.as_str()));
        names.extend(row.sources.iter().map(String::as_str));
        names.push(&row.lifecycle.successor);
        if kind.is_empty() || row.id.is_empty() {
            return Err("the kind or the id is empty".to_owned());
        }
        if names.iter().any(|name| name.len() > MAX_NAME) || row.prices.len() > MAX_PRICES {
            return Err(format!("a name of more than {MAX_NAME} bytes, or too many prices"));
        }
        row.sort_prices();
        if self.rows.len() >= MAX_KINDS && !self.rows.contains_key(kind) {
            return Err(format!("more than {MAX_KINDS} kinds"));
        }
        if !self.seen.insert((kind.to_owned(), row.id.to_ascii_lowercase())) {
            return Err("it stands there twice".to_owned());
        }
        self.rows.entry(kind.to_owned()).or_default().push(row);
        Ok(())
    }
}

/// A model as a file writes it.
#[derive(Deserialize)]
struct Entry {
    mode: Option<String>,
    context_window: Option<u32>,
    max_output_tokens: Option<u32>,
    #[serde(default)]
    pricing: Option<BTreeMap<String, Option<Box<RawValue>>>>,
    #[serde(default)]
    prices: BTreeMap<String, Box<RawValue>>,
    #[serde(default)]
    capabilities: Option<BTreeMap<String, Option<bool>>>,
    lifecycle: Option<EntryLife>,
    source: Option<String>,
    updated_at: Option<String>,
}

#[derive(Deserialize)]
struct EntryLife {
    status: Option<String>,
    deprecation_date: Option<String>,
    sunset_date: Option<String>,
    successor: Option<String>,
}

/// Modes of a file, and the surfaces that they are here.
const MODES: [(&str, &str); 7] = [
    ("chat", "chat"),
    ("embedding", "embeddings"),
    ("image", "images"),
    ("audio_in", "transcription"),
    ("audio_out", "speech"),
    ("rerank", "rerank"),
    ("moderation", "moderations"),
];

/// Prices of a file, what they are for, and how many of that are in the file's unit of them, in the
/// unit here: a price for a character is a millionth of one for a million.
const PRICES: [(&str, Meter, u64); 10] = [
    ("input_per_m_tokens", Meter::Input, 1),
    ("embedding_per_m_tokens", Meter::Input, 1),
    ("output_per_m_tokens", Meter::Output, 1),
    ("cache_read_per_m_tokens", Meter::CacheRead, 1),
    ("cache_write_per_m_tokens", Meter::CacheWrite, 1),
    ("cache_write_1h_per_m_tokens", Meter::CacheWrite1h, 1),
    ("reasoning_per_m_tokens", Meter::Reasoning, 1),
    ("image_per_tile", Meter::Images, 1),
    ("audio_input_per_minute", Meter::AudioTime, 1),
    ("audio_output_per_character", Meter::Characters, 1_000_000),
];

/// Capabilities of a file, and what they are here.
const ABILITIES: [(&str, &str); 9] = [
    ("vision", "vision"),
    ("audio_input", "audio_input"),
    ("audio_output", "audio_output"),
    ("function_calling", "tools"),
    ("parallel_tool_calls", "parallel_tools"),
    ("json_mode", "json_mode"),
    ("response_schema", "structured_output"),
    ("prompt_caching", "prompt_caching"),
    ("reasoning", "reasoning"),
];

impl Entry {
    fn row(&self, id: &str) -> Result<Row, String> {
        let mode = self.mode.as_deref().unwrap_or_default();
        let surface = MODES.iter().find(|(known, _)| *known == mode);
        let mut row = Row::new(id);
        row.surfaces = surface.and_then(|(_, surface)| SURFACES.bit(surface)).unwrap_or_default();
        row.context_window = self.context_window.unwrap_or_default();
        row.max_output_tokens = self.max_output_tokens.unwrap_or_default();
        for (name, can) in self.capabilities.iter().flatten() {
            let known = ABILITIES.iter().find(|(known, _)| known == name);
            let bit = known.and_then(|(_, ability)| CAPABILITIES.bit(ability));
            row.capabilities |= bit.filter(|_| *can == Some(true)).unwrap_or_default();
        }
        for (can, modality) in [("vision", "image"), ("audio_input", "audio")] {
            let is_said = CAPABILITIES.bit(can).is_some_and(|bit| row.capabilities & bit != 0);
            row.takes |= MODALITIES.bit(modality).filter(|_| is_said).unwrap_or_default();
        }
        if row.takes != 0 {
            row.takes |= MODALITIES.bit("text").unwrap_or_default();
        }
        row.lifecycle =
            self.lifecycle.as_ref().map_or(Ok(Lifecycle::default()), EntryLife::read)?;
        row.prices = self.prices()?;
        row.sources = self.source.iter().cloned().collect();
        row.updated = self.updated_at.as_deref().map(day).transpose()?;
        Ok(row)
    }

    fn prices(&self) -> Result<Vec<Price>, String> {
        let mut prices = Vec::new();
        let pricing = self.pricing.as_ref();
        for (name, meter, many) in PRICES {
            let Some(Some(said)) = pricing.and_then(|pricing| pricing.get(name)) else { continue };
            let rate = scaled(said.get(), meter.unit().factor() * many)?;
            prices.push(Price { key: Key::plain(meter), rate: rate.value });
        }
        for (name, said) in &self.prices {
            let said = said.get().trim_matches('"');
            prices.push(Price::parse(&format!("{name}={said}"))?);
        }
        Ok(prices)
    }
}

impl EntryLife {
    fn read(&self) -> Result<Lifecycle, String> {
        let stage = self.status.as_deref().unwrap_or("ga");
        let date = |said: &Option<String>| said.as_deref().map(day).transpose();
        Ok(Lifecycle {
            stage: Stage::of(stage).ok_or_else(|| format!("`{stage}` is no lifecycle status"))?,
            deprecated: date(&self.deprecation_date)?,
            sunset: date(&self.sunset_date)?,
            successor: self.successor.clone().unwrap_or_default(),
        })
    }
}

/// A day, or the day of a moment.
fn day(text: &str) -> Result<Date, String> {
    Date::parse(text.split('T').next().unwrap_or_default())
}

fn set(list: List, words: &[String]) -> Result<u16, String> {
    list.parse(&words.join(","))
}
