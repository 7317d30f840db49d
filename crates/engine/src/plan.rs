//! Station 4: which way a request takes, who owns its model, and in which order they are asked.

use std::sync::Arc;

use ferro_core::{
    Affinity, Candidate, CannotSay, Considered, Decision, ErrorKind, Fate, Outcome, Problem,
    Subject, Surface, View,
};
use http::StatusCode;
use tokio::time::Instant;

use crate::{
    Engine, Opened, Route,
    affinity::Trail,
    ordering::{Field, Line, Planned},
    pass::Visitor,
    roster::Roster,
    unsaid::nobody_can_be_told,
    whereabouts::not_supported,
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
    /// Which of a target's keys is shown, where it matters.
    pub(crate) key: Option<u16>,
}

impl<S: Surface> Opened<S> {
    /// The route that the request takes, and the targets to ask, first to last. What was decided is
    /// in the record.
    pub(crate) fn plan(&mut self, engine: &Engine) -> Result<Plan, Problem> {
        let route = self.route(engine);
        let home = match self.home(engine) {
            Ok(home) => home,
            Err(problem) => return Err(self.account.end(Outcome::Refused, problem)),
        };
        let pin = home.as_ref().map(|home| &home.target);
        let model = self.request.model();
        let kept = engine.rosters.load();
        let known = kept.find(model, (route, S::KIND));
        let known = known.filter(|it| engine.rosters.is_current(it) && pin.is_none());
        let found;
        let roster = if let Some(roster) = known {
            roster
        } else {
            found = engine.find_out::<S>(route, &self.request, pin);
            &found
        };
        if roster.is_empty() {
            let problem = match pin {
                Some(target) => not_supported(target, self.request.names().as_ref()),
                None => nobodys(model),
            };
            return Err(self.account.end(Outcome::Refused, problem));
        }
        let trail = engine.route(route).stays.as_ref().map(|stays| self.trail(engine, stays));
        let warm = trail.as_ref().and_then(|trail| engine.warm(route, trail));
        let (is_stream, now) = (self.request.wants_stream(), roster.micros(Instant::now()));
        let field = Field { engine, view: self.view(&[]), is_stream, warm, now };
        let mut planned = field.order(&roster.pool);
        let cannot_say = self.leave_out_unsaid(engine, &mut planned);
        let affinity = match warm {
            Some(warm) if !planned.is_decided => self.stay(engine, warm, &mut planned),
            _ => Affinity::None,
        };
        let mut decision = decision(engine, roster, &planned, &cannot_say);
        (decision.roll, decision.affinity) = (self.caller.roll, affinity);
        self.account.record.decision = Some(decision);
        if planned.line.is_empty() && !cannot_say.is_empty() {
            return Err(self.account.end(Outcome::Refused, nobody_can_be_told(&cannot_say)));
        }
        if planned.line.is_empty() {
            let has_drained = !roster.drained.is_empty();
            let problem = if has_drained { drained(self.request.model()) } else { nobody_asked() };
            return Err(self.account.end(Outcome::Failed, problem));
        }
        let key = home.and_then(|home| home.key);
        Ok(Plan { route, line: planned.line, trail, key })
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
        let (model, roll, key) = (self.request.model(), self.caller.roll, plan.key);
        let visitor = Visitor { model, roll, key };
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

/// What was decided: everybody who has a place, then those without one.
fn decision(
    engine: &Engine,
    roster: &Roster,
    planned: &Planned,
    cannot_say: &[CannotSay],
) -> Decision {
    let Planned { line, reasons, left_out, is_decided: _, label } = planned;
    let route = engine.route(roster.pool.route);
    let name = |index: u16| engine.parts.targets[usize::from(index)].id();
    let mut decision = Decision::new(route.mode, 0);
    decision.route = (!route.name.is_empty()).then(|| route.name.clone());
    decision.label.clone_from(label);
    for (place, (index, reason)) in line.iter().zip(reasons).enumerate() {
        decision.consider_placed(name(*index), place, reason);
    }
    decision.unlisted = u32::try_from(line.len() - reasons.len()).unwrap_or(u32::MAX);
    let drained = roster.drained.iter().map(|target| (target, Fate::Drained));
    let silent = cannot_say.iter().map(|silent| (&silent.target, Fate::CannotSay));
    let left = left_out.iter().map(|index| (name(*index), Fate::LeftOut));
    let unplaced = silent.chain(drained).chain(left);
    let room = Decision::ROOM - reasons.len();
    for (target, fate) in unplaced.take(room) {
        decision.consider_unplaced(target, fate);
    }
    let unplaced = cannot_say.len() + roster.drained.len() + left_out.len();
    let unlisted = unplaced.saturating_sub(room);
    decision.cannot_say = cannot_say.iter().take(room).cloned().collect();
    decision.unplaced = u32::try_from(unlisted).unwrap_or(u32::MAX);
    decision
}

fn nobodys(model: &str) -> Problem {
    let message = format!("no configured provider serves the requested model `{model}`");
    let status = StatusCode::NOT_FOUND;
    let problem = Problem::new(status, "invalid_request_error", "model_not_found", message);
    problem.with_param("model")
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
