//! A clock that tests move, so that no test waits.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

/// Tokio's clock, standing still until it is advanced, and a wall clock that goes with it.
///
/// What the program measures (`tokio::time::Instant`, sleeps, timeouts) follows [`advance`](Self::advance);
/// what it reads off the wall is [`wall`](Self::wall), which moves by the same spans and which
/// [`set_wall`](Self::set_wall) puts elsewhere, as an administrator or a time server would.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use ferro_testkit::Clock;
///
/// Clock::run(async |clock| {
///     let before = (clock.now(), clock.wall());
///     clock.advance(Duration::from_secs(90)).await;
///     assert_eq!(clock.now() - before.0, Duration::from_secs(90));
///     assert_eq!(clock.wall(), before.1 + Duration::from_secs(90));
///     clock.set_wall(SystemTime::UNIX_EPOCH);
///     assert_eq!(clock.wall(), SystemTime::UNIX_EPOCH);
/// });
/// ```
#[derive(Debug)]
pub struct Clock {
    /// What the wall showed, and when.
    wall: Mutex<(SystemTime, Instant)>,
}

impl Clock {
    /// Runs `test` on a runtime of its own in which time stands still. A test in which everybody
    /// waits moves to the next deadline by itself; one that waits without a deadline hangs, so wrap
    /// what may do so in a `tokio::time::timeout`, which then fires at once.
    ///
    /// # Panics
    ///
    /// If the operating system gives no runtime, or `test` panics.
    pub fn run<T>(test: impl AsyncFnOnce(&Self) -> T) -> T {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_time().start_paused(true).build();
        runtime.expect("a runtime needs no more than memory").block_on(async {
            let wall = Mutex::new((SystemTime::now(), Instant::now()));
            test(&Self { wall }).await
        })
    }

    /// The monotonic clock.
    pub fn now(&self) -> Instant {
        Instant::now()
    }

    /// The wall clock.
    pub fn wall(&self) -> SystemTime {
        let (shown, at) = *self.wall.lock().unwrap_or_else(PoisonError::into_inner);
        shown + at.elapsed()
    }

    /// Puts the wall clock to another time. The monotonic clock does not notice.
    pub fn set_wall(&self, to: SystemTime) {
        *self.wall.lock().unwrap_or_else(PoisonError::into_inner) = (to, Instant::now());
    }

    /// Lets time pass: both clocks move, and whatever was due meanwhile has run.
    pub async fn advance(&self, by: Duration) {
        tokio::time::advance(by).await;
    }
}
