//! In what the two places that speak this wire differ.
//!
//! What only one of them knows: the converters of google-genai 3.4.0 (`models.py`), which refuse it for the
//! other.

/// A place at which Gemini is served.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Profile {
    /// Whether a call and its result may carry the call's id.
    pub takes_call_ids: bool,
    /// Whether it names files that were uploaded to it.
    pub keeps_files: bool,
    /// Fields and tools that only other places know, in the vendor's words.
    pub lacks: &'static [&'static str],
}

impl Profile {
    /// The Gemini API of AI Studio.
    pub const AI_STUDIO: Self = Self {
        takes_call_ids: true,
        keeps_files: true,
        lacks: &[
            "audioTimestamp",
            "retrieval",
            "enterpriseWebSearch",
            "parallelAiSearch",
            "exaAiSearch",
        ],
    };

    /// Vertex AI: it refuses a request with an `id` on a call or a result, and knows no uploads.
    pub const VERTEX: Self =
        Self { takes_call_ids: false, keeps_files: false, lacks: &["fileSearch"] };

    /// Whether it knows a field or a tool.
    pub(crate) fn takes(&self, name: &str) -> bool {
        !self.lacks.contains(&name)
    }
}
