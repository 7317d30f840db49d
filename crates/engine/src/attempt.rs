//! Station 5: asks one target after the other until one answers.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use ferro_core::{
    Call, CallContext, ErrorKind, Frame, Frames, Head, Outcome, Problem, ProviderError, Recording,
    Replay, Reply, ReplyBody, Subject, Surface, Whole,
};
use futures_util::StreamExt;
use http::StatusCode;
use tokio::time::{Instant, sleep, timeout_at};

use crate::{Answer, AnswerBody, Opened, Retry, Target, watch};

/// An upstream that asks for a longer pause is left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Backoff does not grow beyond this.
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);

impl<S: Surface> Opened<S> {
    /// Stations 3 to 6: the reply, or the problem that the client is to see.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the upstream call and settles the request as cancelled.
    pub async fn run(mut self) -> Result<Answer<S>, Problem> {
        if let Some(recording) = self.admit().await? {
            return self.replay(recording);
        }
        let targets = self.plan()?;
        let limit = self.account.engine.parts.request_timeout;
        let deadline = limit.filter(|_| !self.request.wants_stream()).map(|l| Instant::now() + l);
        let asked = match deadline {
            None => self.walk(&targets, None).await,
            Some(at) => match timeout_at(at, self.walk(&targets, deadline)).await {
                Ok(asked) => asked,
                Err(_) => Err(too_late(limit.unwrap_or_default())),
            },
        };
        match asked {
            Ok((target, reply)) => self.answer(target, reply),
            Err(problem) => Err(self.account.end(Outcome::Failed, problem)),
        }
    }

    /// Asks the targets in their order until one answers, or one says what all would say.
    async fn walk<'t>(
        &mut self,
        targets: &'t [Arc<Target>],
        deadline: Option<Instant>,
    ) -> Result<(&'t Target, Peeked<S>), Problem> {
        let mut last = None;
        for target in targets {
            match self.ask(target, deadline).await {
                Ok(reply) => return Ok((target, reply)),
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
        Err(last.unwrap_or_else(nobody_asked))
    }

    /// Asks one target, as often as its retry policy allows.
    async fn ask(
        &mut self,
        target: &Arc<Target>,
        deadline: Option<Instant>,
    ) -> Result<Peeked<S>, ProviderError> {
        self.account.asked(target);
        let retry = &target.parts().retry;
        let may_repeat = self.request.replay() == Replay::Any;
        let mut attempt = 1;
        loop {
            self.account.call();
            let reply = self.exchange(target, deadline).await;
            self.account.called(reply.as_ref().err());
            let Err(error) = reply else { return reply };
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

    async fn exchange(
        &mut self,
        target: &Target,
        deadline: Option<Instant>,
    ) -> Result<Peeked<S>, ProviderError> {
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
            deadline,
            max_reply: engine.parts.max_reply,
        };
        let Some(serve) = S::of(&*parts.provider) else {
            let message = format!("target `{}` does not serve {}", target.id(), S::KIND.as_str());
            return Err(ProviderError::new(ErrorKind::Unsupported).with_message(message));
        };
        self.account.record.unsaid = serve.unsaid(&self.request);
        let Reply { head, body } = serve.serve(&cx, &self.request).await.inspect_err(|error| {
            if error.kind() == ErrorKind::Unauthorized {
                parts.credentials.refused(&credential);
            }
        })?;
        let body = match body {
            ReplyBody::Whole(whole) => PeekedBody::Whole(whole),
            ReplyBody::Stream(frames) => peek::<S>(frames).await?,
        };
        Ok(Peeked { head, body })
    }

    fn answer(mut self, target: &Target, reply: Peeked<S>) -> Result<Answer<S>, Problem> {
        let attempts = self.account.record.attempts.len();
        let overhead = self.account.overhead();
        let body = match reply.body {
            PeekedBody::Whole(mut whole) => {
                whole.attribute(target.id());
                self.whole(whole)?
            }
            PeekedBody::Stream(first, frames) => {
                self.account.first_event();
                self.frames(Some(first), frames)
            }
        };
        Ok(Answer { head: reply.head, target: Some(target.id().clone()), attempts, overhead, body })
    }

    fn frames(self, first: Option<Frame>, frames: Frames) -> AnswerBody<S> {
        AnswerBody::Stream(watch::frames::<S>(self.account, &self.caller, first, frames))
    }

    /// A reply in one piece: settled now, because all of it is known.
    fn whole(mut self, mut whole: S::Whole) -> Result<AnswerBody<S>, Problem> {
        self.account.saw(whole.usage(), whole.finish());
        watch::whole(&mut self.account, &self.caller, S::KIND, &mut whole)?;
        self.account.serve();
        Ok(AnswerBody::Whole(whole))
    }

    /// An answer that policy had.
    fn replay(mut self, recording: Recording) -> Result<Answer<S>, Problem> {
        let overhead = self.account.overhead();
        let body = match recording {
            Recording::Whole(body) => self.whole(S::Whole::replay(body))?,
            Recording::Frames(recorded) => {
                self.account.first_event();
                let frames = futures_util::stream::iter(recorded.into_iter().map(Ok));
                self.frames(None, Box::pin(frames))
            }
            other => unreachable!("a recording of an unknown kind: {other:?}"),
        };
        Ok(Answer { head: Head::default(), target: None, attempts: 0, overhead, body })
    }
}

/// A reply whose first frame has arrived.
struct Peeked<S: Surface> {
    head: Head,
    body: PeekedBody<S>,
}

enum PeekedBody<S: Surface> {
    Whole(S::Whole),
    Stream(Frame, Frames),
}

/// Awaits a stream's first event, so that one that dies at birth counts as failed. Signs of life
/// are no event: they are held until one comes.
async fn peek<S: Surface>(mut frames: Frames) -> Result<PeekedBody<S>, ProviderError> {
    let mut held = Frame::default();
    loop {
        let Some(frame) = frames.next().await else {
            let message = "the upstream's stream held no event";
            return Err(ProviderError::new(ErrorKind::Interrupted).with_message(message));
        };
        let mut frame = frame?;
        let is_silent = S::is_silent(&frame.bytes);
        if !held.bytes.is_empty() {
            frame.bytes = Bytes::from([&held.bytes[..], &frame.bytes].concat());
        }
        frame.usage = frame.usage.or(held.usage);
        frame.finish = frame.finish.or(held.finish);
        if !is_silent {
            return Ok(PeekedBody::Stream(frame, frames));
        }
        held = frame;
    }
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

fn too_late(limit: Duration) -> Problem {
    let message = format!("no target answered within {limit:?} (request_timeout)");
    Problem::new(StatusCode::GATEWAY_TIMEOUT, "upstream_error", "gateway_timeout", message)
}
