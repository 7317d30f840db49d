//! Checks a JSON object's grammar and notes where its fields stand, resumable at any byte.

use std::{ops::Range, sync::Arc};

use super::{Field, JsonDoc, JsonError, JsonErrorKind as Kind, utf8::Utf8};
use crate::Rope;

/// Levels of brackets, as deep as serde's own limit.
pub const MAX_DEPTH: u32 = 127;

/// Fields of the outermost object, far more than anybody's request has: an index of more would cost
/// many times the document's own room.
pub const MAX_FIELDS: usize = 4096;

/// Reads a document in pieces, as they arrive.
pub struct Scanner {
    state: State,
    /// Bit 0: whether the innermost bracket is an object's.
    objects: u128,
    depth: u32,
    /// Bytes seen in earlier pieces.
    at: usize,
    key: Range<usize>,
    key_has_escape: bool,
    value_start: usize,
    fields: Vec<Field>,
    utf8: Utf8,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Text { is_key: bool },
    Escape { is_key: bool },
    Hex { is_key: bool, left: u8 },
    Literal(&'static [u8]),
    Number(Number),
    Done,
}

/// Where in a number we are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Number {
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
    fn next(self, byte: u8) -> Option<Self> {
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

    fn may_end(self) -> bool {
        matches!(self, Self::Zero | Self::Integer | Self::Fraction | Self::ExponentDigits)
    }
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            state: State::Value,
            objects: 0,
            depth: 0,
            at: 0,
            key: 0..0,
            key_has_escape: false,
            value_start: 0,
            fields: Vec::with_capacity(16),
            utf8: Utf8::default(),
        }
    }
}

