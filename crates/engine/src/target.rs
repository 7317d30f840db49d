//! A target: a configured instance of a provider, with what the engine keeps about it.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering::Release},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use ferro_core::{CredentialSource, DiscoveredModel, Models, Owns, Provider, TargetId, Upstream};
use ferro_metrics::{Metrics, Series};

use crate::{CircuitSettings, Kept, gate::GateSettings, standing::Standing, unsaid::Told};

/// How often a target is asked again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Retry {
    /// Calls in all; at least one is made.
    pub attempts: u32,
    /// Upstream statuses after which asking again is worth it; the transient kinds if empty.
    pub on_status: Vec<u16>,
    /// The first wait is somewhere between nothing and this, the next twice that.
    pub backoff: Duration,
    /// Waits do not grow beyond this.
    pub longest_backoff: Duration,
    /// A target that asks for a longer pause is left for the next.
    pub longest_wait: Duration,
    /// How long one call may take, or a stream until it begins; as long as the target may if `None`.
    pub attempt_timeout: Option<Duration>,
    /// Whether a call is repeated too that may have had its effect already.
    pub non_idempotent: bool,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 1,
            on_status: Vec::new(),
            backoff: Duration::from_millis(100),
            longest_backoff: Duration::from_secs(10),
            longest_wait: Duration::from_secs(30),
            attempt_timeout: None,
            non_idempotent: false,
        }
    }
}

/// What a target is made of.
#[derive(Clone, Debug)]
pub struct TargetParts {
    /// Its name.
    pub id: TargetId,
    /// Who answers.
    pub provider: Arc<dyn Provider>,
    /// Where.
    pub upstream: Arc<dyn Upstream>,
    /// Its other hosts, by name.
    pub others: Vec<(&'static str, Arc<dyn Upstream>)>,
    /// What it is shown: one of these, with their shares of its calls. At most
    /// [`MOST_KEYS`](crate::keys::MOST_KEYS) are used.
    pub keys: Vec<(Arc<dyn CredentialSource>, f64)>,
    /// Its share of the traffic.
    pub weight: f64,
    /// How often it is asked again.
    pub retry: Retry,
    /// When it is left alone; never if `None`.
    pub circuit: Option<CircuitSettings>,
    /// How many calls it gets at once; as many as come if `None`.
    pub gate: Option<GateSettings>,
    /// How long a stream may take until its first event, before the next target is asked.
    pub first_token: Option<Duration>,
    /// Models that the operator says it has.
    pub models: Vec<String>,
    /// Models that the operator names a price of.
    pub priced: Vec<String>,
    /// What is known about its models.
    pub known: Arc<dyn Models>,
}

/// What the vendor listed last: in its order, and by name.
#[derive(Debug, Default)]
struct Discovered {
    models: Arc<Vec<DiscoveredModel>>,
    names: HashSet<Box<str>>,
}

/// A target.
#[derive(Debug)]
pub struct Target {
    parts: TargetParts,
    discovered: ArcSwap<Discovered>,
    /// Where it is counted that the vendor has listed its models. Taken only then, and when an engine
    /// is made.
    listings: Mutex<Vec<Weak<AtomicU64>>>,
    series: HashMap<String, Arc<Series>>,
    other_series: Arc<Series>,
    standing: Standing,
    /// What the log has been told of that it cannot be.
    pub(crate) told: Told,
}

impl Target {
    /// A target of which nothing is known yet, its metric handles resolved.
    pub fn new(parts: TargetParts, metrics: &Metrics) -> Self {
        let standing = Standing::new(&parts);
        Self::standing_so(parts, standing, metrics)
    }

    /// A target that was configured before: what is known about it stays known, as far as it has
    /// that in common with `old`.
    pub fn succeeding(parts: TargetParts, metrics: &Metrics, old: &Self, kept: &Kept) -> Self {
        let standing = old.standing.adopted(&parts, kept);
        Self::standing_so(parts, standing, metrics)
    }

    fn standing_so(parts: TargetParts, standing: Standing, metrics: &Metrics) -> Self {
        let handles = |model: &str| Arc::new(metrics.series(&parts.id, model));
        let known = parts.models.iter().chain(&parts.priced);
        let series = known.map(|model| (model.clone(), handles(model))).collect();
        let other_series = handles("unknown");
        let (discovered, listings, told) = <_>::default();
        Self { parts, discovered, listings, series, other_series, standing, told }
    }

    /// What it is made of.
    pub fn parts(&self) -> &TargetParts {
        &self.parts
    }

    /// Its name.
    pub fn id(&self) -> &TargetId {
        &self.parts.id
    }

    /// Whether `model` is its own.
    pub fn owns(&self, model: &str) -> Owns {
        let is_declared = self.parts.models.iter().any(|own| own == model);
        if is_declared || self.discovered.load().names.contains(model) {
            return Owns::Yes;
        }
        self.parts.provider.owns(model)
    }

    /// Whether the operator or the vendor names `model` here.
    pub(crate) fn lists(&self, model: &str) -> bool {
        let parts = &self.parts;
        let is_named = parts.models.iter().chain(&parts.priced).any(|own| own == model);
        is_named || self.discovered.load().names.contains(model)
    }

    /// What is known about its models.
    pub fn known(&self) -> &dyn Models {
        &*self.parts.known
    }

    /// The models that the vendor listed last.
    pub fn discovered(&self) -> Arc<Vec<DiscoveredModel>> {
        Arc::clone(&self.discovered.load().models)
    }

    /// The vendor has listed its models.
    pub fn set_discovered(&self, models: Arc<Vec<DiscoveredModel>>) {
        let names = models.iter().map(|model| model.id.as_str().into()).collect();
        self.discovered.store(Arc::new(Discovered { models, names }));
        let listings = self.listings();
        listings.iter().filter_map(Weak::upgrade).for_each(|count| {
            count.fetch_add(1, Release);
        });
    }

    /// Counts there, from now on, that the vendor has listed its models.
    pub(crate) fn tell_listings(&self, count: &Arc<AtomicU64>) {
        let mut listings = self.listings();
        listings.retain(|count| count.strong_count() > 0);
        listings.push(Arc::downgrade(count));
    }

    /// A list of counters, whole at every moment: a panic elsewhere does not spoil it.
    fn listings(&self) -> MutexGuard<'_, Vec<Weak<AtomicU64>>> {
        self.listings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    pub(crate) fn series(&self, model: &str) -> &Arc<Series> {
        self.series.get(model).unwrap_or(&self.other_series)
    }
}
