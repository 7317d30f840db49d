//! The way to any public host: the same path as a target's, an origin at a time.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use ferro_core::{ErrorKind, Inflow, Origin, Payload, ProviderError, Transport, Upstream};
use http::{Request, Response, Uri};

use crate::{Connector, Timeouts, dial::Way, egress::Egress, upstream::Direct};

/// Origins whose connections are kept; strangers name them, so they are bounded.
const MAX_ORIGINS: usize = 64;

/// Any public host.
pub(crate) struct Public {
    connector: Connector,
    timeouts: Timeouts,
    /// The origins that were asked, the most recent last.
    origins: Mutex<Vec<Arc<Direct>>>,
}

impl Public {
    pub(crate) fn new(connector: Connector, timeouts: Timeouts) -> Self {
        Self { connector, timeouts, origins: Mutex::default() }
    }

    fn to(&self, origin: Origin) -> Arc<Direct> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        let direct = match origins.iter().position(|known| *known.origin() == origin) {
            Some(at) => origins.remove(at),
            None => {
                let way = Way::new(self.connector.clone(), origin, Egress::Public);
                Arc::new(Direct::new(way, self.timeouts))
            }
        };
        if origins.len() == MAX_ORIGINS {
            origins.remove(0);
        }
        origins.push(Arc::clone(&direct));
        direct
    }
}

#[async_trait]
impl Transport for Public {
    async fn send(&self, request: Request<Payload>) -> Result<Response<Inflow>, ProviderError> {
        let origin = origin(request.uri())?;
        self.to(origin).send(request).await
    }
}

fn origin(uri: &Uri) -> Result<Origin, ProviderError> {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", http::uri::Authority::as_str);
    let split = Origin::split(&format!("{scheme}://{authority}"));
    split
        .map(|(origin, _)| origin)
        .map_err(|error| ProviderError::new(ErrorKind::Invalid).with_message(error.to_string()))
}
