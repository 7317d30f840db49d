//! What a target would be sent for a request: its own codec is asked, and nobody else.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{
    Call, CallContext, Credential, ErrorKind, Inflow, Payload, ProviderError, Serve, Subject,
    Surface, Transport, Upstream,
};
use ferro_engine::Target;
use futures_util::FutureExt;
use http::{Request, Response};

/// What a target's codec makes of a request.
pub(crate) enum Probed {
    /// This is what would be sent.
    Sent(Bytes),
    /// It cannot be said to this vendor.
    Refused,
    /// More would be needed to know: a credential, or an answer.
    Unknown,
}

/// Puts a request to a target's codec.
pub(crate) fn probe<S: Surface>(
    target: &Target,
    serve: &dyn Serve<S>,
    request: &S::Request,
) -> Probed {
    let nobody = Nobody::default();
    let call = Call::new(target.id(), request.model());
    let cx = CallContext::new(call, &nobody, &nobody, &Credential::None);
    // Nobody answers later: whoever waits for more is not waited for.
    let outcome = serve.serve(&cx, request).now_or_never();
    let is_refused = matches!(&outcome, Some(Err(error)) if error.kind() == ErrorKind::Unsupported);
    drop(outcome);
    match nobody.sent.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(sent) => Probed::Sent(sent),
        None if is_refused => Probed::Refused,
        None => Probed::Unknown,
    }
}

/// An upstream that keeps what it is sent first, and answers nothing.
#[derive(Debug, Default)]
struct Nobody {
    sent: Mutex<Option<Bytes>>,
}

impl Nobody {
    fn keep(&self, request: Request<Payload>) -> ProviderError {
        if let Payload::Rope(body) = request.into_body() {
            let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
            sent.get_or_insert_with(|| body.to_bytes());
        }
        ProviderError::new(ErrorKind::Unavailable)
    }
}

#[async_trait]
impl Upstream for Nobody {
    async fn send(&self, request: Request<Payload>) -> Result<Response<Inflow>, ProviderError> {
        Err(self.keep(request))
    }
}

/// Other hosts are asked for other things than the request itself.
#[async_trait]
impl Transport for Nobody {
    async fn send(&self, _: Request<Payload>) -> Result<Response<Inflow>, ProviderError> {
        Err(ProviderError::new(ErrorKind::Unavailable))
    }
}
