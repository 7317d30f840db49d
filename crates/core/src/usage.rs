//! What a reply consumed, in one convention whatever the vendor's.

use serde::{Deserialize, Serialize};

/// What one exchange consumed.
///
/// The convention: the two totals include everything, the other counts of tokens say which part of a
/// total was special. `cached_tokens` and the cache writes are part of `prompt_tokens`;
/// `reasoning_tokens` are part of `completion_tokens`. A dialect whose vendor counts otherwise
/// converts where it reads, so that nobody downstream prices a token twice or forgets one.
///
/// Every exchange is one request. What is counted in something else than tokens stands
/// [besides](Besides), in a box: most replies have none of it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens read, cached ones included.
    pub prompt_tokens: u64,
    /// Tokens written, reasoning included.
    pub completion_tokens: u64,
    /// Of the prompt: read from a prompt cache.
    pub cached_tokens: u64,
    /// Of the prompt: written to a prompt cache that lives five minutes (or as the vendor likes).
    pub cache_write_tokens: u64,
    /// Of the prompt: written to a prompt cache that lives an hour.
    pub cache_write_1h_tokens: u64,
    /// Of the completion: thought, not said.
    pub reasoning_tokens: u64,
    /// Of the prompt: audio.
    pub prompt_audio_tokens: u64,
    /// Of the completion: audio.
    pub completion_audio_tokens: u64,
    /// Of the prompt: images.
    pub prompt_image_tokens: u64,
    /// Of the completion: images.
    pub completion_image_tokens: u64,
    /// Whether the counts are our estimate rather than the vendor's word.
    pub estimated: bool,
    /// The service that the vendor says it gave. It decides the price.
    #[serde(skip_serializing_if = "ServiceTier::is_standard")]
    pub tier: ServiceTier,
    /// What is counted in something else than tokens, if anything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub besides: Option<Box<Besides>>,
}

/// How soon, and how surely, a vendor answered.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ServiceTier {
    /// As everybody.
    #[default]
    Standard,
    /// Within a day.
    Batch,
    /// When there was room.
    Flex,
    /// Before others.
    Priority,
    /// By a faster machine.
    Fast,
    /// In some other way, such as from capacity that was paid for beforehand. There is no price for it
    /// that could be known.
    Other,
}

/// What an exchange consumed besides plain tokens.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Besides {
    /// Of the cached tokens: audio.
    #[serde(skip_serializing_if = "is_none")]
    pub cached_audio_tokens: u64,
    /// Of the cached tokens: images.
    #[serde(skip_serializing_if = "is_none")]
    pub cached_image_tokens: u64,
    /// Characters that were spoken.
    #[serde(skip_serializing_if = "is_none")]
    pub characters: u64,
    /// Audio that was written down, in milliseconds.
    #[serde(skip_serializing_if = "is_none")]
    pub audio_ms: u64,
    /// Video that was made, in milliseconds.
    #[serde(skip_serializing_if = "is_none")]
    pub video_ms: u64,
    /// The size of that video, as `1280x720`; empty where it is not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub video_size: String,
    /// Images that were made, by their sorts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Images>,
    /// Requests, where the vendor charges by them and counts them: one otherwise.
    #[serde(skip_serializing_if = "is_none")]
    pub requests: u64,
    /// Searches of the web, or units of a reranker's search.
    #[serde(skip_serializing_if = "is_none")]
    pub searches: u64,
    /// Searches of files.
    #[serde(skip_serializing_if = "is_none")]
    pub file_searches: u64,
    /// Searches of maps.
    #[serde(skip_serializing_if = "is_none")]
    pub map_searches: u64,
    /// Runs of code.
    #[serde(skip_serializing_if = "is_none")]
    pub code_runs: u64,
}

/// Images of one sort.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Images {
    /// How many.
    pub count: u64,
    /// `low`, `medium`, `high`, `standard`, `hd`; empty where it is the default.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub quality: String,
    /// `1024x1024`; empty where it is the default.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub size: String,
}

