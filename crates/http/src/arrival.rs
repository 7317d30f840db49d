//! A client's body as it arrives, with an end to the patience for it.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use ferro_core::BodyError;
use futures_util::Stream;
use http_body_util::BodyExt;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use crate::plane::Incoming;

/// A client that sends nothing for this long is not waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// A client that sends a little again and again is not waited for longer than this.
const WHOLE_PATIENCE: Duration = Duration::from_secs(600);
/// As much of a body that nobody wants is read, so that its sender hears why.
const MAX_DISCARDED: usize = 64 << 20;
/// As long as that may take.
const DISCARDING: Duration = Duration::from_secs(10);

/// A body that fails when nothing of it comes for too long, or when it takes too long in all.
pub(crate) struct Arrival<B: Incoming> {
    /// Gone when the rest of it was left to whoever reads it to its end.
    body: Option<B>,
    /// Nothing while nothing has been waited for.
    wait: Wait,
    is_over: bool,
    rest: Rest<B>,
}

/// What there was to wait for. Most bodies are there when they are asked for: a server fetches them
/// from where they are, and calls. So the first time that one is not there it is asked for again at
/// once, and only then is the clock read and a timer set.
enum Wait {
    /// Nothing so far.
    None,
    /// Asked for again.
    Again,
    /// Some of it since then, and all of it until `deadline` at the latest.
    Since { last: Option<Instant>, deadline: Instant, alarm: Pin<Box<Sleep>> },
}

/// What nobody has read of a body, once its reader has let go of it.
pub(crate) struct Rest<B>(Arc<Mutex<Option<B>>>);

impl<B: Incoming> Arrival<B> {
    pub(crate) fn new(body: B) -> (Self, Rest<B>) {
        let rest = Arc::new(Mutex::new(None));
        let (body, wait) = (Some(body), Wait::None);
        let kept = Rest(Arc::clone(&rest));
        (Self { body, wait, is_over: false, rest: kept }, Rest(rest))
    }

    /// What came of the body, if there is anything that came.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        loop {
            match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => {
                    return Poll::Ready(Some(Err(BodyError::Closed(error.into()))));
                }
                // Trailers say nothing that anybody asks for.
                Some(Ok(frame)) => {
                    if let Ok(piece) = frame.into_data() {
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
            }
        }
    }
}

impl Wait {
    /// Something has come.
    fn begin_anew(&mut self) {
        if let Self::Since { last, .. } = self {
            *last = None;
        }
    }

    /// Whether the time for the whole is over.
    fn is_over(&self) -> bool {
        matches!(self, Self::Since { deadline, .. } if Instant::now() >= *deadline)
    }

    /// Ready when nothing has come for too long, or all of it takes too long.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match self {
                Self::None => {
                    *self = Self::Again;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Self::Again => {
                    let now = Instant::now();
                    let (last, deadline) = (Some(now), now + WHOLE_PATIENCE);
                    let alarm = Box::pin(sleep_until(now + PATIENCE));
                    *self = Self::Since { last, deadline, alarm };
                }
                Self::Since { last, deadline, alarm } => {
                    let since = *last.get_or_insert_with(Instant::now);
                    ready!(alarm.as_mut().poll(cx));
                    let due = (since + PATIENCE).min(*deadline);
                    if Instant::now() >= due {
                        return Poll::Ready(());
                    }
                    alarm.as_mut().reset(due);
                }
            }
        }
    }
}

impl<B: Incoming> Rest<B> {
    /// Reads what is left, and forgets it. A client that is still sending when its connection is
    /// closed may never see the answer: the system throws away what it has not read by then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the rest unread.
    pub(crate) async fn discard(self) {
        let rest = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut body) = rest else { return };
        let reading = async {
            let mut read = 0;
            while let Some(Ok(frame)) = body.frame().await {
                read += frame.data_ref().map_or(0, Bytes::len);
                if read > MAX_DISCARDED {
                    return;
                }
            }
        };
        drop(timeout(DISCARDING, reading).await);
    }
}

impl<B: Incoming> Stream for Arrival<B> {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.poll_piece(cx) {
            Poll::Ready(Some(Ok(_))) if self.wait.is_over() => {}
            Poll::Ready(piece) => {
                self.wait.begin_anew();
                self.is_over = !matches!(piece, Some(Ok(_)));
                return Poll::Ready(piece);
            }
            Poll::Pending => ready!(self.wait.poll_late(cx)),
        }
        // Nobody waits for the rest either.
        self.is_over = true;
        Poll::Ready(Some(Err(BodyError::TooSlow)))
    }
}

impl<B: Incoming> Drop for Arrival<B> {
    fn drop(&mut self) {
        if !self.is_over {
            *self.rest.0.lock().unwrap_or_else(PoisonError::into_inner) = self.body.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::{StreamExt, stream};
    use tokio::time::sleep;

    use super::*;

    fn sending(pieces: impl Stream<Item = &'static str> + Send + 'static) -> Body {
        Body::from_stream(pieces.map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece))))
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stops_sending_is_not_waited_for() {
        let begun = Instant::now();
        let (mut arrival, rest) =
            Arrival::new(sending(stream::iter(["{"]).chain(stream::pending())));
        assert_eq!(arrival.next().await.unwrap().unwrap(), "{");
        assert!(matches!(arrival.next().await, Some(Err(BodyError::TooSlow))));
        drop(arrival);
        rest.discard().await;
        assert_eq!(begun.elapsed(), PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_sends_a_little_for_ever_is_not_waited_for() {
        let begun = Instant::now();
        let trickle = stream::repeat("x").then(|piece| async move {
            sleep(Duration::from_secs(20)).await;
            piece
        });
        let (mut arrival, _rest) = Arrival::new(sending(trickle));
        let mut last = Ok(Bytes::new());
        while last.is_ok() {
            last = arrival.next().await.unwrap();
        }
        assert!(matches!(last, Err(BodyError::TooSlow)));
        assert_eq!(begun.elapsed(), WHOLE_PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_of_a_body_is_read_to_its_end_or_for_a_while() {
        let left = Arc::new(Mutex::new(0));
        let seen = Arc::clone(&left);
        let pieces = stream::iter(["a", "b", "c"]).inspect(move |_| *seen.lock().unwrap() += 1);
        let (mut arrival, rest) = Arrival::new(sending(pieces.chain(stream::pending())));
        assert_eq!(arrival.next().await.unwrap().unwrap(), "a");
        drop(arrival);
        let begun = Instant::now();
        rest.discard().await;
        assert_eq!((*left.lock().unwrap(), begun.elapsed()), (3, DISCARDING));
    }
}
