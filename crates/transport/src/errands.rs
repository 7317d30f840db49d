//! Requests that outlive the call that they belong to, such as the one that ends what a client has
//! left.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use ferro_core::{Errands, Inflow, Payload, ProviderError, Upstream};
use futures_util::StreamExt;
use http::{Request, Response};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};
use tracing::{debug, warn};

use crate::{tasks::Tasks, upstream::Direct};

/// As long as an errand may take, its answer included.
const PATIENCE: Duration = Duration::from_secs(10);
/// As many as one origin's may be under way.
const MOST: usize = 64;
/// As much of an answer is read, so that its connection can be used again.
const MOST_READ: usize = 64 << 10;

/// An upstream, and who takes its errands. Dropping it ends those that are under way.
pub(crate) struct Attended {
    line: Arc<Direct>,
    desk: Arc<Desk>,
}

impl Attended {
    pub(crate) fn new(line: Direct, board: Arc<Board>) -> Self {
        let line = Arc::new(line);
        let desk = Desk {
            line: Arc::clone(&line),
            tasks: Tasks::default(),
            seats: Arc::new(Semaphore::new(MOST)),
            board,
        };
        Self { line, desk: Arc::new(desk) }
    }
}

type Sent<'a> = Pin<Box<dyn Future<Output = Result<Response<Inflow>, ProviderError>> + Send + 'a>>;

impl Upstream for Attended {
    /// The line's own future: a call is boxed once.
    fn send<'a, 'b>(&'a self, request: Request<Payload>) -> Sent<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        self.line.send(request)
    }

    fn errands(&self) -> Option<Arc<dyn Errands>> {
        Some(Arc::clone(&self.desk) as Arc<dyn Errands>)
    }
}

impl fmt::Debug for Attended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.line.fmt(f)
    }
}

/// Who takes an origin's errands. The tasks hold the line, and nothing that holds the tasks.
struct Desk {
    line: Arc<Direct>,
    tasks: Tasks,
    seats: Arc<Semaphore>,
    board: Arc<Board>,
}

impl Errands for Desk {
    fn send_off(&self, request: Request<Payload>) {
        // What drops a reply may itself be what is left of a runtime that has ended.
        if Handle::try_current().is_err() {
            return self.board.drop_one(&self.line, "there is no runtime any more");
        }
        let Ok(seat) = Arc::clone(&self.seats).try_acquire_owned() else {
            return self.board.drop_one(&self.line, "as many as may be are under way");
        };
        let errand = Errand { line: Arc::clone(&self.line), _seat: seat, _mark: self.board.mark() };
        self.tasks.spawn(errand.run(request));
    }
}

/// One errand. Dropping it abandons the request.
struct Errand {
    line: Arc<Direct>,
    _seat: OwnedSemaphorePermit,
    _mark: Mark,
}

impl Errand {
    async fn run(self, request: Request<Payload>) {
        let line = &self.line;
        match timeout(PATIENCE, done(line, request)).await {
            Ok(Ok(status)) => debug!(origin = ?line, status, "an errand is done"),
            Ok(Err(error)) => debug!(origin = ?line, %error, "an errand has failed"),
            Err(_) => debug!(origin = ?line, "an errand was given up after {PATIENCE:?}"),
        }
    }
}

async fn done(line: &Direct, request: Request<Payload>) -> Result<u16, ProviderError> {
    let (head, mut inflow) = line.send(request).await?.into_parts();
    let mut read = 0;
    while let Some(piece) = inflow.next().await {
        read += piece?.len();
        if read > MOST_READ {
            break;
        }
    }
    Ok(head.status.as_u16())
}

/// The errands of all upstreams of a connector.
#[derive(Debug)]
pub(crate) struct Board {
    under_way: watch::Sender<usize>,
    dropped: AtomicU64,
}

impl Default for Board {
    fn default() -> Self {
        Self { under_way: watch::Sender::new(0), dropped: AtomicU64::new(0) }
    }
}

impl Board {
    /// Done when no errand is under way.
    pub(crate) async fn is_clear(&self) {
        let mut under_way = self.under_way.subscribe();
        // It fails only where the sender is gone, which is borrowed here.
        drop(under_way.wait_for(|count| *count == 0).await);
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }

    fn mark(self: &Arc<Self>) -> Mark {
        self.under_way.send_modify(|count| *count += 1);
        Mark(Arc::clone(self))
    }

    fn drop_one(&self, line: &Direct, why: &str) {
        let total = self.dropped.fetch_add(1, Relaxed) + 1;
        warn!(origin = ?line, total, why, "an errand was not sent");
    }
}

/// An errand that is under way until this is dropped.
struct Mark(Arc<Board>);

impl Drop for Mark {
    fn drop(&mut self) {
        self.0.under_way.send_modify(|count| *count -= 1);
    }
}
