//! Whoever charges least for this request.

use std::{mem, str::FromStr};

use ferro_core::{Order, Rates, Strategy, SurfaceKind, View};

use crate::{StrategyError, draw::Line, shares::Shares};

/// Tokens that a reply has at least, where the client set no bound: a short question gets more than
/// a share of its length.
const SHORT_REPLY: u64 = 64;

/// Asks the cheapest target first, by what this request will cost: its prompt, as far as it is
/// expected in the prompt cache at that price, and the reply that is to be expected.
///
/// A price that is not known is not zero; what becomes of such a target is [`Unpriced`]'s to say.
/// Where two cost the same the configured order decides.
#[derive(Clone, Copy, Debug)]
pub struct CostOptimized {
    unpriced: Unpriced,
    output_share: f64,
}

/// What becomes of a target that has no price for what this request needs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Unpriced {
    /// It is asked after all that have a price.
    #[default]
    Fallback,
    /// It is not asked, even if all others fail.
    Skip,
    /// What is not known counts as nothing.
    Allow,
}

impl FromStr for Unpriced {
    type Err = StrategyError;

    /// By the words of a configuration; none is `fallback`.
    fn from_str(word: &str) -> Result<Self, StrategyError> {
        match word {
            "" | "fallback" => Ok(Self::Fallback),
            "skip" => Ok(Self::Skip),
            "allow" => Ok(Self::Allow),
            _ => Err(StrategyError::word("unpriced_strategy", word, "fallback, skip, allow")),
        }
    }
}

impl Default for CostOptimized {
    fn default() -> Self {
        Self::new(Unpriced::default())
    }
}

impl CostOptimized {
    /// Expects a reply half as long as the prompt, where the client set no bound.
    pub fn new(unpriced: Unpriced) -> Self {
        Self { unpriced, output_share: 0.5 }
    }

    /// Expects a reply of this share of the prompt's length, where the client set no bound: a short
    /// one in any case.
    pub fn with_output_share(self, output_share: f64) -> Self {
        Self { output_share, ..self }
    }

    fn expected(&self, view: &View<'_>) -> Expected {
        let prompt = match view.prompt_tokens {
            Some(counted) => counted,
            // Nobody to compare with: the prompt need not be read for that.
            None if view.candidates.len() < 2 => 1,
            None => view.subject.prompt_tokens(),
        };
        let output = match view.surface {
            SurfaceKind::Embeddings
            | SurfaceKind::Rerank
            | SurfaceKind::Moderations
            | SurfaceKind::CountTokens => 0,
            _ => view.subject.max_output_tokens().unwrap_or_else(|| self.reply(prompt)),
        };
        Expected { prompt, output }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and makes 0 of what is no number"
    )]
    fn reply(&self, prompt: u64) -> u64 {
        ((prompt as f64 * self.output_share) as u64).max(SHORT_REPLY)
    }
}

impl Strategy for CostOptimized {
    fn order(&self, view: &View<'_>, out: &mut Order) {
        let shares = Shares::of(view.candidates);
        let expected = self.expected(view);
        let priced = |at: usize| {
            let candidate = &view.candidates[at];
            let cost = candidate.rates.and_then(|r| expected.cost(r, candidate.cached_tokens));
            match self.unpriced {
                Unpriced::Allow => cost.or_else(|| {
                    let rates = candidate.rates.map(|rates| rates.of(expected.prompt));
                    expected.cost(&free_where_unknown(rates), candidate.cached_tokens)
                }),
                Unpriced::Fallback | Unpriced::Skip => cost,
            }
        };
        let line = Line::of(shares.live().filter_map(|(at, _)| Some((at, priced(at)? as f64))));

        let mut reason = "cheapest for this request";
        out.extend(line.iter().map(|at| (at, mem::replace(&mut reason, "next cheapest"))));
        if self.unpriced == Unpriced::Fallback {
            out.extend(shares.live().map(|(at, _)| (at, "its price is not known")));
        }
    }
}

/// What a request will consume.
struct Expected {
    prompt: u64,
    output: u64,
}

impl Expected {
    /// What that costs, in femto-dollars; `None` if a price that is needed is not known. The same
    /// sum as a record's, without the divisions that make an amount of it. What is beyond
    /// eighteen thousand dollars is all the same.
    fn cost(&self, rates: &Rates, cached: u64) -> Option<u64> {
        let rates = rates.of(self.prompt);
        let cached = cached.min(self.prompt);
        let fresh = charge(self.prompt - cached, rates.input)?;
        let read = charge(cached, rates.cache_read.or(rates.input))?;
        Some(fresh.saturating_add(read).saturating_add(charge(self.output, rates.output)?))
    }
}

fn charge(tokens: u64, rate: Option<u64>) -> Option<u64> {
    if tokens == 0 { Some(0) } else { Some(tokens.saturating_mul(rate?)) }
}

fn free_where_unknown(rates: Option<&Rates>) -> Rates {
    let mut known = rates.cloned().unwrap_or_default();
    known.input = known.input.or(Some(0));
    known.output = known.output.or(Some(0));
    known.longer = None;
    known
}