impl Scanner {
    /// Reads the next piece.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), JsonError> {
        self.utf8.push(piece).map_err(|offset| JsonError { kind: Kind::Utf8, offset })?;
        let mut i = 0;
        while i < piece.len() {
            i = match self.state {
                State::Text { is_key } => self.text(piece, i, is_key)?,
                State::Literal(rest) => self.literal(piece[i], i, rest)?,
                State::Number(number) => self.number(piece[i], i, number)?,
                State::Escape { .. } | State::Hex { .. } => self.escape(piece[i], i)?,
                _ => self.structure(piece[i], i)?,
            };
        }
        self.at += piece.len();
        Ok(())
    }

    /// The document, whose bytes were pushed.
    pub fn finish(self, raw: Rope) -> Result<JsonDoc, JsonError> {
        let truncated = JsonError { kind: Kind::Truncated, offset: self.at };
        if self.state != State::Done {
            return Err(truncated);
        }
        self.utf8.finish().map_err(|offset| JsonError { kind: Kind::Utf8, offset })?;
        let doc = JsonDoc { raw, fields: Arc::from(self.fields), edits: Vec::new() };
        doc.refuse_duplicates()?;
        Ok(doc)
    }

    fn fail<T>(&self, i: usize, expected: &'static str) -> Result<T, JsonError> {
        Err(JsonError { kind: Kind::Expected(expected), offset: self.at + i })
    }

    /// Leaps to the end of a string, or to its next escape.
    fn text(&mut self, piece: &[u8], i: usize, is_key: bool) -> Result<usize, JsonError> {
        let rest = &piece[i..];
        let run = plain_run(rest);
        if rest.get(run).is_some_and(|byte| *byte < 0x20) {
            return self.fail(i + run, "no control character inside a string");
        }
        let end = i + run;
        match piece.get(end) {
            None => return Ok(end),
            Some(b'\\') => self.state = State::Escape { is_key },
            Some(_) if is_key => {
                if self.depth == 1 {
                    self.key.end = self.at + end;
                }
                self.state = State::Colon;
            }
            Some(_) => self.value_ended(end + 1),
        }
        Ok(end + 1)
    }

    fn escape(&mut self, byte: u8, i: usize) -> Result<usize, JsonError> {
        self.state = match self.state {
            State::Escape { is_key } => {
                self.key_has_escape |= is_key && self.depth == 1;
                match byte {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                        State::Text { is_key }
                    }
                    b'u' => State::Hex { is_key, left: 4 },
                    _ => return self.fail(i, "one of \"\\/bfnrtu after a backslash"),
                }
            }
            State::Hex { is_key, left } => match (byte.is_ascii_hexdigit(), left) {
                (false, _) => return self.fail(i, "four hexadecimal digits after \\u"),
                (true, 1) => State::Text { is_key },
                (true, _) => State::Hex { is_key, left: left - 1 },
            },
            other => other,
        };
        Ok(i + 1)
    }

    fn literal(&mut self, byte: u8, i: usize, rest: &'static [u8]) -> Result<usize, JsonError> {
        if byte != rest[0] {
            return self.fail(i, "`true`, `false` or `null`");
        }
        if rest.len() == 1 {
            self.value_ended(i + 1);
        } else {
            self.state = State::Literal(&rest[1..]);
        }
        Ok(i + 1)
    }

    /// A number ends where something else begins, so that byte is looked at again.
    fn number(&mut self, byte: u8, i: usize, number: Number) -> Result<usize, JsonError> {
        if let Some(next) = number.next(byte) {
            self.state = State::Number(next);
            return Ok(i + 1);
        }
        if !number.may_end() {
            return self.fail(i, "a digit");
        }
        self.value_ended(i);
        Ok(i)
    }

    fn structure(&mut self, byte: u8, i: usize) -> Result<usize, JsonError> {
        let next = i + 1;
        match (self.state, byte) {
            (_, b' ' | b'\n' | b'\r' | b'\t') => {}
            (State::ValueOrEnd, b']') | (State::KeyOrEnd, b'}') => self.close(next),
            (State::Key | State::KeyOrEnd, b'"') => {
                if self.depth == 1 {
                    if self.fields.len() == MAX_FIELDS {
                        let kind = Kind::TooManyFields;
                        return Err(JsonError { kind, offset: self.at + i });
                    }
                    self.key = self.at + next..0;
                    self.key_has_escape = false;
                }
                self.state = State::Text { is_key: true };
            }
            (State::Colon, b':') => self.state = State::Value,
            (State::CommaOrEnd, b',') => {
                self.state = if self.is_object() { State::Key } else { State::Value };
            }
            (State::CommaOrEnd, b'}') if self.is_object() => self.close(next),
            (State::CommaOrEnd, b']') if !self.is_object() => self.close(next),
            (State::Value | State::ValueOrEnd, _) => self.value(byte, i)?,
            (State::Key | State::KeyOrEnd, _) => return self.fail(i, "a field's name in quotes"),
            (State::Colon, _) => return self.fail(i, "`:` after a field's name"),
            (State::CommaOrEnd, _) => return self.fail(i, "`,` or a closing bracket"),
            _ => return self.fail(i, "nothing after the document"),
        }
        Ok(next)
    }

    fn value(&mut self, byte: u8, i: usize) -> Result<(), JsonError> {
        if self.depth == 0 && byte != b'{' {
            return self.fail(i, "an object");
        }
        if self.depth == 1 {
            self.value_start = self.at + i;
        }
        self.state = match byte {
            b'{' | b'[' => return self.open(byte == b'{', i),
            b'"' => State::Text { is_key: false },
            b't' => State::Literal(b"rue"),
            b'f' => State::Literal(b"alse"),
            b'n' => State::Literal(b"ull"),
            b'-' => State::Number(Number::Minus),
            b'0' => State::Number(Number::Zero),
            b'1'..=b'9' => State::Number(Number::Integer),
            _ => return self.fail(i, "a value"),
        };
        Ok(())
    }

    fn is_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn open(&mut self, is_object: bool, i: usize) -> Result<(), JsonError> {
        if self.depth == MAX_DEPTH {
            return Err(JsonError { kind: Kind::TooDeep, offset: self.at + i });
        }
        self.depth += 1;
        self.objects = (self.objects << 1) | u128::from(is_object);
        self.state = if is_object { State::KeyOrEnd } else { State::ValueOrEnd };
        Ok(())
    }

    fn close(&mut self, end: usize) {
        self.objects >>= 1;
        self.depth -= 1;
        self.value_ended(end);
    }

    fn value_ended(&mut self, end: usize) {
        if self.depth == 1 {
            self.fields.push(Field {
                key: self.key.clone(),
                value: self.value_start..self.at + end,
                has_escape: self.key_has_escape,
            });
        }
        self.state = if self.depth == 0 { State::Done } else { State::CommaOrEnd };
    }
}

/// How many bytes stand before the first quote, backslash or control character.
///
/// Eight at a time: strings of real requests are too short, between their escapes, for a search that
/// has to set itself up first.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    // The high bit of each byte that is less than `bound`, exact up to the first such byte.
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word & HIGH;
    let mut at = 0;
    while let Some(eight) = bytes[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*eight);
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = below(word, 0x20) | quote | backslash;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let ends = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    bytes[at..].iter().position(ends).map_or(bytes.len(), |offset| at + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_at_the_first_byte_that_is_not_plain() {
        for length in 0..40 {
            let plain = vec![b'a'; length];
            assert_eq!(plain_run(&plain), length);
            for byte in 0..=u8::MAX {
                let is_end = byte < 0x20 || byte == b'"' || byte == b'\\';
                for at in 0..length {
                    let mut bytes = plain.clone();
                    bytes[at] = byte;
                    assert_eq!(plain_run(&bytes), if is_end { at } else { length }, "{byte} {at}");
                }
            }
        }
    }
}
