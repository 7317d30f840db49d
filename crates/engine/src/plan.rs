//! Station 4: who owns the model, who serves the surface, in which order they are asked.

use std::sync::Arc;

use ferro_core::{Candidate, Order, Outcome, Owns, Problem, Subject, Surface, View};
use http::StatusCode;

use crate::{Engine, Opened, Target, pace::in_flight};

impl Engine {
    /// The targets that could answer a request for `model` on surface `S`, in the configured order.
    /// The one candidate function: targets that own the model, or, where nobody does, those that
    /// take any name.
    pub fn candidates<S: Surface>(&self, model: &str) -> Vec<&Arc<Target>> {
        let able = self.parts.targets.iter().filter(|t| S::of(&*t.parts().provider).is_some());
        let (mut owners, mut others) = (Vec::new(), Vec::new());
        for target in able {
            match target.owns(model) {
                Owns::Yes => owners.push(target),
                Owns::Any => others.push(target),
                Owns::No => {}
            }
        }
        if owners.is_empty() { others } else { owners }
    }
}

impl<S: Surface> Opened<S> {
    /// The targets to ask, first to last.
    pub(crate) fn plan(&mut self) -> Result<Vec<Arc<Target>>, Problem> {
        let engine = Arc::clone(&self.account.engine);
        let mut able = engine.candidates::<S>(self.request.model());
        if let Some(pin) = self.request.pin() {
            able.retain(|target| target.id() == pin);
        }
        if able.is_empty() {
            let message = format!(
                "no configured provider serves the requested model `{}`",
                self.request.model()
            );
            let problem = Problem::new(
                StatusCode::NOT_FOUND,
                "invalid_request_error",
                "model_not_found",
                message,
            );
            return Err(self.account.end(Outcome::Refused, problem));
        }
        // Drained targets are asked by nobody, unless the operator drained them all.
        if !engine.is_all_drained {
            able.retain(|target| target.parts().weight > 0.0);
        }
        if able.is_empty() {
            let problem = drained(self.request.model());
            return Err(self.account.end(Outcome::Failed, problem));
        }
        let candidates: Vec<_> =
            able.iter().map(|target| candidate(target, &self.request)).collect();
        let view =
            View::new(&self.request, &self.caller.principal, &self.headers, S::KIND, &candidates);
        let mut order = Order::default();
        engine.parts.strategy.order(&view.with_roll(self.caller.roll), &mut order);
        // A pick of nobody is a mistake of the strategy's, and asks nobody.
        let picked = order.picks().iter().filter_map(|pick| able.get(pick.candidate));
        Ok(picked.map(|target| Arc::clone(target)).collect())
    }
}

fn candidate<'a>(target: &'a Target, request: &impl Subject) -> Candidate<'a> {
    let mut candidate = Candidate::new(target.id());
    candidate.weight = target.parts().weight;
    candidate.rates = target.facts(request.model()).map(|facts| &facts.rates);
    candidate.in_flight = in_flight(&target.in_flight);
    if let Some((latency, age)) = target.latency(request.wants_stream()).read() {
        (candidate.latency, candidate.age) = (Some(latency), Some(age));
    }
    candidate
}

fn drained(model: &str) -> Problem {
    let message = format!("every target that has the model `{model}` is drained (weight 0)");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "upstream_error", "upstream_unavailable", message)
}
