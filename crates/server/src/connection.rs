//! One client's connection: HTTP/1.1 or HTTP/2, counted, and drained when the server stops.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use ferro_http::{Outbound, Plane};
use ferro_metrics::{ConnectionMeter, Metrics};
use futures_util::FutureExt;
use http::{Request, Response};
use hyper::{body::Incoming, rt::Executor, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::Watcher},
};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    patience::{PREFACE, Patient},
    underway::Underway,
};

/// A connection on which no request's head arrives for this long is closed.
const IDLE: Duration = Duration::from_secs(75);

/// How connections are served, made once.
pub(crate) struct Connections {
    http1: http1::Builder,
    /// For a beginning that may be HTTP/2's.
    either: Builder<Tracked>,
    plane: Plane,
    meter: ConnectionMeter,
    streams: Tracked,
    draining: CancellationToken,
}

/// Runs an HTTP/2 connection's streams as tasks that end with the server, which waits for them.
#[derive(Clone, Default)]
struct Tracked {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl<F: Future<Output: Send + 'static> + Send + 'static> Executor<F> for Tracked {
    fn execute(&self, future: F) {
        self.tasks.spawn(self.stop.clone().run_until_cancelled_owned(future));
    }
}

impl Connections {
    pub(crate) fn new(plane: Plane, metrics: &Metrics) -> Self {
        let streams = Tracked::default();
        let mut http1 = http1::Builder::new();
        let mut either = Builder::new(streams.clone());
        // `Patient` sees to it for less.
        http1.header_read_timeout(None);
        either.http1().header_read_timeout(None);
        either
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Some(IDLE))
            .max_concurrent_streams(1024);
        let (meter, draining) = (metrics.connection_meter(), CancellationToken::new());
        Self { http1, either, plane, meter, streams, draining }
    }

    /// Serves one client until it leaves, or until the server is told to stop and its last request
    /// has ended.
    pub(crate) async fn serve(&self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        let _counted = self.meter.opened();
        let since = Instant::now();
        let Some(is_http1) = self.is_http1(&stream, since).await else { return };
        let stream = Patient::new(stream, since, IDLE);
        let turns = stream.turns();
        let service = service_fn(|request: Request<Incoming>| {
            let turn = turns.begin();
            let underway = |reply: Response<Outbound>| reply.map(|body| Underway::new(body, turn));
            let answered = self.plane.answer(request, Some(peer));
            // Boxed, so that a connection without a request keeps no room for one.
            Box::pin(answered.map(underway).map(Ok::<_, Infallible>))
        });
        let stream = TokioIo::new(stream);
        let ended = if is_http1 {
            watcher.watch(self.http1.serve_connection(stream, service)).await.map_err(Into::into)
        } else {
            watcher.watch(self.either.serve_connection(stream, service)).await
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, %error, "a connection broke");
        }
    }

    /// Whether a connection's first bytes are no beginning of HTTP/2; nothing where none came in
    /// time, or before the server was told to stop.
    ///
    /// They are looked at and left where they are: who reads them to see what they are hands hyper
    /// a head in two pieces, for which it grows a buffer twice as large as it needs.
    async fn is_http1(&self, stream: &TcpStream, since: Instant) -> Option<bool> {
        let mut first = [0; PREFACE.len()];
        let peeked = tokio::select! {
            // Both arms only wait: nothing has been read that could be lost. Who has said something
            // is served although the server was told to stop.
            biased;
            peeked = timeout_at(since + IDLE, stream.peek(&mut first)) => peeked.ok()?.ok()?,
            () = self.draining.cancelled() => return None,
        };
        (peeked > 0).then(|| first[..peeked] != PREFACE[..peeked])
    }

    /// Lets go of connections that have said nothing.
    pub(crate) fn drain(&self) {
        self.draining.cancel();
    }

    /// Ends what broken-off HTTP/2 connections left running.
    pub(crate) async fn finish(&self) {
        self.streams.stop.cancel();
        self.streams.tasks.close();
        self.streams.tasks.wait().await;
    }
}
