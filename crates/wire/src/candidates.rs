//! One pass over bytes of which only a few can begin something.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x64};

const BLOCK: usize = 64;

/// Shows `see` the place of every two bytes that are one of `pairs`, in order: what begins like this
/// is then looked at closely, and nothing else is.
///
/// ```
/// let mut places = Vec::new();
/// ferro_wire::each_pair(br#"{"a":[1],"b":0}"#, [*b"\"b", *b"[1"], |place| places.push(place));
/// assert_eq!(places, [5, 9]);
/// ```
#[inline]
pub fn each_pair<const N: usize>(bytes: &[u8], pairs: [[u8; 2]; N], mut see: impl FnMut(usize)) {
    dispatch!(Level::new(), simd => pass(simd, bytes, pairs, &mut see));
}

#[expect(clippy::inline_always, reason = "only so it is compiled for the instructions chosen")]
#[inline(always)]
fn pass<S: Simd, const N: usize>(
    simd: S,
    bytes: &[u8],
    pairs: [[u8; 2]; N],
    see: &mut impl FnMut(usize),
) {
    let mut start = 0;
    while let Some(block) = bytes[start..].first_chunk::<{ BLOCK + 1 }>() {
        each(start, found(simd, block, pairs), see);
        start += BLOCK;
    }
    // Zeros behind the last bytes, which no pair has.
    let mut last = [0; BLOCK + 1];
    let rest = &bytes[start..];
    last[..rest.len()].copy_from_slice(rest);
    each(start, found(simd, &last, pairs), see);
}

/// Bit k: a pair begins at the block's byte k.
#[expect(clippy::inline_always, reason = "only so it is compiled for the instructions chosen")]
#[inline(always)]
fn found<S: Simd, const N: usize>(simd: S, block: &[u8; BLOCK + 1], pairs: [[u8; 2]; N]) -> u64 {
    let firsts = u8x64::from_slice(simd, &block[..BLOCK]);
    let seconds = u8x64::from_slice(simd, &block[1..]);
    let mut found = firsts.simd_lt(0); // none
    for [first, second] in pairs {
        found |= firsts.simd_eq(first) & seconds.simd_eq(second);
    }
    found.to_bitmask()
}

#[expect(clippy::inline_always, reason = "only so it is compiled for the instructions chosen")]
#[inline(always)]
fn each(start: usize, mut found: u64, see: &mut impl FnMut(usize)) {
    while found != 0 {
        see(start + found.trailing_zeros() as usize);
        found &= found - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_shown_once_and_in_order_wherever_blocks_end() {
        for length in 0..300_usize {
            for step in [1, 3, 7, 11] {
                let text: Vec<u8> = (0..length).map(|n| b"\"ab\"b[c[D\"a"[n * step % 11]).collect();
                let mut places = Vec::new();
                each_pair(&text, [*b"\"a", *b"[D"], |place| places.push(place));
                let is_either = |place: &usize| {
                    text[*place..].starts_with(b"\"a") || text[*place..].starts_with(b"[D")
                };
                let expected: Vec<_> = (0..length).filter(is_either).collect();
                assert_eq!(places, expected, "{length} {step}");
            }
        }
    }
}
