//! An answer's body: drives its own connection, and returns it to the pool when it is read.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use ferro_core::ProviderError;
use futures_util::Stream;
use http_body::Body as _;
use hyper::body::Incoming;

use crate::{failure, http1::Link, http2::Seat, pool::Pool, watch::Watch};

/// A body that is being read. Dropping it closes the exchange: an HTTP/1.1 connection with its
/// socket, an HTTP/2 stream by resetting it.
pub(crate) struct Flowing {
    /// Gone once there is nothing more to read.
    body: Option<Incoming>,
    hold: Hold,
    pool: Arc<Pool>,
    watch: Watch,
}

/// What keeps the exchange going.
pub(crate) enum Hold {
    /// A connection of its own, driven from here.
    Own(Box<Link>),
    /// A place on a connection that drives itself; held for its drop.
    Shared { _seat: Seat },
    /// Nothing any more.
    Done,
}

impl Flowing {
    pub(crate) fn new(body: Incoming, hold: Hold, pool: Arc<Pool>, watch: Watch) -> Self {
        Self { body: Some(body), hold, pool, watch }
    }

    /// Lets the connection work. Returns whether that may have brought something.
    fn drive(&mut self, cx: &mut Context<'_>) -> bool {
        match &mut self.hold {
            Hold::Own(link) if link.is_alive() => {
                link.drive(cx);
                true
            }
            _ => false,
        }
    }

    /// The body was read to its end: what carried it is free for the next request.
    fn finish(&mut self, cx: &mut Context<'_>) {
        self.drive(cx);
        self.body = None;
        match std::mem::replace(&mut self.hold, Hold::Done) {
            Hold::Own(link) if link.is_ready() => self.pool.put(link),
            _ => {}
        }
    }

    /// Closes the exchange and says why, once.
    fn fail(&mut self, error: ProviderError) -> Poll<Option<Result<Bytes, ProviderError>>> {
        self.body = None;
        self.hold = Hold::Done;
        Poll::Ready(Some(Err(error)))
    }
}

impl Stream for Flowing {
    type Item = Result<Bytes, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let mut was_driven = false;
        loop {
            let Some(body) = &mut this.body else { return Poll::Ready(None) };
            match Pin::new(body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(piece) = frame.into_data() {
                        this.watch.begin_anew();
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    let error = failure::interrupted(&this.pool.origin, error);
                    return this.fail(error);
                }
                Poll::Ready(None) => {
                    this.finish(cx);
                    return Poll::Ready(None);
                }
                Poll::Pending if !was_driven && this.drive(cx) => was_driven = true,
                Poll::Pending => match this.watch.poll_late(&this.pool.origin, cx) {
                    Poll::Ready(error) => return this.fail(error),
                    Poll::Pending => return Poll::Pending,
                },
            }
        }
    }
}
