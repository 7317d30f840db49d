//! What one source says of one model.

use std::collections::BTreeMap;

use super::format::{price::Key, row::Row};

/// What one source says of one model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Everything but the prices.
    pub(crate) row: Row,
    pub(crate) prices: Rates,
    /// How the source leads from the id to this.
    pub(crate) by: Named,
}

/// Rates by what they are for.
pub(crate) type Rates = BTreeMap<Key, u64>;

/// How a source leads from an id to a model.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Named {
    /// It names the id.
    #[default]
    Id,
    /// It has a rule for ids that begin in this way.
    Beginning,
    /// It has a rule for ids that this is a part of.
    Part,
}

/// What is worth a person's attention.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Disagreement {
    pub(crate) kind: String,
    pub(crate) id: String,
    /// Which price.
    pub(crate) key: String,
    /// What the first source says, with its name.
    pub(crate) one: String,
    /// What the second says.
    pub(crate) other: String,
    pub(crate) taken: String,
    pub(crate) why: &'static str,
}

/// How often something was left out, by what it was.
pub(crate) type Tally = BTreeMap<String, usize>;
