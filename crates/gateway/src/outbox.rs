//! Records on their way to somebody slow: a bounded queue, and a thread that empties it.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::{self, Thread},
    time::Duration,
};

use ferro_core::{Observer, Record};
use tokio::{
    sync::{
        mpsc::{Receiver, Sender, channel},
        oneshot,
    },
    time::{Instant, timeout_at},
};

/// As long as records are collected before they are handled together. Whoever sends to a thread that
/// waits has to wake it, which costs more than the sending; one that pauses is woken by the clock,
/// once for everything that came meanwhile.
const PAUSE: Duration = Duration::from_millis(20);

/// Hands records to a thread of its own, so that neither a request nor the runtime ever waits for a
/// hook or a disk. A full queue drops the record, and counts it.
///
/// A record that comes where it is quiet is handled at once. One that comes within the pause after
/// it waits for the rest of the pause, unless half of the queue is taken before.
///
/// The thread ends when the last clone of the observer is gone.
pub(crate) struct Outbox {
    sender: Sender<Letter>,
    thread: Thread,
    dropped: Box<dyn Fn(&Record) + Send + Sync>,
}

enum Letter {
    Record(Arc<Record>),
    /// Everything that was sent before this has been handled.
    Flush(oneshot::Sender<()>),
}

/// What a thread does with records.
pub(crate) trait Recipient: Send + 'static {
    /// A record has come.
    fn take(&mut self, record: &Arc<Record>);

    /// The queue is empty for now.
    fn rest(&mut self) {}
}

impl Outbox {
    /// Starts the thread. `dropped` counts what does not fit into a queue of `capacity`.
    pub(crate) fn start(
        name: &str,
        capacity: usize,
        recipient: impl Recipient,
        dropped: impl Fn(&Record) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        Self::pausing(PAUSE, (name, capacity), recipient, dropped)
    }

    fn pausing(
        pause: Duration,
        (name, capacity): (&str, usize),
        recipient: impl Recipient,
        dropped: impl Fn(&Record) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = channel(capacity);
        let builder = thread::Builder::new().name(format!("ferro-{name}"));
        let running = builder.spawn(move || empty(receiver, recipient, pause))?;
        Ok(Self { sender, thread: running.thread().clone(), dropped: Box::new(dropped) })
    }

    /// Waits until everything that was sent so far is handled, or until `deadline`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing but the waiting.
    pub(crate) async fn flush(&self, deadline: Instant) {
        let (done, is_done) = oneshot::channel();
        let flushed = async {
            if self.sender.send(Letter::Flush(done)).await.is_ok() {
                self.thread.unpark();
                drop(is_done.await); // it was handled, or the thread is gone
            }
        };
        drop(timeout_at(deadline, flushed).await); // late or done: there is nothing else to do
    }
}

fn empty(mut receiver: Receiver<Letter>, mut recipient: impl Recipient, pause: Duration) {
    while let Some(first) = receiver.blocking_recv() {
        let mut next = Some(first);
        while next.is_some() {
            while let Some(letter) = next {
                handle(letter, &mut recipient);
                next = receiver.try_recv().ok();
            }
            rest(&mut recipient);
            thread::park_timeout(pause);
            next = receiver.try_recv().ok();
        }
    }
}

fn handle(letter: Letter, recipient: &mut impl Recipient) {
    match letter {
        Letter::Record(record) => take(recipient, &record),
        Letter::Flush(done) => {
            rest(recipient);
            let _stopped_waiting = done.send(());
        }
    }
}

/// A recipient that panics while it rests goes on with the next record.
fn rest(recipient: &mut impl Recipient) {
    if catch_unwind(AssertUnwindSafe(|| recipient.rest())).is_err() {
        tracing::error!("whoever is told of requests panicked");
    }
}

/// A recipient that panics has lost this record, not the ones after it.
fn take(recipient: &mut impl Recipient, record: &Arc<Record>) {
    if catch_unwind(AssertUnwindSafe(|| recipient.take(record))).is_err() {
        tracing::error!(request_id = %record.request_id, "whoever is told of requests panicked");
    }
}

