//! What is known about a model besides its name.

use std::fmt;

use crate::{Cost, Rates, Unpriced, Usage};

/// Facts about one model as one target serves it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ModelFacts {
    /// Tokens that fit into prompt and completion together.
    pub context_window: Option<u64>,
    /// Tokens that it can write at most.
    pub max_output_tokens: Option<u64>,
}

/// What is known about the models of one target: what they can do, and what they cost.
///
/// It is asked while requests wait, so it neither blocks nor does I/O. What it knows may change at any
/// time; whoever keeps an answer asks again when told so.
pub trait Models: fmt::Debug + Send + Sync {
    /// What `model` can do; `None` where nothing is known.
    fn facts(&self, model: &str) -> Option<ModelFacts>;

    /// What a token costs at `model`, for comparing targets before one is asked; `None` where no price
    /// is known.
    fn rates(&self, model: &str) -> Option<Rates>;

    /// What an exchange with `model` cost.
    ///
    /// # Errors
    /// When something was consumed that has no known price.
    fn cost(&self, model: &str, usage: &Usage) -> Result<Cost, Unpriced>;
}

/// Nothing is known about any model.
impl Models for () {
    fn facts(&self, _: &str) -> Option<ModelFacts> {
        None
    }

    fn rates(&self, _: &str) -> Option<Rates> {
        None
    }

    fn cost(&self, _: &str, usage: &Usage) -> Result<Cost, Unpriced> {
        let (meter, quantity) = match usage.prompt_tokens {
            0 => ("output", usage.completion_tokens),
            tokens => ("input", tokens),
        };
        Err(Unpriced { meter, tier: usage.tier, quantity })
    }
}
