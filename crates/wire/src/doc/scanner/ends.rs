//! Where strings end: at a quotation mark that no backslash has taken its meaning from.
//!
//! A block is looked at once, for all the strings that it holds: its escapes are gone through from one
//! backslash to the next, and what they escape is forgotten, so that an end is all that is left to
//! look for. A backslash outside a string would confuse that, but there it
//! is met, and refused, before anything behind it is asked for.

use fearless_simd::{Simd, prelude::*, u8x64};

use super::{
    kinds::{BLOCK, Hex, mask, turned_marks},
    piece::none_of,
};

/// The last block that was read for its strings.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    start: usize,
    /// Bit k: at the block's byte k a string ends, or cannot go on: a quotation mark, a control
    /// character, or a backslash whose escape is none or is cut by the piece's end.
    mask: u64,
    /// Whether the block's last byte is a backslash that escapes the next one.
    escapes_next: bool,
}

/// A block before the piece: nothing was read yet.
pub(super) const NO_ENDS: Ends =
    Ends { start: 0_usize.wrapping_sub(BLOCK), mask: 0, escapes_next: false };

impl Ends {
    /// The first end at `from` or later in this block.
    #[inline(always)]
    pub(super) fn ahead(&self, from: usize) -> Option<usize> {
        let offset = from.wrapping_sub(self.start);
        if offset >= BLOCK {
            return None;
        }
        let ahead = self.mask >> offset;
        (ahead != 0).then(|| from + ahead.trailing_zeros() as usize)
    }

    /// The next block with an end, where the string goes on that has none from `from` on in this one;
    /// and where the end is, which is the piece's length where the piece has none.
    #[inline(always)]
    pub(super) fn next<S: Simd>(&self, simd: S, bytes: &[u8], from: usize) -> (Self, usize) {
        let end = self.start.wrapping_add(BLOCK);
        let is_within = from.wrapping_sub(self.start) < BLOCK;
        let (from, is_escaped) = if is_within { (end, self.escapes_next) } else { (from, false) };
        let found = search(simd, bytes, from, is_escaped);
        if found.mask == 0 {
            return (found, bytes.len() - usize::from(found.escapes_next));
        }
        (found, found.start.wrapping_add(found.mask.trailing_zeros() as usize))
    }
}

/// Reads on from `from`, where a string goes on, whose first byte may be escaped.
#[inline(never)]
fn search<S: Simd>(simd: S, bytes: &[u8], from: usize, is_escaped: bool) -> Ends {
    simd.vectorize(
        #[inline(always)]
        || {
            let (mut rest, mut is_escaped) = (&bytes[from.min(bytes.len())..], is_escaped);
            while let Some((block, behind)) = rest.split_first_chunk() {
                let start = bytes.len() - rest.len();
                let (marks, backslashes) = marks(simd, block);
                if marks | backslashes == 0 && !is_escaped {
                    rest = &behind[none_of::<super::kinds::Mark, S>(simd, behind)..];
                    continue;
                }
                let run = Run { block, bytes, start, escaped: u64::from(is_escaped) };
                let ends = run.ends(simd, marks, backslashes);
                if ends.mask != 0 {
                    return ends;
                }
                (rest, is_escaped) = (behind, ends.escapes_next);
            }
            last(simd, bytes, rest, is_escaped)
        },
    )
}

/// What is left of a piece that is less than a block: read as the end of one.
#[inline(always)]
fn last<S: Simd>(simd: S, bytes: &[u8], rest: &[u8], is_escaped: bool) -> Ends {
    let (seen, start) = (BLOCK - rest.len(), bytes.len().wrapping_sub(BLOCK));
    if rest.is_empty() {
        return Ends { start, mask: 0, escapes_next: is_escaped };
    }
    let mut block = [b' '; BLOCK];
    block[seen..].copy_from_slice(rest);
    let (marks, backslashes) = marks(simd, &block);
    let run = Run { block: &block, bytes, start, escaped: u64::from(is_escaped) << seen };
    run.ends(simd, marks, backslashes)
}

/// The quotation marks and control characters of a block, and its backslashes.
#[inline(always)]
fn marks<S: Simd>(simd: S, block: &[u8; BLOCK]) -> (u64, u64) {
    let block = u8x64::from_slice(simd, block);
    (turned_marks(block).to_bitmask(), block.simd_eq(b'\\').to_bitmask())
}

/// A block in the middle of a string.
struct Run<'a> {
    block: &'a [u8; BLOCK],
    /// The piece, in which the block begins at `start`.
    bytes: &'a [u8],
    start: usize,
    /// The bit of the byte that the block before has escaped.
    escaped: u64,
}

