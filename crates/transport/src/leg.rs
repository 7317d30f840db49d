//! The part of the way that is dialled from here: to the origin, or to the proxy.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
    vec,
};

use futures_util::future::BoxFuture;
use http::Uri;
use hyper_util::{
    client::legacy::connect::{HttpConnector, dns::Name},
    rt::TokioIo,
};
use rustls::{ClientConfig, pki_types::ServerName};
use socket2::{SockRef, TcpKeepalive};
use tokio::{net::TcpStream, time::Instant};
use tokio_rustls::TlsConnector;
use tower::{Service, ServiceExt};
use tracing::debug;

use crate::{
    Connector,
    dial::{Failure, Protocol, Socket, Times},
    egress::Egress,
    failure::Handshake,
    resolve::Lookup,
};

/// A model may think for longer than the boxes between here and there remember a silent connection,
/// so it is made to say something after this time, and again and again after that.
pub(crate) const KEEPALIVE: Duration = Duration::from_secs(60);
pub(crate) const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// Dials.
pub(crate) struct Leg {
    pub(crate) connector: Connector,
    pub(crate) times: Times,
}

impl Leg {
    /// Opens a connection to the first address of `host` that answers, of those where a target, or
    /// the operator's proxy, may be.
    pub(crate) async fn connect(self, host: String, port: u16) -> Result<Socket, Failure> {
        let started = Instant::now();
        let stream = match host.parse() {
            Ok(address) => {
                Egress::Target.check(address)?;
                TcpStream::connect(SocketAddr::new(address, port)).await?
            }
            Err(_) => self.find(&host, port).await?,
        };
        if let Err(error) = prepare(&stream) {
            debug!(%error, "a connection without its options"); // and it may do without
        }
        self.times.note(|steps| steps.connect = started.elapsed().saturating_sub(steps.dns));
        Ok(TokioIo::new(Box::new(stream)))
    }

    /// Looks `host` up, and connects to whichever of its addresses answers first. An address needs
    /// nothing of this, and is dialled with fewer system calls.
    async fn find(&self, host: &str, port: u16) -> Result<TcpStream, Failure> {
        let lookup = self.connector.lookup(Egress::Target);
        let resolving = Resolving { lookup, times: self.times.clone() };
        let tcp = HttpConnector::new_with_resolver(resolving);
        Ok(tcp.oneshot(uri(host, port)?).await?.into_inner())
    }
}

/// Sets what a connection needs once it stands: one that is refused has cost none of it.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE_INTERVAL);
    SockRef::from(stream).set_tcp_keepalive(&keepalive)?;
    stream.set_nodelay(true)
}

/// Looks names up for `HttpConnector`, and notes how long that takes.
#[derive(Clone)]
struct Resolving {
    lookup: Lookup,
    times: Times,
}

impl Service<Name> for Resolving {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Self::Response, Failure>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Self { lookup, times } = self.clone();
        Box::pin(async move {
            let started = Instant::now();
            let found = lookup.addresses(name.as_str()).await?;
            times.note(|steps| steps.dns = started.elapsed());
            Ok(found.into_iter())
        })
    }
}

/// Speaks TLS to `host`, and agrees on what is spoken over it.
pub(crate) async fn secure(
    socket: Socket,
    host: String,
    config: Arc<ClientConfig>,
) -> Result<(Socket, Protocol), Failure> {
    let name = ServerName::try_from(host.clone())?;
    let stream = TlsConnector::from(config).connect(name, socket.into_inner()).await;
    let stream = stream.map_err(|source| Handshake { host, source })?;
    let protocol = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Protocol::Http2,
        _ => Protocol::Http1,
    };
    Ok((TokioIo::new(Box::new(stream)), protocol))
}

/// A place, as hyper-util's connectors are told of it.
pub(crate) fn uri(host: &str, port: u16) -> Result<Uri, http::Error> {
    Uri::builder().scheme("http").authority(format!("{host}:{port}")).path_and_query("/").build()
}

/// An address, as it stands in a URL.
pub(crate) fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}
