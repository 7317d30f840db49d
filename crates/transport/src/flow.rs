//! An answer's body: drives its own connection, and returns it to the pool when it is read.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use ferro_core::ProviderError;
use futures_util::Stream;
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{
    failure,
    http1::Link,
    http2::Seat,
    pool::Pool,
    timeouts::{Step, after},
};

/// A body that is being read. Dropping it closes the exchange: an HTTP/1.1 connection with its
/// socket, an HTTP/2 stream by resetting it.
pub(crate) struct Flowing {
    /// Gone once there is nothing more to read.
    body: Option<Incoming>,
    hold: Hold,
    pool: Arc<Pool>,
    limits: Limits,
    last: Instant,
    /// Made when the body first has to be waited for, and moved only when it rings too early.
    alarm: Option<Pin<Box<Sleep>>>,
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

/// How long the body may take.
pub(crate) struct Limits {
    pub(crate) idle: Duration,
    /// The limit for the whole, and when it falls due.
    pub(crate) total: Option<(Duration, Instant)>,
}

impl Flowing {
    pub(crate) fn new(body: Incoming, hold: Hold, pool: Arc<Pool>, limits: Limits) -> Self {
        Self { body: Some(body), hold, pool, limits, last: Instant::now(), alarm: None }
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

    /// When the wait is over, and whose limit that is.
    fn due(&self) -> (Instant, Step, Duration) {
        let idle = (after(self.last, self.limits.idle), Step::Idle, self.limits.idle);
        match self.limits.total {
            Some((limit, due)) if due < idle.0 => (due, Step::Total, limit),
            _ => idle,
        }
    }

    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<ProviderError> {
        let (due, step, limit) = self.due();
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(due)));
        while alarm.as_mut().poll(cx).is_ready() {
            if Instant::now() >= due {
                return Poll::Ready(step.exceeded(&self.pool.origin, limit));
            }
            alarm.as_mut().reset(due);
        }
        Poll::Pending
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
                        this.last = Instant::now();
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
                Poll::Pending => {
                    let Poll::Ready(error) = this.poll_late(cx) else { return Poll::Pending };
                    return this.fail(error);
                }
            }
        }
    }
}
