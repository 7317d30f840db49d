//! The tasks of one upstream, which end with it.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use hyper::rt::Executor;
use tokio::task::JoinSet;

/// The tasks that an upstream's HTTP/2 connections and its pool need. Dropping it ends them all.
#[derive(Debug, Default)]
pub(crate) struct Tasks(Mutex<JoinSet<()>>);

impl Tasks {
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {} // forgets those that have ended
        tasks.spawn(task);
    }

    /// What hyper starts a connection's own tasks with.
    pub(crate) fn spawner(self: &Arc<Self>) -> Spawner {
        Spawner(Arc::downgrade(self))
    }
}

/// Starts tasks for as long as there is somebody to own them. The tasks hold it themselves, so it
/// must not keep their owner alive.
#[derive(Clone, Debug)]
pub(crate) struct Spawner(Weak<Tasks>);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Spawner {
    fn execute(&self, task: F) {
        if let Some(tasks) = self.0.upgrade() {
            tasks.spawn(task);
        }
    }
}
