//! Listens and serves until the process is told to stop, then drains.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use ferro_gateway::Gateway;
use ferro_http::Plane;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

use crate::connection::Connections;

/// As long as requests under way may take to end once the process is told to stop.
const GRACE: Duration = Duration::from_secs(15);
/// As long as hooks and the log may take after that.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// A pause after the system would not give another connection (it is out of descriptors).
const BREATH: Duration = Duration::from_millis(50);

/// A gateway that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    gateway: Gateway,
    grace: Duration,
}

impl Server {
    /// Binds an address.
    #[expect(clippy::unused_async, reason = "only inside a runtime can a socket be bound")]
    pub async fn bind(address: SocketAddr, gateway: Gateway) -> io::Result<Self> {
        let listener = listen(address)?;
        Ok(Self { listener, gateway, grace: GRACE })
    }

    /// The same server, with another patience for requests that are under way when it is told to
    /// stop: 15 seconds unless told otherwise.
    #[must_use]
    pub fn with_grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is done. Then it listens no more, lets the requests under way end, breaks
    /// off what is left after the grace, and waits for hooks and the log.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, gateway, grace } = self;
        let connections =
            Arc::new(Connections::new(Plane::new(gateway.clone()), gateway.engine().metrics()));
        // Every connection listens, and has ended when it does so no more.
        let (mut tasks, (drain, _)) = (JoinSet::new(), watch::channel(()));
        let mut stop = std::pin::pin!(stop);
        let begin = |tasks: &mut JoinSet<()>, (stream, peer): (TcpStream, SocketAddr)| {
            let (connections, told) = (Arc::clone(&connections), drain.subscribe());
            tasks.spawn(async move { connections.serve(stream, peer, told).await });
        };
        loop {
            tokio::select! {
                // Cancel-safe: a connection that is not accepted stays in the listener's queue.
                accepted = listener.accept() => {
                    let Some(accepted) = admit(accepted).await else { continue };
                    begin(&mut tasks, accepted);
                    while tasks.try_join_next().is_some() {}
                }
                () = &mut stop => break,
            }
        }
        left_waiting(listener).for_each(|accepted| begin(&mut tasks, accepted));
        let open = tasks.len();
        tracing::info!(connections = open, "told to stop; draining");
        connections.drain();
        drain.send_replace(());
        if timeout_at(Instant::now() + grace, drain.closed()).await.is_err() {
            tracing::warn!(connections = tasks.len(), ?grace, "broken off after the grace");
        }
        tasks.shutdown().await;
        connections.finish().await;
        gateway.shutdown(LAST_WORDS).await;
    }
}

/// A connection that the system gave; or none, after a pause if it is out of something.
async fn admit(accepted: io::Result<(TcpStream, SocketAddr)>) -> Option<(TcpStream, SocketAddr)> {
    match accepted {
        Ok((stream, peer)) => stream.set_nodelay(true).ok().map(|()| (stream, peer)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            sleep(BREATH).await;
            None
        }
    }
}

/// The connections that nobody has accepted by the time that nobody is accepted any more. The system
/// would reset them, and what their clients have sent would be lost without a word.
fn left_waiting(listener: TcpListener) -> impl Iterator<Item = (TcpStream, SocketAddr)> {
    let listener = listener.into_std().ok();
    let accept = move || {
        let (stream, peer) = listener.as_ref()?.accept().ok()?;
        let made = stream.set_nonblocking(true).and_then(|()| stream.set_nodelay(true));
        Some((made.and_then(|()| TcpStream::from_std(stream)).ok(), peer))
    };
    // No more than there can have been: whoever comes only now finds nobody.
    let waiting = std::iter::from_fn(accept).take(BACKLOG as usize);
    waiting.filter_map(|(stream, peer)| Some((stream?, peer)))
}

/// Connections that wait to be accepted: as many as come at once when a crowd does. Linux takes
/// no more than `net.core.somaxconn`.
const BACKLOG: u32 = 4096;

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart need not wait for the connections of the process before it.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
