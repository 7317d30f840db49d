//! What happened: every request as it came, and when connections came and went.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use crate::Received;

/// A connection as the upstream saw it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Connection {
    /// When it was accepted.
    pub opened: Instant,
    /// Its end, if it has ended.
    pub closed: Option<Closed>,
    /// Requests that came on it.
    pub requests: usize,
}

/// The end of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Closed {
    /// When it was noticed.
    pub at: Instant,
    /// Who ended it.
    pub by: Side,
}

/// A side of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// Whoever asks.
    Peer,
    /// The scripted upstream.
    Upstream,
}

/// The record of everything.
#[derive(Debug)]
pub(crate) struct Journal {
    state: Mutex<State>,
    /// Whoever waits for something looks again when this changes.
    changes: watch::Sender<()>,
    /// Off for long measurements, which would fill the memory.
    keeps: bool,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) requests: Vec<Received>,
    pub(crate) connections: Vec<Connection>,
}

impl Journal {
    pub(crate) fn new(keeps: bool) -> Self {
        Self { state: Mutex::default(), changes: watch::Sender::new(()), keeps }
    }

    /// A connection was accepted; which one it is.
    pub(crate) fn opened(&self) -> usize {
        if !self.keeps {
            return 0;
        }
        let connection = Connection { opened: Instant::now(), closed: None, requests: 0 };
        let mut state = self.state();
        state.connections.push(connection);
        let index = state.connections.len() - 1;
        drop(state);
        self.changes.send_replace(());
        index
    }

    pub(crate) fn received(&self, request: Received) {
        if !self.keeps {
            return;
        }
        let mut state = self.state();
        if let Some(connection) = state.connections.get_mut(request.connection) {
            connection.requests += 1;
        }
        state.requests.push(request);
        drop(state);
        self.changes.send_replace(());
    }

    pub(crate) fn closed(&self, connection: usize, by: Side) {
        if !self.keeps {
            return;
        }
        if let Some(connection) = self.state().connections.get_mut(connection) {
            connection.closed = Some(Closed { at: Instant::now(), by });
        }
        self.changes.send_replace(());
    }

    /// Looks at what there is, and again after every change, until something is found.
    pub(crate) async fn wait<T>(
        &self,
        deadline: Duration,
        mut find: impl FnMut(&State) -> Option<T>,
    ) -> Option<T> {
        let mut changes = self.changes.subscribe();
        let search = async {
            loop {
                let found = find(&self.state());
                if found.is_some() {
                    return found;
                }
                changes.changed().await.ok()?;
            }
        };
        timeout(deadline, search).await.ok().flatten()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
