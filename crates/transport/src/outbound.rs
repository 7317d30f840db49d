//! What is sent, as hyper wants it.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use ferro_core::{Body as Inbound, BodyError, Payload};
use ferro_wire::Rope;
use http_body::{Body, Frame, SizeHint};

/// A request's body: held, or passed on as it arrives.
pub(crate) enum Outbound {
    Rope(Rope),
    Stream(Inbound),
}

/// The body did not arrive here whole, so it cannot be passed on.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct Broken(#[from] BodyError);

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
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match &mut *self {
            Self::Rope(rope) => Pin::new(rope).poll_frame(cx).map_err(|never| match never {}),
            Self::Stream(stream) => {
                let piece = stream.as_mut().poll_next(cx);
                piece.map(|piece| piece.map(|piece| Ok(Frame::data(piece?))))
            }
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
