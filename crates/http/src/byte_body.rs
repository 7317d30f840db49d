//! A reply that is bytes, on its way out: as they come, with nothing between them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use ferro_gateway::Events;
use http_body::{Body, Frame};

/// The reply broke off, and what has arrived of it is not all of it.
///
/// Nothing that could be written would say so: the connection breaks off as well.
#[derive(Debug, thiserror::Error)]
#[error("the reply broke off: {0}")]
pub struct BrokenOff(String);

/// The body of a reply that is bytes. Dropping it (the client left) abandons the upstream call.
pub(crate) struct ByteBody(Option<Events>);

impl ByteBody {
    pub(crate) fn new(bytes: Events) -> Self {
        Self(Some(bytes))
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BrokenOff>>> {
        loop {
            let Some(bytes) = &mut self.0 else { return Poll::Ready(None) };
            match ready!(bytes.as_mut().poll_next(cx)) {
                Some(Ok(frame)) if frame.bytes.is_empty() => {}
                Some(Ok(frame)) => return Poll::Ready(Some(Ok(frame.bytes))),
                Some(Err(problem)) => {
                    self.0 = None;
                    tracing::warn!(reason = %problem.message, "a reply broke off");
                    return Poll::Ready(Some(Err(BrokenOff(problem.message))));
                }
                None => self.0 = None,
            }
        }
    }
}

impl Body for ByteBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let polled = catch_unwind(AssertUnwindSafe(|| self.poll_bytes(cx)));
        let polled = polled.unwrap_or_else(|_| {
            self.0 = None;
            tracing::error!("a reply panicked");
            Poll::Ready(Some(Err(BrokenOff("the gateway failed".to_owned()))))
        });
        polled.map(|bytes| Some(bytes?.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }
}
