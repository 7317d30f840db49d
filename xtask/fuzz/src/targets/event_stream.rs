//! AWS event-stream frames: as they are, and with checksums that fit, which no search would find.

use ferro_wire::event_stream::{self, Frame, FrameError, Value};

use crate::{Seeds, Target, holds_at_every_cut};

pub(crate) static TARGETS: &[Target] = &[
    Target { name: "event-stream", run: stream, seeds: &[Seeds::Frames("providers")] },
    Target { name: "event-stream-frame", run: frame, seeds: &[] },
];

/// A frame as far as it can be compared, or what is wrong with it.
type Read = Result<(usize, Vec<u8>), FrameError>;

fn stream(bytes: &[u8]) {
    holds_at_every_cut(event_stream::FRAMING, bytes, |events, out: &mut Vec<Read>| {
        for frame in event_stream::frames(events) {
            // Nobody reads on behind a frame that is wrong.
            if out.last().is_none_or(Result::is_ok) {
                out.push(frame.map(|frame| (frame.headers().count(), frame.payload().to_vec())));
            }
        }
    });
}

/// The first byte is the length of the headers, as far as there are bytes; the rest is the payload.
fn frame(bytes: &[u8]) {
    let Some((length, bytes)) = bytes.split_first() else { return };
    let (headers, payload) = bytes.split_at(bytes.len().min(usize::from(*length)));
    let sealed = sealed(headers, payload);
    let mut frames = event_stream::frames(&sealed);
    match frames.next().expect("something stands there") {
        Ok(frame) => {
            assert_eq!(frame.payload(), payload);
            assert_eq!(rewritten(&frame), sealed, "a frame is written in one way");
            let first = frame.headers().next();
            assert_eq!(first.and_then(|(name, _)| frame.header(name)), first.map(|(_, v)| v));
        }
        Err(error) => assert!(
            matches!(
                error,
                FrameError::HeaderName { .. }
                    | FrameError::HeaderKind { .. }
                    | FrameError::HeaderValue { .. }
            ),
            "the checksums and the lengths fit: {error}"
        ),
    }
    assert!(frames.next().is_none());
}

fn sealed(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for length in [16 + headers.len() + payload.len(), headers.len()] {
        out.extend_from_slice(&u32::try_from(length).expect("inputs are short").to_be_bytes());
    }
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out.extend_from_slice(headers);
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out
}

fn rewritten(frame: &Frame<'_>) -> Vec<u8> {
    let headers: Vec<(&str, Value<'_>)> = frame.headers().collect();
    let mut out = Vec::new();
    event_stream::write(&mut out, &headers, frame.payload()).expect("it was read");
    out
}
