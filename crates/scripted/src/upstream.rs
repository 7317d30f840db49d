//! Listens, answers, and can be asked what happened.

use std::{
    collections::VecDeque,
    fmt, io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket},
    task::JoinSet,
    time::sleep,
};

use crate::{
    Connection, Received, Script, by_the_book, journal::Journal, memo::Memo, socket::Socket,
};

/// A vendor on a port of this machine. Dropping it closes every connection.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    journal: Arc<Journal>,
    /// Everything it does; dropped with it.
    _tasks: JoinSet<()>,
}

/// How an upstream is to answer, before it is started.
pub struct Builder {
    address: SocketAddr,
    queue: VecDeque<Script>,
    answers: Option<Answers>,
    keeps: bool,
}

type Answers = Box<dyn Fn(&Received) -> Script + Send + Sync>;

impl Upstream {
    /// Starts one on a free port of this machine; scripts are chosen by the name of the model.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// One that is to answer in a way of its own.
    pub fn builder() -> Builder {
        let address = ([127, 0, 0, 1], 0).into();
        Builder { address, queue: VecDeque::new(), answers: None, keeps: true }
    }

    /// The API root for a target's `base_url`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was received so far.
    pub fn requests(&self) -> Vec<Received> {
        self.journal.state().requests.clone()
    }

    /// What was received since this was asked the last time.
    pub fn take_requests(&self) -> Vec<Received> {
        std::mem::take(&mut self.journal.state().requests)
    }

    /// The connections so far, in the order in which they were accepted.
    pub fn connections(&self) -> Vec<Connection> {
        self.journal.state().connections.clone()
    }

    /// Waits until `count` requests have been received; nothing if `deadline` passes first.
    pub async fn wait_for_requests(
        &self,
        count: usize,
        deadline: Duration,
    ) -> Option<Vec<Received>> {
        self.journal
            .wait(deadline, |state| (state.requests.len() >= count).then(|| state.requests.clone()))
            .await
    }

    /// Waits until the connection of the last request has ended; nothing if `deadline` passes
    /// first. A request that is yet to come is waited for as well.
    pub async fn wait_for_close(&self, deadline: Duration) -> Option<Connection> {
        self.journal
            .wait(deadline, |state| {
                let last = state.requests.last()?.connection;
                state.connections.get(last).filter(|seen| seen.closed.is_some()).copied()
            })
            .await
    }
}

impl Builder {
    /// Listens there instead of on a free port of this machine.
    pub fn address(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    /// The next request gets this script; with several, one after the other. When all are used up,
    /// the other rules hold.
    pub fn script(mut self, script: impl Into<Script>) -> Self {
        self.queue.push_back(script.into());
        self
    }

    /// Requests get what `answers` says, instead of what the name of their model says.
    pub fn answers(self, answers: impl Fn(&Received) -> Script + Send + Sync + 'static) -> Self {
        Self { answers: Some(Box::new(answers)), ..self }
    }

    /// Keeps no record, so that it can run for as long as a measurement takes.
    pub fn forgetful(self) -> Self {
        Self { keeps: false, ..self }
    }

    /// Starts it.
    #[expect(clippy::unused_async, reason = "only inside a runtime can a socket be bound")]
    pub async fn start(self) -> io::Result<Upstream> {
        let listener = listen(self.address)?;
        let address = listener.local_addr()?;
        let journal = Arc::new(Journal::new(self.keeps));
        let vendor = Vendor {
            journal: Arc::clone(&journal),
            queue: Mutex::new(self.queue),
            answers: self.answers,
            memo: Memo::default(),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::new(vendor)));
        Ok(Upstream { address, journal, _tasks: tasks })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Builder({}, {} scripts)", self.address, self.queue.len())
    }
}

/// Connections that wait to be accepted: a crowd that comes at once is answered and not reset.
const BACKLOG: u32 = 4096;

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // One that comes back where another one was need not wait for its connections to be forgotten.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// What all connections share.
struct Vendor {
    journal: Arc<Journal>,
    queue: Mutex<VecDeque<Script>>,
    answers: Option<Answers>,
    memo: Memo,
}

impl Vendor {
    fn answer(&self, request: Received) -> Script {
        let queued = self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let script = queued.unwrap_or_else(|| match &self.answers {
            Some(answers) => answers(&request),
            None => self.memo.get(&request, || by_the_book(&request)),
        });
        self.journal.received(request);
        script
    }
}

async fn accept(listener: TcpListener, vendor: Arc<Vendor>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, most likely: some will be closed.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let vendor = Arc::clone(&vendor);
        let connection = vendor.journal.opened();
        connections.spawn(async move {
            let Ok(socket) = Socket::new(stream, connection) else { return };
            let by = socket.converse(|request| vendor.answer(request)).await;
            vendor.journal.closed(connection, by);
        });
        while connections.try_join_next().is_some() {}
    }
}
