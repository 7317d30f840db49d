//! Requests that are in this wire already: they pass as they came, to any host of it.

mod decoder;
mod edit;

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, Payload, ProviderError, Subject, Wire,
    document::{Beside, CountTokens, DocumentRequest, Form, Messages},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header, response::Parts};

pub use self::decoder::{CountDecoder, MessagesDecoder};
use crate::{Place, Profile, refuse};

static VERSION: HeaderName = HeaderName::from_static("anthropic-version");
static BETA: HeaderName = HeaderName::from_static("anthropic-beta");

/// What is asked of a host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Operation {
    /// A message in one piece.
    Message,
    /// A message event by event.
    Stream,
    /// How many tokens a request has.
    Count,
}

/// A host of this wire: where it is asked, and how it is shown who asks. In what else it differs from
/// Anthropic's own stands in its profile.
pub trait Host: Send + Sync + 'static {
    /// In what it differs.
    fn profile(&self) -> &Profile;

    /// Where it is asked.
    ///
    /// # Errors
    ///
    /// Of kind `Unsupported` where it cannot be asked that.
    fn place(&self, call: &Call<'_>, operation: Operation) -> Result<Uri, ProviderError>;

    /// What every request carries: the operator's headers.
    fn headers(&self) -> HeaderMap;

    /// Shows it who asks.
    ///
    /// # Errors
    ///
    /// Where the credential is of a kind that it is not shown.
    fn show(
        &self,
        call: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError>;

    /// Reads a message.
    fn decoder(&self) -> Box<dyn Decoder<Messages>> {
        Box::new(MessagesDecoder::default())
    }

    /// Reads a refusal.
    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refuse(head, body)
    }
}

/// The surfaces of this wire at a host.
#[derive(Debug)]
pub struct Native<H>(pub H);

/// A surface of this wire.
pub trait Spoken: Form {
    /// What is asked of a host.
    fn operation(request: &DocumentRequest<Self>) -> Operation;
    /// Who reads the reply.
    fn decoder(host: &impl Host) -> Box<dyn Decoder<Self>>;
}

impl Spoken for Messages {
    fn operation(request: &DocumentRequest<Self>) -> Operation {
        if request.wants_stream() { Operation::Stream } else { Operation::Message }
    }

    fn decoder(host: &impl Host) -> Box<dyn Decoder<Self>> {
        host.decoder()
    }
}

impl Spoken for CountTokens {
    fn operation(_: &DocumentRequest<Self>) -> Operation {
        Operation::Count
    }

    fn decoder(_: &impl Host) -> Box<dyn Decoder<Self>> {
        Box::new(CountDecoder)
    }
}

impl<F: Spoken, H: Host> Wire<F> for Native<H> {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<F>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<F>>), ProviderError> {
        let (host, operation) = (&self.0, F::operation(request));
        let (profile, beside) = (host.profile(), request.beside());
        let place = host.place(call, operation)?;
        let body = edit::body(profile, call.model, operation, request);
        let mut outbound = Request::new(Payload::from(body));
        *outbound.method_mut() = Method::POST;
        // A host that has the version in the body has no query either.
        let is_own = profile.version_in == Place::Header;
        *outbound.uri_mut() = if is_own { beside.at(&place) } else { place };
        *outbound.headers_mut() = headers(profile, host.headers(), beside)?;
        Ok((outbound, F::decoder(host)))
    }

    fn authorize(
        &self,
        call: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        self.0.show(call, request, credential)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        self.0.refuse(head, body)
    }
}

/// What goes with a request: what the client says of the version goes before ours and the operator's,
/// and what each of them says of beta features is said.
fn headers(
    profile: &Profile,
    mut headers: HeaderMap,
    beside: &Beside,
) -> Result<HeaderMap, ProviderError> {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if profile.version_in == Place::Header {
        headers.entry(&VERSION).or_insert(edit::value(&profile.version)?);
        for (name, value) in beside.headers().filter(|(name, _)| **name != BETA) {
            headers.insert(name.clone(), value.clone());
        }
    }
    if profile.betas_in == Place::Header {
        for value in beside.values(&BETA) {
            headers.append(&BETA, value.clone());
        }
        if !profile.betas.is_empty() {
            headers.append(&BETA, edit::value(&profile.betas.join(","))?);
        }
    }
    Ok(headers)
}

#[cfg(test)]
mod tests;
