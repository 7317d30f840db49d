//! The models that are known: those of the build, and what was laid over them.

use std::sync::{Arc, LazyLock};

use crate::{
    canonical::{Trimmed, trimmed},
    format::{
        blob::{self, Contents},
        price::Price,
        row::Row,
    },
    overlay::Overlay,
    prices::Prices,
    shelf::{Model, Shelf},
};

pub(crate) static COMPILED: LazyLock<Arc<Shelf>> = LazyLock::new(|| {
    let bytes: &'static [u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalog.bin"));
    Arc::new(Shelf::new(bytes))
});

/// The models that are known.
///
/// Cheap to clone. It never changes: to know something else, make another and swap it in (see
/// [`Shared`](crate::Shared)).
#[derive(Clone, Debug)]
pub struct Catalog {
    /// What is laid on top comes first.
    shelves: Vec<Arc<Shelf>>,
}

/// A model, and how its name led to it.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    model: Model<'a>,
    by: Match,
    priced: Option<(Model<'a>, Match)>,
}

/// How a name led to a model.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Match {
    /// It is the model's id, but for the case of letters.
    Exact,
    /// Something was taken off or put behind; the last thing that was.
    Trimmed(Trimmed),
    /// A reseller is told how to serve it: it is the same model, at a price that is not known.
    OtherService,
}

impl Match {
    /// What it is after something more was taken off.
    fn or(self, what: Trimmed) -> Self {
        match (self, what) {
            (Self::OtherService, _) | (_, Trimmed::Service) => Self::OtherService,
            _ => Self::Trimmed(what),
        }
    }
}

impl<'a> Found<'a> {
    /// The model.
    pub fn model(&self) -> Model<'a> {
        self.model
    }

    /// How the name led to it.
    pub fn by(&self) -> Match {
        self.by
    }

    /// What it charges by this name: its own prices, or where none of those is known, those of the next
    /// model that the name leads to. Nothing where the name says that it is served in a way that has a
    /// price of its own.
    pub fn prices(&self) -> Option<Prices<'a>> {
        let (model, by) = self.priced?;
        (by != Match::OtherService).then(|| model.prices())
    }

    /// The row that says all that is known by this name.
    fn to_row(self) -> Row {
        let prices = self.prices().map(|prices| prices.iter().collect()).unwrap_or_default();
        Row { prices, ..self.model.to_row() }
    }

    /// How the name led to the prices.
    pub fn priced_by(&self) -> Option<Match> {
        self.priced.map(|(_, by)| by)
    }
}

impl Catalog {
    /// What was compiled in.
    pub fn compiled() -> Self {
        Self { shelves: vec![Arc::clone(&COMPILED)] }
    }

    /// The same with `overlay` on top: a row of it says everything about its model that it names, and
    /// what it does not name stays as it was by that name.
    ///
    /// # Errors
    /// When a model stands in it twice.
    pub fn overlaid(&self, overlay: &Overlay) -> Result<Self, String> {
        let mut contents = Contents::default();
        // A kind that stands for another has its rows there.
        for (kind, rows) in &overlay.rows {
            let own = self.kind(kind).to_owned();
            let merged = rows.iter().map(|row| match self.find(kind, &row.id) {
                Some(below) => merged(below.to_row(), row),
                None => row.clone(),
            });
            contents.kinds.entry(own).or_default().extend(merged);
        }
        let top = Arc::new(Shelf::new(blob::compile(&contents)?));
        let mut shelves = vec![top];
        shelves.extend(self.shelves.iter().cloned());
        Ok(Self { shelves })
    }

