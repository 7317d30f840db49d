//! Station 5: asks one target after the other until one answers.

use std::{sync::Arc, time::Duration};

use ferro_core::{
    Call, CallContext, Credential, ErrorKind, Frame, Frames, Head, Outcome, Problem, ProviderError,
    Recording, Replay, Reply, ReplyBody, Secret, Subject, Surface, Whole,
};
use futures_util::StreamExt;
use http::StatusCode;
use tokio::time::{Instant, sleep, timeout_at};

use crate::{
    Answer, AnswerBody, Opened, Target,
    admit::unknown_recording,
    pause::{is_worth_repeating, jitter, pause},
    peek::{Peeked, PeekedBody, peek},
    watch,
};

/// An upstream that asks for a longer pause is left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl<S: Surface> Opened<S> {
    /// Stations 3 to 6: the reply, or the problem that the client is to see.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the upstream call and settles the request as cancelled.
    pub async fn run(mut self) -> Result<Answer<S>, Problem> {
        let limit = self.account.engine.parts.request_timeout;
        let limit = limit.filter(|_| !self.request.wants_stream());
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let asked = match deadline {
            None => self.turn(None).await,
            Some(at) => {
                if let Ok(asked) = timeout_at(at, self.turn(deadline)).await {
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
            Turn::Answered(target, reply) => self.answer(&target, reply),
        }
    }

    /// Stations 3 to 5: policy, the plan, and the calls.
    async fn turn(&mut self, deadline: Option<Instant>) -> Result<Turn<S>, Problem> {
        if let Some(recording) = self.admit().await? {
            return Ok(Turn::Recorded(recording));
        }
        let targets = self.plan()?;
        match self.walk(&targets, deadline).await {
            Ok((target, reply)) => Ok(Turn::Answered(Arc::clone(target), reply)),
            Err(problem) => Err(self.account.end(Outcome::Failed, problem)),
        }
    }

    /// Asks the targets in their order until one answers, or one says what all would say.
    async fn walk<'t>(
        &mut self,
        targets: &'t [Arc<Target>],
        deadline: Option<Instant>,
    ) -> Result<(&'t Arc<Target>, Peeked<S>), Problem> {
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
            let took = self.account.called(reply.as_ref().err());
            let Err(error) = reply else {
                target.latency(self.request.wants_stream()).measured(took);
                return reply;
            };
            let is_last = attempt >= retry.attempts || !may_repeat;
            if is_last || !is_worth_repeating(retry, &error) {
                return Err(error);
            }
            let calls = self.account.record.attempts.len() as u64;
            let pause = pause(retry, &error, attempt, jitter(self.caller.roll, calls));
            let is_too_late = deadline.is_some_and(|at| Instant::now() + pause >= at);
            if pause > LONGEST_PAUSE || is_too_late {
                return Err(error);
            }
            self.account.pause();
            sleep(pause).await;
            self.account.resume();
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
        let called = self.call(target, &credential, deadline).await;
        called.map_err(|error| masked(error, credential.secret()))
    }

    async fn call(
        &mut self,
        target: &Target,
        credential: &Credential,
        deadline: Option<Instant>,
    ) -> Result<Peeked<S>, ProviderError> {
        let parts = target.parts();
        let engine = Arc::clone(&self.account.engine);
        let model = self.request.model();
        let call = Call::new(target.id(), model).with_facts(target.facts(model));
        let cx = CallContext::new(call, &*parts.upstream, &*engine.parts.transport, credential)
            .with_deadline(deadline)
            .with_max_reply(engine.parts.max_reply);
        let Some(serve) = S::of(&*parts.provider) else {
            let message = format!("target `{}` does not serve {}", target.id(), S::KIND.as_str());
            return Err(ProviderError::new(ErrorKind::Unsupported).with_message(message));
        };
        self.account.record.unsaid = serve.unsaid(&self.request);
        let Reply { head, body } = serve.serve(&cx, &self.request).await.inspect_err(|error| {
            if error.kind() == ErrorKind::Unauthorized {
                parts.credentials.refused(credential);
            }
        })?;
        let body = match body {
            ReplyBody::Whole(whole) => PeekedBody::Whole(whole),
            ReplyBody::Stream(frames) => peek::<S>(frames).await?,
        };
        Ok(Peeked { head, body, secret: credential.secret().cloned() })
    }

    fn answer(mut self, target: &Target, reply: Peeked<S>) -> Result<Answer<S>, Problem> {
        let attempts = self.account.record.attempts.len();
        let overhead = self.account.begin();
        let body = match reply.body {
            PeekedBody::Whole(mut whole) => {
                whole.attribute(target.id());
                self.whole(whole)?
            }
            PeekedBody::Stream(first, frames) => {
                self.account.first_event();
                let secret = reply.secret;
                let frames =
                    frames.map(move |frame| frame.map_err(|error| masked(error, secret.as_ref())));
                self.frames(Some(first), Box::pin(frames))
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
        let overhead = self.account.begin();
        let body = match recording {
            Recording::Whole(body) => self.whole(S::Whole::replay(body))?,
            Recording::Frames(recorded) => {
                self.account.first_event();
                // What was consumed then was paid for then.
                let unpaid = |mut frame: Frame| {
                    frame.usage = None;
                    Ok(frame)
                };
                let frames = futures_util::stream::iter(recorded.into_iter().map(unpaid));
                self.frames(None, Box::pin(frames))
            }
            _ => return Err(unknown_recording(&mut self.account)),
        };
        Ok(Answer { head: Head::default(), target: None, attempts: 0, overhead, body })
    }
}

/// What a request comes to.
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
enum Turn<S: Surface> {
    Recorded(Recording),
    Answered(Arc<Target>, Peeked<S>),
}

/// A provider, or its driver, may know less of what must not be told than whoever made the call.
fn masked(mut error: ProviderError, secret: Option<&Secret>) -> ProviderError {
    if let Some(secret) = secret {
        error.redact(secret.expose());
    }
    error
}

fn nobody_asked() -> Problem {
    let message = "the strategy left no target to ask";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "upstream_error", "upstream_unavailable", message)
}

fn too_late(limit: Duration) -> Problem {
    let message = format!("no target answered within {limit:?} (request_timeout)");
    Problem::new(StatusCode::GATEWAY_TIMEOUT, "upstream_error", "gateway_timeout", message)
}
