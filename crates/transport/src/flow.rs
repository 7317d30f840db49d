//! An answer's body: drives its own connection, and returns it to the pool when it is read.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use ferro_core::ProviderError;
use futures_util::Stream;
use http_body::{Body as _, Frame};
use hyper::body::Incoming;

use crate::{alarm::Alarm, failure, http1::Link, http2::Seat, pool::Pool, watch::Watch};

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
    Shared { _seat: Seat, alarm: Alarm },
    /// Nothing any more.
    Done,
}

impl Flowing {
    pub(crate) fn new(body: Incoming, hold: Hold, pool: Arc<Pool>, watch: Watch) -> Self {
        Self { body: Some(body), hold, pool, watch }
    }

    /// The next of the body, or the limit that it did not keep to.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let Some(body) = self.body.as_mut().filter(|body| !body.is_end_stream()) else {
            return Poll::Ready(Step::Frame(None));
        };
        let mut body = Pin::new(body);
        let (watch, origin) = (&mut self.watch, &self.pool.origin);
        let mut step = |alarm: &mut Alarm, cx: &mut Context<'_>| match body.as_mut().poll_frame(cx)
        {
            Poll::Ready(frame) => Poll::Ready(Step::Frame(frame)),
            Poll::Pending => watch.poll_late(alarm, origin, cx).map(Step::Late),
        };
        match &mut self.hold {
            Hold::Own(link) => link.poll_until(cx, step),
            Hold::Shared { alarm, .. } => step(alarm, cx),
            Hold::Done => Poll::Ready(Step::Frame(None)),
        }
    }

    /// The body was read to its end: what carried it is free for the next request.
    fn finish(&mut self) {
        self.body = None;
        if let Hold::Own(mut link) = std::mem::replace(&mut self.hold, Hold::Done)
            && link.rest()
        {
            self.pool.put(link);
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
        loop {
            match ready!(this.poll_step(cx)) {
                Step::Frame(Some(Ok(frame))) => {
                    if let Ok(piece) = frame.into_data() {
                        this.watch.begin_anew();
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
                Step::Frame(Some(Err(error))) => {
                    let error = failure::interrupted(&this.pool.origin, error);
                    return this.fail(error);
                }
                Step::Frame(None) => {
                    this.finish();
                    return Poll::Ready(None);
                }
                Step::Late(error) => return this.fail(error),
            }
        }
    }
}

/// What comes of waiting for a body.
enum Step {
    /// A piece of it, trailers, or its end.
    Frame(Option<hyper::Result<Frame<Bytes>>>),
    /// Nothing in time.
    Late(ProviderError),
}
