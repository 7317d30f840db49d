//! Who could answer, found out once for each model that is asked for, and not for each request.

use std::sync::{
    Arc,
    atomic::{
        AtomicU32, AtomicU64,
        Ordering::{Acquire, Release},
    },
};

use arc_swap::Guard;
use ferro_core::{Rates, Subject, Surface, SurfaceKind, TargetId};
use tokio::time::Instant;

use crate::{
    Engine, Member, Target,
    began::Began,
    by_model::{ByModel, Held},
    owners::Owners,
    pace::Pace,
};

/// Routes within routes are followed this far. A configuration that goes round in circles is refused
/// long before; this is for a program that builds its own.
const DEEPEST: usize = 8;

/// So many rosters are kept, and so many targets stand in all of them together. Where there would be
/// more, all are written anew as they are asked for: names that clients make up cost no memory without
/// bound.
const MOST_ROSTERS: usize = 1_024;
const MOST_OWNERS: usize = 1 << 16;

/// Who could answer requests for one model on one surface that take one route.
#[derive(Debug)]
pub(crate) struct Roster {
    /// The members of the route that could.
    pub(crate) pool: Pool,
    /// Those that could, and are drained.
    pub(crate) drained: Vec<TargetId>,
    began: Began,
    /// How often what is known about models had changed before this was found out.
    listings: u64,
}

/// The members of a route that could answer, in the configured order.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) route: usize,
    pub(crate) seats: Vec<Seat>,
}

/// A member of a route that could answer.
#[derive(Debug)]
pub(crate) enum Seat {
    Target(Owner),
    /// A route, at least one of whose members could.
    Pool(TargetId, Pool),
}

impl Seat {
    /// The target that has it, if it is no route.
    #[inline]
    pub(crate) fn owner(&self) -> Option<&Owner> {
        match self {
            Self::Target(owner) => Some(owner),
            Self::Pool(..) => None,
        }
    }
}

/// A target that could answer, with all that a strategy is shown of it: what does not change, and
/// where it stands that does.
#[derive(Debug)]
pub(crate) struct Owner {
    /// Its place among the engine's targets.
    pub(crate) index: u16,
    pub(crate) id: TargetId,
    pub(crate) weight: f64,
    pub(crate) rates: Option<Rates>,
    pub(crate) in_flight: Arc<AtomicU32>,
    pub(crate) pace: Arc<Pace>,
    /// How much earlier its pace began than the roster, in microseconds.
    pub(crate) lead: u64,
}

/// The rosters that were kept at one moment.
type Kept = Guard<Arc<Held<(usize, SurfaceKind), Arc<Roster>>>>;

/// The rosters of an engine.
#[derive(Debug, Default)]
pub(crate) struct Rosters {
    kept: ByModel<(usize, SurfaceKind), Arc<Roster>>,
    /// How often what is known about models has changed: targets have listed theirs, or prices came.
    listings: Arc<AtomicU64>,
}

impl Rosters {
    /// No rosters yet, for these targets.
    pub(crate) fn new(targets: &[Arc<Target>]) -> Self {
        let rosters = Self::default();
        targets.iter().for_each(|target| target.tell_listings(&rosters.listings));
        rosters
    }

    /// What is known about models has changed.
    pub(crate) fn outdate(&self) {
        self.listings.fetch_add(1, Release);
    }

    /// What is kept now.
    pub(crate) fn load(&self) -> Kept {
        self.kept.load()
    }

    /// Whether nothing more has become known about models since this was found out.
    pub(crate) fn is_current(&self, roster: &Roster) -> bool {
        roster.listings == self.listings.load(Acquire)
    }
}

impl Roster {
    /// A point in time in microseconds since it was found out.
    pub(crate) fn micros(&self, now: Instant) -> u64 {
        self.began.micros(now)
    }

    /// Whether nobody could answer, not even somebody who is drained.
    pub(crate) fn is_empty(&self) -> bool {
        self.pool.seats.is_empty() && self.drained.is_empty()
    }
}

impl Engine {
    /// Finds out who could answer a request that takes this route, and keeps it for the next one,
    /// unless that is nobody, or only the target may that keeps what the request names.
    pub(crate) fn find_out<S: Surface>(
        &self,
        route: usize,
        request: &S::Request,
        pin: Option<&TargetId>,
    ) -> Arc<Roster> {
        let model = request.model();
        let roster = Arc::new(self.roster::<S>(route, model, pin));
        if pin.is_none() && !roster.is_empty() {
            let Rosters { kept, .. } = &self.rosters;
            let most = MOST_OWNERS / self.parts.targets.len().max(1);
            if kept.load().len() >= most.min(MOST_ROSTERS) {
                kept.clear();
            }
            kept.put(model, (route, S::KIND), &roster);
        }
        roster
    }

    fn roster<S: Surface>(&self, route: usize, model: &str, pin: Option<&TargetId>) -> Roster {
        let (now, listings) = (Instant::now(), self.rosters.listings.load(Acquire));
        let (reach, targets) = (&self.reach[route], &self.parts.targets);
        let may =
            |index: usize| reach.has(index) && pin.is_none_or(|pin| targets[index].id() == pin);
        // Whoever keeps what a request names is asked, whatever its model's name tells.
        let owners = match pin {
            Some(_) => Owners::all::<S>(targets, may),
            None => Owners::of::<S>(targets, model, may),
        };
        let drained = targets.iter().enumerate();
        let drained =
            drained.filter(|(index, _)| owners.has(*index) && self.is_drained(route, *index));
        let drained = drained.map(|(_, target)| target.id().clone()).collect();
        let writing = Writing { engine: self, route, owners, model, surface: S::KIND, now };
        Roster { pool: writing.pool(route, 0), drained, began: Began::new(now), listings }
    }
}

/// A roster in the making.
struct Writing<'a> {
    engine: &'a Engine,
    /// The route that requests take.
    route: usize,
    owners: Owners,
    model: &'a str,
    surface: SurfaceKind,
    now: Instant,
}

impl Writing<'_> {
    fn pool(&self, route: usize, depth: usize) -> Pool {
        let members = self.engine.route(route).members.iter();
        Pool { route, seats: members.filter_map(|member| self.seat(*member, depth)).collect() }
    }

    /// A member that could answer. Drained targets are asked by nobody, unless the operator drained
    /// them all.
    fn seat(&self, member: Member, depth: usize) -> Option<Seat> {
        match member {
            Member::Target(index) => {
                let is_in = self.owners.has(index) && !self.engine.is_drained(self.route, index);
                is_in.then(|| self.owner(index))?.map(Seat::Target)
            }
            Member::Route(inner) => {
                let pool = (depth < DEEPEST).then(|| self.pool(inner, depth + 1))?;
                let name = &self.engine.route(inner).name;
                (!pool.seats.is_empty()).then(|| Seat::Pool(name.clone(), pool))
            }
        }
    }

    fn owner(&self, index: usize) -> Option<Owner> {
        let target = &self.engine.parts.targets[index];
        let pace = target.pace(self.model, self.surface);
        Some(Owner {
            index: u16::try_from(index).ok()?,
            id: target.id().clone(),
            weight: target.parts().weight,
            rates: target.known().rates(self.model),
            in_flight: Arc::clone(&target.standing().in_flight),
            lead: pace.micros(self.now),
            pace,
        })
    }
}