    /// The model that `id` names among those of a kind of provider: the one of this id, or else by
    /// the rules of [`canonical`](crate::canonical).
    pub fn find(&self, kind: &str, id: &str) -> Option<Found<'_>> {
        let mut found: Option<Found<'_>> = None;
        let (mut rest, mut by) = (id, Match::Exact);
        loop {
            let exact = self.exact(kind, rest).map(|model| (model, by));
            // What is all there by this very name is found without looking for another.
            if let Some((model, by)) = exact.filter(|(model, _)| !model.prices().is_empty()) {
                found.get_or_insert(Found { model, by, priced: None }).priced = Some((model, by));
                break;
            }
            let next = trimmed(rest);
            let latest = || self.latest(kind, rest).map(|model| (model, by.or(Trimmed::Latest)));
            if let Some((model, by)) = exact.or_else(|| next.is_none().then(latest).flatten()) {
                let found = found.get_or_insert(Found { model, by, priced: None });
                if !model.prices().is_empty() {
                    found.priced = Some((model, by));
                    break;
                }
            }
            let Some((shorter, what)) = next else { break };
            rest = shorter;
            by = by.or(what);
        }
        found
    }

    /// The model of exactly this id, but for the case of letters.
    pub fn exact(&self, kind: &str, id: &str) -> Option<Model<'_>> {
        if let [only] = self.shelves.as_slice() {
            return only.find(only.kind(kind)?, id);
        }
        let own = self.kind(kind);
        self.shelves.iter().find_map(|shelf| shelf.find(shelf.kind(own)?, id))
    }

    /// Every model, each once, kind by kind within what was laid on top and within what is below.
    pub fn iter(&self) -> impl Iterator<Item = Model<'_>> {
        let shelves = self.shelves.iter().enumerate();
        shelves.flat_map(move |(place, shelf)| {
            shelf.iter().filter(move |model| {
                let above = &self.shelves[..place];
                let is_there = |above: &Arc<Shelf>| {
                    above.kind(model.kind()).and_then(|kind| above.find(kind, model.id())).is_some()
                };
                !above.iter().any(is_there)
            })
        })
    }

    /// The models of one kind of provider.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = Model<'a>> {
        let own = self.kind(kind);
        self.iter().filter(move |model| model.kind() == own)
    }

    /// The kinds of provider whose models are known, by name; without those that stand for another.
    pub fn kinds(&self) -> Vec<&str> {
        let mut kinds: Vec<_> = self.shelves.iter().flat_map(|shelf| shelf.kinds()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// How many models were compiled in.
    pub fn compiled_len() -> usize {
        COMPILED.len()
    }

    /// The kind that a kind stands for: mostly its own. What was compiled in knows, and is below all.
    fn kind<'a>(&'a self, name: &'a str) -> &'a str {
        self.shelves.last().and_then(|shelf| shelf.target(name)).unwrap_or(name)
    }

    /// The model whose id is `id` and `-latest`. On the stack: looking up allocates nothing.
    fn latest(&self, kind: &str, id: &str) -> Option<Model<'_>> {
        const LATEST: &[u8] = b"-latest";
        let mut buffer = [0; 128];
        let len = id.len() + LATEST.len();
        let room = buffer.get_mut(..len)?;
        room[..id.len()].copy_from_slice(id.as_bytes());
        room[id.len()..].copy_from_slice(LATEST);
        self.exact(kind, std::str::from_utf8(room).ok()?)
    }
}

impl Default for Catalog {
    fn default() -> Self {
        Self::compiled()
    }
}

/// `below`, with everything that `above` says. Who names a price of something names all that there
/// are of it: nobody is charged by half a price list.
fn merged(below: Row, above: &Row) -> Row {
    let Row { id, surfaces, context_window, max_output_tokens, takes, gives, .. } = above;
    let is_renamed = |price: &Price| above.prices.iter().any(|p| p.key.meter == price.key.meter);
    let mut prices: Vec<Price> = below.prices.into_iter().filter(|p| !is_renamed(p)).collect();
    prices.extend(above.prices.iter().cloned());
    let mut row = Row {
        id: id.clone(),
        surfaces: or(*surfaces, below.surfaces),
        context_window: or(*context_window, below.context_window),
        max_output_tokens: or(*max_output_tokens, below.max_output_tokens),
        takes: or(*takes, below.takes),
        gives: or(*gives, below.gives),
        capabilities: or(above.capabilities, below.capabilities),
        lifecycle: or(above.lifecycle.clone(), below.lifecycle),
        prices,
        sources: or(above.sources.clone(), below.sources),
        updated: above.updated.or(below.updated),
    };
    row.sort_prices();
    row
}

/// What is said, unless it is nothing.
fn or<T: Default + PartialEq>(said: T, below: T) -> T {
    if said == T::default() { below } else { said }
}
