//! The connections of one origin that are ready for the next request.
//!
//! An HTTP/1.1 connection is in the pool while nobody uses it: taken from the end where it was put
//! last, so that the others grow old and go. An HTTP/2 connection stays in the pool while it is used,
//! up to the number of streams that its origin allows. Both leave it when they have been idle for too
//! long, whether or not another request comes: a task looks after that for as long as the pool holds
//! anything.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use ferro_core::Origin;
use hyper::client::conn::http2::SendRequest;
use tokio::time::{Instant, sleep_until};

use crate::{
    connector::Keep,
    dial::Protocol,
    http1::Link,
    http2::{Seat, Sent, Shared},
    tasks::Tasks,
    timeouts::after,
};

/// One origin's connections, and the tasks that some of them need. It lives as long as the upstream
/// and the replies that are being read.
pub(crate) struct Pool {
    pub(crate) origin: Origin,
    pub(crate) tasks: Arc<Tasks>,
    keep: Keep,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Idle HTTP/1.1 connections and since when, the longest idle first.
    links: VecDeque<(Instant, Box<Link>)>,
    shared: Vec<Shared>,
    /// What the origin agreed to speak last time.
    speaks: Option<Protocol>,
    is_swept: bool,
}

/// A way to send one request.
pub(crate) enum Channel {
    Own(Box<Link>),
    Shared(SendRequest<Sent>, Seat),
}

impl Pool {
    pub(crate) fn new(origin: Origin, keep: Keep) -> Self {
        Self { origin, tasks: Arc::default(), keep, state: Mutex::default() }
    }

    /// Takes a connection that is ready `now`, if there is one.
    pub(crate) fn take(&self, now: Instant) -> Option<Channel> {
        let mut state = self.state();
        if !state.shared.is_empty() {
            state.shared.retain(|shared| !shared.sender.is_closed());
            if let Some(shared) = state.shared.iter_mut().find(|shared| shared.has_room()) {
                let (sender, seat) = shared.seat();
                return Some(Channel::Shared(sender, seat));
            }
        }
        let (since, link) = state.links.pop_back()?;
        if after(since, self.keep.time) > now {
            return Some(Channel::Own(link));
        }
        // The others have waited even longer. Sockets are closed once nobody waits for the lock.
        let expired = std::mem::take(&mut state.links);
        drop(state);
        drop(expired);
        None
    }

    /// Keeps a connection whose last answer was read to its end.
    pub(crate) fn put(self: &Arc<Self>, link: Box<Link>) {
        let mut state = self.state();
        state.links.push_back((Instant::now(), link));
        let surplus = (state.links.len() > self.keep.most).then(|| state.links.pop_front());
        self.sweep(state);
        drop(surplus);
    }

    /// Opens an HTTP/2 connection to others, and takes the first place on it.
    pub(crate) fn share(self: &Arc<Self>, mut shared: Shared) -> Channel {
        let (sender, seat) = shared.seat();
        let mut state = self.state();
        state.shared.push(shared);
        self.sweep(state);
        Channel::Shared(sender, seat)
    }

    /// Remembers what the origin speaks.
    pub(crate) fn learn(&self, protocol: Protocol) {
        self.state().speaks = Some(protocol);
    }

    /// Whether a connection to the origin is, or may turn out to be, one that many requests share.
    pub(crate) fn may_share(&self) -> bool {
        self.origin.is_tls() && self.state().speaks != Some(Protocol::Http1)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that what is kept does not stay for ever.
    fn sweep(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        if !std::mem::replace(&mut state.is_swept, true) {
            drop(state);
            self.tasks.spawn(sweeping(Arc::downgrade(self), after(Instant::now(), self.keep.time)));
        }
    }

    /// Drops what has been idle for too long. Returns when to look again, unless the pool is empty.
    fn drop_idle(&self) -> Option<Instant> {
        let now = Instant::now();
        let is_old = |since| after(since, self.keep.time) <= now;
        let mut state = self.state();
        let count = state.links.partition_point(|(since, _)| is_old(*since));
        let expired: Vec<_> = state.links.drain(..count).collect();
        state.shared.retain_mut(|shared| {
            if shared.is_used() {
                shared.since = now;
            }
            !shared.sender.is_closed() && !is_old(shared.since)
        });
        let oldest = state.links.front().map(|(since, _)| *since);
        let next = state.shared.iter().map(|shared| shared.since).chain(oldest).min();
        state.is_swept = next.is_some();
        drop(state);
        drop(expired);
        next.map(|since| after(since, self.keep.time))
    }
}

async fn sweeping(pool: Weak<Pool>, mut next: Instant) {
    loop {
        sleep_until(next).await;
        match pool.upgrade().and_then(|pool| pool.drop_idle()) {
            Some(due) => next = due,
            None => return,
        }
    }
}
