//! What comes back: a whole, frames of whole events, or bytes.

use std::{ops::ControlFlow, pin::Pin};

use bytes::Bytes;
use ferro_wire::{Rope, sse};
use futures_util::Stream;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::{Finish, ProviderError, Surface, Thing, Usage};

/// An upstream's successful answer to a request of surface `S`.
#[derive(Debug)]
pub struct Reply<S: Surface> {
    /// Its status and headers, as the upstream sent them. Which of the headers a client may see is
    /// decided where replies are rendered.
    pub head: Head,
    /// What it said.
    pub body: ReplyBody<S>,
}

/// The status and headers of an upstream's answer.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The status; a success.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
}

/// A whole, a stream, or bytes.
pub enum ReplyBody<S: Surface> {
    /// All of it.
    Whole(S::Whole),
    /// Events in order: they end after the upstream has said that it is finished, or with one
    /// error. Dropping the stream abandons the upstream call.
    Stream(Frames),
    /// Bytes of the upstream's own content type, as they arrive. They have no events: nothing may be
    /// written between two frames, and where they break off nothing can say so but a connection that
    /// is broken too. Dropping them abandons the upstream call.
    Bytes(Frames),
}

impl<S: Surface> std::fmt::Debug for ReplyBody<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Whole(_) => "Whole",
            Self::Stream(_) => "Stream",
            Self::Bytes(_) => "Bytes",
        })
    }
}

/// Frames as they arrive.
///
/// Cancel-safe: dropping it between frames, or in the middle of one, closes the upstream call.
pub type Frames = Pin<Box<dyn Stream<Item = Result<Frame, ProviderError>> + Send>>;

/// One or more whole events, framed as the client will read them, and what was learnt on the way.
///
/// Frames are never cut inside an event, so anything may be written between two of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Frame {
    /// The events. May be empty, where an upstream's event has no counterpart.
    pub bytes: Bytes,
    /// The latest usage that these events reported. Later counts replace earlier ones.
    pub usage: Option<Usage>,
    /// Why the model stopped, if these events say so.
    pub finish: Option<Finish>,
    /// What these events say was made that the upstream keeps.
    pub made: Vec<Thing>,
    /// Whether the upstream is known to have nothing more to say: a client that leaves now has had
    /// everything.
    pub is_last: bool,
}

impl Frame {
    /// A frame of events from which nothing was learnt.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), ..Self::default() }
    }

    /// Lets server-sent events pass, each of which is read first: up to the one with which the reply ends,
    /// or to one that cannot be read, which stays behind with all that follow.
    ///
    /// # Errors
    ///
    /// Of whoever reads.
    pub fn pass(
        &mut self,
        events: Bytes,
        mut read: impl FnMut(sse::Event<'_>, &mut Self) -> Result<ControlFlow<()>, ProviderError>,
    ) -> Result<(), ProviderError> {
        let (mut passed, mut outcome) = (0, Ok(()));
        for event in sse::events(&events) {
            match read(event, self) {
                Ok(flow) => {
                    passed += event.raw.len();
                    if flow.is_break() {
                        break;
                    }
                }
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        self.bytes = if passed == events.len() { events } else { events.slice(..passed) };
        outcome
    }
}

/// What policy sees of an event, whatever the surface. Read on demand, once for all taps.
pub trait Delta: Send {
    /// Reads one whole event, with its framing.
    fn read(event: Bytes) -> Result<Self, Malformed>
    where
        Self: Sized;

    /// The event as it is to be written. An event that nobody edited is returned byte for byte.
    fn write(self) -> Bytes
    where
        Self: Sized;

    /// Shows the text in this event, with the choice that it belongs to.
    fn texts(&self, see: &mut dyn FnMut(u32, &str));

    /// Like [`texts`](Self::texts), but what `edit` returns replaces the text.
    fn edit_texts(&mut self, edit: &mut dyn FnMut(u32, &str) -> Option<String>);

    /// The usage that this event reports.
    fn usage(&self) -> Option<Usage> {
        None
    }

    /// Why `choice` stopped, if this event says so.
    fn finish(&self, choice: u32) -> Option<Finish>;
}

/// An event that is not what its surface says it is.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

/// A reply that comes in one piece.
pub trait Whole: Send + 'static {
    /// What it consumed, if it says so.
    fn usage(&self) -> Option<Usage>;

    /// Why the model stopped, if it says so.
    fn finish(&self) -> Option<Finish>;

    /// What it says was made that the upstream keeps.
    fn made(&self) -> &[Thing] {
        &[]
    }

    /// The content type that the client reads; JSON unless said.
    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static("application/json")
    }

    /// Names the target that answered, where the surface has a place for it.
    fn attribute(&mut self, target: &str) {
        let _ = target;
    }

    /// The reply as an event, for policy that inspects or edits text.
    fn as_delta(&mut self) -> Option<&mut dyn Delta> {
        None
    }

    /// A reply made of a body that was recorded earlier.
    fn replay(body: Rope) -> Self
    where
        Self: Sized;

    /// The bytes for the client.
    fn into_body(self) -> Rope
    where
        Self: Sized;
}
