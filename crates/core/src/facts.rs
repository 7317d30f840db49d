//! What is known about a model besides its name.

use crate::Rates;

/// Facts about one model as one target serves it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ModelFacts {
    /// What it charges.
    pub rates: Rates,
    /// Tokens that fit into prompt and completion together.
    pub context_window: Option<u64>,
    /// Tokens that it can write at most.
    pub max_output_tokens: Option<u64>,
}
