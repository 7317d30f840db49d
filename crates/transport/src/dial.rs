//! Opens one connection to an origin: resolves, checks, connects, and speaks TLS where asked to.

use std::{net::SocketAddr, sync::Arc};

use ferro_core::{ErrorKind, Origin, ProviderError};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
};
use tokio_rustls::TlsConnector;

use crate::{Connector, egress};

/// A connection, whatever it is made of.
pub(crate) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// Opens a connection to `origin`.
pub(crate) async fn dial(
    connector: &Connector,
    origin: &Origin,
) -> Result<Box<dyn Connection>, ProviderError> {
    let tcp = connect(origin).await?;
    tcp.set_nodelay(true).map_err(|error| unreachable(origin, &error))?;
    if !origin.is_tls() {
        return Ok(Box::new(tcp));
    }
    let host = origin.host().trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(host).map_err(|error| unreachable(origin, &error))?;
    let tls = TlsConnector::from(Arc::clone(&connector.tls()?));
    let stream = tls.connect(name, tcp).await.map_err(|error| unreachable(origin, &error))?;
    Ok(Box::new(stream))
}

async fn connect(origin: &Origin) -> Result<TcpStream, ProviderError> {
    let host = origin.host().trim_matches(['[', ']']);
    let found = lookup_host((host, origin.port())).await;
    let found = found.map_err(|error| unreachable(origin, &error))?;
    let (allowed, refused): (Vec<SocketAddr>, Vec<SocketAddr>) =
        found.partition(|address| egress::is_allowed_target(address.ip()));
    let mut last = match refused.first() {
        Some(address) => {
            format!("its address {} is link-local, which no target may be", address.ip())
        }
        None => "its name has no address".to_owned(),
    };
    for address in allowed {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error.to_string(),
        }
    }
    Err(unreachable(origin, &last))
}

fn unreachable(origin: &Origin, why: &dyn std::fmt::Display) -> ProviderError {
    let message = format!("{origin} cannot be reached: {why}");
    ProviderError::new(ErrorKind::Transport).with_message(message)
}
