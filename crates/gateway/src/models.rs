//! The models that configured targets have, and what is known about each.

use std::collections::BTreeMap;

use ferro_catalog::{Catalog, Date, TargetModels};
use ferro_core::TargetId;
use ferro_engine::Target;

use crate::Gateway;

/// A model that a target has.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Model {
    /// Its name.
    pub id: String,
    /// The first target that has it.
    pub owner: TargetId,
    /// When it was made, in seconds since 1970, if anybody said so.
    pub created: Option<u64>,
    /// How many tokens its context holds, if anybody said so.
    pub context_window: Option<u64>,
    /// How many tokens it can write at most.
    pub max_output_tokens: Option<u64>,
    /// The kinds of call that it serves, by the words of surfaces.
    pub surfaces: Vec<&'static str>,
    /// What it takes: `text`, `image`, `audio`, `video`, `file`.
    pub takes: Vec<&'static str>,
    /// What it gives, in the same words.
    pub gives: Vec<&'static str>,
    /// What it can do, by the catalogue's words.
    pub capabilities: Vec<&'static str>,
    /// What it charges there: prices by the catalogue's names, in dollars.
    pub prices: Vec<(String, String)>,
    /// `ga`, `preview` or `deprecated`, where the catalogue knows the model.
    pub stage: Option<&'static str>,
    /// The day from which its vendor advises against it.
    pub deprecated: Option<String>,
    /// The day from which it answers nobody.
    pub sunset: Option<String>,
    /// What its vendor names instead.
    pub successor: Option<String>,
    /// Where this was read.
    pub source: Option<String>,
    /// The day on which what is known about it was last changed.
    pub updated: Option<String>,
}

impl Gateway {
    /// The models that targets have, as far as is known, each once and in the order of their names. A
    /// vendor's own list goes before what the configuration says, and that before the catalogue.
    pub fn models(&self) -> Vec<Model> {
        let mut models = BTreeMap::new();
        let made = self.made();
        for (target, known) in made.engine.targets().iter().zip(&made.known) {
            known.look(|catalog| list(target, known, catalog, &mut models));
        }
        models.into_values().collect()
    }
}

fn list(
    target: &Target,
    known: &TargetModels,
    catalog: &Catalog,
    models: &mut BTreeMap<String, Model>,
) {
    let parts = target.parts();
    let discovered = target.discovered();
    let listed = discovered.iter().map(|it| (&it.id, it.created, it.context_window));
    let declared = parts.models.iter().chain(&parts.priced).map(|id| (id, None, None));
    for (id, created, context_window) in listed.chain(declared) {
        if !models.contains_key(id) {
            let mut model = Model::new(id, target.id().clone());
            model.describe(known, catalog);
            model.created = created;
            model.context_window = context_window.or(model.context_window);
            models.insert(id.clone(), model);
        }
    }
}

impl Model {
    /// A model of which nothing else is known.
    fn new(id: &str, owner: TargetId) -> Self {
        Self {
            id: id.to_owned(),
            owner,
            created: None,
            context_window: None,
            max_output_tokens: None,
            surfaces: Vec::new(),
            takes: Vec::new(),
            gives: Vec::new(),
            capabilities: Vec::new(),
            prices: Vec::new(),
            stage: None,
            deprecated: None,
            sunset: None,
            successor: None,
            source: None,
            updated: None,
        }
    }

    /// Adds what the catalogue says.
    fn describe(&mut self, known: &TargetModels, catalog: &Catalog) {
        let prices = known.prices(catalog, &self.id);
        let prices = prices.into_iter().flat_map(|prices| prices.iter());
        self.prices = prices.map(|price| (price.key.text(), price.dollars())).collect();
        let Some(found) = catalog.find(known.kind(), &self.id) else { return };
        let found = found.model();
        let day = |date: Option<Date>| date.map(|date| date.to_string());
        self.context_window = found.context_window();
        self.max_output_tokens = found.max_output_tokens();
        self.surfaces = found.surfaces().collect();
        (self.takes, self.gives) = (found.takes().collect(), found.gives().collect());
        self.capabilities = found.capabilities().collect();
        self.stage = Some(found.stage().name());
        (self.deprecated, self.sunset) = (day(found.deprecated()), day(found.sunset()));
        self.successor = found.successor().map(str::to_owned);
        self.source = Some(found.source().to_owned()).filter(|source| !source.is_empty());
        self.updated = day(found.updated());
    }
}
