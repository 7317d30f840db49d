//! Makes the ways out, all with one TLS configuration.

use std::sync::{Arc, OnceLock};

use ferro_core::{ErrorKind, Origin, ProviderError, Transport, Upstream};
use rustls::{ClientConfig, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::{Timeouts, public::Public, upstream::Direct};

/// Makes upstreams and transports. Cheap to clone; opens nothing by itself.
#[derive(Clone, Debug, Default)]
pub struct Connector {
    tls: Arc<OnceLock<Result<Arc<ClientConfig>, String>>>,
}

impl Connector {
    /// A connector that trusts the certificates this system trusts.
    pub fn new() -> Self {
        Self::default()
    }

    /// The way to one origin.
    pub fn upstream(&self, origin: &Origin, timeouts: Timeouts) -> Arc<dyn Upstream> {
        Arc::new(Direct::new(self.clone(), origin.clone(), timeouts))
    }

    /// The way to any public host.
    pub fn transport(&self, timeouts: Timeouts) -> Arc<dyn Transport> {
        Arc::new(Public::new(self.clone(), timeouts))
    }

    /// The TLS configuration, made when it is first needed: reading a system's certificates takes
    /// milliseconds that a gateway to local models never pays.
    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, ProviderError> {
        let made = self.tls.get_or_init(|| tls_config().map(Arc::new).map_err(|e| e.to_string()));
        made.clone().map_err(|message| {
            let message = format!("TLS cannot be set up: {message}");
            ProviderError::new(ErrorKind::Transport).with_message(message)
        })
    }
}

fn tls_config() -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
