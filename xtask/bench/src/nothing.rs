//! The proxy that does nothing: hyper on one side, hyper-util's pooled client on the other, and no
//! logic between. Everything else is measured against it.

use std::{io, net::SocketAddr};

use http::{
    Request, Response, Uri,
    uri::{Authority, Scheme},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Passes everything on to one upstream, for as long as it is polled.
pub async fn serve(listener: TcpListener, upstream: SocketAddr) -> io::Result<()> {
    let authority = Authority::try_from(upstream.to_string()).map_err(io::Error::other)?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .build::<_, Incoming>(connector);
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        connections.spawn(converse(stream, client.clone(), authority.clone()));
        while connections.try_join_next().is_some() {}
    }
}

type Pooled = Client<HttpConnector, Incoming>;

async fn converse(stream: TcpStream, client: Pooled, authority: Authority) {
    let service = service_fn(|request| forward(&client, &authority, request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A peer that leaves in the middle is what happens when a run is over.
    drop(connection.await);
}

async fn forward(
    client: &Pooled,
    authority: &Authority,
    mut request: Request<Incoming>,
) -> Result<Response<Incoming>, Error> {
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority.clone());
    *request.uri_mut() = Uri::from_parts(parts).expect("all parts of a URI are there");
    client.request(request).await
}
