//! In what the two places that speak this wire differ.

/// A place at which Gemini is served.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Profile {
    /// Whether a call and its result may carry the call's id.
    pub takes_call_ids: bool,
    /// Whether a request may carry the operator's labels.
    pub takes_labels: bool,
    /// Whether it names files that were uploaded to it.
    pub keeps_files: bool,
}

impl Profile {
    /// The Gemini API of AI Studio.
    pub const AI_STUDIO: Self =
        Self { takes_call_ids: true, takes_labels: false, keeps_files: true };

    /// Vertex AI: it refuses a request with an `id` on a call or a result, and knows no uploads.
    pub const VERTEX: Self = Self { takes_call_ids: false, takes_labels: true, keeps_files: false };
}
