//! Strings: leaped over from mark to mark, their escapes checked.

use fearless_simd::Simd;

use super::{JsonError, Scanner, State, piece::Piece};

impl Scanner {
    /// Leaps to the end of a string, from escape to escape.
    #[inline(always)]
    pub(super) fn text<S: Simd>(
        &mut self,
        piece: &mut Piece<'_, S>,
        from: usize,
        is_key: bool,
    ) -> Result<usize, JsonError> {
        let at = match whole_string(piece, from) {
            Ok(end) if is_key => return Ok(self.key_ended(piece.bytes(), end)),
            Ok(end) => return Ok(self.value_ended(piece.bytes(), end)),
            Err(at) => at,
        };
        self.state = match piece.bytes().get(at) {
            None => State::Text { is_key },
            // Cut by the piece's end, or none at all.
            Some(b'\\') => State::Escape { is_key },
            Some(_) => return self.fail(at, "no control character inside a string"),
        };
        Ok(piece.bytes().len().min(at + 1))
    }

    /// A name ended with the quote before `end`; where to go on.
    #[inline(always)]
    fn key_ended(&mut self, bytes: &[u8], end: usize) -> usize {
        if self.depth == 1 {
            self.key.end = self.at + end - 1;
        }
        if bytes.get(end) == Some(&b':') {
            self.state = State::Value;
            return end + 1;
        }
        self.state = State::Colon;
        end
    }

    /// An escape that a piece's end may have cut, a byte at a time.
    #[cold]
    pub(super) fn escape(&mut self, byte: u8, i: usize) -> Result<usize, JsonError> {
        self.state = match self.state {
            State::Escape { is_key } => match byte {
                b'u' => State::Hex { is_key, left: 4 },
                _ if IS_SHORT[usize::from(byte)] => State::Text { is_key },
                _ => return self.fail(i, "one of \"\\/bfnrtu after a backslash"),
            },
            State::Hex { is_key, left } => match (byte.is_ascii_hexdigit(), left) {
                (false, _) => return self.fail(i, "four hexadecimal digits after \\u"),
                (true, 1) => State::Text { is_key },
                (true, _) => State::Hex { is_key, left: left - 1 },
            },
            other => other,
        };
        Ok(i + 1)
    }
}

/// Where the string ends that goes on at `from`, behind its quote; or where it cannot be passed over:
/// at the piece's end, at an escape that is cut or none, or at a control character.
#[inline(always)]
pub(super) fn whole_string<S: Simd>(
    piece: &mut Piece<'_, S>,
    mut from: usize,
) -> Result<usize, usize> {
    let bytes = piece.bytes();
    let mut marks = piece.marks(from);
    loop {
        if marks == 0 {
            (from, marks) = piece.more_marks(from).ok_or(bytes.len())?;
        }
        let plain = marks.trailing_zeros();
        let at = from.wrapping_add(plain as usize);
        let Some(mark) = bytes.get(at) else { return Err(at) };
        if *mark == b'"' {
            return Ok(at + 1);
        }
        let Some(escaped) = bytes.get(at + 1).filter(|_| *mark == b'\\') else { return Err(at) };
        if !IS_SHORT[usize::from(*escaped)] && !is_long(bytes, at + 1) {
            return Err(at);
        }
        // What was escaped may be a quote or a backslash; digits are no marks.
        from = at + 2;
        marks = marks >> plain >> 2;
    }
}

/// What may stand behind a backslash, without digits behind it.
static IS_SHORT: [bool; 256] = {
    let mut is_short = [false; 256];
    let (short, mut k) = (b"\"\\/bfnrt", 0);
    while k < short.len() {
        is_short[short[k] as usize] = true;
        k += 1;
    }
    is_short
};

/// Whether `u` and four digits stand at `from`.
#[inline(always)]
fn is_long(bytes: &[u8], from: usize) -> bool {
    match bytes.get(from..from + 5) {
        Some([b'u', digits @ ..]) => digits.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    }
}
