//! Strings: leaped over from mark to mark, their escapes checked.

use super::{JsonError, Scanner, State, marks::Marks};

impl Scanner {
    /// Leaps to the end of a string, from escape to escape.
    #[inline]
    pub(super) fn text(
        &mut self,
        marks: &mut Marks<'_>,
        from: usize,
        is_key: bool,
    ) -> Result<usize, JsonError> {
        let piece = marks.piece();
        let mut from = from;
        while let Some(at) = marks.next(from) {
            match piece[at] {
                b'"' => return Ok(self.text_ended(piece, at, is_key)),
                b'\\' => {
                    let Some(length) = escape_length(&piece[at..]) else {
                        // Cut by the piece's end, or none at all.
                        self.state = State::Escape { is_key };
                        return Ok(at + 1);
                    };
                    from = at + length;
                }
                _ => return self.fail(at, "no control character inside a string"),
            }
        }
        Ok(piece.len())
    }

    /// A string ended with the quote at `at`; where to go on.
    #[inline]
    fn text_ended(&mut self, piece: &[u8], at: usize, is_key: bool) -> usize {
        if !is_key {
            self.value_ended(at + 1);
            return at + 1;
        }
        if self.depth == 1 {
            self.key.end = self.at + at;
        }
        if piece.get(at + 1) == Some(&b':') {
            self.state = State::Value;
            return at + 2;
        }
        self.state = State::Colon;
        at + 1
    }

    /// An escape that a piece's end may have cut, a byte at a time.
    #[cold]
    pub(super) fn escape(&mut self, byte: u8, i: usize) -> Result<usize, JsonError> {
        self.state = match self.state {
            State::Escape { is_key } => match byte {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => State::Text { is_key },
                b'u' => State::Hex { is_key, left: 4 },
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

/// How long the escape is that begins here, its backslash included, if it is whole.
#[inline]
fn escape_length(text: &[u8]) -> Option<usize> {
    match text.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => text.get(2..6)?.iter().all(u8::is_ascii_hexdigit).then_some(6),
        _ => None,
    }
}
