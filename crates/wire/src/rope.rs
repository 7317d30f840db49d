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
use memchr::{memchr, memrchr};

/// Bytes in pieces: usually one, which takes no storage beside its own. Clones share the storage.
#[derive(Clone, Debug, Default)]
pub struct Rope {
    /// Empty only if there are no bytes at all.
    first: Bytes,
    /// Invariant: none of them is empty.
    rest: VecDeque<Bytes>,
    /// Invariant: the sum of all lengths.
    len: usize,
}

impl Rope {
    /// Adds a piece at the end.
    pub fn push(&mut self, piece: Bytes) {
        if self.is_empty() {
            self.len = piece.len();
            self.first = piece;
        } else if !piece.is_empty() {
            self.len += piece.len();
            self.rest.push_back(piece);
        }
    }

    /// Adds all pieces of another rope at the end.
    pub fn append(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        self.push(other.first);
        other.rest.into_iter().for_each(|piece| self.push(piece));
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
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &Bytes> {
        let first = (!self.is_empty()).then_some(&self.first);
        first.into_iter().chain(&self.rest)
    }

    /// A part of the rope; shares the storage.
    pub fn slice(&self, range: Range<usize>) -> Self {
        if range.end <= self.first.len() {
            return self.first.slice(range.start.min(range.end)..range.end).into();
        }
        let mut out = Self::default();
        let mut at = 0;
        for part in self.parts() {
            let (start, end) = (range.start.max(at), range.end.min(at + part.len()));
            if start < end {
                out.push(part.slice(start - at..end - at));
            }
            at += part.len();
        }
        out
    }

    /// The bytes of a range: borrowed where they lie in one piece.
    #[inline]
    pub fn get(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        if range.end <= self.first.len() {
            return Cow::Borrowed(&self.first[range]);
        }
        self.search(range)
    }

    fn search(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        let mut at = 0;
        for part in self.parts() {
            if range.start >= at && range.end <= at + part.len() {
                return Cow::Borrowed(&part[range.start - at..range.end - at]);
            }
            at += part.len();
        }
        Cow::Owned(self.slice(range).to_bytes().into())
    }

    /// The place of the first such byte at `at` or behind it.
    pub fn find(&self, byte: u8, at: usize) -> Option<usize> {
        let mut start = 0;
        for part in self.parts() {
            let seen = at.saturating_sub(start).min(part.len());
            if let Some(place) = memchr(byte, &part[seen..]) {
                return Some(start + seen + place);
            }
            start += part.len();
        }
        None
    }

    /// The place of the last such byte before `end`.
    pub fn find_before(&self, byte: u8, end: usize) -> Option<usize> {
        let mut start = self.len;
        for part in self.parts().rev() {
            start -= part.len();
            let within = &part[..end.saturating_sub(start).min(part.len())];
            if let Some(place) = memrchr(byte, within) {
                return Some(start + place);
            }
        }
        None
    }

    /// All bytes in one piece; copies only if there are several.
    pub fn to_bytes(&self) -> Bytes {
        if self.rest.is_empty() {
            return self.first.clone();
        }
        let mut all = BytesMut::with_capacity(self.len);
        self.parts().for_each(|part| all.extend_from_slice(part));
        all.freeze()
    }

    /// The bytes at `at` and behind.
    pub(crate) fn bytes_from(&self, at: usize) -> impl Iterator<Item = u8> {
        let mut left = at;
        self.parts().flat_map(move |part| {
            let seen = left.min(part.len());
            left -= seen;
            part[seen..].iter().copied()
        })
    }

    pub(crate) fn byte(&self, at: usize) -> Option<u8> {
        if let Some(byte) = self.first.get(at) {
            return Some(*byte);
        }
        let mut start = 0;
        for part in self.parts() {
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
        for part in self.parts().rev() {
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
        self.len == other.len && self.parts().flatten().eq(other.parts().flatten())
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
        if self.is_empty() {
            return Poll::Ready(None);
        }
        let next = self.rest.pop_front().unwrap_or_default();
        let part = std::mem::replace(&mut self.first, next);
        self.len -= part.len();
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.len as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rope(pieces: &[&'static str]) -> Rope {
        pieces.iter().map(|piece| Bytes::from_static(piece.as_bytes())).collect()
    }

    #[test]
    fn pieces_are_one_text_however_they_are_cut() {
        let all = rope(&["", "ab", "", "c", "def"]);
        assert_eq!((all.len(), all.parts().count()), (6, 3));
        assert_eq!(all, rope(&["abcdef"]));
        assert_eq!(all.to_bytes(), "abcdef");
        assert_eq!(all.slice(1..4).to_bytes(), "bcd");
        assert_eq!((all.byte(2), all.byte(6)), (Some(b'c'), None));
        let mut more = Rope::default();
        more.append(all.clone());
        more.append(Rope::default());
        more.append(all);
        assert_eq!(more.to_bytes(), "abcdefabcdef");
    }

    #[test]
    fn a_body_gives_its_pieces_in_order_and_knows_what_is_left() {
        let mut body = rope(&["ab", "c"]);
        let mut cx = Context::from_waker(std::task::Waker::noop());
        for (piece, left) in [("ab", 1), ("c", 0)] {
            let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut cx) else {
                panic!("{piece} is there");
            };
            assert_eq!(frame.into_data().unwrap(), piece);
            assert_eq!(body.size_hint().exact(), Some(left));
        }
        assert!(body.is_end_stream());
        assert!(matches!(Pin::new(&mut body).poll_frame(&mut cx), Poll::Ready(None)));
    }

    #[test]
    fn one_piece_is_never_copied() {
        let piece = Bytes::from(b"abc".to_vec());
        let place = piece.as_ptr();
        assert_eq!(Rope::from(piece).to_bytes().as_ptr(), place);
    }
}
