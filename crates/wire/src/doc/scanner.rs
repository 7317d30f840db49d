//! Checks a JSON object's grammar and notes where its fields stand, resumable at any byte.

use std::{ops::Range, sync::Arc};

use smallvec::SmallVec;

use super::{
    Field, JsonDoc, JsonError, JsonErrorKind as Kind, marks::Marks, number::Number, utf8::Utf8,
};
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
    fields: SmallVec<[Field; 16]>,
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
            fields: SmallVec::new(),
            utf8: Utf8::default(),
        }
    }
}

impl Scanner {
    /// Reads the next piece.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), JsonError> {
        self.utf8.push(piece).map_err(|offset| JsonError { kind: Kind::Utf8, offset })?;
        let mut marks = Marks::new(piece);
        let mut i = 0;
        while i < piece.len() {
            i = match self.state {
                State::Text { is_key } => self.text(&mut marks, i, is_key)?,
                State::Literal(rest) => self.literal(piece, i, rest)?,
                State::Number(number) => self.number(piece, i, number)?,
                State::Escape { .. } | State::Hex { .. } => self.escape(piece[i], i)?,
                _ => self.structure(piece, i)?,
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
        let doc = JsonDoc { raw, fields: Arc::from(self.fields.into_vec()), edits: Vec::new() };
        doc.refuse_duplicates()?;
        Ok(doc)
    }

    fn fail<T>(&self, i: usize, expected: &'static str) -> Result<T, JsonError> {
        Err(JsonError { kind: Kind::Expected(expected), offset: self.at + i })
    }

    /// Leaps to the end of a string, from escape to escape.
    fn text(
        &mut self,
        marks: &mut Marks<'_>,
        mut i: usize,
        is_key: bool,
    ) -> Result<usize, JsonError> {
        let piece = marks.piece();
        while let Some(at) = marks.next(i) {
            let after = &piece[at + 1..];
            match piece[at] {
                b'"' => return Ok(self.text_ended(at, after, is_key)),
                b'\\' => match escape_length(after) {
                    // Cut by the piece's end, or none at all.
                    0 => {
                        self.state = State::Escape { is_key };
                        return Ok(at + 1);
                    }
                    length => {
                        self.key_has_escape |= is_key && self.depth == 1;
                        i = at + 1 + length;
                    }
                },
                _ => return self.fail(at, "no control character inside a string"),
            }
        }
        Ok(piece.len())
    }

    /// A string ended with the quote at `at`; where to go on.
    fn text_ended(&mut self, at: usize, after: &[u8], is_key: bool) -> usize {
        if !is_key {
            self.value_ended(at + 1);
            return at + 1;
        }
        if self.depth == 1 {
            self.key.end = self.at + at;
        }
        let has_colon = after.first() == Some(&b':');
        self.state = if has_colon { State::Value } else { State::Colon };
        at + 1 + usize::from(has_colon)
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

    fn literal(&mut self, piece: &[u8], i: usize, rest: &'static [u8]) -> Result<usize, JsonError> {
        let here = &piece[i..];
        let length = rest.len().min(here.len());
        let wrong = rest.iter().zip(here).position(|(expected, byte)| expected != byte);
        if let Some(wrong) = wrong {
            return self.fail(i + wrong, "`true`, `false` or `null`");
        }
        match &rest[length..] {
            [] => self.value_ended(i + length),
            rest => self.state = State::Literal(rest),
        }
        Ok(i + length)
    }

    /// A number ends where something else begins, so that byte is looked at again.
    fn number(&mut self, piece: &[u8], i: usize, number: Number) -> Result<usize, JsonError> {
        let mut number = number;
        for (i, byte) in (i..).zip(&piece[i..]) {
            match number.next(*byte) {
                Some(next) => number = next,
                None if number.may_end() => {
                    self.value_ended(i);
                    return Ok(i);
                }
                None => return self.fail(i, "a digit"),
            }
        }
        self.state = State::Number(number);
        Ok(piece.len())
    }

    fn structure(&mut self, piece: &[u8], i: usize) -> Result<usize, JsonError> {
        let (byte, next) = (piece[i], i + 1);
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

/// How long the escape is that begins behind a backslash; 0 if it is not whole, or none.
#[inline]
fn escape_length(after: &[u8]) -> usize {
    match after {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 1,
        [b'u', hex @ ..]
            if hex.first_chunk::<4>().is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) =>
        {
            5
        }
        _ => 0,
    }
}
