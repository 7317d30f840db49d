//! One call of one target: from a credential to the beginning of an answer.

use std::{
    sync::atomic::{AtomicU8, Ordering::Relaxed},
    time::Duration,
};

use ferro_core::{
    Belongings, Call, CallContext, Credential, ErrorKind, ProviderError, Reply, ReplyBody, Subject,
    Surface,
};
use tokio::time::{Instant, timeout_at};

use crate::{
    Caller, Engine, Target,
    pass::Pass,
    peek::{Begun, Peeked, PeekedBody, peek, peek_bytes},
};

/// Asks a target once, and waits for its answer or a stream's first event. Changes nothing but what
/// the target itself does: two of these can be awaited at once.
pub(crate) async fn exchange<S: Surface>(
    (engine, caller): (&Engine, &Caller),
    pass: &Pass,
    request: &S::Request,
    deadline: Option<Instant>,
) -> Result<Peeked<S>, ProviderError> {
    let progress = Progress::default();
    let asked = show::<S>((engine, caller), pass, request, (deadline, &progress));
    match patience(pass.target(), request.wants_stream(), deadline) {
        None => asked.await,
        Some((at, limit)) => {
            Box::pin(timeout_at(at, asked)).await.unwrap_or_else(|_| Err(late(limit, &progress)))
        }
    }
}

/// How far a call has come.
#[derive(Debug, Default)]
struct Progress(AtomicU8);

impl Progress {
    /// The target is asked; before that, nothing was sent.
    const ASKED: u8 = 1;
    /// A stream has begun, as yet without an event.
    const BEGUN: u8 = 2;

    fn reached(&self, step: u8) {
        self.0.store(step, Relaxed);
    }

    fn has_reached(&self, step: u8) -> bool {
        self.0.load(Relaxed) >= step
    }
}

/// What limits how long a call may take.
#[derive(Clone, Copy, Debug)]
enum Limit {
    /// A stream's time until its first event.
    FirstToken(Duration),
    /// A call's time until its answer, or until a stream's first event.
    Attempt(Duration),
    /// The whole request's.
    Request,
}

/// When a call is over that has not been answered by then, and why: what comes first of three
/// limits.
fn patience(
    target: &Target,
    is_stream: bool,
    deadline: Option<Instant>,
) -> Option<(Instant, Limit)> {
    let parts = target.parts();
    let first = parts.first_token.filter(|_| is_stream);
    let first = first.map(|span| (span, Limit::FirstToken(span)));
    let attempt = parts.retry.attempt_timeout.map(|span| (span, Limit::Attempt(span)));
    let own = first.into_iter().chain(attempt).min_by_key(|(span, _)| *span);
    let own = own.and_then(|(span, limit)| Some((Instant::now().checked_add(span)?, limit)));
    let whole = deadline.map(|at| (at, Limit::Request));
    own.into_iter().chain(whole).min_by_key(|(at, _)| *at)
}

/// Whether it was the limit of a single call that a stream's first event did not come within: one
/// that an operator sets in order to have the call repeated.
pub(crate) fn is_cut_by_attempt(target: &Target, error: &ProviderError) -> bool {
    let (parts, is_late) = (target.parts(), error.kind() == ErrorKind::TokenTimeout);
    let attempt = parts.retry.attempt_timeout.filter(|_| is_late);
    attempt.is_some_and(|span| parts.first_token.is_none_or(|first| span < first))
}

/// A call that took too long, by what it was waiting for.
fn late(limit: Limit, progress: &Progress) -> ProviderError {
    let (kind, message) = match limit {
        Limit::FirstToken(span) => {
            (ErrorKind::TokenTimeout, format!("no event came within {span:?} (ttft_timeout)"))
        }
        Limit::Attempt(span) if progress.has_reached(Progress::BEGUN) => {
            (ErrorKind::TokenTimeout, format!("no event came within {span:?} (attempt_timeout)"))
        }
        Limit::Attempt(span) if progress.has_reached(Progress::ASKED) => {
            (ErrorKind::Timeout, format!("no answer came within {span:?} (attempt_timeout)"))
        }
        Limit::Attempt(span) => {
            let message = format!("no credential came within {span:?} (attempt_timeout)");
            (ErrorKind::ConnectTimeout, message)
        }
        Limit::Request => {
            let message = "no answer came in the time for the whole request (request_timeout)";
            (ErrorKind::TotalTimeout, message.to_owned())
        }
    };
    ProviderError::new(kind).with_message(message)
}

/// Asks with a credential, which hears if it is not taken.
async fn show<S: Surface>(
    (engine, caller): (&Engine, &Caller),
    pass: &Pass,
    request: &S::Request,
    (deadline, progress): (Option<Instant>, &Progress),
) -> Result<Peeked<S>, ProviderError> {
    let source = pass.credentials();
    let credential = match source.at_hand() {
        Some(credential) => credential,
        None => source.current(&engine.parts.issuers.context()).await.map_err(|error| {
            ProviderError::new(ErrorKind::Unauthorized).with_message(error.to_string())
        })?,
    };
    progress.reached(Progress::ASKED);
    let own = Belongings::new(&*engine.parts.whereabouts, caller.principal.key.as_ref());
    let with = (&credential, deadline, progress);
    let asked = ask((engine, own), pass.target(), request, with);
    asked.await.map_err(|error| {
        if error.kind() == ErrorKind::Unauthorized {
            source.refused(&credential);
        }
        masked(error, &credential)
    })
}

async fn ask<S: Surface>(
    (engine, own): (&Engine, Belongings<'_>),
    target: &Target,
    request: &S::Request,
    (credential, deadline, progress): (&Credential, Option<Instant>, &Progress),
) -> Result<Peeked<S>, ProviderError> {
    let parts = target.parts();
    let model = request.model();
    let facts = target.known().facts(model);
    let call = Call::new(target.id(), model).with_facts(facts.as_ref());
    let cx = CallContext::new(call, &*parts.upstream, &*engine.parts.transport, credential)
        .with_others(&parts.others)
        .with_deadline(deadline)
        .with_fetch(engine.parts.fetch.as_ref())
        .with_max_reply(engine.parts.max_reply)
        .with_belongings(Some(own));
    let Some(serve) = S::served(&*parts.provider) else {
        let message = format!("target `{}` does not serve {}", target.id(), S::KIND.as_str());
        return Err(ProviderError::new(ErrorKind::Unsupported).with_message(message));
    };
    let unsaid = serve.unsaid(&cx.call, request);
    let Reply { head, body } = serve.serve(&cx, request).await?;
    let body = match body {
        ReplyBody::Whole(whole) => PeekedBody::Whole(whole),
        ReplyBody::Stream(frames) => {
            progress.reached(Progress::BEGUN);
            Box::pin(peek::<S>(frames)).await?
        }
        ReplyBody::Bytes(frames) => {
            progress.reached(Progress::BEGUN);
            Box::pin(peek_bytes::<S>(frames)).await?
        }
    };
    Ok(Box::new(Begun { head, body, unsaid, credential: credential.clone() }))
}

/// A provider, or its driver, may know less of what must not be told than whoever made the call.
pub(crate) fn masked(mut error: ProviderError, credential: &Credential) -> ProviderError {
    error.mask(credential);
    error
}
