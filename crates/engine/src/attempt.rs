//! Station 5: asks one target after the other until one answers.

use std::{sync::Arc, time::Duration};

use ferro_core::{
    Attempt, Call, CallContext, ErrorKind, Frame, Frames, Outcome, Problem, ProviderError,
    Recording, Replay, Reply, ReplyBody, Subject, Surface, Whole,
};
use futures_util::StreamExt;
use http::StatusCode;
use tokio::time::{Instant, sleep};

use crate::{Answer, AnswerBody, Opened, Retry, Target, watch};

/// An upstream that asks for a longer pause is left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Backoff does not grow beyond this.
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);

impl<S: Surface> Opened<S> {
    /// Stations 3 to 6: the reply, or the problem that the client is to see.
    pub async fn run(mut self) -> Result<Answer, Problem> {
        if let Some(recording) = self.admit().await? {
            return Ok(self.replay(recording));
        }
        let targets = self.plan()?;
        let mut last = None;
        for target in &targets {
            match self.ask(target).await {
                Ok(reply) => return Ok(self.answer(target, reply)),
                Err(error) => {
                    let ends_here = !error.kind().is_worth_another_target()
                        || self.request.replay() == Replay::Once;
                    last = Some(Problem::from_upstream(&error, Some(target.id())));
                    if ends_here {
                        break;
                    }
                }
            }
        }
        let problem = last.unwrap_or_else(nobody_asked);
        Err(self.account.end(Outcome::Failed, problem))
    }

    /// Asks one target, as often as its retry policy allows.
    async fn ask(&mut self, target: &Arc<Target>) -> Result<Peeked<S>, ProviderError> {
        self.account.asked(target);
        let retry = &target.parts().retry;
        let may_repeat = self.request.replay() == Replay::Any;
        let mut attempt = 1;
        loop {
            let error = match self.call(target).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let is_last = attempt >= retry.attempts || !may_repeat;
            if is_last || !is_worth_repeating(retry, &error) {
                return Err(error);
            }
            let pause = pause(retry, &error, attempt, self.caller.roll);
            let Some(pause) = pause.filter(|pause| *pause <= LONGEST_PAUSE) else {
                return Err(error);
            };
            self.account.waited(pause);
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// One call. A stream's first frame is awaited, so that one that dies at birth counts as failed.
    async fn call(&mut self, target: &Arc<Target>) -> Result<Peeked<S>, ProviderError> {
        let begun = Instant::now();
        let result = self.exchange(target).await;
        let took = begun.elapsed();
        self.account.waited(took);
        let mut attempt = Attempt::new(target.id().clone(), took);
        if let Err(error) = &result {
            attempt.error = Some(error.kind());
            attempt.status = error.status().map(|status| status.as_u16());
            tracing::debug!(target = %target.id(), %error, "call failed");
        }
        self.account.record.attempts.push(attempt);
        result
    }

    async fn exchange(&mut self, target: &Target) -> Result<Peeked<S>, ProviderError> {
        let parts = target.parts();
        let credential = parts.credentials.current().await.map_err(|error| {
            ProviderError::new(ErrorKind::Unauthorized).with_message(error.to_string())
        })?;
        let engine = Arc::clone(&self.account.engine);
        let model = self.request.model();
        let cx = CallContext {
            call: Call::new(target.id(), model).with_facts(target.facts(model)),
            upstream: &*parts.upstream,
            transport: &*engine.parts.transport,
            credential: &credential,
            deadline: None,
            max_reply: engine.parts.max_reply,
        };
        let serve = S::of(&*parts.provider).expect("a candidate serves the surface");
        self.account.record.unsaid = serve.unsaid(&self.request);
        let Reply { head, body } = serve.serve(&cx, &self.request).await.inspect_err(|error| {
            if error.kind() == ErrorKind::Unauthorized {
                parts.credentials.refused(&credential);
            }
        })?;
        let body = match body {
            ReplyBody::Whole(whole) => PeekedBody::Whole(whole),
            ReplyBody::Stream(mut frames) => match frames.next().await {
                Some(Ok(first)) => PeekedBody::Stream(first, frames),
                Some(Err(error)) => return Err(error),
                None => {
                    let message = "the upstream's stream held no event";
                    return Err(ProviderError::new(ErrorKind::Interrupted).with_message(message));
                }
            },
        };
        Ok(Peeked { head, body })
    }

    fn answer(mut self, target: &Target, reply: Peeked<S>) -> Answer {
        let attempts = self.account.record.attempts.len();
        let overhead = self.account.overhead();
        let body = match reply.body {
            PeekedBody::Whole(mut whole) => {
                whole.attribute(target.id());
                self.whole(whole)
            }
            PeekedBody::Stream(first, frames) => {
                self.account.first_event();
                AnswerBody::Stream(watch::frames::<S>(
                    self.account,
                    &self.caller,
                    Some(first),
                    frames,
                ))
            }
        };
        Answer { head: reply.head, target: Some(target.id().clone()), attempts, overhead, body }
    }

    /// A reply in one piece: settled now, because all of it is known.
    fn whole(mut self, mut whole: S::Whole) -> AnswerBody {
        self.account.saw(whole.usage(), whole.finish());
        if let Err(problem) = watch::whole(&mut self.account, &self.caller, S::KIND, &mut whole) {
            return AnswerBody::Stream(watch::problem(problem));
        }
        self.account.serve();
        AnswerBody::Whole(whole.into_body())
    }

    fn replay(mut self, recording: Recording) -> Answer {
        let overhead = self.account.overhead();
        let body = match recording {
            Recording::Frames(recorded) => {
                self.account.first_event();
                let frames: Frames =
                    Box::pin(futures_util::stream::iter(recorded.into_iter().map(Ok)));
                AnswerBody::Stream(watch::frames::<S>(self.account, &self.caller, None, frames))
            }
            Recording::Whole(body) => self.whole(S::Whole::replay(body)),
            other => unreachable!("a recording of an unknown kind: {other:?}"),
        };
        Answer { head: ferro_core::Head::default(), target: None, attempts: 0, overhead, body }
    }
}

/// A reply whose first frame has arrived.
struct Peeked<S: Surface> {
    head: ferro_core::Head,
    body: PeekedBody<S>,
}

enum PeekedBody<S: Surface> {
    Whole(S::Whole),
    Stream(Frame, Frames),
}

fn is_worth_repeating(retry: &Retry, error: &ProviderError) -> bool {
    match error.status() {
        Some(status) if !retry.on_status.is_empty() => retry.on_status.contains(&status.as_u16()),
        _ => error.kind().is_transient(),
    }
}

/// Full jitter: anywhere between nothing and the doubled backoff. An upstream's own advice counts
/// as it is.
fn pause(retry: &Retry, error: &ProviderError, attempt: u32, roll: u64) -> Option<Duration> {
    if let Some(wait) = error.retry_after() {
        return Some(wait);
    }
    let ceiling = retry.backoff.checked_mul(1 << (attempt - 1).min(16))?.min(LONGEST_BACKOFF);
    // A multiplicative hash gives every attempt of a request its own share of the roll.
    let share = roll.wrapping_mul(u64::from(attempt) | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    Some(ceiling.mul_f64(share as f64 / f64::from(u32::MAX)))
}

fn nobody_asked() -> Problem {
    let message = "the strategy left no target to ask";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "upstream_error", "upstream_unavailable", message)
}
