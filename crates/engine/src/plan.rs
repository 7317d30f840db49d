//! Station 4: which way a request takes, who owns its model, and in which order they are asked.

use ferro_core::{
    Candidate, Considered, Decision, ErrorKind, Fate, Outcome, Problem, Subject, Surface, View,
};
use http::StatusCode;

use crate::{
    Engine, Opened, Route,
    ordering::{Field, Line, Planned},
    owners::Owners,
};

impl<S: Surface> Opened<S> {
    /// The route that the request takes, and the targets to ask, first to last. What was decided is
    /// in the record.
    pub(crate) fn plan(&mut self, engine: &Engine) -> Result<(usize, Line), Problem> {
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
        let mut planned = Planned {
            line: Line::new(),
            decision: Decision::new(engine.route(route).mode, self.caller.roll),
        };
        Field { engine, opened: self, route, owners: &owners }.order(route, 0, &mut planned);
        let Planned { line, mut decision } = planned;
        let mut has_drained = false;
        for (index, target) in engine.parts.targets.iter().enumerate() {
            if owners.has(index) && engine.is_drained(route, index) {
                has_drained = true;
                decision.consider(Considered::left_out(target.id().clone(), Fate::Drained));
            }
        }
        let name = &engine.route(route).name;
        decision.route = (!name.is_empty()).then(|| name.clone());
        self.account.record.decision = Some(decision);
        if line.is_empty() {
            let problem = if has_drained { drained(self.request.model()) } else { nobody_asked() };
            return Err(self.account.end(Outcome::Failed, problem));
        }
        Ok((route, line))
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
