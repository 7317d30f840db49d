//! Asks vendors, now and again, which models they have.

use std::{
    sync::{Arc, PoisonError, Weak},
    time::Duration,
};

use ferro_engine::Engine;
use futures_util::future::join_all;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::{Gateway, gateway::Inner};

/// A vendor that takes longer to list its models keeps the list that it had.
const PATIENCE: Duration = Duration::from_secs(15);

/// An interval in which nobody can be asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the interval of discovery must be longer than zero")]
pub struct ZeroInterval;

impl Gateway {
    /// Asks every vendor that lists its models, now and then after each interval, until
    /// [`shutdown`](Self::shutdown) or the next call of this. A list that cannot be had leaves the
    /// one before. Needs a tokio runtime.
    pub fn start_discovery(&self, every: Duration) -> Result<(), ZeroInterval> {
        if every.is_zero() {
            return Err(ZeroInterval);
        }
        let token = self.inner.stop.child_token();
        let mut running = self.inner.discovery.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *running, token.clone()).cancel();
        let gateway: Weak<Inner> = Arc::downgrade(&self.inner);
        self.inner.tasks.spawn(token.run_until_cancelled_owned(async move {
            let mut ticks = interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let Some(inner) = gateway.upgrade() else { return };
                Gateway { inner }.discover().await;
            }
        }));
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
}

async fn one(engine: &Engine, target: &ferro_engine::Target) {
    let listed = timeout(PATIENCE, engine.discover(target)).await;
    match listed {
        Ok(Ok(Some(models))) => target.set_discovered(Arc::new(models)),
        Ok(Ok(None)) => {}
        Ok(Err(error)) => {
            tracing::warn!(target = %target.id(), %error, "models cannot be listed");
        }
        Err(_) => tracing::warn!(target = %target.id(), "models were not listed in time"),
    }
}
