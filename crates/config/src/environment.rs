//! The configuration of those who wrote none.

use ferro_core::{Registry, Vars};

use crate::{Config, Mode, Strategy, Target};

impl Config {
    /// Without a file: every kind of provider that the environment says enough about becomes a
    /// target of that name, and they are asked one after the other.
    ///
    /// The order is the registry's, which is the order in which the build lists them: the same
    /// build in the same environment has the same order at every start.
    pub fn from_environment(registry: &Registry, vars: Vars<'_>) -> Self {
        let mut targets: Vec<Target> = Vec::new();
        for factory in registry.provider_factories() {
            let description = factory.describe();
            let is_new = targets.iter().all(|target| target.virtual_key != description.kind);
            if is_new && description.is_configured(vars) {
                targets.push(Target::new(description.kind));
            }
        }
        Self { strategy: Strategy::new(Mode::Fallback), targets, ..Self::default() }
    }
}
