//! In which order targets are asked.

use std::{sync::Arc, time::Duration};

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
#[derive(Clone, Copy)]
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
    /// How many tokens the prompt has, if somebody counted them. Whoever needs them otherwise asks
    /// the [subject](Subject::prompt_tokens), which may have to read all of the prompt.
    pub prompt_tokens: Option<u64>,
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
        Self { subject, principal, headers, surface, roll: 0, prompt_tokens: None, candidates }
    }

    /// The same view, with this share of randomness.
    pub fn with_roll(self, roll: u64) -> Self {
        Self { roll, ..self }
    }

    /// The same view, of other candidates.
    pub fn among<'b>(&self, candidates: &'b [Candidate<'b>]) -> View<'b>
    where
        'a: 'b,
    {
        View { candidates, ..*self }
    }

    /// The same view, with a prompt of so many tokens.
    pub fn with_prompt_tokens(self, tokens: u64) -> Self {
        Self { prompt_tokens: Some(tokens), ..self }
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
    /// How long ago that was learned; `None` counts as just now.
    pub age: Option<Duration>,
    /// What it charges for this model.
    pub rates: Option<&'a Rates>,
    /// How many tokens of this prompt it is expected to find in its prompt cache.
    pub cached_tokens: u64,
}

impl<'a> Candidate<'a> {
    /// A candidate about which nothing else is known.
    #[inline]
    pub fn new(target: &'a TargetId) -> Self {
        Self {
            target,
            weight: 1.0,
            in_flight: 0,
            latency: None,
            age: None,
            rates: None,
            cached_tokens: 0,
        }
    }
}

/// How many places an order has room for without allocating.
const ROOM: usize = 64;

/// An order, with reasons. Holds sixty-four places without allocating.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Order {
    picks: SmallVec<[Pick; ROOM]>,
    /// Invariant: bit `n` is set exactly if candidate `n` has a place, for the first [`ROOM`] of
    /// them, so that to push is no search.
    placed: u64,
    is_decided: bool,
    label: Option<Arc<str>>,
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
    #[inline]
    pub fn push(&mut self, candidate: usize, reason: &'static str) {
        if !self.has(candidate) {
            if candidate < ROOM {
                self.placed |= 1 << candidate;
            }
            self.picks.push(Pick { candidate, reason });
        }
    }

    /// Whether a candidate has a place already.
    #[inline]
    pub fn has(&self, candidate: usize) -> bool {
        if candidate < ROOM {
            return self.placed >> candidate & 1 == 1;
        }
        self.picks.iter().any(|pick| pick.candidate == candidate)
    }

    /// The places, first to last.
    pub fn picks(&self) -> &[Pick] {
        &self.picks
    }

    /// Says that a rule of the operator's names the first place: no preference of the engine's, such
    /// as a prompt cache that is warm elsewhere, goes before it.
    pub fn decide(&mut self) {
        self.is_decided = true;
    }

    /// Whether a rule of the operator's names the first place.
    pub fn is_decided(&self) -> bool {
        self.is_decided
    }

    /// Says which variant of an experiment this request was drawn into.
    pub fn set_label(&mut self, label: Arc<str>) {
        self.label = Some(label);
    }

    /// The variant of an experiment that this request was drawn into, if there is an experiment. It
    /// stays the same whoever answers in the end: the answering target tells those that fell over
    /// to another one.
    pub fn label(&self) -> Option<&Arc<str>> {
        self.label.as_ref()
    }
}

impl Extend<(usize, &'static str)> for Order {
    /// Pushes each of them.
    #[inline]
    fn extend<I: IntoIterator<Item = (usize, &'static str)>>(&mut self, picks: I) {
        picks.into_iter().for_each(|(candidate, reason)| self.push(candidate, reason));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_has_one_place_however_many_there_are() {
        let mut order = Order::default();
        for candidate in [3, 63, 64, 200, 3, 200, 64, 63, 0] {
            order.push(candidate, "why");
        }
        let placed: Vec<_> = order.picks().iter().map(|pick| pick.candidate).collect();
        assert_eq!(placed, [3, 63, 64, 200, 0]);
        let mut together = Order::default();
        together.extend([3, 63, 3].map(|candidate| (candidate, "why")));
        together.extend([63, 64, 200, 3, 200, 64, 63, 0].map(|candidate| (candidate, "why")));
        assert_eq!(together, order);
        assert!(order.has(200) && order.has(0) && !order.has(1) && !order.has(65));
    }
}
