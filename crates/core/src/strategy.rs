//! In which order targets are asked.

use std::time::Duration;

use http::HeaderMap;
use smallvec::SmallVec;

use crate::{Principal, Rates, Subject, SurfaceKind, TargetId};

/// Orders targets, and does nothing else: a pure function of what it is shown. Retry, breakers and
/// limits are the engine's, once for all strategies.
pub trait Strategy: Send + Sync {
    /// Puts candidates in the order in which they are to be asked. A candidate that is left out is
    /// not asked at all; one that is named twice is asked once.
    fn order(&self, view: &View<'_>, out: &mut Order);
}

/// What a strategy is shown.
#[non_exhaustive]
pub struct View<'a> {
    /// The request.
    pub subject: &'a dyn Subject,
    /// Who calls.
    pub principal: &'a Principal,
    /// The client's headers, without credentials.
    pub headers: &'a HeaderMap,
    /// What is asked for.
    pub surface: SurfaceKind,
    /// This request's share of randomness: the same roll gives the same order.
    pub roll: u64,
    /// Who could answer, in the configured order.
    pub candidates: &'a [Candidate<'a>],
}

impl<'a> View<'a> {
    /// A view of `candidates` for a request.
    pub fn new(
        subject: &'a dyn Subject,
        principal: &'a Principal,
        headers: &'a HeaderMap,
        surface: SurfaceKind,
        candidates: &'a [Candidate<'a>],
    ) -> Self {
        Self { subject, principal, headers, surface, roll: 0, candidates }
    }

    /// The same view, with this share of randomness.
    pub fn with_roll(self, roll: u64) -> Self {
        Self { roll, ..self }
    }
}

/// A target that could answer, as a strategy sees it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// Its name.
    pub target: &'a TargetId,
    /// Its share: 1 where the operator said nothing, 0 where it is to be left alone.
    pub weight: f64,
    /// Calls that it has under way.
    pub in_flight: u32,
    /// How long it takes, lately.
    pub latency: Option<Duration>,
    /// What it charges for this model.
    pub rates: Option<&'a Rates>,
}

impl<'a> Candidate<'a> {
    /// A candidate about which nothing else is known.
    pub fn new(target: &'a TargetId) -> Self {
        Self { target, weight: 1.0, in_flight: 0, latency: None, rates: None }
    }
}

/// An order, with reasons. Holds eight without allocating.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Order {
    picks: SmallVec<[Pick; 8]>,
}

/// One place in an order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pick {
    /// Which candidate, by its place in [`View::candidates`].
    pub candidate: usize,
    /// Why here, in a few words for a person.
    pub reason: &'static str,
}

impl Order {
    /// Puts a candidate next, unless it already has a place.
    pub fn push(&mut self, candidate: usize, reason: &'static str) {
        if self.picks.iter().all(|pick| pick.candidate != candidate) {
            self.picks.push(Pick { candidate, reason });
        }
    }

    /// The places, first to last.
    pub fn picks(&self) -> &[Pick] {
        &self.picks
    }
}
