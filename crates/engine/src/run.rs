//! A request's way from policy to the reply: stations 3 to 6.

use std::{sync::Arc, time::Duration};

use ferro_core::{
    Credential, ErrorKind, Frame, Frames, Head, Outcome, Problem, Recording, Subject, Surface,
    Whole, Why,
};
use futures_util::StreamExt;
use http::StatusCode;
use smallvec::SmallVec;
use tokio::time::{Instant, timeout_at};

use crate::{
    Answer, AnswerBody, Engine, Events, Opened,
    account::Account,
    admit::unknown_recording,
    estimate::{self, Tally},
    exchange::masked,
    peek::{Begun, Peeked, PeekedBody},
    turned_away::TurnedAway,
    walk::Walk,
    watch::{self, Passing},
};

impl<S: Surface> Opened<S> {
    /// Stations 3 to 6: the reply, or the problem that the client is to see.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the upstream call and settles the request as cancelled.
    pub async fn run(mut self: Box<Self>) -> Result<Answer<S>, Problem> {
        let engine = Arc::clone(&self.account.engine);
        let limit = engine.parts.request_timeout;
        let limit = limit.filter(|_| !self.request.wants_stream());
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let asked = match deadline {
            None => self.turn(&engine, None).await,
            Some(at) => {
                // Boxed, so that a request without such a limit keeps no room for it.
                let asked = Box::pin(timeout_at(at, self.turn(&engine, deadline))).await;
                if let Ok(asked) = asked {
                    asked
                } else {
                    self.account.expire();
                    let problem = too_late(limit.unwrap_or_default());
                    Err(self.account.end(Outcome::Failed, problem))
                }
            }
        };
        match asked? {
            Turn::Recorded(recording) => self.replay(recording),
            Turn::Answered(reply) => self.answer(*reply),
        }
    }

    /// Stations 3 to 5: policy, the plan, and the calls.
    async fn turn(
        &mut self,
        engine: &Engine,
        deadline: Option<Instant>,
    ) -> Result<Turn<S>, Problem> {
        if let Some(recording) = self.admit().await? {
            return Ok(Turn::Recorded(recording));
        }
        engine.parts.retries.requested(Instant::now());
        let mut why = Why::First;
        for _ in 0..=MOST_MODELS {
            let plan = self.plan(engine)?;
            if let Some(hedging) = &engine.route(plan.route).hedging {
                hedging.allowance.requested(Instant::now());
            }
            let Self { request, caller, account, .. } = self;
            let mut walk = Walk {
                engine,
                request,
                caller,
                account,
                plan: &plan,
                deadline,
                place: 0,
                why,
                last: None,
                turned_away: TurnedAway::default(),
                failed_besides: SmallVec::new(),
            };
            let problem = match walk.along().await {
                Ok(reply) => {
                    if let (Some(trail), Some(target)) = (&plan.trail, self.account.target()) {
                        engine.remember(plan.route, trail, target);
                    }
                    return Ok(Turn::Answered(reply));
                }
                Err(problem) => problem,
            };
            if !self.enlarge(engine, &problem) {
                return Err(self.account.end(Outcome::Failed, problem));
            }
            why = Why::LargerModel;
        }
        Err(self.account.end(Outcome::Failed, round_in_circles()))
    }

    /// Asks for the model that takes over where a prompt does not fit; `false` if there is none.
    fn enlarge(&mut self, engine: &Engine, problem: &Problem) -> bool {
        if problem.code != ErrorKind::ContextLength.class().code {
            return false;
        }
        let Some(larger) = engine.parts.larger_models.get(self.request.model()) else {
            return false;
        };
        self.request.set_model(larger);
        self.account.record.model = larger.as_str().into();
        true
    }

