//! One client's connection: HTTP/1.1 or HTTP/2, counted, and drained when the server stops.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use ferro_http::Plane;
use ferro_metrics::{ConnectionMeter, Metrics};
use http::Request;
use hyper::{body::Incoming, rt::Executor, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::Watcher},
};
use tokio::net::TcpStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{patience::Patient, underway::Underway};

/// A connection on which no request's head arrives for this long is closed.
const IDLE: Duration = Duration::from_secs(75);

/// How connections are served, made once.
pub(crate) struct Connections {
    http: Builder<Tracked>,
    plane: Plane,
    meter: ConnectionMeter,
    streams: Tracked,
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
        let mut http = Builder::new(streams.clone());
        // `Patient` does the same for less.
        http.http1().header_read_timeout(None);
        http.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Some(IDLE))
            .max_concurrent_streams(1024);
        Self { http, plane, meter: metrics.connection_meter(), streams }
    }

    /// Serves one client until it leaves, or until the server is told to stop and its last request
    /// has ended.
    pub(crate) async fn serve(&self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        let _counted = self.meter.opened();
        let stream = Patient::new(stream, IDLE);
        let turns = stream.turns();
        let service = service_fn(|request: Request<Incoming>| {
            let (turn, plane) = (turns.begin(), self.plane.clone());
            // Boxed, so that a connection without a request keeps no room for one.
            Box::pin(async move {
                let reply = plane.answer(request, Some(peer)).await;
                Ok::<_, Infallible>(reply.map(|body| Underway::new(body, turn)))
            })
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%peer, %error, "a connection broke");
        }
    }

    /// Ends what broken-off HTTP/2 connections left running.
    pub(crate) async fn finish(&self) {
        self.streams.stop.cancel();
        self.streams.tasks.close();
        self.streams.tasks.wait().await;
    }
}
