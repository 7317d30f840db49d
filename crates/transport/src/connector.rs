//! Makes the ways out, all with one policy: TLS, proxies, names, idle connections.

use std::{sync::Arc, time::Duration};

use ferro_core::{Origin, Transport, Upstream};

use crate::{
    Proxies, Resolve, RootsError, Timeouts,
    dial::Way,
    egress::Egress,
    errands::{Attended, Board},
    public::Public,
    resolve::{Lookup, System},
    tls::Tls,
    upstream::Direct,
};

/// Makes upstreams and transports. Cheap to clone; opens nothing by itself.
#[derive(Clone, Debug)]
pub struct Connector(Arc<Policy>);

/// What all ways out of one connector have in common.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) tls: Tls,
    pub(crate) proxies: Proxies,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) keep: Keep,
    board: Arc<Board>,
}

/// Which idle connections are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    /// How many per origin.
    pub(crate) most: usize,
    /// How long.
    pub(crate) time: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            tls: Tls::default(),
            proxies: Proxies::none(),
            resolver: Arc::new(System),
            keep: Keep { most: 4096, time: Duration::from_secs(60) },
            board: Arc::default(),
        }
    }
}

impl Connector {
    /// A connector that trusts the certificates this system trusts, and knows no proxy.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A connector with something of its own.
    pub fn builder() -> ConnectorBuilder {
        ConnectorBuilder(Policy::default())
    }

    /// The way to one origin.
    pub fn upstream(&self, origin: &Origin, timeouts: Timeouts) -> Arc<dyn Upstream> {
        let line = Direct::new(Way::new(self.clone(), origin.clone()), timeouts);
        Arc::new(Attended::new(line, Arc::clone(&self.0.board)))
    }

    /// The way to any public host.
    pub fn transport(&self, timeouts: Timeouts) -> Arc<dyn Transport> {
        Arc::new(Public::new(self.clone(), Egress::Public, timeouts))
    }

    /// The way to any host that the operator chose: one that issues tokens may be on this machine,
    /// as a target may.
    pub fn operators_transport(&self, timeouts: Timeouts) -> Arc<dyn Transport> {
        Arc::new(Public::new(self.clone(), Egress::Target, timeouts))
    }

    /// The way to where the machine's own cloud serves its credentials, and to no other place. No proxy
    /// is asked. A machine that is in no cloud finds nobody there, so the time for a connection should
    /// be short.
    pub fn metadata_transport(&self, timeouts: Timeouts) -> Arc<dyn Transport> {
        Arc::new(Public::new(self.clone(), Egress::Metadata, timeouts))
    }

    /// Done when no errand of an upstream's is under way: each takes ten seconds at most.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the waiting, and no errand.
    pub async fn errands_over(&self) {
        self.0.board.is_clear().await;
    }

    /// How many errands were not sent: because too many were under way, or there was no runtime.
    pub fn errands_dropped(&self) -> u64 {
        self.0.board.dropped()
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.0
    }

    pub(crate) fn lookup(&self, egress: Egress) -> Lookup {
        Lookup { resolver: Arc::clone(&self.0.resolver), egress }
    }
}

impl Default for Connector {
    fn default() -> Self {
        Self::new()
    }
}

/// A [`Connector`] to be.
#[derive(Debug)]
pub struct ConnectorBuilder(Policy);

impl ConnectorBuilder {
    /// Trusts these root certificates, in PEM, beside those that the system trusts: for private
    /// authorities. May be called more than once.
    pub fn roots(mut self, pem: &[u8]) -> Result<Self, RootsError> {
        self.0.tls.trust(pem)?;
        Ok(self)
    }

    /// Goes out through these proxies. Without this call there are none.
    #[must_use]
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.0.proxies = proxies;
        self
    }

    /// Resolves names this way. What it finds is checked like the system's own answers.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.0.resolver = resolver;
        self
    }

    /// Keeps at most `most` idle connections for each origin (4096 otherwise), none longer than
    /// `time` (a minute otherwise).
    #[must_use]
    pub fn keep_idle(mut self, most: usize, time: Duration) -> Self {
        self.0.keep = Keep { most, time };
        self
    }

    /// The connector.
    pub fn build(self) -> Connector {
        Connector(Arc::new(self.0))
    }
}
