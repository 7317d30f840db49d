//! Numbers, and the words that are values; a piece's end may cut both.

use super::{JsonError, Scanner, State};

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

    /// Whether any number of digits may follow.
    #[inline]
    pub(super) fn takes_digits(self) -> bool {
        matches!(self, Self::Integer | Self::Fraction | Self::ExponentDigits)
    }

    /// Whether what was read is a whole number.
    #[inline]
    pub(super) fn may_end(self) -> bool {
        matches!(self, Self::Zero | Self::Integer | Self::Fraction | Self::ExponentDigits)
    }
}

impl Scanner {
    #[inline]
    pub(super) fn word(
        &mut self,
        piece: &[u8],
        i: usize,
        word: u8,
        seen: u8,
    ) -> Result<usize, JsonError> {
        let rest = &WORDS[usize::from(word)][usize::from(seen)..];
        let mut seen = seen;
        for (at, (expected, byte)) in (i..).zip(rest.iter().zip(&piece[i..])) {
            if expected != byte {
                return self.fail(at, "`true`, `false` or `null`");
            }
            seen += 1;
        }
        self.state = State::Word(word, seen);
        let end = i + rest.len();
        if end <= piece.len() {
            self.value_ended(end);
        }
        Ok(end.min(piece.len()))
    }

    /// A number ends where something else begins, so that byte is looked at again.
    #[inline]
    pub(super) fn number(
        &mut self,
        piece: &[u8],
        i: usize,
        number: Number,
    ) -> Result<usize, JsonError> {
        let (mut number, mut at) = (number, i);
        while let Some(byte) = piece.get(at) {
            if byte.is_ascii_digit() && number.takes_digits() {
                at += 1;
            } else if let Some(next) = number.next(*byte) {
                number = next;
                at += 1;
            } else if number.may_end() {
                self.value_ended(at);
                return Ok(at);
            } else {
                return self.fail(at, "a digit");
            }
        }
        self.state = State::Number(number);
        Ok(at)
    }
}
