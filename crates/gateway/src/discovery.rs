//! Asks vendors, now and again, which models they have.

mod schedule;

use std::{
    sync::{Arc, PoisonError, Weak},
    time::Duration,
};

use ferro_core::TargetId;
use ferro_engine::{Engine, Target};
use futures_util::future::join_all;
use tokio::{
    runtime::Handle,
    time::{Instant, sleep_until, timeout},
};

use self::schedule::Schedule;
use crate::{Gateway, gateway::Inner};

/// A vendor that takes longer to list its models keeps the list that it had.
const PATIENCE: Duration = Duration::from_secs(15);

/// An interval in which nobody can be asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the interval of discovery must be longer than zero")]
pub struct ZeroInterval;

impl Gateway {
    /// Asks every vendor that lists its models, now and then after each interval, give or take a
    /// tenth, until [`shutdown`](Self::shutdown) or the next call of this. A list that cannot be had
    /// leaves the one before, and is asked for again after a minute, then after two, four, and so on
    /// up to the interval. Needs a tokio runtime.
    pub fn start_discovery(&self, every: Duration) -> Result<(), ZeroInterval> {
        if every.is_zero() {
            return Err(ZeroInterval);
        }
        let token = self.inner.stop.child_token();
        let mut running = self.inner.discovery.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = running.replace(token.clone()) {
            other.cancel();
        }
        let listing = keep_listing(Arc::downgrade(&self.inner), every);
        self.inner.tasks.spawn(token.run_until_cancelled_owned(listing));
        Ok(())
    }

    /// Asks every vendor that lists its models, once.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future keeps the lists that have come.
    pub async fn discover(&self) {
        let engine = self.engine();
        join_all(engine.targets().iter().map(|target| one(&engine, target))).await;
    }

    /// Whether any vendor has listed its models.
    pub fn has_discovered(&self) -> bool {
        self.engine().targets().iter().any(|target| !target.discovered().is_empty())
    }

    /// Has targets that a reload brought listed at once, where lists are kept at all: nobody waits for
    /// the next turn of the others.
    pub(crate) fn list_new(&self, new: &[&TargetId]) {
        let is_kept = {
            let running = self.inner.discovery.lock().unwrap_or_else(PoisonError::into_inner);
            running.is_some() || self.has_discovered()
        };
        let engine = self.engine();
        let lacks_list =
            |target: &&Arc<Target>| new.contains(&target.id()) && target.discovered().is_empty();
        let new: Vec<_> = engine.targets().iter().filter(lacks_list).map(Arc::clone).collect();
        // A program may reload outside of a runtime: its next listing brings them.
        let Some(runtime) = Handle::try_current().ok().filter(|_| is_kept && !new.is_empty())
        else {
            return;
        };
        let token = self.inner.stop.child_token();
        let listing = async move {
            join_all(new.iter().map(|target| one(&engine, target))).await;
        };
        self.inner.tasks.spawn_on(token.run_until_cancelled_owned(listing), &runtime);
    }
}

async fn keep_listing(gateway: Weak<Inner>, every: Duration) {
    let mut schedule = Schedule::new(every);
    loop {
        let Some(inner) = gateway.upgrade() else { return };
        let engine = Gateway { inner }.engine();
        let due = schedule.due(engine.targets(), Instant::now());
        let asked = due.iter().map(async |target| (target.id(), one(&engine, target).await));
        for (target, has_listed) in join_all(asked).await {
            schedule.settle(target, has_listed, Instant::now(), rand::random());
        }
        drop(engine); // nobody is kept alive by what waits
        sleep_until(schedule.next(Instant::now())).await;
    }
}

/// Asks one vendor. Whether there is nothing to ask again before the interval is over: it has listed
/// its models, or never does.
async fn one(engine: &Engine, target: &Target) -> bool {
    match timeout(PATIENCE, engine.discover(target)).await {
        Ok(Ok(Some(models))) => target.set_discovered(Arc::new(models)),
        Ok(Ok(None)) => {}
        Ok(Err(error)) => {
            tracing::warn!(target = %target.id(), %error, "models cannot be listed");
            return false;
        }
        Err(_) => {
            tracing::warn!(target = %target.id(), "models were not listed in time");
            return false;
        }
    }
    true
}
