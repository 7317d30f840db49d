//! Money as integers: what a token costs, and what an exchange cost.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign},
};

use serde::Serialize;

use crate::Usage;

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

/// What a model charges, in nano-dollars per million tokens, so that `$0.0375 per million` is the
/// integer 37 500 000. `None` is an unknown price, which is not the same as free.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Rates {
    /// Tokens read.
    pub input: Option<u64>,
    /// Tokens written.
    pub output: Option<u64>,
    /// Tokens read from a prompt cache; `input` where unknown.
    pub cache_read: Option<u64>,
    /// Tokens written to a prompt cache; `input` where unknown.
    pub cache_write: Option<u64>,
    /// Tokens written to a prompt cache that lives an hour; `cache_write` where unknown.
    pub cache_write_1h: Option<u64>,
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

impl Rates {
    /// Prices `usage`, or `None` when a price that it needs is unknown: unpriced is never zero.
    pub fn cost(&self, usage: &Usage) -> Option<Cost> {
        let written = usage.cache_write_tokens.saturating_add(usage.cache_write_1h_tokens);
        let cached = usage.cached_tokens.saturating_add(written);
        let fresh = usage.prompt_tokens.saturating_sub(cached);
        let write = self.cache_write.or(self.input);

        let input = charge(fresh, self.input)?;
        let cache_read = charge(usage.cached_tokens, self.cache_read.or(self.input))?;
        let cache_write = charge(usage.cache_write_tokens, write)?
            + charge(usage.cache_write_1h_tokens, self.cache_write_1h.or(write))?;
        let output = charge(usage.completion_tokens, self.output)?;
        Some(Cost {
            total: round(input + cache_read + cache_write + output),
            input: round(input),
            output: round(output),
            cache_read: round(cache_read),
            cache_write: round(cache_write),
        })
    }
}

/// Tokens times nano-dollars per million: the product counts femto-dollars, exactly.
fn charge(tokens: u64, rate: Option<u64>) -> Option<u128> {
    if tokens == 0 { Some(0) } else { Some(u128::from(tokens) * u128::from(rate?)) }
}

/// Femto-dollars to nano-dollars, halves up.
fn round(femtos: u128) -> Money {
    Money(u64::try_from((femtos + 500_000) / 1_000_000).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(input: u64, output: u64) -> Rates {
        Rates { input: Some(input), output: Some(output), ..Rates::default() }
    }

    #[test]
    fn a_price_below_a_nano_dollar_a_token_is_not_lost() {
        // $0.0375 and $0.15 per million tokens.
        let cost = rates(37_500_000, 150_000_000).cost(&Usage::new(1_001, 7)).unwrap();
        assert_eq!(cost.total, Money::from_nanos(37_538 + 1_050)); // 37 537.5 + 1 050, halves up
    }

    #[test]
    fn cached_tokens_are_charged_once_at_their_own_rate() {
        let rates = Rates { cache_read: Some(1_000_000), ..rates(10_000_000, 0) };
        let usage = Usage { cached_tokens: 900, ..Usage::new(1_000, 0) };
        let cost = rates.cost(&usage).unwrap();
        assert_eq!((cost.input.nanos(), cost.cache_read.nanos()), (1_000, 900));
        assert_eq!(cost.total.nanos(), 1_900);
    }

    #[test]
    fn an_unknown_price_is_unpriced_not_free() {
        let input_only = Rates { input: Some(1), ..Rates::default() };
        assert_eq!(input_only.cost(&Usage::new(1, 1)), None);
        assert!(input_only.cost(&Usage::new(1, 0)).is_some());
    }

    #[test]
    fn amounts_print_to_the_last_digit() {
        assert_eq!(Money::from_nanos(1_000_000_007).to_string(), "$1.000000007");
    }
}
