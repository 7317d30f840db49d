//! Finds the next byte of a kind in a piece, a block at a time.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x64};

use super::{
    ends::{Ends, NO_ENDS},
    kinds::{BLOCK, Kind, Mark, Other, Solid, mask},
};

/// A piece of a document, and what is known of the blocks that were looked at last.
///
/// A block is classified once and remembered as one bit per byte, so that the many short strings,
/// numbers and escapes of a real request cost a shift each, not a search each. Only the kinds that
/// are asked for are looked for: the block in the middle of a long string has no numbers to find.
pub(super) struct Piece<'a, S> {
    simd: S,
    bytes: &'a [u8],
    ends: Ends,
    solids: Block,
    others: Block,
}

/// The last block that was classified for a kind.
#[derive(Clone, Copy)]
struct Block {
    start: usize,
    /// Bit k: the block's byte k is of the kind.
    mask: u64,
}

/// A block before the piece: nothing was classified yet.
const NONE: Block = Block { start: 0_usize.wrapping_sub(BLOCK), mask: 0 };

impl<'a, S: Simd> Piece<'a, S> {
    #[inline(always)]
    pub(super) fn new(simd: S, bytes: &'a [u8]) -> Self {
        Self { simd, bytes, ends: NO_ENDS, solids: NONE, others: NONE }
    }

    #[inline(always)]
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Where the string that goes on at `from` ends, or cannot go on: at its quotation mark, a control
    /// character, a backslash without an escape, or the piece's end.
    #[inline(always)]
    pub(super) fn end(&mut self, from: usize) -> usize {
        if let Some(at) = self.ends.ahead(from) {
            return at;
        }
        let (ends, at) = self.ends.next(self.simd, self.bytes, from);
        self.ends = ends;
        at
    }

    /// The first byte at `from` or later that is no white space, and where it stands; 0, which no
    /// document has outside its strings, where the piece ends. Most often that is `likely`, at once.
    #[inline(always)]
    pub(super) fn solid(&mut self, from: usize, likely: u8) -> (usize, u8) {
        let byte = self.at(from);
        if byte == likely || byte > b' ' {
            return (from, byte);
        }
        let at = self.solids.next::<Solid, S>(self.simd, self.bytes, from);
        (at, self.at(at))
    }

    #[inline(always)]
    fn at(&self, place: usize) -> u8 {
        self.bytes.get(place).copied().unwrap_or(0)
    }

    /// Where the digits end that begin at `from`; `None` if there are none.
    #[inline(always)]
    pub(super) fn digits(&mut self, from: usize) -> Option<usize> {
        let end = self.others.next::<Other, S>(self.simd, self.bytes, from);
        (end > from).then_some(end)
    }
}

impl Block {
    /// The block's bytes of the kind at `from` or later: bit k stands for the byte at `from` + k.
    /// `None` if `from` is not in the block. It never goes back.
    #[inline(always)]
    fn ahead(&self, from: usize) -> Option<u64> {
        let offset = from.wrapping_sub(self.start);
        (offset < BLOCK).then(|| self.mask >> offset)
    }

    /// Where the bytes begin that were not classified, at `from` or later.
    #[inline(always)]
    fn end_or(&self, from: usize) -> usize {
        from.max(self.start.wrapping_add(BLOCK))
    }

    /// The first byte of the kind at `from` or later, or the piece's length.
    #[inline(always)]
    fn next<K: Kind, S: Simd>(&mut self, simd: S, bytes: &[u8], from: usize) -> usize {
        match self.ahead(from) {
            None | Some(0) => {}
            Some(ahead) => return from + ahead.trailing_zeros() as usize,
        }
        *self = Self::search::<K, S>(simd, bytes, self.end_or(from));
        if self.mask == 0 {
            return bytes.len();
        }
        self.start.wrapping_add(self.mask.trailing_zeros() as usize)
    }

    /// The next block with a byte of the kind at `from` or later; one that has none where the piece
    /// has none.
    ///
    /// Where less than a block is left it overlaps the one before, and a piece that is less than a
    /// block is read byte by byte.
    #[inline(always)]
    fn search<K: Kind, S: Simd>(simd: S, bytes: &[u8], from: usize) -> Self {
        let mut rest = &bytes[from..];
        while let Some((block, behind)) = rest.split_first_chunk() {
            let mask = mask::<K, S>(simd, block);
            if mask != 0 {
                return Self { start: bytes.len() - rest.len(), mask };
            }
            rest = &behind[none_of::<K, S>(simd, behind)..];
        }
        let (end, none) = (bytes.len(), Self { start: bytes.len().wrapping_sub(BLOCK), mask: 0 });
        if rest.is_empty() {
            return none;
        }
        if let Some(block) = bytes.last_chunk() {
            let seen = BLOCK - rest.len();
            return Self { mask: mask::<K, S>(simd, block) >> seen << seen, ..none };
        }
        match rest.iter().position(|byte| K::has(*byte)) {
            Some(at) => {
                Self { start: (end - rest.len() + at + 1).wrapping_sub(BLOCK), mask: 1 << 63 }
            }
            None => none,
        }
    }
}

/// How many bytes to pass over, at the least, that are not of the kind: where one block had none
/// there are often many, and two at once need no masks.
#[inline(never)]
pub(super) fn none_of<K: Kind, S: Simd>(simd: S, bytes: &[u8]) -> usize {
    simd.vectorize(
        #[inline(always)]
        || {
            let (pairs, _) = bytes.as_chunks::<{ 2 * BLOCK }>();
            for (k, pair) in pairs.iter().enumerate() {
                let (first, second) = pair.split_at(BLOCK);
                let first = K::all(u8x64::from_slice(simd, first));
                if (first | K::all(u8x64::from_slice(simd, second))).any_true() {
                    return k * pair.len();
                }
            }
            pairs.len() * 2 * BLOCK
        },
    )
}

/// How many bytes to pass over, at the least, that mean nothing inside a string.
pub(crate) fn none_marked(bytes: &[u8]) -> usize {
    dispatch!(Level::new(), simd => none_of::<Mark, _>(simd, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_a_kind_are_found_in_order_from_any_place_and_none_behind_the_end() {
        for length in 0..400 {
            let piece: Vec<u8> = (0..length)
                .map(|n| if n % 211 == 7 || n % 193 < 3 { b'x' } else { b'1' })
                .collect();
            for step in [1, 2, 3, 31, 63, 64, 65, 70] {
                let mut block = NONE;
                let mut from = 0;
                while from <= length {
                    let rest = piece[from..].iter().position(|byte| *byte == b'x');
                    let expected = rest.map_or(length, |at| from + at);
                    let found = dispatch!(Level::new(), simd => {
                        block.next::<Other, _>(simd, &piece, from)
                    });
                    assert_eq!(found, expected, "{length} {step} {from}");
                    from = found + step;
                }
            }
        }
    }
}
