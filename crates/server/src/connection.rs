//! One client's connection: HTTP/1.1 or HTTP/2, counted, and drained when the server stops.

use std::{
    convert::Infallible,
    future::poll_fn,
    net::SocketAddr,
    pin::{Pin, pin},
    time::Duration,
};

use ferro_http::{Outbound, Plane};
use ferro_metrics::{ConnectionMeter, Metrics};
use futures_util::FutureExt;
use http::{Request, Response};
use hyper::{body::Incoming, rt::Executor, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulConnection},
};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    patience::{PREFACE, Patient},
    underway::Underway,
};

/// A connection on which no request's head arrives for this long is closed, and one whose client
/// takes nothing of a reply for as long.
const IDLE: Duration = Duration::from_secs(75);
/// A connection that has said nothing by the time that the server is told to stop has this long to do
/// so: of one that was accepted only then nobody knows yet whether it has, and to close one that has
/// is to reset it.
const LAST_LOOK: Duration = Duration::from_millis(100);

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
    /// has ended. `told` is held until then.
    pub(crate) async fn serve(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        told: watch::Receiver<()>,
    ) {
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
            let connection = pin!(self.http1.serve_connection(stream, service));
            until_told(connection, told).await.map_err(Into::into)
        } else {
            let connection = pin!(self.either.serve_connection(stream, service));
            until_told(connection, told).await
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
            () = self.draining.cancelled() => {
                timeout(LAST_LOOK, stream.peek(&mut first)).await.ok()?.ok()?
            }
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

/// Serves a connection until it ends, which it is `told` to do when the server stops.
async fn until_told<C: GracefulConnection>(
    mut connection: Pin<&mut C>,
    mut told: watch::Receiver<()>,
) -> Result<(), C::Error> {
    let mut telling = pin!(told.changed());
    let mut is_told = false;
    poll_fn(|cx| {
        // hyper closes a connection that is to end and of which it has read nothing: what has been
        // said is read before the connection hears that it is to end.
        let ended = connection.as_mut().poll(cx);
        if ended.is_ready() || is_told || telling.as_mut().poll(cx).is_pending() {
            return ended;
        }
        is_told = true;
        connection.as_mut().graceful_shutdown();
        connection.as_mut().poll(cx)
    })
    .await
}
