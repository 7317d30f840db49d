//! Puts the targets of a route, and those of the routes within it, in one order.

use std::sync::atomic::Ordering::Relaxed;

use ferro_core::{Candidate, Decision, Order, Surface};
use smallvec::SmallVec;

use crate::{
    Engine, Opened,
    owners::MANY,
    roster::{Owner, Pool, Seat},
};

/// The targets to ask, first to last, by their places among the engine's.
pub(crate) type Line = SmallVec<[u16; MANY]>;

/// What was planned, and why.
pub(crate) struct Planned {
    /// The targets to ask, and why each stands where it does.
    pub(crate) places: SmallVec<[(u16, &'static str); MANY]>,
    /// Those that a strategy gave no place.
    pub(crate) left_out: Line,
    /// Whether a rule of the operator's names the first of them.
    pub(crate) is_decided: bool,
    pub(crate) decision: Decision,
}

/// Who has answered requests like this one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Warm {
    pub(crate) target: usize,
    /// How many tokens of the prompt it is expected to find in its cache.
    pub(crate) tokens: u64,
}

/// A request, and what is known of those who could answer it.
pub(crate) struct Field<'a, S: Surface> {
    pub(crate) engine: &'a Engine,
    pub(crate) opened: &'a Opened<S>,
    pub(crate) is_stream: bool,
    pub(crate) warm: Option<Warm>,
    /// In microseconds since the roster began.
    pub(crate) now: u64,
}

impl<S: Surface> Field<'_, S> {
    /// Puts the members of a route in order.
    pub(crate) fn order(&self, pool: &Pool, out: &mut Planned) {
        let order = self.ordered(pool);
        out.decision.label = order.label().cloned();
        out.is_decided = order.is_decided();
        self.place(pool, &order, out);
    }

    fn ordered(&self, pool: &Pool) -> Order {
        let candidates: SmallVec<[Candidate<'_>; MANY]> =
            pool.seats.iter().map(|seat| self.candidate(seat)).collect();
        let mut order = Order::default();
        let strategy = &self.engine.route(pool.route).strategy;
        strategy.order(&self.opened.view(&candidates), &mut order);
        order
    }

    /// Takes down the targets in their order, those of a route where the route stands.
    fn place(&self, pool: &Pool, order: &Order, out: &mut Planned) {
        for pick in order.picks() {
            match pool.seats.get(pick.candidate) {
                Some(Seat::Target(owner)) => self.put(owner.index, pick.reason, out),
                Some(Seat::Pool(_, inner)) => self.place(inner, &self.ordered(inner), out),
                // A pick of nobody is a mistake of the strategy's, and asks nobody.
                None => {}
            }
        }
        if order.picks().len() < pool.seats.len() {
            for (at, seat) in pool.seats.iter().enumerate() {
                if let (Seat::Target(owner), false) = (seat, order.has(at)) {
                    out.left_out.push(owner.index);
                }
            }
        }
    }

    /// A target may be a member of several routes on the way; it is asked once.
    fn put(&self, index: u16, reason: &'static str, out: &mut Planned) {
        let is_once = self.engine.parts.routes.is_empty();
        if is_once || out.places.iter().all(|(other, _)| *other != index) {
            out.places.push((index, reason));
        }
    }

    fn candidate<'r>(&self, seat: &'r Seat) -> Candidate<'r> {
        match seat {
            Seat::Target(owner) => self.of_target(owner),
            Seat::Pool(name, pool) => self.of_pool(name, pool),
        }
    }

    fn of_target<'r>(&self, owner: &'r Owner) -> Candidate<'r> {
        let mut candidate = Candidate::new(&owner.id);
        candidate.weight = owner.weight;
        candidate.rates = owner.rates.as_ref();
        candidate.in_flight = owner.in_flight.load(Relaxed);
        let latency = owner.pace.latency(self.is_stream);
        if let Some((latency, age)) = latency.read(self.now.saturating_add(owner.lead)) {
            (candidate.latency, candidate.age) = (Some(latency), Some(age));
        }
        if let Some(warm) = self.warm.filter(|warm| warm.target == usize::from(owner.index)) {
            candidate.cached_tokens = warm.tokens;
        }
        candidate
    }

    /// A route among a route's members: as busy as its members together, as fast as the fastest, as
    /// dear as the first of them.
    fn of_pool<'r>(&self, name: &'r ferro_core::TargetId, pool: &'r Pool) -> Candidate<'r> {
        let mut whole = Candidate::new(name);
        for (at, seat) in pool.seats.iter().enumerate() {
            let member = self.candidate(seat);
            whole.in_flight = whole.in_flight.saturating_add(member.in_flight);
            if member.latency.is_some_and(|latency| whole.latency.is_none_or(|l| latency < l)) {
                (whole.latency, whole.age) = (member.latency, member.age);
            }
            if at == 0 {
                whole.rates = member.rates;
            }
        }
        whole
    }
}
