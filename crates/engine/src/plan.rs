//! Station 4: which way a request takes, who owns its model, and in which order they are asked.

use std::sync::Arc;

use ferro_core::{
    Candidate, Considered, Decision, ErrorKind, Fate, Outcome, Problem, Subject, Surface, View,
};
use http::StatusCode;
use smallvec::SmallVec;
use tokio::time::Instant;

use crate::{
    Engine, Opened, Route,
    affinity::Trail,
    ordering::{Field, Line, Planned},
    owners::Owners,
};

/// Which way a request goes.
pub(crate) struct Plan {
    /// The route that it takes.
    pub(crate) route: usize,
    /// The targets to ask, first to last.
    pub(crate) line: Line,
    /// By what requests like it are known, where that matters.
    pub(crate) trail: Option<Box<Trail>>,
}

impl<S: Surface> Opened<S> {
    /// The route that the request takes, and the targets to ask, first to last. What was decided is
    /// in the record.
    pub(crate) fn plan(&mut self, engine: &Engine) -> Result<Plan, Problem> {
        let route = self.route(engine);
        let model = self.request.model();
        let reach = &engine.reach[route];
        let pin = self.request.pin();
        let may = |index: usize| {
            reach.has(index) && pin.is_none_or(|pin| engine.parts.targets[index].id() == pin)
        };
        let owners = Owners::of::<S>(&engine.parts.targets, model, may);
        if owners.is_empty() {
            let problem = nobodys(model);
            return Err(self.account.end(Outcome::Refused, problem));
        }
        let trail = engine.route(route).stays.as_ref().map(|stays| self.trail(engine, stays));
        let warm = trail.as_ref().and_then(|trail| engine.warm(route, trail));
        let mut planned = Planned {
            places: SmallVec::new(),
            is_decided: false,
            decision: Decision::new(engine.route(route).mode, self.caller.roll),
        };
        let field =
            Field { engine, opened: self, route, owners: &owners, warm, now: Instant::now() };
        field.order(route, 0, &mut planned);
        if let Some(warm) = warm.filter(|_| !planned.is_decided) {
            self.stay(engine, warm, &mut planned);
        }
        let line: Line = planned.places.iter().map(|(index, _)| *index).collect();
        let has_drained = write_down(engine, route, &owners, &mut planned);
        self.account.record.decision = Some(planned.decision);
        if line.is_empty() {
            let problem = if has_drained { drained(self.request.model()) } else { nobody_asked() };
            return Err(self.account.end(Outcome::Failed, problem));
        }
        Ok(Plan { route, line, trail })
    }

    /// Plans the request and asks nobody: who would be asked now, in which order, and why.
    ///
    /// # Errors
    ///
    /// Nobody would be asked: nobody has the model, or whoever has it is drained.
    pub fn preview(&mut self) -> Result<&Decision, Problem> {
        let engine = Arc::clone(&self.account.engine);
        self.plan(&engine)?;
        Ok(self.account.record.decision.as_ref().expect("it has just been planned"))
    }

    /// The first route whose conditions hold; the default one if none's do.
    fn route(&self, engine: &Engine) -> usize {
        if engine.parts.routes.is_empty() {
            return engine.parts.routes.len();
        }
        let view = self.view(&[]);
        let takes = |route: &Route| route.takes.as_ref().is_some_and(|takes| takes(&view));
        let found = engine.parts.routes.iter().position(takes);
        found.unwrap_or(engine.parts.routes.len())
    }

    pub(crate) fn view<'a>(&'a self, candidates: &'a [Candidate<'a>]) -> View<'a> {
        View::new(&self.request, &self.caller.principal, &self.headers, S::KIND, candidates)
            .with_roll(self.caller.roll)
    }
}

/// Puts the places that were planned into the decision. Says whether anybody was drained.
fn write_down(engine: &Engine, route: usize, owners: &Owners, planned: &mut Planned) -> bool {
    let Planned { places, decision, is_decided: _ } = planned;
    for (place, (index, reason)) in places.iter().enumerate() {
        let target = engine.parts.targets[usize::from(*index)].id();
        decision.consider_placed(target, place, reason);
    }
    let (mut has_drained, mut able) = (false, 0);
    let owning = engine.parts.targets.iter().enumerate().filter(|(index, _)| owners.has(*index));
    for (index, target) in owning.clone() {
        if engine.is_drained(route, index) {
            has_drained = true;
            decision.consider(Considered::left_out(target.id().clone(), Fate::Drained));
        } else {
            able += 1;
        }
    }
    // Most strategies place everybody, and nobody has to be looked for.
    if able > places.len() {
        let is_placed = |index| places.iter().any(|(placed, _)| usize::from(*placed) == index);
        let left_out = owning.filter(|(index, _)| !engine.is_drained(route, *index));
        for (_, target) in left_out.filter(|(index, _)| !is_placed(*index)) {
            decision.consider(Considered::left_out(target.id().clone(), Fate::LeftOut));
        }
    }
    let name = &engine.route(route).name;
    decision.route = (!name.is_empty()).then(|| name.clone());
    has_drained
}

fn nobodys(model: &str) -> Problem {
    let message = format!("no configured provider serves the requested model `{model}`");
    Problem::new(StatusCode::NOT_FOUND, "invalid_request_error", "model_not_found", message)
}

fn drained(model: &str) -> Problem {
    unavailable(format!("every target that has the model `{model}` is drained (weight 0)"))
}

fn nobody_asked() -> Problem {
    unavailable("the strategy left no target to ask")
}

pub(crate) fn unavailable(message: impl Into<String>) -> Problem {
    let class = ErrorKind::CircuitOpen.class();
    Problem::new(class.status, class.kind, class.code, message)
}
