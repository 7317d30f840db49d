//! Bytes in pieces: what arrives, and what is sent, without one forced copy.

use std::{
    borrow::Cow,
    collections::VecDeque,
    convert::Infallible,
    ops::Range,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};

/// Bytes in pieces: usually one. Clones share the storage.
#[derive(Clone, Debug, Default)]
pub struct Rope {
    parts: VecDeque<Bytes>,
    /// Invariant: the sum of the parts' lengths; no part is empty.
    len: usize,
}

impl Rope {
    /// Adds a piece at the end.
    pub fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.len += piece.len();
            self.parts.push_back(piece);
        }
    }

    /// Adds all pieces of another rope at the end.
    pub fn append(&mut self, other: Self) {
        self.len += other.len;
        self.parts.extend(other.parts);
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The pieces.
    pub fn parts(&self) -> impl Iterator<Item = &Bytes> {
        self.parts.iter()
    }

    /// A part of the rope; shares the storage.
    pub fn slice(&self, range: Range<usize>) -> Self {
        let mut out = Self::default();
        let mut at = 0;
        for part in &self.parts {
            let (start, end) = (range.start.max(at), range.end.min(at + part.len()));
            if start < end {
                out.push(part.slice(start - at..end - at));
            }
            at += part.len();
        }
        out
    }

    /// The bytes of a range: borrowed where they lie in one piece.
    pub fn get(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        let mut at = 0;
        for part in &self.parts {
            if range.start >= at && range.end <= at + part.len() {
                return Cow::Borrowed(&part[range.start - at..range.end - at]);
            }
            at += part.len();
        }
        Cow::Owned(self.slice(range).to_bytes().into())
    }

    /// All bytes in one piece; copies only if there are several.
    pub fn to_bytes(&self) -> Bytes {
        match self.parts.len() {
            0 => Bytes::new(),
            1 => self.parts[0].clone(),
            _ => {
                let mut all = BytesMut::with_capacity(self.len);
                self.parts.iter().for_each(|part| all.extend_from_slice(part));
                all.freeze()
            }
        }
    }

    pub(crate) fn byte(&self, at: usize) -> Option<u8> {
        let mut start = 0;
        for part in &self.parts {
            if at < start + part.len() {
                return Some(part[at - start]);
            }
            start += part.len();
        }
        None
    }

    /// The place of the last byte before `end` that is not white space.
    pub(crate) fn last_non_space(&self, end: usize) -> Option<usize> {
        let mut start = self.len;
        for part in self.parts.iter().rev() {
            start -= part.len();
            let within = &part[..end.saturating_sub(start).min(part.len())];
            if let Some(at) = within.iter().rposition(|byte| !byte.is_ascii_whitespace()) {
                return Some(start + at);
            }
        }
        None
    }
}

impl From<Bytes> for Rope {
    fn from(bytes: Bytes) -> Self {
        let mut rope = Self::default();
        rope.push(bytes);
        rope
    }
}

impl From<Vec<u8>> for Rope {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl FromIterator<Bytes> for Rope {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        let mut rope = Self::default();
        pieces.into_iter().for_each(|piece| rope.push(piece));
        rope
    }
}

impl PartialEq for Rope {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.parts.iter().flatten().eq(other.parts.iter().flatten())
    }
}

impl Eq for Rope {}

impl Body for Rope {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let part = self.parts.pop_front();
        self.len -= part.as_ref().map_or(0, Bytes::len);
        Poll::Ready(part.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.len as u64)
    }
}
