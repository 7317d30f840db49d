//! What a reply consumed: what is billed, where anything is.

use ferro_core::Usage;
use serde::Deserialize;

/// Counts in Cohere's words: numbers with a fraction that is never used.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Counts {
    #[serde(default)]
    billed_units: Option<Pair>,
    #[serde(default)]
    tokens: Option<Pair>,
    #[serde(default)]
    cached_tokens: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
struct Pair {
    #[serde(default)]
    input_tokens: Option<f64>,
    #[serde(default)]
    output_tokens: Option<f64>,
    #[serde(default)]
    search_units: Option<f64>,
}

impl Counts {
    /// The counts; `None` where none is said.
    pub(super) fn usage(&self) -> Option<Usage> {
        let says = |pair: &&Pair| pair.input_tokens.is_some() || pair.output_tokens.is_some();
        // What Cohere writes around a prompt is counted in `tokens` and billed to nobody.
        let counts =
            self.billed_units.as_ref().filter(says).or(self.tokens.as_ref().filter(says))?;
        let mut usage = Usage::new(count(counts.input_tokens), count(counts.output_tokens));
        // What was cached may be of what is not billed.
        usage.cached_tokens = count(self.cached_tokens).min(usage.prompt_tokens);
        Some(match count(counts.search_units) {
            0 => usage,
            searches => usage.with(|besides| besides.searches = searches),
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates as it should"
)]
fn count(said: Option<f64>) -> u64 {
    said.unwrap_or_default() as u64
}
