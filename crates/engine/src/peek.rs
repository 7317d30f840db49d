//! The beginning of a reply, awaited before the reply is bound to its target.

use bytes::BytesMut;
use ferro_core::{Credential, ErrorKind, Frame, Frames, Head, ProviderError, Surface, Unsaid};
use futures_util::StreamExt;

/// Signs of life before a first event are held up to here; so many bind a stream to its target.
const MOST_HELD: usize = 64 << 10;

/// A reply whose first frame has arrived. It goes through many hands, and stays where it was made.
pub(crate) type Peeked<S> = Box<Begun<S>>;

/// What has arrived of a reply.
pub(crate) struct Begun<S: Surface> {
    pub(crate) head: Head,
    pub(crate) body: PeekedBody<S>,
    /// What the target could not be told.
    pub(crate) unsaid: Vec<Unsaid>,
    /// What must not be read in an error that comes later.
    pub(crate) credential: Credential,
}

pub(crate) enum PeekedBody<S: Surface> {
    Whole(S::Whole),
    Stream(Frame, Frames),
    /// Bytes that are no events.
    Bytes(Frame, Frames),
}

/// Awaits a stream's first event, so that one that dies at birth counts as failed. Signs of life
/// are no event: they are held until one comes, or until they are too many.
pub(crate) async fn peek<S: Surface>(mut frames: Frames) -> Result<PeekedBody<S>, ProviderError> {
    let mut held = BytesMut::new();
    let mut first = Frame::default();
    loop {
        let Some(frame) = frames.next().await else {
            let message = "the upstream's stream held no event";
            return Err(ProviderError::new(ErrorKind::Interrupted).with_message(message));
        };
        let frame = frame?;
        first.usage = frame.usage.or(first.usage);
        first.finish = frame.finish.or(first.finish);
        first.made.extend(frame.made);
        first.is_last = frame.is_last;
        let is_silent = S::is_silent(&frame.bytes);
        if !is_silent && held.is_empty() {
            first.bytes = frame.bytes;
            return Ok(PeekedBody::Stream(first, frames));
        }
        held.extend_from_slice(&frame.bytes);
        if !is_silent || held.len() > MOST_HELD || frame.is_last {
            first.bytes = held.freeze();
            return Ok(PeekedBody::Stream(first, frames));
        }
    }
}

/// Awaits the first of some bytes, so that a reply that holds none counts as failed.
pub(crate) async fn peek_bytes<S: Surface>(
    mut frames: Frames,
) -> Result<PeekedBody<S>, ProviderError> {
    let mut learnt = None;
    while let Some(frame) = frames.next().await {
        let mut frame = frame?;
        frame.usage = frame.usage.take().or(learnt);
        if !frame.bytes.is_empty() {
            return Ok(PeekedBody::Bytes(frame, frames));
        }
        learnt = frame.usage;
    }
    let message = "the upstream's answer is empty";
    Err(ProviderError::new(ErrorKind::Interrupted).with_message(message))
}
