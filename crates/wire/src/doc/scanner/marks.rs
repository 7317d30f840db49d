//! Finds the bytes of a string that are not plain text, a block at a time.

use wide::u8x16;

/// Bytes that are looked at together; as many as a mask has bits.
const BLOCK: usize = 64;

/// Where, in a piece, the next byte stands that means something inside a string: a quote, a
/// backslash or a control character.
///
/// A block is classified once and remembered as one bit per byte, so that the many short strings
/// and escapes of a real request cost a shift each, not a search each.
pub(super) struct Marks<'a> {
    piece: &'a [u8],
    /// Where the block that `mask` describes ends; it may lie behind the piece's end.
    end: usize,
    /// Bit k: the block's byte k is marked.
    mask: u64,
}

impl<'a> Marks<'a> {
    pub(super) fn new(piece: &'a [u8]) -> Self {
        Self { piece, end: 0, mask: 0 }
    }

    pub(super) fn piece(&self) -> &'a [u8] {
        self.piece
    }

    /// The first marked byte at `from` or later, which lies behind the one found before.
    #[inline]
    pub(super) fn next(&mut self, mut from: usize) -> Option<usize> {
        if from < self.end {
            let ahead = self.mask >> (from + BLOCK - self.end);
            if ahead != 0 {
                return Some(from + ahead.trailing_zeros() as usize);
            }
            from = self.end;
        }
        loop {
            let rest = self.piece.get(from..)?;
            let mask = rest.first_chunk().map_or_else(|| tail_mask(rest), mask);
            self.end = from + BLOCK;
            if mask != 0 {
                self.mask = mask;
                return Some(from + mask.trailing_zeros() as usize);
            }
            from = self.end;
        }
    }
}

/// Like [`mask`], for less than a block.
#[inline(never)]
fn tail_mask(rest: &[u8]) -> u64 {
    let mut block = [b' '; BLOCK]; // plain
    block[..rest.len()].copy_from_slice(rest);
    mask(&block)
}

/// This bit of every byte is turned over: then a quote is 0x20 and stands right behind the control
/// characters, so that one comparison finds all of them.
const TURN: u8 = 0x02;

/// Bit k: byte k is a quote, a backslash or a control character.
#[inline]
fn mask(block: &[u8; BLOCK]) -> u64 {
    let (sixteens, _) = block.as_chunks::<16>();
    let marks: [u8x16; BLOCK / 16] = std::array::from_fn(|k| {
        let turned = u8x16::new(sixteens[k]) ^ u8x16::splat(TURN);
        let is_low = turned.min(u8x16::splat(b'"' ^ TURN)).simd_eq(turned);
        is_low | turned.simd_eq(u8x16::splat(b'\\' ^ TURN))
    });
    if !(marks[0] | marks[1] | marks[2] | marks[3]).any() {
        return 0;
    }
    marks.iter().rev().fold(0, |mask, marks| mask << 16 | u64::from(marks.to_bitmask()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_marked(byte: u8) -> bool {
        byte < 0x20 || byte == b'"' || byte == b'\\'
    }

    #[test]
    fn a_bit_stands_for_each_byte_that_is_not_plain_in_every_place_and_beside_every_other() {
        for byte in 0..=u8::MAX {
            for place in 0..BLOCK {
                for around in [b'a', b'"', 0, 0x1f, b'!', b']', 0xff] {
                    let mut block = [around; BLOCK];
                    block[place] = byte;
                    let bit = |(k, byte): (usize, &u8)| u64::from(is_marked(*byte)) << k;
                    let expected = block.iter().enumerate().map(bit).sum::<u64>();
                    assert_eq!(mask(&block), expected, "{byte} at {place} among {around}");
                }
            }
        }
    }

    #[test]
    fn marks_are_found_in_order_from_any_place_and_none_behind_the_end() {
        for length in 0..200 {
            let piece: Vec<u8> =
                (0..length).map(|n| if n % 61 == 7 || n % 13 == 3 { b'"' } else { b'a' }).collect();
            for step in 1..=70 {
                let mut marks = Marks::new(&piece);
                let mut from = 0;
                while from <= length {
                    let rest = piece[from..].iter().position(|byte| is_marked(*byte));
                    let found = rest.map(|at| from + at);
                    assert_eq!(marks.next(from), found, "{length} {step} {from}");
                    from = found.map_or(length, |found| found) + step;
                }
            }
        }
    }
}
