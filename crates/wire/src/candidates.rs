//! One pass over bytes of which only a few can begin something.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x64};

const BLOCK: usize = 64;

/// Shows `see` the place of every byte that is one of `either`, in order.
///
/// ```
/// let mut places = Vec::new();
/// ferro_wire::each_place(br#"{"a":[1]}"#, [b'"', b'['], |place| places.push(place));
/// assert_eq!(places, [1, 3, 5]);
/// ```
#[inline]
pub fn each_place(bytes: &[u8], either: [u8; 2], mut see: impl FnMut(usize)) {
    dispatch!(Level::new(), simd => pass(simd, bytes, either, &mut see));
}

#[expect(clippy::inline_always, reason = "only so it is compiled for the instructions chosen")]
#[inline(always)]
fn pass<S: Simd>(simd: S, bytes: &[u8], [one, other]: [u8; 2], see: &mut impl FnMut(usize)) {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    for (index, block) in blocks.iter().enumerate() {
        let block = u8x64::from_slice(simd, block);
        let mut found = (block.simd_eq(one) | block.simd_eq(other)).to_bitmask();
        while found != 0 {
            see(index * BLOCK + found.trailing_zeros() as usize);
            found &= found - 1;
        }
    }
    let start = bytes.len() - rest.len();
    for (place, byte) in rest.iter().enumerate() {
        if *byte == one || *byte == other {
            see(start + place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_shown_once_and_in_order() {
        for length in 0..300_usize {
            let text: Vec<u8> = (0..length).map(|n| b"ab[\"cd"[n * n % 6]).collect();
            let mut places = Vec::new();
            each_place(&text, [b'"', b'['], |place| places.push(place));
            let is_either = |place: &usize| matches!(text[*place], b'"' | b'[');
            let expected: Vec<_> = (0..length).filter(is_either).collect();
            assert_eq!(places, expected, "{length}");
        }
    }
}
