//! What is sent, as hyper wants it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use ferro_core::{Body as Inbound, Payload};
use ferro_wire::Rope;
use http_body::{Body, Frame, SizeHint};

/// A request's body: held, or passed on as it arrives.
pub(crate) enum Outbound {
    Rope(Rope),
    Stream(Inbound),
}

impl From<Payload> for Outbound {
    fn from(payload: Payload) -> Self {
        match payload {
            Payload::Rope(rope) => Self::Rope(rope),
            Payload::Stream(stream) => Self::Stream(stream),
            other => unreachable!("a payload without a body: {other:?}"),
        }
    }
}

impl Body for Outbound {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Self::Rope(rope) => Pin::new(rope).poll_frame(cx).map_err(|never| match never {}),
            Self::Stream(stream) => stream
                .as_mut()
                .poll_next(cx)
                .map(|piece| piece.map(|piece| piece.map(Frame::data).map_err(io::Error::other))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Rope(rope) if rope.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Rope(rope) => rope.size_hint(),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}
