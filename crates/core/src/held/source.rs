//! A body that is read from where it lies, piece by piece.

use std::{
    collections::VecDeque,
    fmt, io,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::Stream;

use super::spool::SpoolFile;
use crate::BodyError;

/// So much of a file is read at once, and no more before that was sent.
const PIECE: u64 = 64 << 10;

/// A part of a body, where it lies. Clones share the storage.
#[derive(Clone, Debug)]
pub(crate) enum Segment {
    /// In memory.
    Bytes(Bytes),
    /// In a file.
    File(SpoolFile, Range<u64>),
}

impl Segment {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, place) => place.end - place.start,
        }
    }

    /// A part of it, which it has.
    pub(super) fn slice(&self, range: Range<u64>) -> Self {
        match self {
            Self::Bytes(bytes) => {
                let fits = |at| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                Self::Bytes(bytes.slice(fits(range.start)..fits(range.end)))
            }
            Self::File(file, place) => {
                Self::File(file.clone(), place.start + range.start..place.start + range.end)
            }
        }
    }

    pub(super) fn in_memory(&self) -> Option<Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes.clone()),
            Self::File(..) => None,
        }
    }
}

/// A body that lies in a file, at least in part: read as it is sent, a piece at a time. Its length is
/// known, and it can be sent again.
pub struct Spooled {
    segments: VecDeque<Segment>,
    /// How much of it is left.
    left: u64,
    reading: Option<Reading>,
}

type Reading = Pin<Box<dyn Future<Output = io::Result<Bytes>> + Send>>;

impl Spooled {
    pub(super) fn new(segments: Vec<Segment>) -> Self {
        let left = segments.iter().map(Segment::len).sum();
        Self { segments: segments.into(), left, reading: None }
    }

    /// How many bytes are left.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Takes the next piece that lies in memory, or begins to read one.
    fn begin(&mut self) -> Option<Bytes> {
        match self.segments.pop_front()? {
            Segment::Bytes(bytes) => Some(bytes),
            Segment::File(file, place) => {
                let end = place.end.min(place.start + PIECE);
                if end < place.end {
                    self.segments.push_front(Segment::File(file.clone(), end..place.end));
                }
                let length = usize::try_from(end - place.start).expect("a piece fits");
                self.reading = Some(Box::pin(file.read(place.start, length)));
                None
            }
        }
    }
}

impl Stream for Spooled {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(reading) = &mut this.reading {
                let read = ready!(reading.as_mut().poll(cx));
                this.reading = None;
                let piece = read.inspect_err(|_| this.segments.clear());
                let length = piece.as_ref().map_or(this.left, |piece| piece.len() as u64);
                this.left -= length;
                return Poll::Ready(Some(piece.map_err(BodyError::Spool)));
            }
            if this.segments.is_empty() {
                return Poll::Ready(None);
            }
            if let Some(bytes) = this.begin() {
                this.left -= bytes.len() as u64;
                return Poll::Ready(Some(Ok(bytes)));
            }
        }
    }
}

impl fmt::Debug for Spooled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spooled({} bytes)", self.left)
    }
}