impl Run<'_> {
    #[inline(always)]
    fn ends<S: Simd>(&self, simd: S, marks: u64, backslashes: u64) -> Ends {
        let (mut ends, mut open) = (marks & !self.escaped, backslashes & !self.escaped);
        let (mut long, mut escapes_next) = (0, false);
        while open != 0 {
            let place = open.trailing_zeros() as usize;
            // What is escaped may be a quotation mark or a backslash.
            let both = 3 << place;
            (ends, open) = (ends & !both, open & !both);
            match self.block.get(place + 1).map(|byte| MEANING[usize::from(*byte)]) {
                Some(Meaning::Short) => {}
                Some(Meaning::Long) => long |= 2 << place,
                Some(Meaning::None) => ends |= 1 << place,
                None => escapes_next = true,
            }
        }
        if long != 0 {
            ends |= self.wrong_digits(simd, long) >> 1;
        }
        if self.escaped != 0 && !self.is_escape() {
            // The backslash stands before the block.
            let place = self.escaped.trailing_zeros() as usize;
            let start = self.start.wrapping_add(place).wrapping_sub(1);
            return Ends { start, mask: 1, escapes_next };
        }
        Ends { start: self.start, mask: ends, escapes_next }
    }

    /// Whether the byte that the block before has escaped makes an escape.
    #[inline(always)]
    fn is_escape(&self) -> bool {
        let place = self.escaped.trailing_zeros() as usize;
        match MEANING[usize::from(self.block[place % BLOCK])] {
            Meaning::Short => true,
            Meaning::Long => self.has_digits(place),
            Meaning::None => false,
        }
    }

    /// Whether four digits stand behind the block's byte at `place`, be it in the next block.
    #[inline(always)]
    fn has_digits(&self, place: usize) -> bool {
        let at = self.start.wrapping_add(place);
        let digits = self.bytes.get(at + 1..at + 5);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    }

    /// Which of these `u`s have no four digits behind them.
    #[inline(always)]
    fn wrong_digits<S: Simd>(&self, simd: S, long: u64) -> u64 {
        let hex = mask::<Hex, S>(simd, self.block);
        let mut wrong = long & !(hex >> 1 & hex >> 2 & hex >> 3 & hex >> 4);
        let mut doubtful = wrong;
        while doubtful != 0 {
            let lowest = doubtful & doubtful.wrapping_neg();
            if self.has_digits(doubtful.trailing_zeros() as usize) {
                wrong ^= lowest;
            }
            doubtful ^= lowest;
        }
        wrong
    }
}

/// What a byte means behind a backslash.
#[derive(Clone, Copy)]
enum Meaning {
    /// An escape by itself.
    Short,
    /// The beginning of one with four digits.
    Long,
    None,
}

static MEANING: [Meaning; 256] = {
    let mut meaning = [Meaning::None; 256];
    let (short, mut k) = (b"\"\\/bfnrt", 0);
    while k < short.len() {
        meaning[short[k] as usize] = Meaning::Short;
        k += 1;
    }
    meaning[b'u' as usize] = Meaning::Long;
    meaning
};

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::*;

    /// Where a string ends, or cannot go on, read byte by byte.
    fn expected(bytes: &[u8], from: usize) -> usize {
        let mut at = from;
        while let Some(byte) = bytes.get(at) {
            let rest = &bytes[at..];
            at += match byte {
                b'"' | 0..0x20 => return at,
                b'\\' => match rest.get(1) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
                    Some(b'u')
                        if rest.get(2..6).is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit)) =>
                    {
                        6
                    }
                    _ => return at,
                },
                _ => 1,
            };
        }
        at
    }

    fn found(level: Level, bytes: &[u8], from: usize) -> Vec<usize> {
        let (mut ends, mut all, mut from) = (NO_ENDS, Vec::new(), from);
        loop {
            let at = ends.ahead(from).unwrap_or_else(|| {
                let (next, at) = dispatch!(level, simd => ends.next(simd, bytes, from));
                ends = next;
                at
            });
            all.push(at);
            if bytes.get(at) != Some(&b'"') {
                return all;
            }
            from = at + 1;
        }
    }

    fn check(bytes: &[u8]) {
        for level in [Level::new(), Level::baseline()] {
            let mut from = 0;
            for at in found(level, bytes, 0) {
                assert_eq!(at, expected(bytes, from), "{:?}", String::from_utf8_lossy(bytes));
                from = at + 1;
            }
        }
    }

    #[test]
    fn an_escape_is_one_wherever_it_stands_among_blocks() {
        let marks = [
            "\\\"",
            "\\\\",
            "\\n",
            "\\u00e9",
            "\\ud83d\\ude00",
            "\\x",
            "\\u12g4",
            "\\\\\\",
            "\"",
            "\\\\\\\"",
            "\n",
            "\\\n",
            "\\u",
            "\\u123",
            "\\",
            "\u{e9}",
        ];
        for before in 0..140 {
            for mark in marks {
                for behind in [0, 1, 3, 4, 5, 63, 64, 70, 130] {
                    let text = ["a".repeat(before), mark.to_owned(), "4".repeat(behind)].concat();
                    check(text.as_bytes());
                    check((text + "\"b\\\"c\",\"d").as_bytes());
                }
            }
        }
    }

    #[test]
    fn in_a_row_of_backslashes_every_second_one_is_escaped() {
        for before in 0..130 {
            for row in 0..140 {
                let text = ["a".repeat(before), "\\".repeat(row), "\"b\\\"\"".to_owned()].concat();
                check(text.as_bytes());
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends_where_it_does_read_byte_by_byte(
            text in r#"([ab]{0,3}|\\|"|\\\\|\\"|u|\\u[0-9a-g]{4}|[a]{30,70}|\n){0,40}"#,
        ) {
            check(text.as_bytes());
        }
    }
}
