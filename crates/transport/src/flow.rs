//! An answer's body: drives its own connection, and returns it to the pool when it is read.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError};
use futures_util::Stream;
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep};

use crate::upstream::{Link, Pool};

/// A body that is being read.
pub(crate) struct Flowing {
    body: Incoming,
    link: Option<Link>,
    is_alive: bool,
    pool: Arc<Pool>,
    idle: Duration,
    last: Instant,
    /// Made when the body first has to be waited for, and moved only when it rings too early.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Flowing {
    pub(crate) fn new(
        body: Incoming,
        link: Link,
        is_alive: bool,
        pool: Arc<Pool>,
        idle: Duration,
    ) -> Self {
        Self { body, link: Some(link), is_alive, pool, idle, last: Instant::now(), alarm: None }
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = self.link.as_mut().filter(|_| self.is_alive) {
            self.is_alive = Pin::new(&mut link.driver).poll(cx).is_pending();
        }
    }

    fn finish(&mut self, cx: &mut Context<'_>) {
        self.drive(cx);
        if let Some(link) = self.link.take().filter(|link| self.is_alive && link.sender.is_ready())
        {
            self.pool.put(link);
        }
    }

    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<ProviderError> {
        let due = self.last + self.idle;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(self.idle)));
        while alarm.as_mut().poll(cx).is_ready() {
            if Instant::now() >= due {
                let message = format!("the upstream sent nothing for {:?}", self.idle);
                self.link = None;
                return Poll::Ready(ProviderError::new(ErrorKind::Timeout).with_message(message));
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
            match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(piece) = frame.into_data() {
                        this.last = Instant::now();
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    this.link = None;
                    let error = ProviderError::new(ErrorKind::Interrupted)
                        .with_message("the connection broke in the middle of the answer")
                        .with_source(error);
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(None) => {
                    this.finish(cx);
                    return Poll::Ready(None);
                }
                Poll::Pending if was_driven || !this.is_alive => {
                    return this.poll_idle(cx).map(|error| Some(Err(error)));
                }
                Poll::Pending => {
                    was_driven = true;
                    this.drive(cx);
                }
            }
        }
    }
}
