//! A timer that costs nothing while nothing is late.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Waker, ready},
};

use tokio::{
    task::coop::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// Tells when something is due. What is due moves with every piece that comes, and the timer does
/// not: it is moved when it rings too early, or would ring too late.
#[derive(Default)]
pub(crate) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    /// Whom it wakes when it rings.
    wakes: Option<Waker>,
}

impl Alarm {
    /// Ready once `due` has come.
    pub(crate) fn poll_due(&mut self, due: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(due)));
        let is_set = self.wakes.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
        // Whoever is woken by it anyway need not ask it: that is every piece of every stream.
        if is_set && sleep.deadline() <= due && !sleep.is_elapsed() {
            return Poll::Pending;
        }
        self.wakes = None;
        if due < sleep.deadline() {
            sleep.as_mut().reset(due);
        }
        loop {
            ready!(Self::poll_set(sleep.as_mut(), &mut self.wakes, cx));
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(due);
        }
    }

    /// Asks the timer, and notes whom it wakes. A task that has used up its turn would be sent away
    /// without having been noted, so this is not counted.
    fn poll_set(
        sleep: Pin<&mut Sleep>,
        wakes: &mut Option<Waker>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let rings = pin!(unconstrained(sleep)).poll(cx);
        if rings.is_pending() {
            *wakes = Some(cx.waker().clone());
        }
        rings
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::Wake,
        time::Duration,
    };

    use tokio::{
        task::coop::{has_budget_remaining, poll_proceed},
        time::advance,
    };

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asked_last_is_woken_once_although_only_the_first_look_set_the_timer() {
        let due = Instant::now() + Duration::from_secs(20);
        let mut alarm = Alarm::default();
        let counts: [Arc<Count>; 2] = Default::default();
        for count in &counts {
            let waker = Waker::from(Arc::clone(count));
            for _ in 0..3 {
                assert!(alarm.poll_due(due, &mut Context::from_waker(&waker)).is_pending());
            }
        }
        advance(Duration::from_secs(21)).await;
        tokio::task::yield_now().await;
        assert_eq!(counts.map(|count| count.0.load(Ordering::Relaxed)), [0, 1]);
        poll_fn(|cx| alarm.poll_due(due, cx)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_has_used_up_its_turn_is_woken_all_the_same() {
        let due = Instant::now() + Duration::from_secs(20);
        let (mut alarm, count) = (Alarm::default(), Arc::new(Count::default()));
        let waker = Waker::from(Arc::clone(&count));
        poll_fn(|cx| {
            while has_budget_remaining() {
                if let Poll::Ready(spent) = poll_proceed(cx) {
                    spent.made_progress();
                }
            }
            assert!(alarm.poll_due(due, &mut Context::from_waker(&waker)).is_pending());
            Poll::Ready(())
        })
        .await;
        assert_eq!(count.0.load(Ordering::Relaxed), 0, "it was not sent away to come again");
        advance(Duration::from_secs(21)).await;
        tokio::task::yield_now().await;
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
    }

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
