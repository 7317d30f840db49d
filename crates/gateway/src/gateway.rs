//! A running gateway.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use ferro_access::Doors;
use ferro_config::Config;
use ferro_core::{Ingress, Owns, Provider, Surface, SurfaceKind, TargetId, surface};
use ferro_engine::Engine;
use tokio::time::{Instant, timeout_at};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Explanation, GatewayBuilder, GatewayError, Skipped,
    history::History,
    outbox::Outbox,
    recipe::{Made, Recipe},
};

/// A gateway: one configuration at work, exchanged as a whole by [`reload`](Self::reload). Clones
/// are the same gateway; two that were built share nothing.
#[derive(Clone)]
pub struct Gateway {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    made: ArcSwap<Made>,
    /// Held while a new engine is made, so that two reloads do not overtake each other.
    reloading: Mutex<()>,
    pub(crate) recipe: Recipe,
    doors: Doors,
    outboxes: Vec<Arc<Outbox>>,
    history: Arc<History>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    /// Ends the discovery that is running, if one is.
    pub(crate) discovery: Mutex<Option<CancellationToken>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A target that could answer, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Resolved {
    /// The target.
    pub target: TargetId,
    /// Whether the model is its own, or it takes any name.
    pub owns: Owns,
}

/// What a reload changed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReloadReport {
    /// Targets that were not there before.
    pub added: Vec<TargetId>,
    /// Targets that are no longer there.
    pub removed: Vec<TargetId>,
    /// Targets that were made anew.
    pub changed: Vec<TargetId>,
    /// Targets that could not be built, and so are not asked.
    pub skipped: Vec<Skipped>,
}

impl Gateway {
    /// A gateway to be.
    pub fn builder() -> GatewayBuilder {
        GatewayBuilder::default()
    }

    pub(crate) fn assemble(
        config: Config,
        recipe: Recipe,
        doors: Doors,
        (outboxes, history): (Vec<Arc<Outbox>>, Arc<History>),
    ) -> Result<Self, GatewayError> {
        let made = recipe.make(config, None)?;
        recipe.watch(&made);
        let (made, stop) = (ArcSwap::from_pointee(made), CancellationToken::new());
        let inner = Inner {
            made,
            reloading: Mutex::default(),
            recipe,
            doors,
            outboxes,
            history,
            tasks: TaskTracker::new(),
            discovery: Mutex::default(),
            stop,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What requests go through now. A request keeps the one that it came to.
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.inner.made.load().engine)
    }

    /// The configuration at work.
    pub fn config(&self) -> Arc<Config> {
        Arc::clone(&self.inner.made.load().config)
    }

    /// Targets that could not be built, and so are not asked.
    pub fn skipped(&self) -> Vec<Skipped> {
        self.inner.made.load().skipped.clone()
    }

    pub(crate) fn made(&self) -> Arc<Made> {
        self.inner.made.load_full()
    }

    /// Who is let in over HTTP.
    pub fn doors(&self) -> &Doors {
        &self.inner.doors
    }

    /// Why one of the last requests went where it went, if its record is still in memory; the last
    /// one's, if clients gave several the same name.
    pub fn explain(&self, request_id: &str) -> Option<Explanation> {
        self.inner.history.find(request_id).map(|record| Explanation::of(&record))
    }

    /// How many of the last requests can be explained.
    pub fn explains_last(&self) -> usize {
        self.inner.history.length()
    }

    /// The dialects that clients may speak.
    pub fn ingresses(&self) -> &[&'static Ingress] {
        self.inner.recipe.registry.ingresses()
    }

    /// Puts another configuration to work, at once and as a whole; or leaves the one that works,
    /// and says everything that is wrong with the other. Requests under way end where they began.
    /// Targets that did not change keep their connections and what is known about them.
    pub fn reload(&self, config: Config) -> Result<ReloadReport, GatewayError> {
        let _one_at_a_time = self.inner.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.inner.made.load_full();
        let made = self.inner.recipe.make(config, Some(&before))?;
        let report = compare(&before, &made);
        self.inner.recipe.watch(&made);
        self.inner.made.store(Arc::new(made));
        self.list_new(&report.added.iter().chain(&report.changed).collect::<Vec<_>>());
        Ok(report)
    }

    /// The names of the targets, in the configured order.
    pub fn providers(&self) -> Vec<TargetId> {
        self.engine().targets().iter().map(|target| target.id().clone()).collect()
    }

    /// The provider behind a target.
    pub fn provider(&self, target: &str) -> Option<Arc<dyn Provider>> {
        let engine = self.engine();
        let found = engine.targets().iter().find(|candidate| **candidate.id() == *target)?;
        Some(Arc::clone(&found.parts().provider))
    }

    /// The targets that could answer for `model`, an alias or a name, in the configured order.
    /// Empty where nobody serves the surface, or nobody has the model.
    pub fn resolve(&self, model: &str, surface: SurfaceKind) -> Vec<Resolved> {
        let engine = self.engine();
        let model = engine.resolve_alias(model);
        let named = surface::with(surface, Candidates { engine: &engine, model });
        named.unwrap_or_default()
    }

    /// Done when every tool server is connected. There are none, so it is done at once.
    pub fn mcp_ready(&self) -> impl Future<Output = ()> + Send + use<> {
        std::future::ready(())
    }

    /// Ends what runs in the background and waits for hooks and records to be handled, for `grace`
    /// at most. Requests that still come are served, and told to nobody who has stopped listening.
    /// Twice is fine.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the waiting; what was told to stop stops.
    pub async fn shutdown(&self, grace: Duration) {
        let deadline = Instant::now() + grace;
        self.inner.stop.cancel();
        self.inner.tasks.close();
        drop(timeout_at(deadline, self.inner.tasks.wait()).await); // late: they were told to stop
        // What a client left behind is told to its vendor, as far as that can be done in the time.
        drop(timeout_at(deadline, self.inner.recipe.connector.errands_over()).await);
        for outbox in &self.inner.outboxes {
            outbox.flush(deadline).await;
        }
    }
}

/// Names the targets that could answer for a model on a surface.
struct Candidates<'a> {
    engine: &'a Engine,
    model: &'a str,
}

impl surface::With for Candidates<'_> {
    type Out = Vec<Resolved>;

    fn with<S: Surface>(self) -> Vec<Resolved> {
        let Self { engine, model } = self;
        let resolved = engine
            .candidates::<S>(model)
            .into_iter()
            .map(|target| Resolved { target: target.id().clone(), owns: target.owns(model) });
        resolved.collect()
    }
}

fn compare(before: &Made, after: &Made) -> ReloadReport {
    let mut report = ReloadReport { skipped: after.skipped.clone(), ..ReloadReport::default() };
    for target in after.engine.targets() {
        match before.engine.targets().iter().find(|old| old.id() == target.id()) {
            None => report.added.push(target.id().clone()),
            Some(old) if !Arc::ptr_eq(old, target) => report.changed.push(target.id().clone()),
            Some(_) => {}
        }
    }
    let is_gone = |id: &TargetId| after.engine.targets().iter().all(|target| target.id() != id);
    let old = before.engine.targets().iter().map(|target| target.id());
    report.removed = old.filter(|id| is_gone(id)).cloned().collect();
    report
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("engine", &self.engine()).finish_non_exhaustive()
    }
}
