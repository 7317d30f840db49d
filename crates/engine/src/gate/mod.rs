//! How many calls a target gets at once, and who is next.
//!
//! A call that finds a free place takes it: one word, changed at once. Where none is free, callers
//! wait in a bounded queue, and the places that come free go round the keys that wait, so that one
//! key's thousand calls do not hold up another key's first. A place is handed to exactly one waiter,
//! who alone is woken.

mod place;
mod queue;

#[cfg(test)]
mod tests;

use std::{
    error, fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{
            AtomicU32, AtomicU64,
            Ordering::{AcqRel, Acquire, Relaxed},
        },
    },
    time::Duration,
};

use ferro_core::KeyId;
use tokio::{sync::oneshot, time::timeout};

pub use place::Place;
use place::{Load, Waiting};
use queue::Queue;

/// How many calls at once, and how many may wait for how long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GateSettings {
    /// Calls under way at once; 0 counts as 1.
    pub limit: u32,
    /// Calls that may wait; 0 is no queue.
    pub queue_size: u32,
    /// The longest that a call waits; without an end if `None`, and then the caller sees to one.
    pub queue_timeout: Option<Duration>,
}

/// No place came free for a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Saturated {
    /// So many wait already.
    QueueFull,
    /// It waited for as long as it may.
    WaitedTooLong,
}

/// A target's gate.
#[derive(Debug)]
pub struct Gate {
    load: AtomicU64,
    limit: AtomicU32,
    /// Taken only where somebody waits, or is about to.
    queue: Mutex<Queue>,
}

impl Gate {
    /// A gate with all places free.
    pub fn new(settings: GateSettings) -> Self {
        Self {
            load: AtomicU64::new(0),
            limit: AtomicU32::new(settings.limit.max(1)),
            queue: Mutex::new(Queue::new(settings)),
        }
    }

    /// Other settings from now on. Who is inside stays inside, even if those are too many now; who
    /// waits goes on waiting, or enters if there is room now.
    pub fn resize(self: &Arc<Self>, settings: GateSettings) {
        let mut queue = self.queue();
        queue.settings = settings;
        self.limit.store(settings.limit.max(1), Relaxed);
        self.hand_over(&mut queue);
    }

    /// A place, if one is free and nobody waits for it.
    pub fn try_enter(self: &Arc<Self>) -> Option<Place> {
        let entered = self.change(|load| {
            let is_free = load.waiting() == 0 && load.inside() < self.limit.load(Relaxed);
            is_free.then(|| load.entered())
        });
        entered.then(|| Place::new(Arc::clone(self)))
    }

    /// A place, waited for in the queue if need be. `key` is who waits: keys take turns.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the queue; a place that it was given meanwhile goes to the next.
    pub async fn enter(self: &Arc<Self>, key: Option<&KeyId>) -> Result<Place, Saturated> {
        if let Some(place) = self.try_enter() {
            return Ok(place);
        }
        let (waiting, turn, longest) = match self.stand_in_line(key)? {
            Line::Free(place) => return Ok(place),
            Line::Waits(waiting, turn, longest) => (waiting, turn, longest),
        };
        let given = match longest {
            None => turn.await,
            Some(longest) => {
                timeout(longest, turn).await.map_err(|_elapsed| Saturated::WaitedTooLong)?
            }
        };
        drop(waiting);
        // Nobody answers if the turn was given up for a key that had none in the queue.
        given.map_err(|_gone| Saturated::QueueFull)
    }

    /// Calls under way.
    pub fn in_flight(&self) -> u32 {
        self.load().inside()
    }

    /// Calls that wait.
    pub fn waiting(&self) -> u32 {
        self.load().waiting()
    }

    /// The most calls under way at once.
    pub fn limit(&self) -> u32 {
        self.limit.load(Relaxed)
    }

    fn stand_in_line(self: &Arc<Self>, key: Option<&KeyId>) -> Result<Line, Saturated> {
        let mut queue = self.queue();
        let is_full = self.waiting() >= queue.settings.queue_size;
        // Sees a place that came free meanwhile, or counts itself among those who wait: whoever
        // leaves after that sees that somebody does.
        let mut is_free = false;
        let stands = self.change(|load| {
            is_free = load.waiting() == 0 && load.inside() < self.limit.load(Relaxed);
            if is_free { Some(load.entered()) } else { (!is_full).then(|| load.one_more_waits()) }
        });
        if is_free {
            return Ok(Line::Free(Place::new(Arc::clone(self))));
        }
        // Who is pushed out leaves its count to the newcomer.
        if !stands && !queue.push_out_for(key) {
            return Err(Saturated::QueueFull);
        }
        let (giver, turn) = oneshot::channel();
        let ticket = queue.push(key, giver);
        let waiting = Waiting::new(Arc::clone(self), key.cloned(), ticket);
        Ok(Line::Waits(waiting, turn, queue.settings.queue_timeout))
    }

    /// A call left, and its place goes to the next.
    fn left(self: &Arc<Self>) {
        if !self.change(|load| (load.waiting() == 0).then(|| load.left())) {
            let mut queue = self.queue();
            self.change(|load| Some(load.left()));
            self.hand_over(&mut queue);
        }
    }

    fn gave_up(&self, key: Option<&KeyId>, ticket: u64) {
        let mut queue = self.queue();
        if queue.remove(key, ticket) {
            self.change(|load| Some(load.one_less_waits()));
        }
    }

    /// Gives free places to those who wait, in turn. Afterwards nobody waits, or no place is free.
    fn hand_over(self: &Arc<Self>, queue: &mut Queue) {
        while self.waiting() > 0 && self.in_flight() < self.limit() {
            let Some(giver) = queue.pop() else { break };
            self.change(|load| Some(load.one_less_waits().entered()));
            if let Err(place) = giver.send(Place::new(Arc::clone(self))) {
                // Went away in this moment. The lock is held: the place must not see to itself.
                place.forget();
                self.change(|load| Some(load.left()));
            }
        }
    }

    /// Changes the load at once, unless `change` says that it is not to be changed.
    fn change(&self, mut change: impl FnMut(Load) -> Option<Load>) -> bool {
        let next = |word| change(Load(word)).map(|load| load.0);
        self.load.fetch_update(AcqRel, Acquire, next).is_ok()
    }

    fn load(&self) -> Load {
        Load(self.load.load(Acquire))
    }

    /// What is under the lock holds at every moment: a panic elsewhere does not spoil it.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How it went for a call that found no place.
enum Line {
    Free(Place),
    Waits(Waiting, oneshot::Receiver<Place>, Option<Duration>),
}

impl fmt::Display for Saturated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull => "as many calls as may wait are waiting already",
            Self::WaitedTooLong => "no place came free for as long as a call may wait",
        })
    }
}

impl error::Error for Saturated {}
