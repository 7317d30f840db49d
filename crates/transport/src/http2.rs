//! One HTTP/2 connection, shared by the requests to its origin and driven by a task of its own.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use ferro_core::{BodyError, Payload};
use http_body::{Body, Frame, SizeHint};
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
    pub(crate) sender: SendRequest<Sent>,
    pub(crate) seats: Arc<Seats>,
    /// When it was last seen in use.
    pub(crate) since: Instant,
}

/// A request's body on its way, which tells why it broke off: hyper resets the stream then, and keeps
/// the reason to itself.
pub(crate) struct Sent {
    pub(crate) payload: Payload,
    broken: Broken,
}

/// Why a body broke off, once it has. There is no place for it where nothing can break off.
#[derive(Clone, Default)]
pub(crate) struct Broken(Option<Arc<Mutex<Option<BodyError>>>>);

/// A body broke off, and why is told elsewhere.
#[derive(Debug, thiserror::Error)]
#[error("the body broke off")]
pub(crate) struct BrokeOff;

impl Sent {
    pub(crate) fn new(payload: Payload) -> (Self, Broken) {
        let may_break = !matches!(payload, Payload::Rope(_));
        let broken = Broken(may_break.then(Arc::default));
        (Self { payload, broken: broken.clone() }, broken)
    }
}

impl Broken {
    pub(crate) fn take(&self) -> Option<BodyError> {
        self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn tell(&self, error: BodyError) -> BrokeOff {
        if let Some(place) = &self.0 {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
        BrokeOff
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = BrokeOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokeOff>>> {
        let this = &mut *self;
        let frame = Pin::new(&mut this.payload).poll_frame(cx);
        frame.map_err(|error| this.broken.tell(error))
    }

    fn is_end_stream(&self) -> bool {
        self.payload.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.payload.size_hint()
    }
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
    pub(crate) fn seat(&mut self) -> (SendRequest<Sent>, Seat) {
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
async fn drive(mut driver: Connection<Socket, Sent, Spawner>, seats: Arc<Seats>) {
    poll_fn(|cx| {
        let end = Pin::new(&mut driver).poll(cx);
        seats.most.store(driver.current_max_send_streams(), Ordering::Relaxed);
        end
    })
    .await
    .unwrap_or_else(|error| tracing::debug!(%error, "an HTTP/2 connection broke"));
}
