//! The body of a reply on its way to the client, whatever it is made of.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use ferro_wire::Rope;
use http_body::{Body, Frame, SizeHint};

use crate::{
    byte_body::{BrokenOff, ByteBody},
    stream::EventBody,
};

/// The body of a reply on its way to the client.
///
/// One type for all of them, so that none is boxed. Dropping it (the client left) abandons what it
/// still waits for.
pub struct Outbound(Kind);

enum Kind {
    /// A reply that is here.
    Whole(Rope),
    /// Events as they come.
    Stream(EventBody),
    /// Bytes as they come.
    Bytes(ByteBody),
}

impl Outbound {
    /// No body.
    pub(crate) fn empty() -> Self {
        Self(Kind::Whole(Rope::default()))
    }
}

impl From<Rope> for Outbound {
    fn from(whole: Rope) -> Self {
        Self(Kind::Whole(whole))
    }
}

impl From<Bytes> for Outbound {
    fn from(whole: Bytes) -> Self {
        Rope::from(whole).into()
    }
}

impl From<String> for Outbound {
    fn from(whole: String) -> Self {
        Bytes::from(whole).into()
    }
}

impl From<EventBody> for Outbound {
    fn from(events: EventBody) -> Self {
        Self(Kind::Stream(events))
    }
}

impl From<ByteBody> for Outbound {
    fn from(bytes: ByteBody) -> Self {
        Self(Kind::Bytes(bytes))
    }
}

impl Body for Outbound {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match &mut self.0 {
            Kind::Whole(rope) => Pin::new(rope).poll_frame(cx).map_err(|never| match never {}),
            Kind::Stream(events) => Pin::new(events).poll_frame(cx).map_err(|never| match never {}),
            Kind::Bytes(bytes) => Pin::new(bytes).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(rope) => rope.is_end_stream(),
            Kind::Stream(events) => events.is_end_stream(),
            Kind::Bytes(bytes) => bytes.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(rope) => rope.size_hint(),
            Kind::Stream(events) => events.size_hint(),
            Kind::Bytes(bytes) => bytes.size_hint(),
        }
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbound")
    }
}
