//! Station 5: asks one target after the other until one answers.

use std::{future::pending, sync::Arc, time::Duration};

use ferro_core::{Considered, Cools, Fate, Problem, ProviderError, Replay, Subject, Surface, Why};
use futures_util::{StreamExt, stream::FuturesUnordered};
use smallvec::SmallVec;
use tokio::time::{Instant, sleep};

use crate::{
    Caller, Engine, Target,
    account::Account,
    calls::Beginning,
    exchange::{exchange, is_cut_by_attempt},
    pass::{Pass, Visitor, is_forbidden},
    pause::{is_safe, is_worth_repeating, jitter, pause},
    peek::Peeked,
    plan::{BEHIND, Plan},
    turned_away::TurnedAway,
    unsaid::later,
};

/// A request on its way along its targets.
pub(crate) struct Walk<'a, S: Surface> {
    pub(crate) engine: &'a Engine,
    pub(crate) request: &'a S::Request,
    pub(crate) caller: &'a Caller,
    pub(crate) account: &'a mut Account,
    /// Which way the request goes.
    pub(crate) plan: &'a Plan,
    /// When the caller stops waiting for a whole reply.
    pub(crate) deadline: Option<Instant>,
    /// Where in the line the target stands that is being asked.
    pub(crate) place: usize,
    /// Why the next call will be made.
    pub(crate) why: Why,
    /// What went wrong last.
    pub(crate) last: Option<Problem>,
    /// Why nobody was asked, if nobody is.
    pub(crate) turned_away: TurnedAway,
    /// Where in the line targets stand that were asked besides another one, and failed too.
    pub(crate) failed_besides: SmallVec<[usize; 2]>,
}

/// Targets that have no place free, and where in the line they stand. It takes no room in a walk that
/// meets none.
type Busy = Vec<(usize, u16)>;

