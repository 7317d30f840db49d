//! The surfaces of this wire at any host of it: requests that are in it already pass as they came.

mod decoder;
mod edit;

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, Host, Need, Payload, ProviderError, Subject, Unsaid, Wire,
    chat::{Chat, ChatRequest},
    document::{Beside, CountTokens, DocumentRequest, Form, Messages},
};
use ferro_wire::Rope;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header, response::Parts};

pub use self::decoder::{CountDecoder, MessagesDecoder};
use crate::{Place, Profile, messages::Messages as Codec};

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

/// A host of this wire: where it is asked. In what else it differs from Anthropic's own stands in its
/// profile.
pub trait Site: Host {
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

    /// Reads a message.
    fn decoder(&self) -> Box<dyn Decoder<Messages>> {
        Box::new(MessagesDecoder::default())
    }

    /// The body of a count as the host takes it, of the one that Anthropic takes.
    ///
    /// # Errors
    ///
    /// Where it cannot be said there.
    fn counted(&self, body: Rope) -> Result<Rope, ProviderError> {
        Ok(body)
    }

    /// Reads a count.
    fn count_decoder(&self) -> Box<dyn Decoder<CountTokens>> {
        Box::new(CountDecoder)
    }
}

/// The surfaces of this wire at a host: its own, which pass as they came, and chat, which is said in its
/// words.
#[derive(Debug)]
pub struct Native<H> {
    site: H,
    chat: Codec,
}

impl<H: Site> Native<H> {
    /// Those of a host.
    pub fn new(site: H) -> Self {
        let chat = Codec::new(site.profile().clone());
        Self { site, chat }
    }

    /// The host.
    pub fn site(&self) -> &H {
        &self.site
    }
}

/// A surface of this wire.
pub trait Spoken: Form {
    /// What is asked of a host.
    fn operation(request: &DocumentRequest<Self>) -> Operation;
    /// Who reads the reply.
    fn decoder(host: &impl Site) -> Box<dyn Decoder<Self>>;
}

impl Spoken for Messages {
    fn operation(request: &DocumentRequest<Self>) -> Operation {
        if request.wants_stream() { Operation::Stream } else { Operation::Message }
    }

    fn decoder(host: &impl Site) -> Box<dyn Decoder<Self>> {
        host.decoder()
    }
}

impl Spoken for CountTokens {
    fn operation(_: &DocumentRequest<Self>) -> Operation {
        Operation::Count
    }

    fn decoder(host: &impl Site) -> Box<dyn Decoder<Self>> {
        host.count_decoder()
    }
}

impl<H: Site> Host for Native<H> {
    fn authorize(
        &self,
        call: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        self.site.authorize(call, request, credential)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        self.site.refuse(head, body)
    }
}

impl<F: Spoken, H: Site> Wire<F> for Native<H> {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<F>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<F>>), ProviderError> {
        let (site, operation) = (&self.site, F::operation(request));
        let (profile, beside) = (site.profile(), request.beside());
        let place = site.place(call, operation)?;
        let body = edit::body(profile, call.model, operation, request);
        let body = if operation == Operation::Count { site.counted(body)? } else { body };
        // A host that has the version in the body has no query either.
        let is_own = profile.version_in == Place::Header;
        let place = if is_own { beside.at(&place) } else { place };
        let headers = headers(profile, site.headers(), beside)?;
        Ok((outbound(place, headers, body), F::decoder(site)))
    }
}

impl<H: Site> Wire<Chat> for Native<H> {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let is_stream = request.wants_stream();
        let operation = if is_stream { Operation::Stream } else { Operation::Message };
        let place = self.site.place(call, operation)?;
        let encoded = self.chat.encode(call, request)?;
        let mut headers = versioned(self.site.profile(), self.site.headers())?;
        if let Some(betas) = encoded.betas {
            // Beside what an operator asks for by a header of his own.
            headers.append(&BETA, edit::value(&betas)?);
        }
        Ok((outbound(place, headers, encoded.body), Box::new(encoded.decoder)))
    }

    fn needs(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        self.chat.needs(request)
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        self.chat.unsaid(call, request)
    }
}

fn outbound(place: Uri, headers: HeaderMap, body: impl Into<Rope>) -> Request<Payload> {
    let mut outbound = Request::new(Payload::from(body.into()));
    *outbound.method_mut() = Method::POST;
    *outbound.uri_mut() = place;
    *outbound.headers_mut() = headers;
    outbound
}

/// The operator's headers, which go before ours, and ours.
fn versioned(profile: &Profile, mut headers: HeaderMap) -> Result<HeaderMap, ProviderError> {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if profile.version_in == Place::Header {
        headers.entry(&VERSION).or_insert(edit::value(&profile.version)?);
    }
    Ok(headers)
}

/// What goes with a request: what the client says of the version goes before ours and the operator's,
/// and what each of them says of beta features is said.
fn headers(
    profile: &Profile,
    operators: HeaderMap,
    beside: &Beside,
) -> Result<HeaderMap, ProviderError> {
    let mut headers = versioned(profile, operators)?;
    if profile.version_in == Place::Header {
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
