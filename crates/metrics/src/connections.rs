//! The handles by which clients' connections are counted.

use prometheus_client::metrics::{counter::Counter, gauge::Gauge};

/// Counts clients' connections.
#[derive(Clone, Debug)]
pub struct ConnectionMeter {
    pub(crate) active: Gauge,
    pub(crate) opened: Counter,
    pub(crate) closed: Counter,
}

/// A connection that is open for as long as this lives.
#[derive(Debug)]
pub struct OpenConnection<'a>(&'a ConnectionMeter);

impl ConnectionMeter {
    /// A client has connected.
    pub fn opened(&self) -> OpenConnection<'_> {
        self.opened.inc();
        self.active.inc();
        OpenConnection(self)
    }
}

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.active.dec();
        self.0.closed.inc();
    }
}
