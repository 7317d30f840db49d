//! Whom a connection wakes: the task that drives it, and only when it is not at work on it already.
//!
//! A connection and whoever reads from it wake one another with every piece that passes between
//! them. Here both are one task, which is awake while that happens: woken by itself it would go its
//! whole way once more, for each piece, and find nothing. So a connection is driven with a waker of
//! its own, which takes down that it was called while its task is at work, and wakes it otherwise.
//! An idle connection wakes nobody, least of all the task that used it before.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Wake, Waker},
};

/// One connection's waker, and the task that it wakes.
pub(crate) struct Signal {
    bell: Arc<Bell>,
    /// What the connection is driven with: always the same, so that nothing has to be told anew.
    waker: Waker,
    /// The task that the bell knows.
    task: Option<Waker>,
}

#[derive(Default)]
struct Bell {
    has_rung: AtomicBool,
    /// Whether somebody looks at the bell before he leaves.
    is_watched: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Signal {
    pub(crate) fn new() -> Self {
        let bell = Arc::new(Bell { is_watched: AtomicBool::new(true), ..Bell::default() });
        let waker = Waker::from(Arc::clone(&bell));
        Self { bell, waker, task: None }
    }

    /// What the connection, and what it carries, is polled with.
    pub(crate) fn context(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }

    /// The task of `cx` is at work, and woken only once it has left.
    pub(crate) fn enter(&mut self, cx: &Context<'_>) {
        self.stay();
        if !self.task.as_ref().is_some_and(|task| task.will_wake(cx.waker())) {
            self.know(Some(cx.waker().clone()));
        }
    }

    /// The task stays after all.
    pub(crate) fn stay(&self) {
        self.bell.is_watched.store(true, SeqCst);
    }

    /// Whether the bell has rung since it was last asked.
    pub(crate) fn take_ring(&self) -> bool {
        self.bell.has_rung.swap(false, SeqCst)
    }

    /// Whether the bell has rung and nobody has asked yet.
    pub(crate) fn has_rung(&self) -> bool {
        self.bell.has_rung.load(SeqCst)
    }

    /// The task is about to wait. From here on it is woken; whether the bell has rung until now is
    /// for it to see before it goes.
    pub(crate) fn leave(&self) {
        self.bell.is_watched.store(false, SeqCst);
    }

    /// Nobody waits for the connection any more.
    pub(crate) fn rest(&mut self) {
        self.stay();
        self.know(None);
    }

    fn know(&mut self, task: Option<Waker>) {
        self.bell.task().clone_from(&task);
        self.task = task;
    }
}

impl Bell {
    fn task(&self) -> std::sync::MutexGuard<'_, Option<Waker>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.has_rung.store(true, SeqCst);
        if self.is_watched.load(SeqCst) {
            return;
        }
        let task = self.task().clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn task() -> (Arc<Count>, Waker) {
        let count = Arc::new(Count::default());
        (Arc::clone(&count), count.into())
    }

    fn woken(count: &Count) -> usize {
        count.0.load(Ordering::Relaxed)
    }

    #[test]
    fn a_task_at_work_is_not_woken_and_sees_that_it_was_called() {
        let (count, waker) = task();
        let mut signal = Signal::new();
        signal.enter(&Context::from_waker(&waker));
        signal.context().waker().wake_by_ref();
        assert_eq!(woken(&count), 0);
        assert!(signal.take_ring() && !signal.has_rung());
    }

    #[test]
    fn a_task_that_has_left_is_woken() {
        let (count, waker) = task();
        let mut signal = Signal::new();
        signal.enter(&Context::from_waker(&waker));
        signal.leave();
        signal.context().waker().wake_by_ref();
        assert_eq!(woken(&count), 1);
        assert!(signal.has_rung());
    }

    #[test]
    fn the_task_that_came_last_is_woken() {
        let ((before, first), (after, second)) = (task(), task());
        let mut signal = Signal::new();
        for waker in [&first, &second] {
            signal.enter(&Context::from_waker(waker));
            signal.leave();
        }
        signal.context().waker().wake_by_ref();
        assert_eq!((woken(&before), woken(&after)), (0, 1));
    }

    #[test]
    fn a_connection_at_rest_wakes_nobody_and_keeps_no_task() {
        let (count, waker) = task();
        let mut signal = Signal::new();
        signal.enter(&Context::from_waker(&waker));
        signal.leave();
        signal.rest();
        signal.context().waker().wake_by_ref();
        assert_eq!(woken(&count), 0);
        drop(waker);
        assert_eq!(Arc::strong_count(&count), 1);
    }
}
