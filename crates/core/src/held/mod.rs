//! Bodies that may be too large for memory: taken in once, sent as often as needed.

mod source;
mod spool;
mod store;

use std::{ops::Range, sync::Mutex};

use bytes::Bytes;
use ferro_wire::Rope;
use futures_util::{StreamExt, stream};

pub(crate) use self::{source::Segment, store::Store};
pub use self::{source::Spooled, spool::Spool};
use crate::{Body, BodyError, Payload, Replay};

/// A body that was taken in: held in memory or in a file, to its end or up to where there was no
/// room any more.
pub(crate) struct Held {
    /// What is held, first to last.
    segments: Vec<Segment>,
    /// What is passed on behind it, as it arrives, to the first who sends the body.
    rest: Option<Mutex<Option<Body>>>,
    /// How long all of it is, if that is known.
    length: Option<u64>,
}

/// A place in a body, and what stands there instead.
pub(crate) type Edit = (Range<u64>, Bytes);

impl Held {
    /// A body that is here to its end.
    pub(crate) fn new(segments: Vec<Segment>) -> Self {
        let length = segments.iter().map(Segment::len).sum();
        Self { segments, rest: None, length: Some(length) }
    }

    /// A body of which the rest is still arriving. `length` is what its sender says it has in all.
    pub(crate) fn passed_on(segments: Vec<Segment>, rest: Body, length: Option<u64>) -> Self {
        Self { segments, rest: Some(Mutex::new(Some(rest))), length }
    }

    /// How often it can be sent.
    pub(crate) fn replay(&self) -> Replay {
        if self.rest.is_some() { Replay::Passing } else { Replay::Any }
    }

    /// The body with these edits, first to last, and its length if that is known. A body that is
    /// passed on is so once: who asks again sends one that breaks off.
    pub(crate) fn payload(&self, edits: &[Edit]) -> (Payload, Option<u64>) {
        let segments = self.edited(edits);
        let gone: u64 = edits.iter().map(|(place, _)| place.end - place.start).sum();
        let come: u64 = edits.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        let length = self.length.map(|length| (length + come).saturating_sub(gone));
        let Some(rest) = &self.rest else {
            let in_memory = segments.iter().map(Segment::in_memory).collect::<Option<Rope>>();
            let spooled = || Payload::Spool(Spooled::new(segments));
            return (in_memory.map_or_else(spooled, Payload::Rope), length);
        };
        let rest = rest.lock().ok().and_then(|mut rest| rest.take());
        let rest = rest.unwrap_or_else(|| stream::iter([Err(BodyError::Sent)]).boxed());
        (Payload::Stream(Spooled::new(segments).chain(rest).boxed()), length)
    }

    fn edited(&self, edits: &[Edit]) -> Vec<Segment> {
        let mut edited = Vec::new();
        let mut at = 0;
        for (place, bytes) in edits {
            self.copy(at..place.start, &mut edited);
            edited.push(Segment::Bytes(bytes.clone()));
            at = place.end;
        }
        self.copy(at..u64::MAX, &mut edited);
        edited.retain(|segment| segment.len() > 0);
        edited
    }

    /// Adds what is held of a range.
    fn copy(&self, range: Range<u64>, out: &mut Vec<Segment>) {
        let mut begin = 0;
        for segment in &self.segments {
            let end = begin + segment.len();
            let (from, to) = (range.start.max(begin), range.end.min(end));
            if from < to {
                out.push(segment.slice(from - begin..to - begin));
            }
            begin = end;
        }
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held")
            .field("segments", &self.segments)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
