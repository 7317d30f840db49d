//! What a target charges.

use serde::{Deserialize, Serialize};

use super::unset;

/// Prices in dollars per million tokens. What is absent is not known, which is not zero.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prices {
    /// Tokens read.
    #[serde(skip_serializing_if = "unset")]
    pub input_per_m_tokens: Option<f64>,
    /// Tokens written.
    #[serde(skip_serializing_if = "unset")]
    pub output_per_m_tokens: Option<f64>,
    /// Tokens read from a prompt cache.
    #[serde(skip_serializing_if = "unset")]
    pub cache_read_per_m_tokens: Option<f64>,
    /// Tokens written to a prompt cache.
    #[serde(skip_serializing_if = "unset")]
    pub cache_write_per_m_tokens: Option<f64>,
}