impl<S: Surface> Walk<'_, S> {
    /// Asks the targets in their order until one answers, or one says what all would say. Those that
    /// cannot be asked now are stepped over; those that are busy are waited for when nobody else is
    /// left.
    pub(crate) async fn along(&mut self) -> Result<Peeked<S>, Problem> {
        let mut busy = Busy::new();
        for (place, index) in self.plan.line.iter().copied().enumerate() {
            if self.failed_besides.contains(&place) {
                // It was asked besides another one, and has failed.
                continue;
            }
            let entered = self.target(index).enter(self.visitor());
            if let Err(Fate::Saturated) = entered {
                // It is passed over, unless nobody else answers.
                self.settle(place, index, Fate::Saturated);
                busy.push((place, index));
                continue;
            }
            if let Some(end) = self.visit(place, index, entered).await {
                return end;
            }
        }
        // Rare, and too large to be a part of every walk.
        while let Some((place, index, entered)) = Box::pin(self.queue(&mut busy)).await {
            if let Some(end) = self.visit(place, index, entered).await {
                return end;
            }
        }
        let nobody = || self.turned_away.problem(self.request.model());
        Err(self.last.take().unwrap_or_else(nobody))
    }

    /// Asks a target, if it lets the call in; `None` if the next one is to be asked.
    async fn visit(
        &mut self,
        place: usize,
        index: u16,
        entered: Result<Pass, Fate>,
    ) -> Option<Result<Peeked<S>, Problem>> {
        let pass = match entered {
            Ok(pass) => pass,
            Err(fate) => {
                self.turned_away.by(fate);
                self.settle(place, index, fate);
                return None;
            }
        };
        if self.is_too_late() {
            // Whoever waits for the reply sees to it, and then nobody polls this again.
            pending::<()>().await;
        }
        match self.ask(place, index, pass).await {
            Ok(reply) => Some(Ok(reply)),
            Err(stop) if stop.is_final => Some(Err(stop.problem)),
            Err(stop) => {
                self.last = Some(later(self.last.take(), stop.problem));
                None
            }
        }
    }

    /// Whether the time for the whole reply is over, and nobody is asked any more.
    fn is_too_late(&self) -> bool {
        self.last.is_some() && self.deadline.is_some_and(|at| Instant::now() >= at)
    }

    /// Waits at all that are busy for whoever has a place first, and takes that one from among them;
    /// nothing if none has a place for as long as may be waited for it.
    async fn queue(&mut self, busy: &mut Busy) -> Option<(usize, u16, Result<Pass, Fate>)> {
        if busy.is_empty() {
            return None;
        }
        let (engine, key) = (self.engine, self.caller.principal.key.as_ref());
        let waits = |(place, index): (usize, u16)| async move {
            let standing = engine.parts.targets[usize::from(index)].standing();
            let gate = standing.gate.as_ref().expect("who is busy has a gate");
            (place, index, gate.enter(key).await)
        };
        let mut waiting: FuturesUnordered<_> = busy.iter().copied().map(waits).collect();
        let mut free = None;
        self.account.calls.pause();
        while let Some((place, index, entered)) = waiting.next().await {
            busy.retain(|(other, _)| *other != place);
            if let Ok(given) = entered {
                free = Some((place, index, given));
                break;
            }
            self.turned_away.by(Fate::Saturated);
            self.settle(place, index, Fate::Saturated);
        }
        // Where two had one at once, the other one's goes to the next who waits there.
        drop(waiting);
        self.account.calls.resume();
        let (place, index, given) = free?;
        Some((place, index, self.target(index).enter_from_queue(self.visitor(), given)))
    }

    /// Asks one target, as often as its keys and its retry policy allow.
    async fn ask(&mut self, place: usize, index: u16, mut pass: Pass) -> Result<Peeked<S>, Stop> {
        let target = Arc::clone(pass.target());
        pass.has_others = self.plan.line.len() > 1;
        self.place = place;
        self.settle(place, index, Fate::Asked);
        self.account.asked(&target);
        let mut attempt = 1;
        loop {
            let error = match self.call(&mut pass).await {
                Ok(reply) => {
                    self.account.bound(pass);
                    return Ok(reply);
                }
                Err(error) => error,
            };
            if self.may_replay()
                && pass.renew(&error, self.visitor())
                && self.engine.parts.retries.spend(Instant::now())
            {
                self.why = Why::NextKey;
                continue;
            }
            let is_key = error.kind().class().cools != Cools::No;
            if is_key
                && self.may_replay()
                && pass.next_key(self.visitor())
                && self.may_show_another(&error)
            {
                self.why = Why::NextKey;
                continue;
            }
            let Some(pause) = self.pause(&target, &error, attempt) else {
                return Err(self.stop(&target, &error));
            };
            pass.step_aside();
            self.account.calls.pause();
            Box::pin(sleep(pause)).await; // rare, and large
            self.account.calls.resume();
            if !pass.step_back() || !pass.again(self.visitor()) {
                return Err(self.stop(&target, &error));
            }
            (self.why, attempt) = (Why::Retry, attempt + 1);
        }
    }

    /// Makes one call, or two at once where the first is slow, and has everybody learn from it.
    async fn call(&mut self, pass: &mut Pass) -> Result<Peeked<S>, ProviderError> {
        let (target, key, why) = (pass.target().id(), pass.key(), self.why);
        let call = self.account.calls.begin(Beginning { target, key, why });
        if let Some(delay) = self.hedge_delay(pass) {
            // Rare, and too large to be a part of every call.
            return Box::pin(self.call_hedged(pass, call, delay)).await;
        }
        let asked =
            exchange::<S>((self.engine, self.caller), pass, self.request, self.deadline).await;
        self.learn(pass, call, asked.as_ref().err());
        asked
    }

    /// A call has ended: with an answer, or like this.
    pub(crate) fn learn(&mut self, pass: &mut Pass, call: usize, error: Option<&ProviderError>) {
        let took = self.account.calls.end(call, error);
        if let Some(error) = error {
            return pass.failed(error, self.request.model());
        }
        let pace = pass.target().pace(self.request.model(), S::KIND);
        pace.latency(self.request.wants_stream()).measured(took);
        if self.request.wants_stream() {
            pace.first_tokens.took(Instant::now(), took);
        }
    }

    /// A target that is not asked any more.
    fn stop(&mut self, target: &Target, error: &ProviderError) -> Stop {
        self.why = Why::NextTarget;
        let problem = Problem::from_upstream(error, Some(target.id()));
        Stop { problem, is_final: !self.may_advance(target, error) }
    }

    /// How long to wait before the same target is asked again; `None` if it is not.
    fn pause(&self, target: &Target, error: &ProviderError, attempt: u32) -> Option<Duration> {
        let retry = &target.parts().retry;
        let is_last =
            attempt >= retry.attempts || !self.may_replay() || !is_safe(S::KIND, retry, error);
        let is_worth_it = is_worth_repeating(retry, error) || is_cut_by_attempt(target, error);
        if is_last || !is_worth_it {
            return None;
        }
        let calls = self.account.calls.made.len() as u64;
        let pause = pause(retry, error, attempt, jitter(self.caller.roll, calls));
        let until = Instant::now().checked_add(pause);
        let is_in_time = self.deadline.is_none_or(|at| until.is_some_and(|until| until < at));
        let is_sensible = pause <= retry.longest_wait && is_in_time;
        (is_sensible && self.engine.parts.retries.spend(Instant::now())).then_some(pause)
    }

    /// Whether the target's next key may be shown after one that was not taken. One that does not rest
    /// is shown by every request: what that multiplies is spent like a retry.
    fn may_show_another(&self, error: &ProviderError) -> bool {
        !is_forbidden(error) || self.engine.parts.retries.spend(Instant::now())
    }

    pub(crate) fn may_replay(&self) -> bool {
        self.request.replay() == Replay::Any
    }

    /// Whether the next target may be asked. A request that is wrong is wrong everywhere, unless the
    /// operator has seen otherwise.
    fn may_advance(&self, target: &Target, error: &ProviderError) -> bool {
        let listed = &self.engine.route(self.plan.route).failover_on;
        let is_listed = error.status().is_some_and(|status| listed.contains(&status.as_u16()));
        let is_worth_it = error.kind().is_worth_another_target() || is_listed;
        is_worth_it && self.may_replay() && is_safe(S::KIND, &target.parts().retry, error)
    }

    pub(crate) fn visitor(&self) -> Visitor<'_> {
        Visitor { model: self.request.model(), roll: self.caller.roll, key: self.plan.key }
    }

    fn target(&self, index: u16) -> &Arc<Target> {
        &self.engine.parts.targets[usize::from(index)]
    }

    pub(crate) fn settle(&mut self, place: usize, index: u16, fate: Fate) {
        let id = self.engine.parts.targets[usize::from(index)].id();
        if let Some(decision) = &mut self.account.record.decision {
            let further = || Considered::placed(id.clone(), place, BEHIND);
            decision.settle(place, fate, further);
        }
    }
}

/// A target that is not asked any more.
struct Stop {
    problem: Problem,
    /// Whether the others are not asked either.
    is_final: bool,
}
