//! One call of one target: from a credential to the beginning of an answer.

use std::time::Duration;

use ferro_core::{
    Call, CallContext, Credential, ErrorKind, ProviderError, Reply, ReplyBody, Secret, Subject,
    Surface,
};
use tokio::time::{Instant, timeout_at};

use crate::{
    Engine, Target,
    pass::Pass,
    peek::{Begun, Peeked, PeekedBody, peek},
};

/// Asks a target once, and waits for its answer or a stream's first event. Changes nothing but what
/// the target itself does: two of these can be awaited at once.
pub(crate) async fn exchange<S: Surface>(
    engine: &Engine,
    pass: &Pass,
    request: &S::Request,
    deadline: Option<Instant>,
) -> Result<Peeked<S>, ProviderError> {
    let (target, source) = (&**pass.target(), pass.credentials());
    let credential = match source.at_hand() {
        Some(credential) => credential,
        None => source.current().await.map_err(|error| {
            ProviderError::new(ErrorKind::Unauthorized).with_message(error.to_string())
        })?,
    };
    let asked = ask(engine, target, request, (&credential, deadline));
    let asked = match patience(target, request.wants_stream()) {
        None => asked.await,
        Some((limit, kind)) => {
            let at = Instant::now().checked_add(limit);
            match at {
                None => asked.await,
                Some(at) => {
                    Box::pin(timeout_at(at, asked)).await.unwrap_or_else(|_| Err(late(kind, limit)))
                }
            }
        }
    };
    asked.map_err(|error| {
        if error.kind() == ErrorKind::Unauthorized {
            source.refused(&credential);
        }
        masked(error, credential.secret())
    })
}

/// How long a call may take until its answer, or a stream until its first event, and what it is
/// called if it takes longer: the shorter of two limits.
fn patience(target: &Target, is_stream: bool) -> Option<(Duration, ErrorKind)> {
    let parts = target.parts();
    let first = parts.first_token.filter(|_| is_stream);
    let first = first.map(|limit| (limit, ErrorKind::TokenTimeout));
    let attempt = parts.retry.attempt_timeout.map(|limit| (limit, ErrorKind::Timeout));
    first.into_iter().chain(attempt).min_by_key(|(limit, _)| *limit)
}

fn late(kind: ErrorKind, limit: Duration) -> ProviderError {
    let message = match kind {
        ErrorKind::TokenTimeout => format!("no event came within {limit:?} (ttft_timeout)"),
        _ => format!("no answer came within {limit:?} (attempt_timeout)"),
    };
    ProviderError::new(kind).with_message(message)
}

async fn ask<S: Surface>(
    engine: &Engine,
    target: &Target,
    request: &S::Request,
    (credential, deadline): (&Credential, Option<Instant>),
) -> Result<Peeked<S>, ProviderError> {
    let parts = target.parts();
    let model = request.model();
    let call = Call::new(target.id(), model).with_facts(target.facts(model));
    let cx = CallContext::new(call, &*parts.upstream, &*engine.parts.transport, credential)
        .with_deadline(deadline)
        .with_max_reply(engine.parts.max_reply);
    let Some(serve) = S::of(&*parts.provider) else {
        let message = format!("target `{}` does not serve {}", target.id(), S::KIND.as_str());
        return Err(ProviderError::new(ErrorKind::Unsupported).with_message(message));
    };
    let unsaid = serve.unsaid(request);
    let Reply { head, body } = serve.serve(&cx, request).await?;
    let body = match body {
        ReplyBody::Whole(whole) => PeekedBody::Whole(whole),
        ReplyBody::Stream(frames) => Box::pin(peek::<S>(frames)).await?,
    };
    Ok(Box::new(Begun { head, body, unsaid, secret: credential.secret().cloned() }))
}

/// A provider, or its driver, may know less of what must not be told than whoever made the call.
pub(crate) fn masked(mut error: ProviderError, secret: Option<&Secret>) -> ProviderError {
    if let Some(secret) = secret {
        error.redact(secret.expose());
    }
    error
}
