//! Station 5: asks one target after the other until one answers.

use std::time::Duration;

use ferro_core::{
    Considered, ErrorKind, Fate, Problem, ProviderError, Replay, Subject, Surface, Why,
};
use tokio::time::{Instant, sleep};

use crate::{
    Caller, Engine, Target,
    account::Account,
    calls::Beginning,
    exchange::exchange,
    ordering::Line,
    pass::{Pass, Visitor},
    pause::{is_worth_repeating, jitter, pause},
    peek::Peeked,
    plan::unavailable,
};

/// A request on its way along its targets.
pub(crate) struct Walk<'a, S: Surface> {
    pub(crate) engine: &'a Engine,
    pub(crate) request: &'a S::Request,
    pub(crate) caller: &'a Caller,
    pub(crate) account: &'a mut Account,
    /// The route that the request takes.
    pub(crate) route: usize,
    /// When the caller stops waiting for a whole reply.
    pub(crate) deadline: Option<Instant>,
}

impl<S: Surface> Walk<'_, S> {
    /// Asks the targets in their order until one answers, or one says what all would say. Those that
    /// cannot be asked now are stepped over.
    pub(crate) async fn along(mut self, line: &Line) -> Result<Peeked<S>, Problem> {
        let (mut why, mut last) = (Why::First, None);
        let mut turned_away = TurnedAway::default();
        for (place, index) in line.iter().enumerate() {
            let target = &self.engine.parts.targets[usize::from(*index)];
            let pass = match target.enter(self.visitor()) {
                Ok(pass) => pass,
                Err(fate) => {
                    turned_away.by(fate);
                    self.settle(place, target, fate);
                    continue;
                }
            };
            self.settle(place, target, Fate::Asked);
            match self.ask(pass, why).await {
                Ok(reply) => return Ok(reply),
                Err(error) => {
                    let problem = Problem::from_upstream(&error, Some(target.id()));
                    if !self.may_advance(&error) {
                        return Err(problem);
                    }
                    (why, last) = (Why::NextTarget, Some(problem));
                }
            }
        }
        Err(last.unwrap_or_else(|| turned_away.problem(self.request.model())))
    }

    /// Asks one target, as often as its retry policy allows.
    async fn ask(&mut self, mut pass: Pass, mut why: Why) -> Result<Peeked<S>, ProviderError> {
        let target = pass.target().clone();
        self.account.asked(&target);
        let mut attempt = 1;
        loop {
            let error = match self.call(&mut pass, why).await {
                Ok(reply) => {
                    self.account.bound(pass);
                    return Ok(reply);
                }
                Err(error) => error,
            };
            let Some(pause) = self.pause(&target, &error, attempt) else { return Err(error) };
            // Its place is somebody else's while it waits.
            drop(pass);
            self.account.calls.pause();
            sleep(pause).await;
            self.account.calls.resume();
            match target.enter(self.visitor()) {
                Ok(again) => pass = again,
                Err(_) => return Err(error),
            }
            (why, attempt) = (Why::Retry, attempt + 1);
        }
    }

    /// Makes one call, and has everybody learn from it.
    async fn call(&mut self, pass: &mut Pass, why: Why) -> Result<Peeked<S>, ProviderError> {
        let target = pass.target().clone();
        let call = self.account.calls.begin(Beginning { target: target.id(), key: None, why });
        let asked = exchange::<S>(self.engine, &target, self.request, self.deadline).await;
        let took = self.account.calls.end(call, asked.as_ref().err());
        match &asked {
            Ok(_) => {
                let is_stream = self.request.wants_stream();
                target.standing().latency(S::KIND, is_stream).measured(took);
            }
            Err(error) => pass.failed(error, self.request.model()),
        }
        asked
    }

    /// How long to wait before the same target is asked again; `None` if it is not.
    fn pause(&self, target: &Target, error: &ProviderError, attempt: u32) -> Option<Duration> {
        let retry = &target.parts().retry;
        let is_last = attempt >= retry.attempts || !self.may_repeat(target, error);
        if is_last || !is_worth_repeating(retry, error) {
            return None;
        }
        let calls = self.account.calls.made.len() as u64;
        let pause = pause(retry, error, attempt, jitter(self.caller.roll, calls));
        let is_too_late = self.deadline.is_some_and(|at| Instant::now() + pause >= at);
        (pause <= retry.longest_wait && !is_too_late).then_some(pause)
    }

    fn may_repeat(&self, _: &Target, _: &ProviderError) -> bool {
        self.request.replay() == Replay::Any
    }

    /// Whether the next target may be asked. A request that is wrong is wrong everywhere, unless the
    /// operator has seen otherwise.
    fn may_advance(&self, error: &ProviderError) -> bool {
        let listed = &self.engine.route(self.route).failover_on;
        let is_listed = error.status().is_some_and(|status| listed.contains(&status.as_u16()));
        let is_worth_it = error.kind().is_worth_another_target() || is_listed;
        is_worth_it && self.request.replay() == Replay::Any
    }

    fn visitor(&self) -> Visitor<'_> {
        Visitor { model: self.request.model(), roll: self.caller.roll }
    }

    fn settle(&mut self, place: usize, target: &Target, fate: Fate) {
        if let Some(decision) = &mut self.account.record.decision {
            let further = || Considered::placed(target.id().clone(), place, "further behind");
            decision.settle(place, fate, further);
        }
    }
}

/// What kept a request from being asked of anybody.
#[derive(Debug, Default)]
struct TurnedAway {
    /// The shortest time until somebody may be asked again.
    wait: Option<Duration>,
    is_saturated: bool,
}

impl TurnedAway {
    fn by(&mut self, fate: Fate) {
        match fate.wait() {
            Some(wait) => self.wait = Some(self.wait.map_or(wait, |shortest| shortest.min(wait))),
            None => self.is_saturated = true,
        }
    }

    fn problem(&self, model: &str) -> Problem {
        if self.is_saturated {
            let class = ErrorKind::Saturated.class();
            let message = format!("every target that has the model `{model}` is busy");
            return Problem::new(class.status, class.kind, class.code, message)
                .with_retry_after(Some(Duration::from_secs(1)));
        }
        let message = format!(
            "every target that has the model `{model}` has failed lately and is left alone for now"
        );
        unavailable(message).with_retry_after(self.wait)
    }
}
