//! The law of a framing: however bytes arrive, they fall into the same events, and none is lost.

use std::fmt::Debug;

use bytes::Bytes;
use ferro_wire::{Cutter, Framing};

use crate::cuts;

/// Holds a framing and its reader to the law. `read` sees whole events, and at last what is left of the
/// stream; it adds what they say, and nothing after the first that is wrong.
pub fn holds_at_every_cut<T: Debug + PartialEq>(
    framing: Framing,
    bytes: &[u8],
    read: impl Fn(&[u8], &mut Vec<T>),
) {
    let bytes = Bytes::copy_from_slice(bytes);
    let together = hear(framing, vec![bytes.clone()], &bytes, &read);
    for pieces in cuts(&bytes) {
        let count = pieces.len();
        assert_eq!(hear(framing, pieces, &bytes, &read), together, "in {count} pieces, and in one");
    }
}

fn hear<T>(
    framing: Framing,
    pieces: Vec<Bytes>,
    all: &[u8],
    read: &impl Fn(&[u8], &mut Vec<T>),
) -> Vec<T> {
    let mut cutter = Cutter::new(framing, usize::MAX);
    let (mut events, mut said) = (Vec::new(), Vec::new());
    for piece in pieces {
        cutter.push(piece);
        let whole = cutter.cut().expect("no event is larger than all memory");
        read(&whole, &mut events);
        said.extend_from_slice(&whole);
    }
    let rest = cutter.rest();
    read(&rest, &mut events);
    said.extend_from_slice(&rest);
    assert_eq!(said, all, "no byte is lost, and none is said twice");
    events
}
