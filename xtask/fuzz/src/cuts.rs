//! The ways in which bytes are cut: the same for the same bytes, so that a failure can be seen again.

use bytes::Bytes;

/// Longer inputs are not cut into single bytes: that would be most of the time, and a short one shows it.
const SHORT: usize = 256;

/// The same bytes in pieces, in two ways: smaller ones, which are single bytes if there are few, and
/// larger ones.
pub fn cuts(bytes: &Bytes) -> [Vec<Bytes>; 2] {
    let smaller = if bytes.len() <= SHORT { 1 } else { 64 };
    [by_chance(bytes, smaller), by_chance(bytes, 400)]
}

/// Pieces of at most this many bytes.
fn by_chance(bytes: &Bytes, most: u32) -> Vec<Bytes> {
    let mut state = crc32fast::hash(bytes) | 1;
    let mut rest = bytes.clone();
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        // Marsaglia's xorshift with 32 bits.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let length = (1 + state % most) as usize;
        pieces.push(rest.split_to(length.min(rest.len())));
    }
    pieces
}
