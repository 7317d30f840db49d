//! The sans-I/O half of a provider: pure functions between our types and a vendor's.

use std::borrow::Cow;

use bytes::Bytes;
use ferro_wire::Framing;
use http::response::Parts;
use serde::Serialize;

use crate::{Call, Frame, Host, Need, Payload, ProviderError, Surface};

/// A vendor's API for one surface, as functions. Implement this and [`Serve`](crate::Serve) follows.
/// How the vendor is shown who asks, and how it refuses, is its [`Host`]'s, and is said once for all
/// surfaces.
///
/// No implementation opens a socket, reads a clock or an environment variable, or sleeps; so each is
/// tested from fixtures, and fuzzed.
pub trait Wire<S: Surface>: Host {
    /// Says `request` in the vendor's words, without credentials, and makes the decoder for the
    /// reply, which so knows its request. The same arguments give the same bytes.
    ///
    /// The request's URI is a path (and query) only: where it goes is the target's business.
    #[expect(clippy::type_complexity, reason = "a pair of what is sent and who reads the answer")]
    fn encode(
        &self,
        call: &Call<'_>,
        request: &S::Request,
    ) -> Result<(http::Request<Payload>, Box<dyn Decoder<S>>), ProviderError>;

    /// The media of `request` that this vendor needs the bytes of. They are fetched, where that is
    /// allowed, before [`encode`](Self::encode) finds them in [`Call::media`].
    fn needs(&self, call: &Call<'_>, request: &S::Request) -> Vec<Need> {
        let _ = (call, request);
        Vec::new()
    }

    /// The parts in which `request` is asked, where it is more than this vendor takes at once. They are
    /// asked several at a time; one that fails fails the whole.
    fn parts(&self, call: &Call<'_>, request: &S::Request) -> Option<InParts<S>> {
        let _ = (call, request);
        None
    }

    /// What of `request` this vendor cannot be told.
    fn unsaid(&self, call: &Call<'_>, request: &S::Request) -> Vec<Unsaid> {
        let _ = (call, request);
        Vec::new()
    }
}

/// Makes one reply of the replies to parts, in their order.
pub type Join<S> = fn(Vec<<S as Surface>::Whole>) -> Result<<S as Surface>::Whole, ProviderError>;

/// A request in parts, none of which is to be streamed.
pub struct InParts<S: Surface> {
    /// The parts, in order.
    pub requests: Vec<S::Request>,
    /// Makes one reply of theirs, which are in the same order.
    pub join: Join<S>,
}

impl<S: Surface> std::fmt::Debug for InParts<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} parts", self.requests.len())
    }
}

/// Something that a request says and a vendor cannot be told.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Unsaid(
    /// The field, as the client knows it: `logit_bias`, `messages[2].content[0].input_audio`.
    pub Cow<'static, str>,
);

/// How a reply comes, whatever was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Comes {
    /// In one piece.
    Whole,
    /// As bytes that are handed on as they arrive. The decoder is given all of them to read, however
    /// they are cut, and the end of the upstream's body is theirs.
    Bytes,
    /// As events.
    Events,
}

/// Reads one reply. Owns whatever state the vendor's format requires.
///
/// The driver calls [`whole`](Self::whole) once for a reply in one piece; or, for a stream or bytes,
/// [`read`](Self::read) with whole events until [`is_finished`](Self::is_finished), an error, or the
/// end of the upstream's body, upon which it calls [`end`](Self::end).
pub trait Decoder<S: Surface>: Send {
    /// How the upstream's stream falls into events.
    fn framing(&self) -> Framing;

    /// The stream that was asked for comes as `application/json`. Whether this vendor streams so: then
    /// [`framing`](Self::framing) is that of such a stream from now on. Otherwise the reply is
    /// [whole](Self::whole), whatever was asked for.
    fn turns_to_json(&mut self) -> bool {
        false
    }

    /// How a successful reply comes, to go by its head, where that does not follow from what was asked
    /// for. It is asked once, before anything else.
    fn comes(&mut self, head: &Parts) -> Option<Comes> {
        let _ = head;
        None
    }

    /// Reads a successful reply in one piece.
    fn whole(&mut self, head: &Parts, body: Bytes) -> Result<S::Whole, ProviderError>;

    /// Reads whole events, all that had arrived, and adds to `out` what they mean. On `Err`, what
    /// `out` holds still goes to the client, before the error.
    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError>;

    /// Whether the vendor has said that it is finished. A stream that ends before was interrupted.
    fn is_finished(&self) -> bool;

    /// The upstream's body ended while not finished; `tail` are bytes after the last whole event.
    /// For a vendor whose last event may lack its end, or whose end of body *is* the finish.
    fn end(&mut self, tail: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let _ = (tail, out);
        Err(ProviderError::new(crate::ErrorKind::Interrupted)
            .with_message("the upstream's stream ended before it said that it was finished"))
    }
}
