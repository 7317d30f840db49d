//! Strings: leaped over to their ends, or read on where a piece's end cut them.

use fearless_simd::Simd;

use super::{JsonError, Scanner, State, piece::Piece};

impl Scanner {
    /// Leaps to the end of a string.
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
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => State::Text { is_key },
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
pub(super) fn whole_string<S: Simd>(piece: &mut Piece<'_, S>, from: usize) -> Result<usize, usize> {
    let at = piece.end(from);
    if piece.bytes().get(at) == Some(&b'"') { Ok(at + 1) } else { Err(at) }
}
