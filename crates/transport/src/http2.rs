//! One HTTP/2 connection, shared by the requests to its origin and driven by a task of its own.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ferro_core::Payload;
use hyper::client::conn::http2::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioTimer;
use tokio::time::Instant;

use crate::{
    dial::Socket,
    head::MAX_HEAD,
    tasks::{Spawner, Tasks},
};

/// What may be on its way to one reader. A slow reader holds back its own stream and no other,
/// because the connection as a whole is never the narrower of the two.
pub(crate) const STREAM_WINDOW: u32 = 1 << 20;
pub(crate) const CONNECTION_WINDOW: u32 = (1 << 31) - 1;
/// A connection that is in use and silent this long is asked whether it still stands, and given
/// this long to say so: many requests depend on it.
pub(crate) const PING: Duration = Duration::from_secs(30);
/// As many as are opened before the origin has said how many it takes.
const FIRST_STREAMS: usize = 100;

/// A connection that more requests may join.
pub(crate) struct Shared {
    pub(crate) sender: SendRequest<Payload>,
    pub(crate) seats: Arc<Seats>,
    /// When it was last seen in use.
    pub(crate) since: Instant,
}

/// How many streams of a connection are taken, of how many.
pub(crate) struct Seats {
    taken: AtomicUsize,
    most: AtomicUsize,
}

/// One stream's place on a connection, given back when it is dropped.
pub(crate) struct Seat(Arc<Seats>);

impl Shared {
    /// Speaks HTTP/2 on `socket`. The connection lives until it is closed from either side, or
    /// `tasks` are gone.
    pub(crate) async fn open(socket: Socket, tasks: &Arc<Tasks>) -> hyper::Result<Self> {
        let (sender, driver) = Builder::new(tasks.spawner())
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .initial_max_send_streams(FIRST_STREAMS)
            .max_header_list_size(MAX_HEAD)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .handshake(socket)
            .await?;
        let seats = Seats { taken: AtomicUsize::new(0), most: AtomicUsize::new(FIRST_STREAMS) };
        let seats = Arc::new(seats);
        tasks.spawn(drive(driver, Arc::clone(&seats)));
        Ok(Self { sender, seats, since: Instant::now() })
    }

    /// Takes a place, whether or not one is free.
    pub(crate) fn seat(&mut self) -> (SendRequest<Payload>, Seat) {
        self.since = Instant::now();
        self.seats.taken.fetch_add(1, Ordering::Relaxed);
        (self.sender.clone(), Seat(Arc::clone(&self.seats)))
    }

    pub(crate) fn has_room(&self) -> bool {
        self.seats.taken.load(Ordering::Relaxed) < self.seats.most.load(Ordering::Relaxed)
    }

    pub(crate) fn is_used(&self) -> bool {
        self.seats.taken.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Passes requests to the connection, and notes how many the origin takes at a time.
async fn drive(mut driver: Connection<Socket, Payload, Spawner>, seats: Arc<Seats>) {
    poll_fn(|cx| {
        let end = Pin::new(&mut driver).poll(cx);
        seats.most.store(driver.current_max_send_streams(), Ordering::Relaxed);
        end
    })
    .await
    .unwrap_or_else(|error| tracing::debug!(%error, "an HTTP/2 connection broke"));
}
