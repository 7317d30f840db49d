//! What is known about the models of one target.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use arc_swap::ArcSwap;
use ferro_core::{Cost, ModelFacts, Models, Rates, Unpriced, Usage};

use crate::{
    catalog::{Catalog, Found},
    cost::cost,
    overlay::{Declared, Overlay},
    prices::Prices,
    shared::Shared,
};

/// The name of every model that has none of its own.
const ANY: &str = "*";

/// What is known about the models of one target: what the catalogue knows of its kind, under what its
/// operator says.
///
/// A file that is laid over the catalogue later is seen with the next question.
#[derive(Debug)]
pub struct TargetModels {
    shared: Arc<Shared>,
    kind: String,
    own: Option<Own>,
    unknown: ArcSwap<Unknown>,
}

/// Names that lead nowhere, so that every rule of names is tried on each of them once and not with
/// every request.
#[derive(Clone, Debug)]
struct Unknown {
    /// In which catalogue.
    of: Arc<Catalog>,
    names: HashSet<Box<str>>,
}

impl Unknown {
    /// So many are kept. Clients choose names, and not what is kept.
    const MOST: usize = 1024;
    /// A longer name is nobody's.
    const LONGEST: usize = 128;

    fn of(catalog: &Arc<Catalog>) -> Self {
        Self { of: Arc::clone(catalog), names: HashSet::new() }
    }
}

/// What an operator says of a target's models, over the catalogue as it is.
#[derive(Debug)]
struct Own {
    overlay: Overlay,
    named: BTreeSet<String>,
    laid: ArcSwap<Laid>,
}

#[derive(Debug)]
struct Laid {
    below: Arc<Catalog>,
    whole: Catalog,
}

impl Laid {
    fn over(below: &Arc<Catalog>, overlay: &Overlay) -> Result<Self, String> {
        Ok(Self { whole: below.overlaid(overlay)?, below: Arc::clone(below) })
    }
}

impl TargetModels {
    /// What is known about a target of this kind, which everything that is declared is of. The prices
    /// of a model called `*` are those of every model that is not declared.
    ///
    /// # Errors
    /// When a price is none, or a model is declared twice.
    pub fn new(shared: Arc<Shared>, kind: &str, declared: &[Declared]) -> Result<Self, String> {
        let mut overlay = Overlay::default();
        for model in declared {
            overlay.declare(&Declared { kind: kind.to_owned(), ..model.clone() })?;
        }
        let own = match declared {
            [] => None,
            _ => Some(Own {
                laid: ArcSwap::from_pointee(Laid::over(&shared.current(), &overlay)?),
                named: declared.iter().map(|model| model.id.clone()).collect(),
                overlay,
            }),
        };
        let unknown = ArcSwap::from_pointee(Unknown::of(&shared.current()));
        Ok(Self { shared, kind: kind.to_owned(), own, unknown })
    }

    /// The kind of provider.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Looks something up in the catalogue as it is now.
    pub fn look<T>(&self, up: impl FnOnce(&Catalog) -> T) -> T {
        let below = self.shared.load();
        let Some(own) = &self.own else { return up(&below) };
        let laid = own.laid.load();
        if Arc::ptr_eq(&laid.below, &below) {
            return up(&laid.whole);
        }
        // A file has come since: whoever asks first lays this over it.
        match Laid::over(&below, &own.overlay) {
            Ok(anew) => {
                let anew = Arc::new(anew);
                own.laid.store(Arc::clone(&anew));
                up(&anew.whole)
            }
            // It could be laid over the one before, and nothing in it depends on what is below.
            Err(_) => up(&laid.whole),
        }
    }

    /// What `model` charges in `catalog`.
    pub fn prices<'c>(&self, catalog: &'c Catalog, model: &str) -> Option<Prices<'c>> {
        let is_any = |own: &Own| own.named.contains(ANY) && !own.named.contains(model);
        if self.own.as_ref().is_some_and(is_any) {
            return catalog.exact(&self.kind, ANY).map(|any| any.prices());
        }
        self.found(catalog, model)?.prices()
    }

    /// What `model` leads to in `catalog`, which is the one as it is now.
    fn found<'c>(&self, catalog: &'c Catalog, model: &str) -> Option<Found<'c>> {
        let below = self.shared.load();
        let unknown = self.unknown.load();
        let is_current = Arc::ptr_eq(&unknown.of, &below);
        if is_current && unknown.names.contains(model) {
            return None;
        }
        let found = catalog.find(&self.kind, model);
        let has_room = !is_current || unknown.names.len() < Unknown::MOST;
        if found.is_none() && has_room && model.len() <= Unknown::LONGEST {
            let mut more = if is_current { Unknown::clone(&unknown) } else { Unknown::of(&below) };
            more.names.insert(model.into());
            self.unknown.store(Arc::new(more));
        }
        found
    }
}

impl Models for TargetModels {
    fn facts(&self, model: &str) -> Option<ModelFacts> {
        self.look(|catalog| Some(self.found(catalog, model)?.model().facts()))
    }

    fn rates(&self, model: &str) -> Option<Rates> {
        self.look(|catalog| self.prices(catalog, model)?.rates())
    }

    fn cost(&self, model: &str, usage: &Usage) -> Result<Cost, Unpriced> {
        self.look(|catalog| {
            let prices = self.prices(catalog, model).unwrap_or(Prices::none());
            cost(usage, prices).map(|bill| bill.cost())
        })
    }
}
