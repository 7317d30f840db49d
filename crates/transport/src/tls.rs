//! Whom we believe to be who they say, and which protocols we offer them.

use std::sync::{Arc, OnceLock};

use rustls::{
    ClientConfig,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

/// Root certificates that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the root certificates cannot be used: {0}")]
pub struct RootsError(String);

/// The TLS configurations, made when one is first needed: reading a system's certificates takes
/// milliseconds that a gateway to local models never pays.
#[derive(Debug, Default)]
pub(crate) struct Tls {
    /// Trusted beside the system's.
    roots: Vec<CertificateDer<'static>>,
    made: OnceLock<Result<Configs, String>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Configs {
    /// For origins: HTTP/2 where they offer it.
    pub(crate) origin: Arc<ClientConfig>,
    /// For proxies, which are asked in HTTP/1.1.
    pub(crate) proxy: Arc<ClientConfig>,
}

impl Tls {
    /// Trusts the certificates in `pem` too.
    pub(crate) fn trust(&mut self, pem: &[u8]) -> Result<(), RootsError> {
        let before = self.roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            self.roots.push(certificate.map_err(|error| RootsError(error.to_string()))?);
        }
        match self.roots.len() == before {
            true => Err(RootsError("there is no `BEGIN CERTIFICATE` in them".to_owned())),
            false => Ok(()),
        }
    }

    pub(crate) fn configs(&self) -> Result<Configs, String> {
        let make = || self.make().map_err(|error| format!("TLS cannot be set up: {error}"));
        self.made.get_or_init(make).clone()
    }

    fn make(&self) -> Result<Configs, rustls::Error> {
        let crypto = Arc::new(ring::default_provider());
        let roots = self.roots.iter().cloned();
        let verifier = Arc::new(Verifier::new_with_extra_roots(roots, Arc::clone(&crypto))?);
        let proxy = ClientConfig::builder_with_provider(crypto)
            .with_safe_default_protocol_versions()?
            .dangerous() // rustls' word for any verifier but its own
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        let mut origin = proxy.clone();
        origin.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Configs { origin: Arc::new(origin), proxy: Arc::new(proxy) })
    }
}