impl Observer for Outbox {
    fn observe(&self, record: &Arc<Record>) {
        if self.sender.try_send(Letter::Record(Arc::clone(record))).is_err() {
            (self.dropped)(record);
        }
        if self.sender.capacity() <= self.sender.max_capacity() / 2 {
            self.thread.unpark();
        }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use ferro_core::{RequestId, SurfaceKind};

    use super::*;

    fn record(id: usize) -> Arc<Record> {
        Arc::new(Record::open(RequestId::from(id.to_string()), SurfaceKind::Chat, None))
    }

    struct Collect(Arc<Mutex<Vec<String>>>, Option<mpsc::Receiver<()>>);

    impl Recipient for Collect {
        fn take(&mut self, record: &Arc<Record>) {
            if let Some(gate) = &self.1 {
                gate.recv().unwrap();
            }
            assert_ne!(record.request_id.as_str(), "13", "unlucky");
            self.0.lock().unwrap().push(record.request_id.to_string());
        }
    }

    #[tokio::test]
    async fn records_arrive_in_order_and_a_panic_loses_one() {
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let outbox = Outbox::start("t", 64, Collect(Arc::clone(&seen), None), |_| {}).unwrap();
        (11..16).for_each(|id| outbox.observe(&record(id)));
        outbox.flush(Instant::now() + Duration::from_secs(10)).await;
        assert_eq!(*seen.lock().unwrap(), ["11", "12", "14", "15"]);
    }

    struct RestsBadly(Arc<Mutex<Vec<String>>>);

    impl Recipient for RestsBadly {
        fn take(&mut self, record: &Arc<Record>) {
            self.0.lock().unwrap().push(record.request_id.to_string());
        }

        fn rest(&mut self) {
            panic!("scripted")
        }
    }

    #[tokio::test]
    async fn a_panic_between_records_loses_none() {
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let outbox = Outbox::start("t", 64, RestsBadly(Arc::clone(&seen)), |_| {}).unwrap();
        for id in 0..3 {
            outbox.observe(&record(id));
            outbox.flush(Instant::now() + Duration::from_secs(10)).await;
        }
        assert_eq!(*seen.lock().unwrap(), ["0", "1", "2"]);
    }

    #[tokio::test]
    async fn a_full_queue_drops_and_counts() {
        let (seen, dropped) =
            (Arc::<Mutex<Vec<String>>>::default(), Arc::new(AtomicUsize::default()));
        let (open, gate) = mpsc::sync_channel(100);
        let count = Arc::clone(&dropped);
        let outbox = Outbox::start("t", 2, Collect(Arc::clone(&seen), Some(gate)), move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        })
        .unwrap();
        (0..10).for_each(|id| outbox.observe(&record(id)));
        (0..10).for_each(|_| open.send(()).unwrap());
        outbox.flush(Instant::now() + Duration::from_secs(10)).await;
        let seen = seen.lock().unwrap().len();
        // Two wait in the queue, and one may have been taken out before the third came.
        assert!((2..=3).contains(&seen), "{seen}");
        assert_eq!(seen + dropped.load(Ordering::Relaxed), 10);
    }

    /// Tells how many records came between two rests.
    struct Batches(usize, mpsc::SyncSender<usize>);

    impl Recipient for Batches {
        fn take(&mut self, _: &Arc<Record>) {
            self.0 += 1;
        }

        fn rest(&mut self) {
            self.1.send(std::mem::take(&mut self.0)).unwrap();
        }
    }

    /// An outbox that pauses for ever, and the batches that it hands over.
    fn pausing(capacity: usize) -> (Outbox, mpsc::Receiver<usize>) {
        let (tell, told) = mpsc::sync_channel(100);
        let outbox = Outbox::pausing(Duration::MAX, ("t", capacity), Batches(0, tell), |_| {});
        (outbox.unwrap(), told)
    }

    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn the_first_record_is_handled_at_once_and_those_of_a_pause_together() {
        let (outbox, told) = pausing(64);
        outbox.observe(&record(0));
        assert_eq!(told.recv_timeout(PATIENCE), Ok(1));
        (1..11).for_each(|id| outbox.observe(&record(id)));
        outbox.flush(Instant::now() + PATIENCE).await;
        assert_eq!(told.try_recv(), Ok(10), "they waited for one another");
    }

    #[test]
    fn a_queue_that_is_half_full_ends_the_pause() {
        let (outbox, told) = pausing(8);
        outbox.observe(&record(0));
        assert_eq!(told.recv_timeout(PATIENCE), Ok(1));
        (1..5).for_each(|id| outbox.observe(&record(id)));
        let mut handled = 0;
        while handled < 4 {
            handled += told.recv_timeout(PATIENCE).unwrap();
        }
        assert_eq!(handled, 4);
    }

    #[test]
    fn the_thread_ends_with_the_outbox() {
        let (outbox, told) = pausing(8);
        drop(outbox);
        assert_eq!(told.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
    }
}
