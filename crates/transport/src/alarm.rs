//! A timer that costs nothing while nothing is late.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Tells when something is due. What is due moves with every piece that comes, and the timer does
/// not: it is moved when it rings too early, or would ring too late.
#[derive(Default)]
pub(crate) struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Ready once `due` has come.
    pub(crate) fn poll_due(&mut self, due: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if due < sleep.deadline() {
            sleep.as_mut().reset(due);
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_due_may_move_either_way() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut alarm = Alarm::default();
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(alarm.poll_due(at(20), &mut cx).is_pending());
        poll_fn(|cx| alarm.poll_due(at(5), cx)).await;
        assert!((at(5)..at(6)).contains(&Instant::now()));
        poll_fn(|cx| alarm.poll_due(at(40), cx)).await;
        assert!((at(40)..at(41)).contains(&Instant::now()));
    }
}
