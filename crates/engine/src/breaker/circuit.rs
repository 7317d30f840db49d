//! One circuit: closed while calls succeed, open after enough failures, half open while it is probed.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{
            AtomicU64,
            Ordering::{AcqRel, Acquire, Relaxed, Release},
        },
    },
    time::Duration,
};

use tokio::time::Instant;

use super::{
    BreakerSettings,
    permit::{Permit, Ticket},
    rules::Rules,
    word::Word,
};
use crate::{
    began::{Began, micros},
    pause::jitter,
    recent::{Counts, Recent},
};

/// When to ask again while every probe's place is taken: nobody knows when one comes back.
const PROBE_WAIT: Duration = Duration::from_secs(1);
/// Sets this decision's randomness apart from what else a request's roll decides.
const SALT: u64 = 0x6272_6561_6b65_7200;

/// Where a circuit stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CircuitState {
    /// Calls pass.
    Closed,
    /// No call passes.
    Open,
    /// A few calls pass, to see how it is by now.
    HalfOpen,
}

/// The circuit is open, or half open with all probes under way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CircuitOpen {
    /// When asking again makes sense.
    pub retry_after: Duration,
}

/// One circuit.
#[derive(Debug)]
pub struct Breaker {
    began: Began,
    word: AtomicU64,
    /// Until when it is open, in microseconds since the beginning. Written before the word that
    /// opens it, so that whoever sees it open sees until when, or a later time.
    until: AtomicU64,
    /// When a call failed last, counted like that.
    failed: AtomicU64,
    rules: Rules,
    recent: Recent,
    /// Taken only to open or to close the circuit, or to change its settings.
    growth: Mutex<Growth>,
}

/// How the open time grows.
#[derive(Debug)]
struct Growth {
    settings: BreakerSettings,
    /// How often it has opened since it was closed last.
    openings: u32,
}

impl Breaker {
    /// A closed circuit.
    pub fn new(settings: BreakerSettings, now: Instant) -> Self {
        Self {
            began: Began::new(now),
            word: AtomicU64::new(Word::closed(0, 0).0),
            until: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            rules: Rules::new(&settings),
            recent: Recent::new(settings.window),
            growth: Mutex::new(Growth { settings, openings: 0 }),
        }
    }

    /// Other settings, and the state that it is in: an open circuit stays open as long as it would
    /// have.
    pub fn adopt(&self, settings: BreakerSettings) {
        let mut growth = self.growth();
        growth.settings = settings;
        self.rules.set(&settings);
        self.recent.set_window(settings.window);
    }

    /// Lets a call pass, or says when to ask again. The permit wants to hear how the call ended.
    pub fn admit(self: &Arc<Self>, now: Instant) -> Result<Permit, CircuitOpen> {
        let ticket = self.ticket(now)?;
        Ok(Permit::new(Arc::clone(self), ticket))
    }

    /// Where it stands.
    pub fn state(&self, now: Instant) -> CircuitState {
        if !self.word().is_open() {
            CircuitState::Closed
        } else if self.remaining(now).is_zero() {
            CircuitState::HalfOpen
        } else {
            CircuitState::Open
        }
    }

    /// When a call has a chance to pass; `None` if it has one now.
    pub fn retry_after(&self, now: Instant) -> Option<Duration> {
        let word = self.word();
        if !word.is_open() {
            return None;
        }
        let remaining = self.remaining(now);
        if !remaining.is_zero() {
            return Some(remaining);
        }
        (word.probes() >= self.rules.max_half()).then_some(PROBE_WAIT)
    }

    /// Whether nothing has gone wrong lately, or nobody has asked for so long after something did:
    /// a circuit that can be forgotten.
    pub(super) fn is_idle(&self, now: Instant, long: Duration) -> bool {
        let (word, now) = (self.word(), self.began.micros(now));
        let is_calm = !word.is_open() && word.failures() == 0 && self.recent.sum(now).some == 0;
        let ends = self.failed.load(Relaxed).max(self.until.load(Relaxed));
        is_calm || now.saturating_sub(ends) > micros(long)
    }

    #[cfg(test)]
    pub(super) fn until(&self) -> u64 {
        self.until.load(Relaxed)
    }

    fn ticket(&self, now: Instant) -> Result<Ticket, CircuitOpen> {
        let mut word = self.word();
        loop {
            let generation = word.generation();
            if !word.is_open() {
                return Ok(Ticket::ordinary(generation));
            }
            let remaining = self.remaining(now);
            if !remaining.is_zero() {
                return Err(CircuitOpen { retry_after: remaining });
            }
            if word.probes() >= self.rules.max_half() {
                return Err(CircuitOpen { retry_after: PROBE_WAIT });
            }
            let next = Word::open(generation, word.probes() + 1, word.successes());
            match self.exchange(word, next) {
                Ok(()) => return Ok(Ticket::probe(generation)),
                Err(current) => word = current,
            }
        }
    }

