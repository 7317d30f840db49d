//! A client's body as it arrives, with an end to the patience for it.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use ferro_core::BodyError;
use futures_util::Stream;
use tokio::time::{Sleep, sleep};

/// A client that sends nothing for this long is not waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A body that fails when nothing of it comes for too long.
pub(crate) struct Arrival {
    pieces: BodyDataStream,
    /// Made when there is something to wait for; gone when something came.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Arrival {
    pub(crate) fn new(body: Body) -> Self {
        Self { pieces: body.into_data_stream(), alarm: None }
    }
}

impl Stream for Arrival {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Poll::Ready(piece) = Pin::new(&mut self.pieces).poll_next(cx) {
            self.alarm = None;
            return Poll::Ready(
                piece.map(|piece| piece.map_err(|error| BodyError::Closed(error.into()))),
            );
        }
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        alarm.as_mut().poll(cx).map(|()| Some(Err(BodyError::TooSlow)))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stops_sending_is_not_waited_for() {
        let sent = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]);
        let mut arrival = Arrival::new(Body::from_stream(sent.chain(stream::pending())));
        assert_eq!(arrival.next().await.unwrap().unwrap(), "{");
        assert!(matches!(arrival.next().await, Some(Err(BodyError::TooSlow))));
    }
}
