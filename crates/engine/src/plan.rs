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
    ordering::{Field, Line, Planned, Warm},
    pass::Visitor,
    roster::Roster,
};

/// Why a target has its place that was too far behind for its strategy's words to be kept.
pub(crate) const BEHIND: &str = "further behind";

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
        let kept = engine.rosters.load();
        let known = kept.find(model, (route, S::KIND));
        let known =
            known.filter(|it| engine.rosters.is_current(it) && self.request.pin().is_none());
        let found;
        let roster = if let Some(roster) = known {
            roster
        } else {
            found = engine.find_out::<S>(route, &self.request);
            &found
        };
        if roster.is_empty() {
            let problem = nobodys(model);
            return Err(self.account.end(Outcome::Refused, problem));
        }
        let trail = engine.route(route).stays.as_ref().map(|stays| self.trail(engine, stays));
        let warm = trail.as_ref().and_then(|trail| engine.warm(route, trail));
        let planned = self.planned(engine, roster, warm);
        let line: Line = planned.places.iter().map(|(index, _)| *index).collect();
        self.account.record.decision = Some(planned.decision);
        if line.is_empty() {
            let has_drained = !roster.drained.is_empty();
            let problem = if has_drained { drained(self.request.model()) } else { nobody_asked() };
            return Err(self.account.end(Outcome::Failed, problem));
        }
        Ok(Plan { route, line, trail })
    }

    fn planned(&self, engine: &Engine, roster: &Roster, warm: Option<Warm>) -> Planned {
        let route = engine.route(roster.pool.route);
        let mut planned = Planned {
            places: SmallVec::new(),
            left_out: SmallVec::new(),
            is_decided: false,
            decision: Decision::new(route.mode, self.caller.roll),
        };
        let (is_stream, now) = (self.request.wants_stream(), roster.micros(Instant::now()));
        Field { engine, opened: self, is_stream, warm, now }.order(&roster.pool, &mut planned);
        if let Some(warm) = warm.filter(|_| !planned.is_decided) {
            self.stay(engine, warm, &mut planned);
        }
        planned.decision.route = (!route.name.is_empty()).then(|| route.name.clone());
        write_down(engine, roster, &mut planned);
        planned
    }

    /// Plans the request and asks nobody: who would be asked now, in which order, who would be passed
    /// over, and why.
    ///
    /// # Errors
    ///
    /// Nobody would be asked: nobody has the model, or whoever has it is drained.
    pub fn preview(&mut self) -> Result<&Decision, Problem> {
        let engine = Arc::clone(&self.account.engine);
        let plan = self.plan(&engine)?;
        let visitor = Visitor { model: self.request.model(), roll: self.caller.roll };
        let (now, decision) = (Instant::now(), self.account.record.decision.as_mut());
        let decision = decision.expect("it has just been planned");
        for (place, index) in plan.line.iter().enumerate() {
            let target = &engine.parts.targets[usize::from(*index)];
            let Some(fate) = target.keeps_out(visitor, now) else { break };
            decision.settle(place, fate, || Considered::placed(target.id().clone(), place, BEHIND));
        }
        Ok(decision)
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

/// Puts everybody who was considered into the decision: those with a place, then those without one.
fn write_down(engine: &Engine, roster: &Roster, planned: &mut Planned) {
    let Planned { places, left_out, decision, is_decided: _ } = planned;
    let name = |index: u16| engine.parts.targets[usize::from(index)].id();
    for (place, (index, reason)) in places.iter().enumerate() {
        decision.consider_placed(name(*index), place, reason);
    }
    for target in &roster.drained {
        decision.consider_unplaced(target, Fate::Drained);
    }
    for index in left_out {
        decision.consider_unplaced(name(*index), Fate::LeftOut);
    }
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
