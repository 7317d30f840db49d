//! Pieces joined: a single piece is passed on as it is, more are copied together.

use std::ops::Deref;

use bytes::{Bytes, BytesMut};

/// Bytes that arrive in pieces and are wanted in one. One piece costs nothing; from the second on
/// they are copied together, each byte once (and again only when the room has to grow).
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
        match &mut self.0 {
            Pieces::None => {
                assert_eq!(length, 0, "there is nothing to take");
                Bytes::new()
            }
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
