//! A running gateway.

use std::{collections::BTreeMap, fmt, sync::Arc};

use ferro_config::Config;
use ferro_core::{Ingress, Registry};
use ferro_engine::Engine;

use crate::GatewayBuilder;

/// A gateway: one configuration at work. Two in one process share nothing.
pub struct Gateway {
    pub(crate) engine: Arc<Engine>,
    pub(crate) config: Config,
    pub(crate) ingresses: Vec<&'static Ingress>,
}

/// A model that a target has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Model {
    /// Its name.
    pub id: String,
    /// The first target that has it.
    pub owner: String,
    /// When it was made, in seconds since 1970, if anybody said so.
    pub created: Option<u64>,
}

impl Gateway {
    /// A gateway to be.
    pub fn builder(config: Config, registry: Registry) -> GatewayBuilder {
        GatewayBuilder::new(config, registry)
    }

    /// What requests go through.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The configuration at work.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The dialects that clients may speak.
    pub fn ingresses(&self) -> &[&'static Ingress] {
        &self.ingresses
    }

    /// The models that targets have, as far as is known, each once.
    pub fn models(&self) -> Vec<Model> {
        let mut models = BTreeMap::new();
        for target in self.engine.targets() {
            let parts = target.parts();
            let declared = parts.models.iter().chain(parts.facts.keys());
            let declared = declared.map(|id| (id.clone(), None));
            let discovered = target.discovered();
            let listed = discovered.iter().map(|model| (model.id.clone(), model.created));
            for (id, created) in declared.chain(listed) {
                let owner = target.id().to_string();
                models.entry(id.clone()).or_insert(Model { id, owner, created });
            }
        }
        models.into_values().collect()
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("engine", &self.engine).finish_non_exhaustive()
    }
}
