//! Replies that come in one piece only.

use bytes::Bytes;
use ferro_wire::{Framing, sse};
use http::response::Parts;

use super::{DocumentReply, Form};
use crate::{Decoder, ErrorKind, Frame, ProviderError};

type Read<F> = dyn FnMut(&Parts, Bytes) -> Result<DocumentReply<F>, ProviderError> + Send;

/// A decoder for replies that come in one piece, each of which `read` reads.
pub fn in_one_piece<F: Form>(
    read: impl FnMut(&Parts, Bytes) -> Result<DocumentReply<F>, ProviderError> + Send + 'static,
) -> Box<dyn Decoder<F>> {
    Box::new(InOnePiece(Box::new(read)))
}

struct InOnePiece<F>(Box<Read<F>>);

impl<F: Form> Decoder<F> for InOnePiece<F> {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, head: &Parts, body: Bytes) -> Result<DocumentReply<F>, ProviderError> {
        (self.0)(head, body)
    }

    fn read(&mut self, _: Bytes, _: &mut Frame) -> Result<(), ProviderError> {
        let message = "the upstream answered with a stream, which was not asked for";
        Err(ProviderError::new(ErrorKind::Malformed).with_message(message))
    }

    fn is_finished(&self) -> bool {
        false
    }
}