static NOTHING: Besides = Besides {
    cached_audio_tokens: 0,
    cached_image_tokens: 0,
    characters: 0,
    audio_ms: 0,
    video_ms: 0,
    video_size: String::new(),
    images: Vec::new(),
    requests: 0,
    searches: 0,
    file_searches: 0,
    map_searches: 0,
    code_runs: 0,
};

impl Usage {
    /// Counts of a prompt and a completion with nothing special about them.
    pub fn new(prompt_tokens: u64, completion_tokens: u64) -> Self {
        Self { prompt_tokens, completion_tokens, ..Self::default() }
    }

    /// Images that were made.
    pub fn images(images: Vec<Images>) -> Self {
        Self::default().with(|besides| besides.images = images)
    }

    /// Text that was spoken, in characters.
    pub fn spoken(characters: u64) -> Self {
        Self::default().with(|besides| besides.characters = characters)
    }

    /// Audio that was written down, in milliseconds.
    pub fn heard(audio_ms: u64) -> Self {
        Self::default().with(|besides| besides.audio_ms = audio_ms)
    }

    /// Searches of the web, or units of a reranker's search.
    pub fn searches(searches: u64) -> Self {
        Self::default().with(|besides| besides.searches = searches)
    }

    /// Requests of which nothing else is counted.
    pub fn requests(requests: u64) -> Self {
        Self::default().with(|besides| besides.requests = requests)
    }

    /// The same, with what `say` says besides. Nothing that is nothing takes up room.
    pub fn with(mut self, say: impl FnOnce(&mut Besides)) -> Self {
        let mut besides = self.besides.take().unwrap_or_default();
        say(&mut besides);
        self.besides = (*besides != NOTHING).then_some(besides);
        self
    }

    /// The same, served at `tier`.
    pub fn at(self, tier: ServiceTier) -> Self {
        Self { tier, ..self }
    }

    /// The same, as what we make of it where the vendor has not said.
    pub fn estimated(self) -> Self {
        Self { estimated: true, ..self }
    }

    /// What is counted in something else than tokens: nothing, where nothing is.
    pub fn rest(&self) -> &Besides {
        self.besides.as_deref().unwrap_or(&NOTHING)
    }

    /// Everything that was read and written.
    pub fn total_tokens(&self) -> u64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }
}

impl Images {
    /// So many images, of the default quality and size.
    pub fn new(count: u64) -> Self {
        Self { count, ..Self::default() }
    }

    /// The same, of this quality and this size; either may be empty.
    pub fn with(self, quality: impl Into<String>, size: impl Into<String>) -> Self {
        Self { quality: quality.into(), size: size.into(), ..self }
    }
}

impl ServiceTier {
    /// The tier in the words of records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Fast => "fast",
            Self::Other => "other",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn is_standard(&self) -> bool {
        *self == Self::Standard
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rare_makes_a_usage_no_larger_than_its_counts_and_a_pointer() {
        assert!(size_of::<Option<Usage>>() <= 12 * size_of::<u64>());
    }

    #[test]
    fn nothing_besides_takes_up_no_box() {
        assert_eq!(Usage::new(1, 2).with(|_| ()).besides, None);
        assert_eq!(Usage::spoken(0), Usage::default());
        assert_eq!(Usage::spoken(3).with(|besides| besides.characters = 0), Usage::default());
    }

    #[test]
    fn a_plain_usage_is_written_as_its_counts_alone() {
        let text = serde_json::to_string(&Usage::new(1, 2)).unwrap();
        assert!(text.ends_with(r#""estimated":false}"#), "{text}");
        let images = vec![Images::new(2).with("high", "1024x1024")];
        let usage = Usage::images(images).at(ServiceTier::Batch);
        let text = serde_json::to_string(&usage).unwrap();
        assert!(text.ends_with(r#""tier":"batch","besides":{"images":[{"count":2,"quality":"high","size":"1024x1024"}]}}"#), "{text}");
        assert_eq!(serde_json::from_str::<Usage>(&text).unwrap(), usage);
    }
}
