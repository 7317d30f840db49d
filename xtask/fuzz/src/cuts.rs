//! The ways in which bytes are cut: the same for the same bytes, so that a failure can be seen again.

use bytes::Bytes;

/// Longer inputs are not cut into single bytes: that would be most of the time.
const SHORT: usize = 2 << 10;

/// The same bytes in pieces, in several ways: the larger ones by chance, and single ones.
pub fn cuts(bytes: &Bytes) -> Vec<Vec<Bytes>> {
    let mut ways = vec![by_chance(bytes, 8), by_chance(bytes, 200)];
    if bytes.len() <= SHORT {
        ways.push((0..bytes.len()).map(|at| bytes.slice(at..=at)).collect());
    }
    ways
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
