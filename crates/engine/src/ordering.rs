//! Puts the targets of a route, and those of the routes within it, in one order.

use std::sync::atomic::Ordering::Relaxed;

use ferro_core::{Candidate, Decision, Order, Subject, Surface};
use smallvec::SmallVec;
use tokio::time::Instant;

use crate::{
    Engine, Member, Opened, Target,
    owners::{MANY, Owners},
};

/// Routes within routes are followed this far. A configuration that goes round in circles is refused
/// long before; this is for a program that builds its own.
const DEEPEST: usize = 8;

/// The targets to ask, first to last, by their places among the engine's.
pub(crate) type Line = SmallVec<[u16; MANY]>;

/// What was planned, and why.
pub(crate) struct Planned {
    /// The targets to ask, and why each stands where it does.
    pub(crate) places: SmallVec<[(u16, &'static str); MANY]>,
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

/// A request, and who could answer it.
pub(crate) struct Field<'a, S: Surface> {
    pub(crate) engine: &'a Engine,
    pub(crate) opened: &'a Opened<S>,
    /// The route that the request takes.
    pub(crate) route: usize,
    pub(crate) owners: &'a Owners,
    pub(crate) warm: Option<Warm>,
    pub(crate) now: Instant,
}

impl<'a, S: Surface> Field<'a, S> {
    /// Puts the members of a route in order, and those of the routes among them in their places.
    pub(crate) fn order(&self, route: usize, depth: usize, out: &mut Planned) {
        let engine = self.engine;
        let route = engine.route(route);
        let mut members = SmallVec::<[Member; MANY]>::new();
        let mut candidates = SmallVec::<[Candidate<'a>; MANY]>::new();
        for member in &route.members {
            if let Some(candidate) = self.candidate(*member, depth) {
                members.push(*member);
                candidates.push(candidate);
            }
        }
        let mut order = Order::default();
        route.strategy.order(&self.opened.view(&candidates), &mut order);
        // An experiment or a rule within a route counts where it says who is asked first of all.
        if out.places.is_empty() {
            out.is_decided |= order.is_decided();
            if out.decision.label.is_none() {
                out.decision.label = order.label().cloned();
            }
        }
        for pick in order.picks() {
            // A pick of nobody is a mistake of the strategy's, and asks nobody.
            match members.get(pick.candidate) {
                Some(Member::Target(index)) => self.place(*index, pick.reason, out),
                Some(Member::Route(inner)) if depth < DEEPEST => self.order(*inner, depth + 1, out),
                _ => {}
            }
        }
    }

    /// A target may be a member of several routes on the way; it is asked once.
    fn place(&self, index: usize, reason: &'static str, out: &mut Planned) {
        let Ok(short) = u16::try_from(index) else { return };
        let is_once = self.engine.parts.routes.is_empty();
        if is_once || out.places.iter().all(|(other, _)| *other != short) {
            out.places.push((short, reason));
        }
    }

    /// A member as its strategy sees it; `None` if it could not answer. Drained targets are asked by
    /// nobody, unless the operator drained them all.
    fn candidate(&self, member: Member, depth: usize) -> Option<Candidate<'a>> {
        match member {
            Member::Target(index) => {
                let is_in = self.owners.has(index) && !self.engine.is_drained(self.route, index);
                let target = is_in.then(|| &self.engine.parts.targets[index])?;
                let mut candidate = self.of_target(target);
                let warm = self.warm.filter(|warm| warm.target == index);
                candidate.cached_tokens = warm.map_or(0, |warm| warm.tokens);
                Some(candidate)
            }
            Member::Route(inner) if depth < DEEPEST => self.of_route(inner, depth + 1),
            Member::Route(_) => None,
        }
    }

    fn of_target<'t>(&self, target: &'t Target) -> Candidate<'t> {
        let request = &self.opened.request;
        let mut candidate = Candidate::new(target.id());
        candidate.weight = target.parts().weight;
        candidate.rates = target.facts(request.model()).map(|facts| &facts.rates);
        candidate.in_flight = target.standing().in_flight.load(Relaxed);
        let latency = target.standing().pace(request.model()).latency(request.wants_stream());
        if let Some((latency, age)) = latency.read(self.now) {
            (candidate.latency, candidate.age) = (Some(latency), Some(age));
        }
        candidate
    }

    /// A route among a route's members: as busy as its members together, as fast as the fastest, as
    /// dear as the first of them that could answer.
    fn of_route(&self, inner: usize, depth: usize) -> Option<Candidate<'a>> {
        let route = self.engine.route(inner);
        let members = route.members.iter().filter_map(|member| self.candidate(*member, depth));
        let mut whole: Option<Candidate<'a>> = None;
        for member in members {
            let Some(whole) = &mut whole else {
                let mut first = Candidate::new(&route.name);
                (first.in_flight, first.rates) = (member.in_flight, member.rates);
                (first.latency, first.age) = (member.latency, member.age);
                whole = Some(first);
                continue;
            };
            whole.in_flight = whole.in_flight.saturating_add(member.in_flight);
            if member.latency.is_some_and(|latency| whole.latency.is_none_or(|l| latency < l)) {
                (whole.latency, whole.age) = (member.latency, member.age);
            }
        }
        whole
    }
}
