//! Pieces joined: a single piece is passed on as it is, more are copied together.

use std::ops::Deref;

use bytes::{Bytes, BytesMut};

/// Bytes that arrive in pieces and are wanted in one. One piece costs nothing; from the second on
/// they are copied together, each byte once (and again only when the room has to grow). Nothing is
/// held for bytes that were all taken out.
#[derive(Debug, Default)]
pub struct Joined(Pieces);

#[derive(Debug, Default)]
enum Pieces {
    #[default]
    None,
    One(Bytes),
    Many(BytesMut),
}

impl Joined {
    /// Adds a piece. `expected` is how long all of them will be, as far as is known.
    pub fn push(&mut self, piece: Bytes, expected: usize) {
        self.0 = match std::mem::take(&mut self.0) {
            Pieces::None => Pieces::One(piece),
            Pieces::One(taken) if taken.is_empty() => Pieces::One(piece),
            Pieces::One(first) => {
                let mut many = BytesMut::with_capacity(expected.max(first.len() + piece.len()));
                many.extend_from_slice(&first);
                many.extend_from_slice(&piece);
                Pieces::Many(many)
            }
            Pieces::Many(mut many) => {
                many.extend_from_slice(&piece);
                Pieces::Many(many)
            }
        }
    }

    /// Takes the first `length` bytes out.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    pub fn take_first(&mut self, length: usize) -> Bytes {
        if length == self.len() {
            return self.take();
        }
        match &mut self.0 {
            Pieces::None => panic!("there is nothing to take {length} bytes of"),
            Pieces::One(bytes) => bytes.split_to(length),
            Pieces::Many(bytes) => bytes.split_to(length).freeze(),
        }
    }

    /// Takes everything out.
    pub fn take(&mut self) -> Bytes {
        match std::mem::take(&mut self.0) {
            Pieces::None => Bytes::new(),
            Pieces::One(bytes) => bytes,
            Pieces::Many(bytes) => bytes.freeze(),
        }
    }
}

impl Deref for Joined {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Pieces::None => &[],
            Pieces::One(bytes) => bytes,
            Pieces::Many(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_held_for_bytes_that_were_taken_out() {
        let mut joined = Joined::default();
        for _ in 0..2 {
            joined.push(Bytes::from_static(b"ab"), 1 << 20);
            joined.push(Bytes::from_static(b"cd"), 1 << 20);
            assert_eq!(joined.take_first(3), "abc");
            assert_eq!(joined.take_first(1), "d");
            assert!(matches!(joined.0, Pieces::None));
        }
    }
}
