//! A streamed reply on its way out: events as they come, and signs of life where none comes.

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use ferro_core::{Ingress, Problem};
use ferro_gateway::Events;
use http::StatusCode;
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep};

/// Events that are still being looked for.
pub(crate) type Pending = Pin<Box<dyn Future<Output = Result<Events, Problem>> + Send + 'static>>;

/// The body of a streamed reply.
///
/// Frames are whole events, so a sign of life may stand between any two of them. Dropping the body
/// (the client left) drops the events, which abandons the upstream call.
pub(crate) struct EventBody {
    source: Source,
    ingress: &'static Ingress,
    /// No signs of life if zero.
    keep_alive: Duration,
    owes_sign: bool,
    last: Instant,
    /// Made when the source is first silent, and moved only when it rings too early.
    alarm: Option<Pin<Box<Sleep>>>,
}

enum Source {
    /// The reply has begun although no target has answered yet.
    Pending(Pending),
    Events(Events),
    Over,
}

impl EventBody {
    /// A reply of these events.
    pub(crate) fn new(events: Events, ingress: &'static Ingress, keep_alive: Duration) -> Self {
        Self::of(Source::Events(events), ingress, keep_alive)
    }

    /// A reply that begins before there is an answer: with a sign of life, at once.
    pub(crate) fn pending(
        events: Pending,
        ingress: &'static Ingress,
        keep_alive: Duration,
    ) -> Self {
        Self { owes_sign: true, ..Self::of(Source::Pending(events), ingress, keep_alive) }
    }

    fn of(source: Source, ingress: &'static Ingress, keep_alive: Duration) -> Self {
        let last = Instant::now();
        Self { source, ingress, keep_alive, owes_sign: false, last, alarm: None }
    }

    /// What panics while it is read is told like anything else that goes wrong in a stream: the
    /// connection, which other requests may share, stays.
    fn poll_guarded(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let polled = catch_unwind(AssertUnwindSafe(|| self.poll_source(cx)));
        polled.unwrap_or_else(|_| {
            self.source = Source::Over;
            tracing::error!("a stream panicked");
            Poll::Ready(Some((self.ingress.error_event)(&panicked())))
        })
    }

    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            let event = match &mut self.source {
                Source::Over => return Poll::Ready(None),
                Source::Events(events) => match events.as_mut().poll_next(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(event) => event,
                },
                Source::Pending(pending) => match pending.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(events)) => {
                        self.source = Source::Events(events);
                        continue;
                    }
                    Poll::Ready(Err(problem)) => Some(Err(problem)),
                },
            };
            match event {
                Some(Ok(frame)) if frame.bytes.is_empty() => {}
                Some(Ok(frame)) => return Poll::Ready(Some(frame.bytes)),
                Some(Err(problem)) => {
                    self.source = Source::Over;
                    return Poll::Ready(Some((self.ingress.error_event)(&problem)));
                }
                None => self.source = Source::Over,
            }
        }
    }

    /// Ready when it is time to show that the stream is alive.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::take(&mut self.owes_sign) {
            self.last = Instant::now();
            return Poll::Ready(());
        }
        if self.keep_alive.is_zero() {
            return Poll::Pending;
        }
        let due = self.last + self.keep_alive;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(self.keep_alive)));
        while alarm.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if now >= due {
                self.last = now;
                alarm.as_mut().reset(now + self.keep_alive);
                return Poll::Ready(());
            }
            alarm.as_mut().reset(due);
        }
        Poll::Pending
    }
}

fn panicked() -> Problem {
    let message = "the gateway failed; its log says more";
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, "server_error", "internal_error", message)
}

impl Body for EventBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        if let Poll::Ready(bytes) = this.poll_guarded(cx) {
            this.last = Instant::now();
            return Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))));
        }
        let sign = Bytes::from_static(this.ingress.keep_alive);
        this.poll_silence(cx).map(|()| Some(Ok(Frame::data(sign))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.source, Source::Over)
    }
}
