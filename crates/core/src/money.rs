//! Money as integers: what a token costs, and what an exchange cost.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign},
};

use serde::Serialize;

use crate::ServiceTier;

/// An amount in nano-dollars (10⁻⁹ USD). Sums are exact.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Money(u64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of nano-dollars.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The amount in nano-dollars.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// The amount in dollars, for those who count in floating point (metrics, the OpenAI shape).
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}.{:09}", self.0 / 1_000_000_000, self.0 % 1_000_000_000)
    }
}

/// What a token costs at a model, in nano-dollars per million, so that `$0.0375 per million` is the
/// integer 37 500 000. `None` is an unknown price, which is not the same as free.
///
/// For comparing targets before one is asked. What an exchange did cost is
/// [`Models::cost`](crate::Models::cost)'s to say, which knows all that can be charged for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Rates {
    /// Tokens read.
    pub input: Option<u64>,
    /// Tokens written.
    pub output: Option<u64>,
    /// Tokens read from a prompt cache; `input` where unknown.
    pub cache_read: Option<u64>,
    /// Prompts of more tokens than this have rates of their own.
    pub longer: Option<(u64, Box<Rates>)>,
}

impl Rates {
    /// The rates of a prompt of so many tokens.
    pub fn of(&self, prompt_tokens: u64) -> &Self {
        match &self.longer {
            Some((above, longer)) if prompt_tokens > *above => longer.of(prompt_tokens),
            _ => self,
        }
    }
}

/// What was consumed and has no price that is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, thiserror::Error)]
#[error("no price is known for {meter} at the tier `{}` ({quantity} counted)", tier.as_str())]
#[non_exhaustive]
pub struct Unpriced {
    /// What is counted, by the name that its price would have.
    pub meter: &'static str,
    /// The service that was given.
    pub tier: ServiceTier,
    /// How much of it.
    pub quantity: u64,
}

impl Unpriced {
    /// So much of what `meter` counts, at the standard tier.
    pub const fn new(meter: &'static str, quantity: u64) -> Self {
        Self { meter, tier: ServiceTier::Standard, quantity }
    }

    /// The same, at `tier`.
    pub const fn at(self, tier: ServiceTier) -> Self {
        Self { tier, ..self }
    }
}

/// What an exchange cost, by what was paid for. The parts are rounded one by one, the total once,
/// so the parts may miss the total by a few nano-dollars; the total is what is billed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Cost {
    /// Everything.
    #[serde(rename = "total_nano_usd")]
    pub total: Money,
    /// Fresh prompt tokens.
    #[serde(rename = "input_nano_usd")]
    pub input: Money,
    /// Completion tokens.
    #[serde(rename = "output_nano_usd")]
    pub output: Money,
    /// Prompt tokens read from a cache.
    #[serde(rename = "cache_read_nano_usd")]
    pub cache_read: Money,
    /// Prompt tokens written to a cache.
    #[serde(rename = "cache_write_nano_usd")]
    pub cache_write: Money,
}

impl AddAssign for Cost {
    /// What two exchanges cost together.
    fn add_assign(&mut self, other: Self) {
        let add = |one: &mut Money, other: Money| one.0 = one.0.saturating_add(other.0);
        let Self { total, input, output, cache_read, cache_write } = other;
        add(&mut self.total, total);
        add(&mut self.input, input);
        add(&mut self.output, output);
        add(&mut self.cache_read, cache_read);
        add(&mut self.cache_write, cache_write);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_has_the_rates_of_the_longest_length_that_it_exceeds() {
        let rates = |input, longer: Option<(u64, Rates)>| Rates {
            input: Some(input),
            longer: longer.map(|(above, rates)| (above, Box::new(rates))),
            ..Rates::default()
        };
        let all = rates(1, Some((100, rates(2, Some((200, rates(3, None)))))));
        for (prompt, input) in [(0, 1), (100, 1), (101, 2), (200, 2), (201, 3), (u64::MAX, 3)] {
            assert_eq!(all.of(prompt).input, Some(input), "{prompt}");
        }
    }

    #[test]
    fn amounts_print_to_the_last_digit() {
        assert_eq!(Money::from_nanos(1_000_000_007).to_string(), "$1.000000007");
    }
}
