//! The models that configured targets have, and what is known about each.

use std::collections::BTreeMap;

use ferro_catalog::{Catalog, Date, TargetModels};
use ferro_core::{Description, Owns, ProviderFactory, SurfaceKind, TargetId};
use ferro_engine::Target;

use crate::{Gateway, lifecycle};

/// A model that a target has.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Model {
    /// Its name.
    pub id: String,
    /// The first target that has it.
    pub owner: TargetId,
    /// Who says that it has it.
    pub listed: Listed,
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

/// Who says that a target has a model.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Listed {
    /// Its vendor, when it was asked.
    Vendor,
    /// The configuration.
    Operator,
    /// The catalogue, of the vendor's models: neither of the others lists any there.
    Catalog,
}

impl Listed {
    /// The same in a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Operator => "config",
            Self::Catalog => "catalog",
        }
    }
}

impl Gateway {
    /// The models that targets have, as far as is known, each once and in the order of their names. A
    /// vendor's own list goes before what the configuration says; where a target has neither, it has
    /// what the catalogue knows of its kind and the target serves.
    pub fn models(&self) -> Vec<Model> {
        let mut models = BTreeMap::new();
        let made = self.made();
        for (target, known) in made.engine.targets().iter().zip(&made.known) {
            let kind = self.inner.recipe.registry.provider(known.kind()).ok();
            let kind = kind.map(ProviderFactory::describe);
            known.look(|catalog| {
                if !list(target, known, catalog, &mut models) {
                    fill(target, known, (kind, catalog), &mut models);
                }
            });
        }
        models.into_values().collect()
    }
}

/// What the vendor and the operator say that a target has. Whether they say anything.
fn list(
    target: &Target,
    known: &TargetModels,
    catalog: &Catalog,
    models: &mut BTreeMap<String, Model>,
) -> bool {
    let parts = target.parts();
    let discovered = target.discovered();
    let listed =
        discovered.iter().map(|it| (&it.id, Listed::Vendor, it.created, it.context_window));
    let declared = parts.models.iter().chain(&parts.priced);
    let declared = declared.map(|id| (id, Listed::Operator, None, None));
    let mut is_listed = false;
    for (id, listed, created, context_window) in listed.chain(declared) {
        is_listed = true;
        if !models.contains_key(id) {
            let mut model = Model::new(id, target.id().clone(), listed);
            model.describe(known, catalog);
            model.created = created;
            model.context_window = context_window.or(model.context_window);
            models.insert(id.clone(), model);
        }
    }
    is_listed
}

/// What the catalogue knows of a target's kind, but for what would not be routed there: names that are
/// another vendor's, kinds of call that it does not serve, models that answer nobody any more. What
/// accounts deploy themselves it cannot know.
fn fill(
    target: &Target,
    known: &TargetModels,
    (kind, catalog): (Option<Description>, &Catalog),
    models: &mut BTreeMap<String, Model>,
) {
    let Some(kind) = kind.filter(|kind| !kind.is_deployed) else { return };
    let today = lifecycle::today();
    let provider = &target.parts().provider;
    for row in catalog.of_kind(known.kind()) {
        let serves = |surface| surface_of(surface).is_some_and(|own| kind.way(own).is_some());
        let is_over = row.sunset().zip(today).is_some_and(|(day, today)| day <= today);
        let has = row.surfaces().any(serves) && provider.owns(row.id()) != Owns::No && !is_over;
        if has && !models.contains_key(row.id()) {
            let mut model = Model::new(row.id(), target.id().clone(), Listed::Catalog);
            model.describe(known, catalog);
            models.insert(row.id().to_owned(), model);
        }
    }
}

/// The kind of call that the catalogue means.
fn surface_of(word: &str) -> Option<SurfaceKind> {
    Some(match word {
        "chat" => SurfaceKind::Chat,
        "messages" => SurfaceKind::Messages,
        "responses" => SurfaceKind::Responses,
        "completions" => SurfaceKind::Completions,
        "embeddings" => SurfaceKind::Embeddings,
        "images" => SurfaceKind::Images,
        "rerank" => SurfaceKind::Rerank,
        "moderations" => SurfaceKind::Moderations,
        "speech" => SurfaceKind::Speech,
        "transcription" => SurfaceKind::Transcriptions,
        _ => return None,
    })
}

impl Model {
    /// A model of which nothing else is known.
    fn new(id: &str, owner: TargetId, listed: Listed) -> Self {
        Self {
            id: id.to_owned(),
            owner,
            listed,
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
