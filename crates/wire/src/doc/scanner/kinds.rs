//! The kinds of bytes that a scan looks for, each told for a block at once.

use fearless_simd::{Level, Simd, dispatch, mask8x64, prelude::*, u8x16, u8x64};

/// Bytes that are looked at together; as many as a mask has bits.
pub(super) const BLOCK: usize = 64;

/// Bit k: byte k is of the kind.
#[inline(always)]
pub(super) fn mask<K: Kind, S: Simd>(simd: S, block: &[u8; BLOCK]) -> u64 {
    K::all(u8x64::from_slice(simd, block)).to_bitmask()
}

/// Bytes that are looked at together where a string may be short: with the instructions that every
/// machine has, because to choose better ones takes longer than they save.
pub(crate) const LANE: usize = 16;

/// Bit k: byte k of the lane means something inside a string.
#[inline]
pub(crate) fn marks_of_lane(lane: &[u8; LANE]) -> u64 {
    dispatch!(Level::baseline(), simd => {
        let lane = u8x16::from_slice(simd, lane);
        ((lane ^ TURN).simd_le(b'"' ^ TURN) | lane.simd_eq(b'\\')).to_bitmask()
    })
}

/// A kind of bytes.
pub(super) trait Kind {
    /// Whether the byte is of the kind.
    fn has(byte: u8) -> bool;

    /// Which bytes of a block are.
    fn all<S: Simd>(block: u8x64<S>) -> mask8x64<S>;
}

/// What means something inside a string.
pub(super) struct Mark;

/// This bit of every byte is turned over: then a quote is 0x20 and stands right behind the control
/// characters, so that one comparison finds all of them.
const TURN: u8 = 0x02;

/// Quotation marks and control characters.
#[inline(always)]
pub(super) fn turned_marks<S: Simd>(block: u8x64<S>) -> mask8x64<S> {
    (block ^ TURN).simd_le(b'"' ^ TURN)
}

impl Kind for Mark {
    #[inline(always)]
    fn has(byte: u8) -> bool {
        byte ^ TURN <= b'"' ^ TURN || byte == b'\\'
    }

    #[inline(always)]
    fn all<S: Simd>(block: u8x64<S>) -> mask8x64<S> {
        turned_marks(block) | block.simd_eq(b'\\')
    }
}

/// A hexadecimal digit.
pub(super) struct Hex;

impl Kind for Hex {
    #[inline(always)]
    fn has(byte: u8) -> bool {
        byte.is_ascii_hexdigit()
    }

    #[inline(always)]
    fn all<S: Simd>(block: u8x64<S>) -> mask8x64<S> {
        (block - b'0').simd_le(9) | ((block | 0x20) - b'a').simd_le(5)
    }
}

/// What is no white space.
pub(super) struct Solid;

impl Kind for Solid {
    #[inline(always)]
    fn has(byte: u8) -> bool {
        !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
    }

    #[inline(always)]
    fn all<S: Simd>(block: u8x64<S>) -> mask8x64<S> {
        let lines = block.simd_eq(b'\n') | block.simd_eq(b'\r');
        !(block.simd_eq(b' ') | block.simd_eq(b'\t') | lines)
    }
}

/// What is no digit.
pub(super) struct Other;

impl Kind for Other {
    #[inline(always)]
    fn has(byte: u8) -> bool {
        !byte.is_ascii_digit()
    }

    #[inline(always)]
    fn all<S: Simd>(block: u8x64<S>) -> mask8x64<S> {
        !(block - b'0').simd_le(9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks(level: Level, block: &[u8; BLOCK]) -> [u64; 4] {
        dispatch!(level, simd => {
            let others = [mask::<Other, _>(simd, block), mask::<Hex, _>(simd, block)];
            [mask::<Mark, _>(simd, block), mask::<Solid, _>(simd, block), others[0], others[1]]
        })
    }

    #[test]
    fn a_bit_stands_for_each_byte_of_a_kind_in_every_place_and_at_every_level() {
        let kinds = [Mark::has, Solid::has, Other::has, Hex::has];
        for byte in 0..=u8::MAX {
            for place in 0..BLOCK {
                for around in [b'a', b'"', b' ', b'9'] {
                    let mut block = [around; BLOCK];
                    block[place] = byte;
                    let expected = kinds
                        .map(|has| (0..BLOCK).map(|k| u64::from(has(block[k])) << k).sum::<u64>());
                    for level in [Level::new(), Level::baseline()] {
                        let found = masks(level, &block);
                        assert_eq!(found, expected, "{byte} at {place} among {around}");
                    }
                }
            }
        }
    }
}