    pub(super) fn succeeded(&self, ticket: Ticket, now: Instant) {
        if ticket.is_probe {
            return self.probe_succeeded(ticket);
        }
        let word = self.word();
        if word.generation() != ticket.generation {
            return;
        }
        if word.failures() != 0 {
            self.change(ticket.generation, |_| Word::closed(ticket.generation, 0));
        }
        if self.rules.has_rate() {
            self.recent.add(self.began.micros(now), Counts { all: 1, some: 0 });
        }
    }

    pub(super) fn failed(&self, ticket: Ticket, now: Instant, roll: u64) {
        self.failed.fetch_max(self.began.micros(now), Relaxed);
        if ticket.is_probe || self.counts_enough(ticket, now) {
            self.open(ticket.generation, now, roll);
        }
    }

    /// A probe that nobody learned anything from gives its place back.
    pub(super) fn released(&self, ticket: Ticket) {
        if ticket.has_place {
            self.change(ticket.generation, |word| {
                let probes = word.probes().saturating_sub(1);
                Word::open(ticket.generation, probes, word.successes())
            });
        }
    }

    fn probe_succeeded(&self, ticket: Ticket) {
        let generation = ticket.generation;
        let changed = self.change(generation, |word| {
            let probes = word.probes().saturating_sub(u32::from(ticket.has_place));
            Word::open(generation, probes, word.successes() + 1)
        });
        let needed = self.rules.success_threshold();
        if changed.is_some_and(|word| word.successes() >= needed) {
            self.close(generation);
        }
    }

    /// Counts a failure of a closed circuit, and says whether it is one too many.
    fn counts_enough(&self, ticket: Ticket, now: Instant) -> bool {
        let generation = ticket.generation;
        let counted = self.change(generation, |word| Word::closed(generation, word.failures() + 1));
        let Some(word) = counted else { return false };
        let in_a_row = word.failures() >= self.rules.consecutive();
        in_a_row | self.is_rate_exceeded(now)
    }

    /// Counts a failure among the recent calls, and says whether they fail too often.
    fn is_rate_exceeded(&self, now: Instant) -> bool {
        if !self.rules.has_rate() {
            return false;
        }
        let now = self.began.micros(now);
        self.recent.add(now, Counts { all: 1, some: 1 });
        self.rules.is_rate_exceeded(self.recent.sum(now))
    }

    /// Opens it, or opens it again, unless somebody else has begun a new life of it.
    fn open(&self, generation: u32, now: Instant, roll: u64) {
        let mut growth = self.growth();
        if self.word().generation() != generation {
            return;
        }
        let share = jitter(roll, SALT);
        let span = micros(growth.settings.open_time(growth.openings, share));
        growth.openings = growth.openings.saturating_add(1);
        self.until.store(self.began.micros(now).saturating_add(span), Relaxed);
        // Only holders of the lock begin a new life, so nobody's change of a life is lost but that
        // of the one which ends here.
        self.word.store(Word::open(generation.wrapping_add(1), 0, 0).0, Release);
    }

    fn close(&self, generation: u32) {
        let mut growth = self.growth();
        if self.word().generation() != generation {
            return;
        }
        growth.openings = 0;
        // Nothing was counted while it was open: what there is comes from the life before.
        self.recent.clear();
        self.word.store(Word::closed(generation.wrapping_add(1), 0).0, Release);
    }

    /// Changes the word, if it is still this life's, and returns what it became.
    fn change(&self, generation: u32, change: impl Fn(Word) -> Word) -> Option<Word> {
        let mut word = self.word();
        while word.generation() == generation {
            let next = change(word);
            match self.exchange(word, next) {
                Ok(()) => return Some(next),
                Err(current) => word = current,
            }
        }
        None
    }

    fn exchange(&self, old: Word, new: Word) -> Result<(), Word> {
        self.word.compare_exchange_weak(old.0, new.0, AcqRel, Acquire).map(drop).map_err(Word)
    }

    fn word(&self) -> Word {
        Word(self.word.load(Acquire))
    }

    fn remaining(&self, now: Instant) -> Duration {
        let until = self.until.load(Relaxed);
        Duration::from_micros(until.saturating_sub(self.began.micros(now)))
    }

    /// What is kept is numbers that hold at every moment: a panic elsewhere does not spoil them.
    fn growth(&self) -> MutexGuard<'_, Growth> {
        self.growth.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
