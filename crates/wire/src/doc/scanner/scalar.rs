//! Numbers, and the words that are values; a piece's end may cut both.

use fearless_simd::Simd;

use super::{JsonError, Scanner, State, piece::Piece};

/// The words that are values.
const WORDS: [&[u8]; 3] = [b"true", b"false", b"null"];

/// Where in a number we are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Number {
    Minus,
    Zero,
    Integer,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
}

impl Number {
    /// Where the first byte of a number leads: a digit or a minus sign.
    #[inline]
    pub(super) fn first(byte: u8) -> Self {
        match byte {
            b'-' => Self::Minus,
            b'0' => Self::Zero,
            _ => Self::Integer,
        }
    }

    /// Where `byte` leads; `None` where no number goes on with it.
    #[inline]
    pub(super) fn next(self, byte: u8) -> Option<Self> {
        use Number as N;
        Some(match (self, byte) {
            (N::Minus, b'0') => N::Zero,
            (N::Minus, b'1'..=b'9') | (N::Integer, b'0'..=b'9') => N::Integer,
            (N::Zero | N::Integer, b'.') => N::Point,
            (N::Point | N::Fraction, b'0'..=b'9') => N::Fraction,
            (N::Zero | N::Integer | N::Fraction, b'e' | b'E') => N::Exponent,
            (N::Exponent, b'+' | b'-') => N::ExponentSign,
            (N::Exponent | N::ExponentSign | N::ExponentDigits, b'0'..=b'9') => N::ExponentDigits,
            _ => return None,
        })
    }

    /// Whether what was read is a whole number.
    #[inline]
    pub(super) fn may_end(self) -> bool {
        matches!(self, Self::Zero | Self::Integer | Self::Fraction | Self::ExponentDigits)
    }
}

impl Scanner {
    #[inline(always)]
    pub(super) fn word(
        &mut self,
        bytes: &[u8],
        i: usize,
        word: u8,
        seen: u8,
    ) -> Result<usize, JsonError> {
        let rest = &WORDS[usize::from(word)][usize::from(seen)..];
        let mut seen = seen;
        for (at, (expected, byte)) in (i..).zip(rest.iter().zip(&bytes[i..])) {
            if expected != byte {
                return self.fail(at, "`true`, `false` or `null`");
            }
            seen += 1;
        }
        let end = i + rest.len();
        if end <= bytes.len() {
            return Ok(self.value_ended(bytes, end));
        }
        self.state = State::Word(word, seen);
        Ok(bytes.len())
    }

    /// A number that begins at `i`; one that the piece's end may cut is read byte by byte.
    #[inline(always)]
    pub(super) fn number<S: Simd>(
        &mut self,
        piece: &mut Piece<'_, S>,
        i: usize,
    ) -> Result<usize, JsonError> {
        let bytes = piece.bytes();
        match whole_number(piece, i, bytes[i]) {
            Some(end) => Ok(self.value_ended(bytes, end)),
            None => self.number_on(bytes, i + 1, Number::first(bytes[i])),
        }
    }

    /// A number ends where something else begins, so that byte is looked at again.
    #[cold]
    pub(super) fn number_on(
        &mut self,
        bytes: &[u8],
        i: usize,
        number: Number,
    ) -> Result<usize, JsonError> {
        let (mut number, mut at) = (number, i);
        while let Some(byte) = bytes.get(at) {
            if let Some(next) = number.next(*byte) {
                number = next;
                at += 1;
            } else if number.may_end() {
                return Ok(self.value_ended(bytes, at));
            } else {
                return self.fail(at, "a digit");
            }
        }
        self.state = State::Number(number);
        Ok(at)
    }
}

/// Where the number that begins at `i` with this byte ends, if it is one and something follows in
/// the piece.
#[inline(always)]
pub(super) fn whole_number<S: Simd>(
    piece: &mut Piece<'_, S>,
    i: usize,
    first: u8,
) -> Option<usize> {
    let bytes = piece.bytes();
    let (mut at, mut byte) = (i, first);
    if byte == b'-' {
        at += 1;
        byte = *bytes.get(at)?;
    }
    at = if byte == b'0' { at + 1 } else { piece.digits(at)? };
    byte = *bytes.get(at)?;
    if byte == b'.' {
        at = piece.digits(at + 1)?;
        byte = *bytes.get(at)?;
    }
    if matches!(byte, b'e' | b'E') {
        let is_signed = matches!(bytes.get(at + 1)?, b'+' | b'-');
        at = piece.digits(at + 1 + usize::from(is_signed))?;
    }
    (at < bytes.len()).then_some(at)
}

/// Where the word that begins at `i` ends, if it is one.
#[inline(always)]
pub(super) fn whole_word(bytes: &[u8], i: usize) -> Option<usize> {
    let rest = bytes.get(i..)?;
    if rest.starts_with(b"true") || rest.starts_with(b"null") {
        return Some(i + 4);
    }
    rest.starts_with(b"false").then_some(i + 5)
}
