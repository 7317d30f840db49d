//! What is known about a model.

use super::{date::Date, price::Price};

/// A model as one kind of provider serves it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Row {
    /// As the vendor spells it.
    pub id: String,
    /// A set of `names::SURFACES`.
    pub surfaces: u16,
    /// Tokens that fit into prompt and completion together; 0 where it is not known.
    pub context_window: u32,
    /// Tokens that it can write at most; 0 where it is not known.
    pub max_output_tokens: u32,
    /// What it takes: a set of `names::MODALITIES`.
    pub takes: u16,
    /// What it gives: a set of `names::MODALITIES`.
    pub gives: u16,
    /// What it can do: a set of `names::CAPABILITIES`.
    pub capabilities: u16,
    /// Where it stands in its life.
    pub lifecycle: Lifecycle,
    /// In the order of their keys, none twice.
    pub prices: Vec<Price>,
    /// Where this was read: keys of `data/sources.tsv`, or an address.
    pub sources: Vec<String>,
    /// When the row was last changed.
    pub updated: Option<Date>,
}

/// Where a model stands in its life.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Lifecycle {
    /// The stage.
    pub stage: Stage,
    /// The day from which the vendor advises against it.
    pub deprecated: Option<Date>,
    /// The day from which it answers nobody.
    pub sunset: Option<Date>,
    /// What the vendor names instead; empty where it names nothing.
    pub successor: String,
}

/// A stage of a model's life.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Stage {
    /// For everybody.
    #[default]
    Ga,
    /// May change or go without notice.
    Preview,
    /// The vendor advises against it.
    Deprecated,
}

impl Stage {
    /// Every stage, by the number that it has in the table.
    pub const ALL: [Self; 3] = [Self::Ga, Self::Preview, Self::Deprecated];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ga => "ga",
            Self::Preview => "preview",
            Self::Deprecated => "deprecated",
        }
    }

    /// The stage of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

impl Row {
    /// A model of which nothing is known but its name.
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    /// Puts the prices in order; of two for the same, the later is kept.
    pub fn sort_prices(&mut self) {
        self.prices.reverse();
        self.prices.sort_by(|one, other| one.key.cmp(&other.key));
        self.prices.dedup_by(|later, first| later.key == first.key);
    }
}
