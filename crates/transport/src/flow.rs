//! An answer's body: drives its own connection, and returns it to the pool when it is read.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use ferro_core::ProviderError;
use futures_util::Stream;
use http_body::Body as _;
use hyper::body::Incoming;

use crate::{alarm::Alarm, failure, http1::Link, http2::Seat, pool::Pool, watch::Watch};

/// A body that is being read. Dropping it closes the exchange: an HTTP/1.1 connection with its
/// socket, an HTTP/2 stream by resetting it.
pub(crate) struct Flowing {
    source: Source,
    pool: Arc<Pool>,
    watch: Watch,
}

/// Where a body comes from.
pub(crate) enum Source {
    /// A connection of its own, driven from here.
    Own(Box<Link>),
    /// A stream of a connection that drives itself; its place is held for its drop.
    Shared { body: Incoming, alarm: Alarm, _seat: Seat },
    /// There is nothing more to read.
    Done,
}

type Piece = Option<Result<Bytes, ProviderError>>;

impl Source {
    /// Whether there is nothing more to read.
    pub(crate) fn is_over(&self) -> bool {
        match self {
            Self::Own(link) => link.is_over(),
            Self::Shared { body, .. } => body.is_end_stream(),
            Self::Done => true,
        }
    }
}

impl Flowing {
    pub(crate) fn new(source: Source, pool: Arc<Pool>, watch: Watch) -> Self {
        let mut flowing = Self { source, pool, watch };
        flowing.finish_if_over();
        flowing
    }

    /// The next of the body, or why there is none, or the limit that it did not keep to.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Piece> {
        let origin = &self.pool.origin;
        let alarm = match &mut self.source {
            Source::Done => return Poll::Ready(None),
            Source::Own(link) => match link.poll_piece(cx) {
                Poll::Pending => link.alarm(),
                Poll::Ready(piece) => {
                    let broken = |error| failure::interrupted(origin, error);
                    return Poll::Ready(piece.map(|piece| piece.map_err(broken)));
                }
            },
            Source::Shared { body, alarm, .. } => match poll_data(body, cx) {
                Poll::Pending => alarm,
                Poll::Ready(piece) => {
                    let broken = |error| failure::interrupted(origin, error);
                    return Poll::Ready(piece.map(|piece| piece.map_err(broken)));
                }
            },
        };
        self.watch.poll_late(alarm, origin, cx).map(|late| Some(Err(late)))
    }

    /// Once the body is read to its end, what carried it is free for the next request.
    fn finish_if_over(&mut self) {
        if !self.source.is_over() {
            return;
        }
        if let Source::Own(mut link) = std::mem::replace(&mut self.source, Source::Done)
            && link.rest()
        {
            self.pool.put(link);
        }
    }
}

impl Stream for Flowing {
    type Item = Result<Bytes, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Piece> {
        let this = &mut *self;
        let piece = ready!(this.poll_step(cx));
        match &piece {
            Some(Ok(_)) => {
                this.watch.begin_anew();
                this.finish_if_over();
            }
            None => this.finish_if_over(),
            // It closes the exchange, and is said once.
            Some(Err(_)) => this.source = Source::Done,
        }
        Poll::Ready(piece)
    }
}

/// The next data of a body over HTTP/2; trailers are passed over.
fn poll_data(body: &mut Incoming, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Bytes>>> {
    loop {
        match ready!(Pin::new(&mut *body).poll_frame(cx)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            Some(Ok(frame)) => {
                if let Ok(piece) = frame.into_data() {
                    return Poll::Ready(Some(Ok(piece)));
                }
            }
        }
    }
}
