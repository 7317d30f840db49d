//! Checks that bytes are UTF-8, in pieces that may cut a character.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x64};

/// Remembers the beginning of a character whose end has not arrived.
#[derive(Default)]
pub(super) struct Utf8 {
    at: usize,
    carry: Vec<u8>,
}

impl Utf8 {
    /// Reads the next piece; `Err` is the offset of the first bad byte.
    pub(super) fn push(&mut self, mut piece: &[u8]) -> Result<(), usize> {
        while !self.carry.is_empty() && !piece.is_empty() {
            self.carry.push(piece[0]);
            piece = &piece[1..];
            match std::str::from_utf8(&self.carry) {
                Ok(_) => {
                    self.at += self.carry.len();
                    self.carry.clear();
                }
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(self.at),
            }
        }
        let plain = ascii(piece);
        self.at += plain;
        piece = &piece[plain..];
        if piece.is_empty() {
            return Ok(());
        }
        match simdutf8::compat::from_utf8(piece) {
            Ok(_) => self.at += piece.len(),
            Err(error) => {
                self.at += error.valid_up_to();
                if error.error_len().is_some() {
                    return Err(self.at);
                }
                self.carry.extend_from_slice(&piece[error.valid_up_to()..]);
            }
        }
        Ok(())
    }

    /// The bytes are over.
    pub(super) fn finish(&self) -> Result<(), usize> {
        if self.carry.is_empty() { Ok(()) } else { Err(self.at) }
    }
}

/// How many bytes there are, at the least, before one that is not ASCII: nearly all requests are, and
/// to see just that takes half as long as to look for characters.
fn ascii(bytes: &[u8]) -> usize {
    dispatch!(Level::new(), simd => ascii_with(simd, bytes))
}

#[inline(always)]
fn ascii_with<S: Simd>(simd: S, bytes: &[u8]) -> usize {
    const BLOCK: usize = 64;
    let (quads, _) = bytes.as_chunks::<{ 4 * BLOCK }>();
    for (index, quad) in quads.iter().enumerate() {
        let block = |k: usize| u8x64::from_slice(simd, &quad[k * BLOCK..][..BLOCK]);
        let all = (block(0) | block(1)) | (block(2) | block(3));
        if all.simd_ge(0x80).any_true() {
            return index * quad.len();
        }
    }
    quads.len() * 4 * BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &[u8], size: usize) -> Result<(), usize> {
        let mut utf8 = Utf8::default();
        text.chunks(size).try_for_each(|piece| utf8.push(piece))?;
        utf8.finish()
    }

    #[test]
    fn a_byte_that_is_no_text_is_found_wherever_it_stands_and_however_it_is_cut() {
        for good in ["a", "\u{e9}", "\u{20ac}", "\u{1f600}"] {
            let bad: [&[u8]; 4] = [b"", b"\xff", b"\xe2\x82", b"\xed\xa0\x80"];
            for (before, bad) in (0..600).step_by(13).flat_map(|n| bad.map(|bad| (n, bad))) {
                let text = ["b".repeat(before).as_bytes(), good.as_bytes(), bad, b"c"].concat();
                let theirs = std::str::from_utf8(&text).map(drop).map_err(|e| e.valid_up_to());
                for size in [1, 2, 3, 255, 256, 257, 700] {
                    assert_eq!(judged(&text, size), theirs, "{before} {good} {bad:?} {size}");
                }
            }
        }
    }
}
