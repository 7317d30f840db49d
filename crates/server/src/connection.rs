//! One client's connection: HTTP/1.1 or HTTP/2, counted, and drained when the server stops.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use ferro_metrics::{ConnectionMeter, Metrics};
use http::Request;
use hyper::{body::Incoming, rt::Executor, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::Watcher},
};
use tokio::net::TcpStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use crate::opening::Opening;

/// A connection on which no request's head arrives for this long is closed.
const IDLE: Duration = Duration::from_secs(75);

/// How connections are served, made once.
pub(crate) struct Connections {
    http: Builder<Tracked>,
    router: Router,
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
    pub(crate) fn new(router: Router, metrics: &Metrics) -> Self {
        let streams = Tracked::default();
        let mut http = Builder::new(streams.clone());
        http.http1().timer(TokioTimer::new()).header_read_timeout(IDLE);
        http.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Some(IDLE))
            .max_concurrent_streams(1024);
        Self { http, router, meter: metrics.connection_meter(), streams }
    }

    /// Serves one client until it leaves, or until the server is told to stop and its last request
    /// has ended.
    pub(crate) async fn serve(&self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        let _counted = self.meter.opened();
        let service = service_fn(|request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            self.router.clone().oneshot(request)
        });
        let connection =
            self.http.serve_connection(TokioIo::new(Opening::new(stream, IDLE)), service);
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
