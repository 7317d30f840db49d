//! What a model charges, read where it lies in the table.

use std::fmt;

use ferro_core::Rates;
use smallvec::SmallVec;

use crate::{
    catalog::COMPILED,
    cost::token_rate,
    format::{
        blob::PRICE,
        meter::{Meter, Tier},
        price::{Key, Price},
    },
    shelf::{Shelf, number},
};

/// What a model charges.
#[derive(Clone, Copy)]
pub struct Prices<'a> {
    shelf: &'a Shelf,
    first: usize,
    len: usize,
}

impl<'a> Prices<'a> {
    /// As many prices as `len`, from the place `first` of a table on.
    pub(crate) fn new(shelf: &'a Shelf, first: usize, len: usize) -> Self {
        Self { shelf, first, len }
    }

    /// None: nothing is known.
    pub fn none() -> Prices<'static> {
        Prices { shelf: &COMPILED, first: 0, len: 0 }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Every price.
    pub fn iter(&self) -> impl Iterator<Item = Price> + use<'a> {
        let prices = *self;
        (0..self.len).map(move |index| {
            let entry = prices.entry(index);
            let key = Key {
                tier: entry.tier,
                meter: entry.meter,
                variant: entry.variant.to_owned(),
                above: entry.above,
            };
            Price { key, rate: entry.rate }
        })
    }

    /// The rate of what is counted, for a prompt of this many tokens: of the lengths that prices are
    /// named for, that of the longest which this prompt exceeds.
    pub fn rate(&self, tier: Tier, meter: Meter, prompt_tokens: u64) -> Option<u64> {
        self.rate_where((tier, meter), prompt_tokens, str::is_empty)
    }

    /// The same of a variant.
    pub(crate) fn rate_where(
        &self,
        (tier, meter): (Tier, Meter),
        prompt_tokens: u64,
        is_it: impl Fn(&str) -> bool,
    ) -> Option<u64> {
        let of_this = (0..self.len).map(|index| self.entry(index)).filter(|entry| {
            entry.tier == tier
                && entry.meter == meter
                && is_it(entry.variant)
                && (entry.above == 0 || prompt_tokens > u64::from(entry.above))
        });
        of_this.max_by_key(|entry| entry.above).map(|entry| entry.rate)
    }

    /// The length behind which the prompts are whose input has the price that one of this many tokens
    /// has.
    pub(crate) fn length(&self, tier: Tier, prompt_tokens: u64) -> u32 {
        let of_input = (0..self.len).map(|index| self.entry(index)).filter(|entry| {
            entry.tier == tier
                && entry.meter == Meter::Input
                && prompt_tokens > u64::from(entry.above)
        });
        of_input.map(|entry| entry.above).max().unwrap_or_default()
    }

    /// The rate of what is counted for prompts above exactly this length.
    pub(crate) fn rate_above(&self, tier: Tier, meter: Meter, above: u32) -> Option<u64> {
        let mut entries = (0..self.len).map(|index| self.entry(index));
        let is_it =
            |entry: &Entry<'_>| (entry.tier, entry.meter, entry.above) == (tier, meter, above);
        entries.find(|entry| is_it(entry) && entry.variant.is_empty()).map(|entry| entry.rate)
    }

    /// What a token costs at the standard tier, whatever the prompt's length: a chain from the shortest
    /// on. `None` where no token has a price.
    pub fn rates(&self) -> Option<Rates> {
        let mut lengths: SmallVec<[u32; 4]> = (0..self.len)
            .map(|index| self.entry(index))
            .filter(|entry| (entry.tier, entry.meter) == (Tier::Standard, Meter::Input))
            .map(|entry| entry.above)
            .filter(|above| *above > 0)
            .collect();
        lengths.sort_unstable();
        let whole = lengths.into_iter().rev().fold(None, |longer, above| {
            Some((u64::from(above), Box::new(self.rates_above(above, longer))))
        });
        let rates = self.rates_above(0, whole);
        (rates != Rates::default()).then_some(rates)
    }

    fn rates_above(&self, above: u32, longer: Option<(u64, Box<Rates>)>) -> Rates {
        let rate = |meter| token_rate(*self, Tier::Standard, meter, above);
        let mut rates = Rates::default();
        rates.input = rate(Meter::Input);
        rates.output = rate(Meter::Output);
        rates.cache_read = rate(Meter::CacheRead);
        rates.longer = longer;
        rates
    }

    /// Whether anything of this kind has a price, at any tier.
    pub(crate) fn names(&self, meter: Meter) -> bool {
        (0..self.len).any(|index| self.entry(index).meter == meter)
    }

    fn entry(&self, index: usize) -> Entry<'a> {
        let at = self.first + index * PRICE;
        let bytes = &self.shelf.bytes[at..at + PRICE];
        let rate = bytes[..8].try_into().map_or(0, u64::from_le_bytes);
        let variant =
            self.shelf.text(number(bytes, 12), u32::from(bytes[16]) | u32::from(bytes[17]) << 8);
        let (meter, tier) = (usize::from(bytes[18]), usize::from(bytes[19]));
        Entry {
            rate,
            above: number(bytes, 8),
            variant,
            meter: Meter::ALL[meter],
            tier: Tier::ALL[tier],
        }
    }
}

impl fmt::Debug for Prices<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|price| price.text())).finish()
    }
}

struct Entry<'a> {
    rate: u64,
    above: u32,
    variant: &'a str,
    meter: Meter,
    tier: Tier,
}
