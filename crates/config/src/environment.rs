//! The configuration of those who wrote none.

use std::collections::BTreeSet;

use ferro_core::{Registry, Vars};

use crate::{Config, Mode, Strategy, Target};

impl Config {
    /// Without a file: every kind of provider that the environment says enough about becomes a
    /// target of that name, and they are asked one after the other.
    ///
    /// The order is the registry's, which is the order in which the build lists them: the same
    /// build in the same environment has the same order at every start.
    pub fn from_environment(registry: &Registry, vars: Vars<'_>) -> Self {
        // Of two factories of a kind the registry uses the first.
        let mut seen = BTreeSet::new();
        let factories = registry.provider_factories().iter();
        let targets = factories
            .map(|factory| (factory.describe().kind, factory))
            .filter(|(kind, _)| seen.insert(*kind))
            .filter(|(_, factory)| factory.is_configured(vars))
            .map(|(kind, _)| Target::new(kind))
            .collect();
        Self { strategy: Strategy::new(Mode::Fallback), targets, ..Self::default() }
    }
}
