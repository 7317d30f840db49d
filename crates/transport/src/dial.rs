//! Opens one connection to an origin: past a proxy where there is one, over TLS where asked to.

use std::{
    convert::Infallible,
    error::Error,
    future::{Ready, ready},
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use ferro_core::{Origin, ProviderError};
use http::Uri;
use hyper_util::{
    client::legacy::connect::proxy::{SocksV5, Tunnel},
    rt::TokioIo,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};
use tower::{Service, ServiceExt};
use tracing::debug;

use crate::{
    Connector,
    connector::Keep,
    egress::Egress,
    failure,
    leg::{Leg, bracketed, secure, uri},
    proxy::{Proxy, Work},
};

/// A connection, whatever it is made of.
pub(crate) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

pub(crate) type Socket = TokioIo<Box<dyn Connection>>;
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// What an origin agreed to speak.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// The way to one origin.
pub(crate) struct Way {
    connector: Connector,
    pub(crate) origin: Origin,
    pub(crate) proxy: Option<Proxy>,
}

/// How long the steps of opening a connection took; written by whoever takes the step.
#[derive(Clone, Default)]
pub(crate) struct Times(Arc<Mutex<Steps>>);

#[derive(Clone, Copy, Default)]
pub(crate) struct Steps {
    pub(crate) dns: Duration,
    pub(crate) connect: Duration,
    proxy: Duration,
    tls: Duration,
}

impl Times {
    pub(crate) fn note(&self, write: impl FnOnce(&mut Steps)) {
        write(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn steps(&self) -> Steps {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Way {
    pub(crate) fn new(connector: Connector, origin: Origin) -> Self {
        let proxy = connector.policy().proxies.between(&origin);
        Self { connector, origin, proxy }
    }

    /// Which idle connections are kept.
    pub(crate) fn keep(&self) -> Keep {
        self.connector.policy().keep
    }

    /// Opens a connection.
    pub(crate) async fn open(&self) -> Result<(Socket, Protocol), ProviderError> {
        let times = Times::default();
        match self.dial(&times).await {
            Ok((socket, protocol)) => {
                self.tell(times.steps(), protocol);
                Ok((socket, protocol))
            }
            Err(error) => Err(failure::unreachable(&self.origin, self.proxy.as_ref(), &*error)),
        }
    }

    async fn dial(&self, times: &Times) -> Result<(Socket, Protocol), Failure> {
        let leg = Leg { connector: self.connector.clone(), times: times.clone() };
        let host = self.origin.host().trim_matches(['[', ']']).to_owned();
        let socket = match &self.proxy {
            None => leg.connect(host.clone(), self.origin.port()).await?,
            Some(proxy) => {
                Egress::Target.check_host(&host)?;
                let socket = leg.connect(proxy.host.clone(), proxy.port).await?;
                let started = Instant::now();
                let socket = self.pass(proxy, socket).await?;
                times.note(|steps| steps.proxy = started.elapsed());
                socket
            }
        };
        if !self.origin.is_tls() {
            return Ok((socket, Protocol::Http1));
        }
        let started = Instant::now();
        let secured = secure(socket, host, self.connector.policy().tls.configs()?.origin).await?;
        times.note(|steps| steps.tls = started.elapsed());
        Ok(secured)
    }

    /// Asks a proxy for the origin.
    async fn pass(&self, proxy: &Proxy, mut socket: Socket) -> Result<Socket, Failure> {
        if proxy.is_tls {
            let config = self.connector.policy().tls.configs()?.proxy;
            (socket, _) = secure(socket, proxy.host.clone(), config).await?;
        }
        let nowhere = Uri::from_static("http://proxy"); // `Opened` is there already
        match &proxy.work {
            Work::Forward(_) => Ok(socket),
            Work::Tunnel(login) => {
                let mut tunnel = Tunnel::new(nowhere, Opened(Some(socket)));
                if let Some(login) = login {
                    tunnel = tunnel.with_auth(login.clone());
                }
                Ok(tunnel.oneshot(uri(self.origin.host(), self.origin.port())?).await?)
            }
            Work::Socks { login, resolves_names } => {
                let mut socks = SocksV5::new(nowhere, Opened(Some(socket)));
                if let Some((name, word)) = login {
                    socks = socks.with_auth(name.clone(), word.expose().to_owned());
                }
                let host = match resolves_names {
                    true => self.origin.host().to_owned(),
                    false => self.address().await?,
                };
                let socket = socks.oneshot(uri(&host, self.origin.port())?).await;
                // This error says its cause in its debug form alone.
                socket.map_err(|error| format!("{error}: {error:?}").into())
            }
        }
    }

    /// The origin's address, where the proxy is not to resolve its name.
    async fn address(&self) -> Result<String, Failure> {
        let host = self.origin.host().trim_matches(['[', ']']);
        let found = self.connector.lookup(Egress::Target).addresses(host).await?;
        Ok(bracketed(found[0].ip()))
    }

    fn tell(&self, steps: Steps, protocol: Protocol) {
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        debug!(
            origin = %self.origin,
            proxy = self.proxy.as_ref().map(tracing::field::display),
            ?protocol,
            dns_ms = millis(steps.dns),
            connect_ms = millis(steps.connect),
            proxy_ms = millis(steps.proxy),
            tls_ms = millis(steps.tls),
            "connected"
        );
    }
}

/// hyper-util's proxies open their own connection: this is one that is open already.
struct Opened(Option<Socket>);

impl Service<Uri> for Opened {
    type Response = Socket;
    type Error = Infallible;
    type Future = Ready<Result<Socket, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(Ok(self.0.take().expect("a proxy is connected to once")))
    }
}
