//! From a host's name to the addresses that may be dialled.

use std::{
    error::Error,
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;

use crate::egress::Egress;

/// Finds the addresses of a name. The system's own resolver unless another is given to
/// [`ConnectorBuilder::resolver`](crate::ConnectorBuilder::resolver).
///
/// Whatever it answers is checked before it is dialled, so it need not be trusted.
#[async_trait]
pub trait Resolve: fmt::Debug + Send + Sync {
    /// The addresses of `host`, the best first. Never called with an address.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the question.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Debug)]
pub(crate) struct System;

#[async_trait]
impl Resolve for System {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// A resolver, and what may be dialled of its answers.
#[derive(Clone)]
pub(crate) struct Lookup {
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) egress: Egress,
}

impl Lookup {
    /// The addresses of `host` that may be dialled; at least one. Their port is zero.
    pub(crate) async fn addresses(
        &self,
        host: &str,
    ) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
        let found = match host.parse() {
            Ok(address) => vec![address],
            Err(_) => self.resolver.resolve(host).await?,
        };
        let mut refused = None;
        let mut allowed = Vec::with_capacity(found.len());
        for address in found {
            match self.egress.check(address) {
                Ok(()) => allowed.push(SocketAddr::new(address, 0)),
                Err(why) => refused = Some(why),
            }
        }
        match refused {
            _ if !allowed.is_empty() => Ok(allowed),
            Some(why) => Err(why.into()),
            None => Err("its name has no address".into()),
        }
    }
}
