//! A second target is started while the first is slow to begin: whoever begins first answers, and
//! the other is abandoned.

use std::{
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use ferro_core::{Fate, Hedge, ProviderError, Subject, Surface, Why};
use futures_util::future::{Either, select};
use tokio::time::{Instant, sleep};

use crate::{Target, calls::Beginning, exchange::exchange, pass::Pass, peek::Peeked, walk::Walk};

/// How two calls at once ended.
enum Race<S: Surface> {
    /// The first call has answered, or failed where no second was made.
    First(Result<Peeked<S>, ProviderError>),
    /// The second call has answered; the first is abandoned, or has failed like this.
    Second(Peeked<S>, Option<ProviderError>),
    /// Both have failed.
    Neither(ProviderError, ProviderError),
    /// The second call has failed, and the first has answered or failed after it.
    FirstAlone(Result<Peeked<S>, ProviderError>, ProviderError),
}

impl<S: Surface> Walk<'_, S> {
    /// How long the target that is about to be asked may take to begin, before a second one is asked
    /// as well; `None` if none is.
    pub(crate) fn hedge_delay(&self, pass: &Pass) -> Option<Duration> {
        let hedging = self.engine.route(self.plan.route).hedging.as_ref()?;
        if !self.request.wants_stream() || !self.may_replay() {
            return None;
        }
        let pace = pass.target().pace(self.request.model(), S::KIND);
        pace.first_tokens.delay(Instant::now(), &hedging.settings)
    }

    /// Makes a call, and another of the next target if this one has not begun to answer after
    /// `delay`. `pass` is in the end the one of the target that this is the answer of.
    pub(crate) async fn call_hedged(
        &mut self,
        pass: &mut Pass,
        call: usize,
        delay: Duration,
    ) -> Result<Peeked<S>, ProviderError> {
        let (engine, request, deadline) = ((self.engine, self.caller), self.request, self.deadline);
        let mut second: Option<(Pass, usize)> = None;
        let race = {
            let mut first = pin!(exchange::<S>(engine, pass, request, deadline));
            match select(first.as_mut(), pin!(sleep(delay))).await {
                Either::Left((answer, _)) => Race::First(answer),
                Either::Right(((), _)) => match self.start_second(delay) {
                    None => Race::First(first.await),
                    Some(started) => {
                        let (other, _) = second.insert(started);
                        race(first, pin!(exchange::<S>(engine, other, request, deadline))).await
                    }
                },
            }
        };
        let Some((other, other_call)) = second else {
            let Race::First(answer) = race else { unreachable!("a second call has a pass") };
            self.learn(pass, call, answer.as_ref().err());
            return answer;
        };
        self.decide(race, (pass, call), (other, other_call))
    }

    /// Has everybody learn how two calls ended.
    fn decide(
        &mut self,
        race: Race<S>,
        (pass, call): (&mut Pass, usize),
        (mut other, other_call): (Pass, usize),
    ) -> Result<Peeked<S>, ProviderError> {
        match race {
            Race::First(answer) => {
                let _took = self.abandon(&other, other_call);
                self.learn(pass, call, answer.as_ref().err());
                answer
            }
            Race::FirstAlone(answer, error) => {
                self.learn(&mut other, other_call, Some(&error));
                self.has_failed_besides(&other);
                self.learn(pass, call, answer.as_ref().err());
                answer
            }
            Race::Second(reply, error) => {
                if let Some(error) = &error {
                    self.learn(pass, call, Some(error));
                } else {
                    // It would have taken at least as long. If that were not known, only those would
                    // count that were fast, and more and more would seem late.
                    let took = self.abandon(pass, call);
                    let pace = pass.target().pace(self.request.model(), S::KIND);
                    pace.first_tokens.took(Instant::now(), took);
                }
                self.learn(&mut other, other_call, None);
                *pass = other;
                if let Some(decision) = &mut self.account.record.decision {
                    decision.hedge.iter_mut().for_each(|hedge| hedge.won = true);
                }
                Ok(reply)
            }
            Race::Neither(error, other_error) => {
                self.learn(pass, call, Some(&error));
                self.learn(&mut other, other_call, Some(&other_error));
                self.has_failed_besides(&other);
                Err(error)
            }
        }
    }

    /// This target is not asked again for this request.
    fn has_failed_besides(&mut self, other: &Pass) {
        let is_it = |target: &Arc<Target>| Arc::ptr_eq(target, other.target());
        let index = self.engine.parts.targets.iter().position(is_it);
        let mut line = self.plan.line.iter();
        let place = line.position(|place| Some(usize::from(*place)) == index);
        self.failed_besides.extend(place);
    }

    /// The next target that can be asked, if there is one and the route may spend it. What there is to
    /// spend is looked at before anybody's place or probe is taken.
    fn start_second(&mut self, delay: Duration) -> Option<(Pass, usize)> {
        let hedging = self.engine.route(self.plan.route).hedging.as_ref()?;
        let target = |index: u16| &self.engine.parts.targets[usize::from(index)];
        let now = Instant::now();
        let behind = self.plan.line.iter().copied().enumerate().skip(self.place + 1);
        let mut open = behind.filter(|(place, index)| {
            !self.failed_besides.contains(place)
                && target(*index).keeps_out(self.visitor(), now).is_none()
        });
        let first = open.next()?;
        if !hedging.allowance.spend(now) {
            return None;
        }
        // Somebody else may have taken the place that was free.
        let enter =
            |(place, index)| Some((place, index, target(index).enter(self.visitor()).ok()?));
        let (place, index, pass) = enter(first).or_else(|| open.find_map(enter))?;
        self.settle(place, index, Fate::Asked);
        if let Some(decision) = &mut self.account.record.decision {
            decision.hedge = Some(Hedge::new(delay));
        }
        let (target, key, why) = (pass.target().id(), pass.key(), Why::Hedge);
        let call = self.account.calls.begin(Beginning { target, key, why });
        Some((pass, call))
    }

    /// Nobody waits for this call any longer: another was faster. How long it was waited for in vain
    /// is known, and returned, and what it has read is paid for.
    fn abandon(&mut self, pass: &Pass, call: usize) -> Duration {
        let took = self.account.calls.end(call, None);
        let pace = pass.target().pace(self.request.model(), S::KIND);
        pace.latency(self.request.wants_stream()).took_longer_than(took);
        self.account.abandoned.push(Arc::clone(pass.target()));
        took
    }
}

async fn race<S, A, B>(first: Pin<&mut A>, second: Pin<&mut B>) -> Race<S>
where
    S: Surface,
    A: Future<Output = Result<Peeked<S>, ProviderError>>,
    B: Future<Output = Result<Peeked<S>, ProviderError>>,
{
    match select(first, second).await {
        Either::Left((Ok(reply), _)) => Race::First(Ok(reply)),
        Either::Left((Err(error), second)) => match second.await {
            Ok(reply) => Race::Second(reply, Some(error)),
            Err(other) => Race::Neither(error, other),
        },
        Either::Right((Ok(reply), _)) => Race::Second(reply, None),
        Either::Right((Err(error), first)) => Race::FirstAlone(first.await, error),
    }
}
