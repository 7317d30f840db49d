//! What a target charges.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::unset;

/// Prices in dollars. What is absent is as the catalogue has it; what that does not know either is not
/// known, which is not zero.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prices {
    /// Tokens read: dollars per million.
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
    /// Tokens written to a prompt cache that lives an hour.
    #[serde(skip_serializing_if = "unset")]
    pub cache_write_1h_per_m_tokens: Option<f64>,
    /// Tokens thought, not said.
    #[serde(skip_serializing_if = "unset")]
    pub reasoning_per_m_tokens: Option<f64>,
    /// Tokens of audio read.
    #[serde(skip_serializing_if = "unset")]
    pub audio_input_per_m_tokens: Option<f64>,
    /// Tokens of audio written.
    #[serde(skip_serializing_if = "unset")]
    pub audio_output_per_m_tokens: Option<f64>,
    /// Tokens of images read.
    #[serde(skip_serializing_if = "unset")]
    pub image_input_per_m_tokens: Option<f64>,
    /// Tokens of images written.
    #[serde(skip_serializing_if = "unset")]
    pub image_output_per_m_tokens: Option<f64>,
    /// Characters spoken: dollars per million.
    #[serde(skip_serializing_if = "unset")]
    pub per_m_characters: Option<f64>,
    /// A minute of audio written down.
    #[serde(skip_serializing_if = "unset")]
    pub per_audio_minute: Option<f64>,
    /// A second of video made.
    #[serde(skip_serializing_if = "unset")]
    pub per_video_second: Option<f64>,
    /// An image made.
    #[serde(skip_serializing_if = "unset")]
    pub per_image: Option<f64>,
    /// A request.
    #[serde(skip_serializing_if = "unset")]
    pub per_request: Option<f64>,
    /// A search.
    #[serde(skip_serializing_if = "unset")]
    pub per_search: Option<f64>,
    /// Any other price, by the name that the catalogue has for it: `batch.output` for a million tokens
    /// written in a batch, `input@200000` for a million read of a prompt of more than 200,000,
    /// `image[high,1024x1536]` for one such image.
    #[serde(skip_serializing_if = "unset")]
    pub more: BTreeMap<String, f64>,
}

impl Prices {
    /// Every price that is typed: its key below the model, the catalogue's name for it, and the dollars.
    pub fn iter(&self) -> impl Iterator<Item = (String, &str, f64)> {
        let own = self
            .own()
            .into_iter()
            .filter_map(|(key, name, dollars)| Some((key.to_owned(), name, dollars?)));
        let more = self.more.iter();
        own.chain(more.map(|(name, dollars)| (format!("more.{name}"), name.as_str(), *dollars)))
    }

    fn own(&self) -> [(&'static str, &'static str, Option<f64>); 16] {
        [
            ("input_per_m_tokens", "input", self.input_per_m_tokens),
            ("output_per_m_tokens", "output", self.output_per_m_tokens),
            ("cache_read_per_m_tokens", "cache_read", self.cache_read_per_m_tokens),
            ("cache_write_per_m_tokens", "cache_write", self.cache_write_per_m_tokens),
            ("cache_write_1h_per_m_tokens", "cache_write_1h", self.cache_write_1h_per_m_tokens),
            ("reasoning_per_m_tokens", "reasoning", self.reasoning_per_m_tokens),
            ("audio_input_per_m_tokens", "audio_input", self.audio_input_per_m_tokens),
            ("audio_output_per_m_tokens", "audio_output", self.audio_output_per_m_tokens),
            ("image_input_per_m_tokens", "image_input", self.image_input_per_m_tokens),
            ("image_output_per_m_tokens", "image_output", self.image_output_per_m_tokens),
            ("per_m_characters", "characters", self.per_m_characters),
            ("per_audio_minute", "audio_minute", self.per_audio_minute),
            ("per_video_second", "video_second", self.per_video_second),
            ("per_image", "image", self.per_image),
            ("per_request", "request", self.per_request),
            ("per_search", "search", self.per_search),
        ]
    }
}
