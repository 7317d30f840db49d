//! Checks a JSON object's grammar and notes where its fields stand, resumable at any byte.

mod marks;
mod scalar;
mod text;

use std::ops::Range;

use smallvec::SmallVec;

use self::{marks::Marks, scalar::Number};
use super::{Field, JsonDoc, JsonError, JsonErrorKind as Kind, utf8::Utf8};
use crate::Rope;

/// Levels of brackets, as deep as serde's own limit.
pub const MAX_DEPTH: u32 = 127;

/// Fields of the outermost object, far more than anybody's request has: an index of more would cost
/// many times the document's own room.
pub const MAX_FIELDS: usize = 4096;

/// Reads a document in pieces, as they arrive.
#[derive(Default)]
pub struct Scanner {
    state: State,
    /// Bit 0: whether the innermost bracket is an object's.
    objects: u128,
    depth: u32,
    /// Bytes seen in earlier pieces.
    at: usize,
    key: Range<usize>,
    value_start: usize,
    fields: SmallVec<[Field; 16]>,
    utf8: Utf8,
}

/// What has to come next. Small enough for a register, because every byte of structure changes it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    #[default]
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Text {
        is_key: bool,
    },
    Escape {
        is_key: bool,
    },
    Hex {
        is_key: bool,
        left: u8,
    },
    /// An index in the words that are values, and how many of its bytes were there.
    Word(u8, u8),
    Number(Number),
    Done,
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
                State::Word(word, seen) => self.word(piece, i, word, seen)?,
                State::Number(number) => self.number(piece, i, number)?,
                State::Escape { .. } | State::Hex { .. } => self.escape(piece[i], i)?,
                State::Value | State::ValueOrEnd => self.value(piece, i)?,
                State::Key | State::KeyOrEnd => self.key(piece, i)?,
                State::Colon => self.colon(piece, i)?,
                State::CommaOrEnd => self.comma_or_end(piece, i)?,
                State::Done => self.space(piece, i, "nothing after the document")?,
            };
        }
        self.at += piece.len();
        Ok(())
    }

    /// The document, whose bytes were pushed.
    pub fn finish(self, raw: Rope) -> Result<JsonDoc, JsonError> {
        if self.state != State::Done {
            return Err(JsonError { kind: Kind::Truncated, offset: self.at });
        }
        self.utf8.finish().map_err(|offset| JsonError { kind: Kind::Utf8, offset })?;
        JsonDoc::indexed(raw, &self.fields)
    }

    #[cold]
    fn fail<T>(&self, i: usize, expected: &'static str) -> Result<T, JsonError> {
        self.refuse(i, Kind::Expected(expected))
    }

    #[cold]
    fn refuse<T>(&self, i: usize, kind: Kind) -> Result<T, JsonError> {
        Err(JsonError { kind, offset: self.at + i })
    }

    #[inline]
    fn comma_or_end(&mut self, piece: &[u8], i: usize) -> Result<usize, JsonError> {
        match piece[i] {
            b',' => self.state = if self.is_object() { State::Key } else { State::Value },
            b'}' if self.is_object() => self.close(i + 1),
            b']' if !self.is_object() => self.close(i + 1),
            _ => return self.space(piece, i, "`,` or a closing bracket"),
        }
        Ok(i + 1)
    }

    #[inline]
    fn key(&mut self, piece: &[u8], i: usize) -> Result<usize, JsonError> {
        match piece[i] {
            b'"' => {}
            b'}' if self.state == State::KeyOrEnd => {
                self.close(i + 1);
                return Ok(i + 1);
            }
            _ => return self.space(piece, i, "a field's name in quotes"),
        }
        self.state = State::Text { is_key: true };
        if self.depth == 1 {
            if self.fields.len() == MAX_FIELDS {
                return self.refuse(i, Kind::TooManyFields);
            }
            self.key.start = self.at + i + 1;
        }
        Ok(i + 1)
    }

    #[inline]
    fn colon(&mut self, piece: &[u8], i: usize) -> Result<usize, JsonError> {
        if piece[i] != b':' {
            return self.space(piece, i, "`:` after a field's name");
        }
        self.state = State::Value;
        Ok(i + 1)
    }

    #[inline]
    fn value(&mut self, piece: &[u8], i: usize) -> Result<usize, JsonError> {
        let byte = piece[i];
        let next = match byte {
            b'"' => State::Text { is_key: false },
            b'{' => State::KeyOrEnd,
            b'[' => State::ValueOrEnd,
            b'0'..=b'9' | b'-' => State::Number(Number::first(byte)),
            b't' => State::Word(0, 1),
            b'f' => State::Word(1, 1),
            b'n' => State::Word(2, 1),
            b']' if self.state == State::ValueOrEnd => {
                self.close(i + 1);
                return Ok(i + 1);
            }
            _ => return self.space(piece, i, "a value"),
        };
        if self.depth <= 1 {
            self.field_begins(byte, i)?;
        }
        if matches!(byte, b'{' | b'[') {
            self.open(byte == b'{', i)?;
        }
        self.state = next;
        Ok(i + 1)
    }

    /// A value of the outermost object begins, or the object itself.
    #[cold]
    fn field_begins(&mut self, byte: u8, i: usize) -> Result<(), JsonError> {
        if self.depth == 0 && byte != b'{' {
            return self.fail(i, "an object");
        }
        self.value_start = self.at + i;
        Ok(())
    }

    /// Passes over white space, which may stand between any two parts of a document.
    #[inline]
    fn space(&self, piece: &[u8], i: usize, expected: &'static str) -> Result<usize, JsonError> {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        match piece[i..].iter().position(|byte| !is_space(byte)) {
            Some(0) => self.fail(i, expected),
            Some(run) => Ok(i + run),
            None => Ok(piece.len()),
        }
    }

    #[inline]
    fn is_object(&self) -> bool {
        self.objects & 1 == 1
    }

    #[inline]
    fn open(&mut self, is_object: bool, i: usize) -> Result<(), JsonError> {
        if self.depth == MAX_DEPTH {
            return self.refuse(i, Kind::TooDeep);
        }
        self.depth += 1;
        self.objects = (self.objects << 1) | u128::from(is_object);
        Ok(())
    }

    #[inline]
    fn close(&mut self, end: usize) {
        self.objects >>= 1;
        self.depth -= 1;
        self.value_ended(end);
    }

    #[inline]
    fn value_ended(&mut self, end: usize) {
        self.state = State::CommaOrEnd;
        if self.depth <= 1 {
            self.field_ended(end);
        }
    }

    /// A value of the outermost object ended, or the object itself.
    #[cold]
    fn field_ended(&mut self, end: usize) {
        if self.depth == 0 {
            self.state = State::Done;
            return;
        }
        let value = self.value_start..self.at + end;
        self.fields.push(Field { key: self.key.clone(), value, has_escape: false });
    }
}
