//! An origin whose every byte the test decides, and the ways to ask it.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{ErrorKind, Inflow, Origin, Payload, ProviderError, Upstream};
use ferro_transport::{Connector, Resolve, Timeouts};
use futures_util::{StreamExt, TryStreamExt};
use http::{Request, Response};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

pub(crate) const AUTHORITY: &[u8] = include_bytes!("certificates/authority.pem");
const CERTIFICATE: &[u8] = include_bytes!("certificates/origin.pem");
const KEY: &[u8] = include_bytes!("certificates/origin.key");

/// Ten times what is promised for a cancelled call.
pub(crate) const SOON: Duration = Duration::from_secs(1);
/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A socket that connections come in by.
pub(crate) struct Listener(TcpListener);

impl Listener {
    pub(crate) async fn bind() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// The upstream that leads here.
    pub(crate) fn upstream(&self, connector: &Connector, timeouts: Timeouts) -> Arc<dyn Upstream> {
        upstream(connector, &format!("http://127.0.0.1:{}", self.port()), timeouts)
    }

    pub(crate) async fn accept(&self) -> Peer<TcpStream> {
        Peer { stream: within(self.0.accept()).await.unwrap().0 }
    }

    /// Accepts and speaks TLS, offering `protocols`.
    pub(crate) async fn accept_tls(&self, protocols: &[&str]) -> Peer<TlsStream<TcpStream>> {
        let Peer { stream } = self.accept().await;
        let stream = within(acceptor(protocols).accept(stream)).await.unwrap();
        Peer { stream }
    }

    /// Accepts and speaks TLS to somebody who will not have it.
    pub(crate) async fn refuse_tls(&self) {
        let Peer { stream } = self.accept().await;
        assert!(within(acceptor(&[]).accept(stream)).await.is_err());
    }

    /// Whether nobody has come who was not accepted.
    pub(crate) async fn is_quiet(&self) -> bool {
        timeout(Duration::from_millis(50), self.0.accept()).await.is_err()
    }
}

pub(crate) fn acceptor(protocols: &[&str]) -> TlsAcceptor {
    let certificates = CertificateDer::pem_slice_iter(CERTIFICATE).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// The other end of a connection.
pub(crate) struct Peer<S> {
    pub(crate) stream: S,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    /// Reads one request whose body has a length, as it came.
    pub(crate) async fn request(&mut self) -> String {
        within(async {
            let mut bytes = Vec::new();
            loop {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let length = head
                        .lines()
                        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                    if body.len() >= length.unwrap_or(0) {
                        return text;
                    }
                }
                assert!(self.stream.read_buf(&mut bytes).await.unwrap() > 0, "closed: {text}");
            }
        })
        .await
    }

    /// Whether anything is asked before the other side is gone.
    pub(crate) async fn is_asked(&mut self) -> bool {
        let mut bytes = [0; 4096];
        within(self.stream.read(&mut bytes)).await.is_ok_and(|read| read > 0)
    }

    /// Reads exactly `length` bytes.
    pub(crate) async fn read(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        within(self.stream.read_exact(&mut bytes)).await.unwrap();
        bytes
    }

    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Answers a request whole.
    pub(crate) async fn answer(&mut self, body: &str) {
        self.say(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await;
    }

    /// Hangs up, once everything is said.
    pub(crate) async fn shut(mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Waits until the other side is gone.
    pub(crate) async fn gone(&mut self) {
        let mut rest = [0; 1024];
        let reading = async { while self.stream.read(&mut rest).await.is_ok_and(|n| n > 0) {} };
        timeout(SOON, reading).await.expect("the connection is still open");
    }
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("what must come did not")
}

/// A connector that trusts the test's authority.
pub(crate) fn trusting() -> Connector {
    Connector::builder().roots(AUTHORITY).unwrap().build()
}

pub(crate) fn upstream(connector: &Connector, url: &str, timeouts: Timeouts) -> Arc<dyn Upstream> {
    connector.upstream(&Origin::split(url).unwrap().0, timeouts)
}

pub(crate) fn get(path: &str) -> Request<Payload> {
    Request::get(path).body(Payload::empty()).unwrap()
}

pub(crate) fn post(path: &str, body: impl Into<Bytes>) -> Request<Payload> {
    Request::post(path).body(Payload::from(body.into())).unwrap()
}

/// The body, read to its end.
pub(crate) async fn text(response: Response<Inflow>) -> Result<String, ProviderError> {
    let pieces: Vec<Bytes> = within(response.into_body().try_collect()).await?;
    Ok(String::from_utf8(pieces.concat()).unwrap())
}

/// The next piece of a body.
pub(crate) async fn piece(body: &mut Inflow) -> Bytes {
    within(body.next()).await.expect("the body ended").expect("the body broke")
}

/// The words of an error of this kind.
pub(crate) fn message<T>(result: Result<T, ProviderError>, kind: ErrorKind) -> String {
    let Err(error) = result else { panic!("an answer where {kind:?} was to be expected") };
    assert_eq!(error.kind(), kind, "{error}");
    error.message().unwrap_or_default().to_owned()
}

/// A resolver that has one answer, and writes down what it was asked.
#[derive(Debug)]
pub(crate) struct Names {
    addresses: Vec<IpAddr>,
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Names {
    /// Every name stands for this address.
    pub(crate) fn all_at(address: &str) -> Arc<Self> {
        Self::all_at_each(&[address])
    }

    /// Every name stands for these addresses.
    pub(crate) fn all_at_each(addresses: &[&str]) -> Arc<Self> {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self { addresses, asked: Mutex::default() })
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(host.to_owned());
        Ok(self.addresses.clone())
    }
}
