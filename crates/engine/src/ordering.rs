//! Puts the targets of a route, and those of the routes within it, in one order.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use ferro_core::{Candidate, Decision, Order, Pick, TargetId, View};
use smallvec::SmallVec;

use crate::{
    Engine,
    owners::MANY,
    roster::{Owner, Pool, Seat},
};

/// Targets by their places among the engine's.
pub(crate) type Line = SmallVec<[u16; MANY]>;

/// What was planned, and why.
#[derive(Default)]
pub(crate) struct Planned {
    /// The targets to ask, first to last.
    pub(crate) line: Line,
    /// Why the first of them stand where they do: those that a decision has room for.
    pub(crate) reasons: SmallVec<[&'static str; Decision::ROOM]>,
    /// Those that a strategy gave no place.
    pub(crate) left_out: Line,
    /// Whether a rule of the operator's names the first of them.
    pub(crate) is_decided: bool,
    /// The variant of an experiment that the request was drawn into.
    pub(crate) label: Option<Arc<str>>,
}

impl Planned {
    fn put(&mut self, index: u16, reason: &'static str) {
        self.line.push(index);
        if self.reasons.len() < Decision::ROOM {
            self.reasons.push(reason);
        }
    }

    /// The picks of an order of targets alone, each of which stands in it once.
    fn put_all(&mut self, pool: &Pool, order: &Order) {
        let owner = |pick: &Pick| pool.seats.get(pick.candidate)?.owner();
        let known = order.picks().iter().filter_map(|pick| Some((owner(pick)?.index, pick.reason)));
        self.reasons.extend(known.clone().take(Decision::ROOM).map(|(_, reason)| reason));
        self.line.extend(known.map(|(index, _)| index));
    }

    /// Keeps those for which this holds, in their order.
    pub(crate) fn retain(&mut self, mut keeps: impl FnMut(u16) -> bool) {
        let kept: SmallVec<[bool; MANY]> = self.line.iter().map(|index| keeps(*index)).collect();
        let (mut line, mut reasons) = (kept.iter(), kept.iter());
        self.line.retain(|_| line.next().is_some_and(|keeps| *keeps));
        self.reasons.retain(|_| reasons.next().is_some_and(|keeps| *keeps));
    }

    /// Moves whoever is in this place to the front, for this reason.
    pub(crate) fn prefer(&mut self, place: usize, reason: &'static str) {
        self.line[..=place].rotate_right(1);
        let known = self.reasons.len().min(place + 1);
        self.reasons[..known].rotate_right(1);
        self.reasons[0] = reason;
    }
}

/// Who has answered requests like this one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Warm {
    pub(crate) target: usize,
    /// How many tokens of the prompt it is expected to find in its cache.
    pub(crate) tokens: u64,
}

/// A request, and what is known of those who could answer it.
pub(crate) struct Field<'a> {
    pub(crate) engine: &'a Engine,
    /// The request, as strategies see it.
    pub(crate) view: View<'a>,
    pub(crate) is_stream: bool,
    pub(crate) warm: Option<Warm>,
    /// In microseconds since the roster began.
    pub(crate) now: u64,
}

impl Field<'_> {
    /// Puts the members of a route in order.
    pub(crate) fn order(&self, pool: &Pool) -> Planned {
        let (mut planned, mut order) = (Planned::default(), Order::default());
        self.put_in_order(pool, &mut order);
        self.place(pool, &order, &mut planned);
        // One strategy may leave out whom another gives a place.
        let Planned { line, left_out, .. } = &mut planned;
        left_out.sort_unstable();
        left_out.dedup();
        left_out.retain(|index| !line.contains(index));
        planned
    }

    /// Both are large, so they are filled where they are.
    fn put_in_order(&self, pool: &Pool, order: &mut Order) {
        let mut candidates = SmallVec::<[Candidate<'_>; MANY]>::new();
        candidates.extend(pool.seats.iter().map(|seat| self.candidate(seat)));
        let strategy = &self.engine.route(pool.route).strategy;
        strategy.order(&self.view.among(&candidates), order);
    }

    /// Takes down the targets in their order, those of a route where the route stands.
    fn place(&self, pool: &Pool, order: &Order, out: &mut Planned) {
        // An experiment or a rule within a route counts where it says who is asked first of all.
        if out.line.is_empty() {
            out.is_decided |= order.is_decided();
            out.label = out.label.take().or_else(|| order.label().cloned());
        }
        if self.engine.parts.routes.is_empty() {
            out.put_all(pool, order);
        } else {
            self.place_nested(pool, order, out);
        }
        if order.picks().len() < pool.seats.len() {
            let is_out = |(at, _): &(usize, &Seat)| !order.has(*at);
            let left_out = pool.seats.iter().enumerate().filter(is_out);
            out.left_out.extend(left_out.filter_map(|(_, seat)| Some(seat.owner()?.index)));
        }
    }

    /// A target may be a member of several routes on the way; it is asked once.
    fn place_nested(&self, pool: &Pool, order: &Order, out: &mut Planned) {
        for pick in order.picks() {
            match pool.seats.get(pick.candidate) {
                Some(Seat::Target(owner)) if out.line.contains(&owner.index) => {}
                Some(Seat::Target(owner)) => out.put(owner.index, pick.reason),
                Some(Seat::Pool(_, inner)) => {
                    let mut order = Order::default();
                    self.put_in_order(inner, &mut order);
                    self.place(inner, &order, out);
                }
                // A pick of nobody is a mistake of the strategy's, and asks nobody.
                None => {}
            }
        }
    }

    #[inline]
    fn candidate<'r>(&self, seat: &'r Seat) -> Candidate<'r> {
        match seat {
            Seat::Target(owner) => self.of_target(owner),
            Seat::Pool(name, pool) => self.of_pool(name, pool),
        }
    }

    #[inline]
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
    fn of_pool<'r>(&self, name: &'r TargetId, pool: &'r Pool) -> Candidate<'r> {
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
