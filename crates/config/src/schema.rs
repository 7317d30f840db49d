//! The keys of a configuration file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A configuration.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Config {
    /// In which order targets are asked.
    pub strategy: Strategy,
    /// Who can be asked.
    pub targets: Vec<Target>,
    /// Friendly names of models.
    pub aliases: BTreeMap<String, String>,
    /// The largest request body, in bytes.
    pub max_request_bytes: Option<usize>,
}

/// The strategy.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Strategy {
    /// Its name.
    pub mode: String,
}

impl Default for Strategy {
    fn default() -> Self {
        Self { mode: "single".to_owned() }
    }
}

/// A target.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Target {
    /// Its name; the kind of provider too, unless `provider` says otherwise.
    pub virtual_key: String,
    /// The kind of provider.
    pub provider: Option<String>,
    /// The API root.
    pub base_url: Option<String>,
    /// The key, or `${VARIABLE}`.
    #[serde(skip_serializing)]
    pub api_key: Option<String>,
    /// Its share of the traffic: 1 unless said.
    pub weight: Option<f64>,
    /// Models that it has.
    pub models: Vec<String>,
    /// How often it is asked again.
    pub retry: Option<Retry>,
    /// What its models charge, by name; `*` for any other.
    pub prices: BTreeMap<String, Prices>,
    /// Settings that its provider understands.
    pub settings: Map<String, Value>,
}

impl Target {
    /// The kind of provider.
    pub fn kind(&self) -> &str {
        self.provider.as_deref().unwrap_or(&self.virtual_key)
    }
}

/// How often a target is asked again.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Retry {
    /// Calls in all.
    pub attempts: u32,
    /// Statuses after which asking again is worth it.
    pub on_status_codes: Vec<u16>,
    /// The first wait, in milliseconds.
    pub initial_backoff_ms: u64,
}

/// Prices in dollars per million tokens.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Prices {
    /// Tokens read.
    pub input_per_m_tokens: Option<f64>,
    /// Tokens written.
    pub output_per_m_tokens: Option<f64>,
    /// Tokens read from a prompt cache.
    pub cache_read_per_m_tokens: Option<f64>,
    /// Tokens written to a prompt cache.
    pub cache_write_per_m_tokens: Option<f64>,
}