    fn answer(mut self: Box<Self>, reply: Begun<S>) -> Result<Answer<S>, Problem> {
        let target = self.account.record.target.clone();
        let attempts = self.account.calls.made.len();
        let decision = self.account.record.decision.as_ref();
        let variant = decision.and_then(|decision| decision.label.clone());
        let unsaid = self.unsaid(reply.unsaid);
        let overhead = self.account.begin();
        let made = match &reply.body {
            PeekedBody::Whole(whole) => whole.made(),
            PeekedBody::Stream(first, _) | PeekedBody::Bytes(first, _) => first.made.as_slice(),
        };
        made.iter().for_each(|made| self.keep(made));
        let (body, account) = match reply.body {
            PeekedBody::Whole(mut whole) => {
                whole.attribute(target.as_deref().unwrap_or_default());
                self.whole(whole)?
            }
            PeekedBody::Stream(first, frames) => {
                let reply = (Some(first), hushed(frames, reply.credential));
                (AnswerBody::Stream((*self).watch(reply, Passing::Events)), None)
            }
            PeekedBody::Bytes(first, frames) => {
                let reply = (Some(first), hushed(frames, reply.credential));
                (AnswerBody::Bytes((*self).watch(reply, Passing::Bytes)), None)
            }
        };
        let head = reply.head;
        Ok(Answer { head, target, variant, unsaid, attempts, overhead, body, account })
    }

    fn watch(self, reply: (Option<Frame>, Frames), passing: Passing) -> Events {
        let Self { request, caller, account, .. } = self;
        let tally = Tally::<S>::of(request, reply.0.as_ref());
        watch::frames((account, tally), &caller, reply, passing)
    }

    /// A reply in one piece: settled now, because all of it is known; but not before its reader has
    /// taken it, where that one wanted a stream.
    fn whole(
        mut self: Box<Self>,
        mut whole: S::Whole,
    ) -> Result<(AnswerBody<S>, Option<Box<Account>>), Problem> {
        self.account.saw(whole.usage(), whole.finish());
        if self.account.record.usage.is_none() && self.account.target().is_some() {
            let tokenizer = &*self.account.engine.parts.tokenizer;
            let estimated = estimate::whole::<S>(&self.request, &mut whole, tokenizer);
            self.account.record.usage = estimated;
        }
        watch::whole(&mut self.account, &self.caller, S::KIND, &mut whole)?;
        self.account.serve();
        let is_open = self.request.wants_stream();
        Ok((AnswerBody::Whole(whole), is_open.then(|| Box::new(self.account))))
    }

    /// An answer that policy had.
    fn replay(mut self: Box<Self>, recording: Recording) -> Result<Answer<S>, Problem> {
        let overhead = self.account.begin();
        let (body, account) = match recording {
            Recording::Whole(body) => self.whole(S::Whole::replay(body))?,
            Recording::Frames(recorded) => {
                // What was consumed then was paid for then.
                let unpaid = |mut frame: Frame| {
                    frame.usage = None;
                    Ok(frame)
                };
                let frames = futures_util::stream::iter(recorded.into_iter().map(unpaid));
                let recorded = (None, Box::pin(frames) as Frames);
                let account = (self.account, Tally::<S>::of_nothing());
                let events = watch::frames(account, &self.caller, recorded, Passing::Events);
                (AnswerBody::Stream(events), None)
            }
            _ => return Err(unknown_recording(&mut self.account)),
        };
        let (head, target, variant, unsaid) = (Head::default(), None, None, Vec::new());
        Ok(Answer { head, target, variant, unsaid, attempts: 0, overhead, body, account })
    }
}

/// Frames whose errors do not tell what must not be told.
fn hushed(frames: Frames, credential: Credential) -> Frames {
    Box::pin(frames.map(move |frame| frame.map_err(|error| masked(error, &credential))))
}

/// So many models may take over from one another: a configuration that goes round in circles is
/// refused long before.
const MOST_MODELS: usize = 8;

/// What a request comes to.
enum Turn<S: Surface> {
    Recorded(Recording),
    Answered(Peeked<S>),
}

fn too_late(limit: Duration) -> Problem {
    let message = format!("no target answered within {limit:?} (request_timeout)");
    Problem::new(StatusCode::GATEWAY_TIMEOUT, "upstream_error", "gateway_timeout", message)
}

fn round_in_circles() -> Problem {
    let message = "the models of context_fallback name one another";
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, "server_error", "internal_error", message)
}
