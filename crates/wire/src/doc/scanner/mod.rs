//! Checks a JSON object's grammar and notes where its fields stand, resumable at any byte.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled with the instructions that a scan chose"
)]

mod brackets;
mod ends;
mod kinds;
mod nested;
mod piece;
mod scalar;
mod text;

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch};
use smallvec::SmallVec;

use self::{brackets::Objects, piece::Piece, scalar::Number};
pub(crate) use self::{
    kinds::{LANE, marks_of_lane},
    piece::none_marked,
};
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
    /// Whether the bracket at each depth is an object's.
    objects: Objects,
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
        dispatch!(Level::new(), simd => self.scan(simd, piece))?;
        self.at += piece.len();
        Ok(())
    }

    /// Goes from part to part. All of it is inlined here, because only what is inlined into this
    /// function is compiled with the instructions that `S` stands for.
    #[inline(always)]
    fn scan<S: Simd>(&mut self, simd: S, bytes: &[u8]) -> Result<(), JsonError> {
        let piece = &mut Piece::new(simd, bytes);
        let mut i = 0;
        while i < bytes.len() {
            if self.depth > 1 {
                i = self.nested(simd, bytes, i);
                if i == bytes.len() {
                    break;
                }
            }
            i = match self.state {
                State::Key | State::KeyOrEnd => self.key(piece, i)?,
                State::Colon => self.colon(piece, i)?,
                State::Value | State::ValueOrEnd => self.value(piece, i)?,
                State::CommaOrEnd => self.comma_or_end(piece, i)?,
                State::Text { is_key } => self.text(piece, i, is_key)?,
                State::Word(word, seen) => self.word(bytes, i, word, seen)?,
                State::Number(number) => self.number_on(bytes, i, number)?,
                State::Escape { .. } | State::Hex { .. } => self.escape(bytes[i], i)?,
                State::Done => self.space(piece, i, "nothing after the document")?,
            };
        }
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

    #[inline(always)]
    fn comma_or_end<S: Simd>(
        &mut self,
        piece: &mut Piece<'_, S>,
        i: usize,
    ) -> Result<usize, JsonError> {
        let bytes = piece.bytes();
        match bytes[i] {
            b',' => {
                self.state = if self.is_object() { State::Key } else { State::Value };
                Ok(i + 1)
            }
            b'}' if self.is_object() => Ok(self.close(bytes, i + 1)),
            b']' if !self.is_object() => Ok(self.close(bytes, i + 1)),
            _ => self.space(piece, i, "`,` or a closing bracket"),
        }
    }

    #[inline(always)]
    fn key<S: Simd>(&mut self, piece: &mut Piece<'_, S>, i: usize) -> Result<usize, JsonError> {
        let bytes = piece.bytes();
        match bytes[i] {
            b'"' => {}
            b'}' if self.state == State::KeyOrEnd => return Ok(self.close(bytes, i + 1)),
            _ => return self.space(piece, i, "a field's name in quotes"),
        }
        if self.depth == 1 {
            if self.fields.len() == MAX_FIELDS {
                return self.refuse(i, Kind::TooManyFields);
            }
            self.key.start = self.at + i + 1;
        }
        self.text(piece, i + 1, true)
    }

    #[inline(always)]
    fn colon<S: Simd>(&mut self, piece: &mut Piece<'_, S>, i: usize) -> Result<usize, JsonError> {
        if piece.bytes()[i] != b':' {
            return self.space(piece, i, "`:` after a field's name");
        }
        self.state = State::Value;
        Ok(i + 1)
    }

    #[inline(always)]
    fn value<S: Simd>(&mut self, piece: &mut Piece<'_, S>, i: usize) -> Result<usize, JsonError> {
        let bytes = piece.bytes();
        let byte = bytes[i];
        if self.depth <= 1 {
            self.field_begins(byte, i)?;
        }
        match byte {
            b'"' => self.text(piece, i + 1, false),
            b'{' | b'[' => self.open(byte == b'{', i),
            b'0'..=b'9' | b'-' => self.number(piece, i),
            b't' => self.word(bytes, i + 1, 0, 1),
            b'f' => self.word(bytes, i + 1, 1, 1),
            b'n' => self.word(bytes, i + 1, 2, 1),
            b']' if self.state == State::ValueOrEnd => Ok(self.close(bytes, i + 1)),
            _ => self.space(piece, i, "a value"),
        }
    }

    /// A value of the outermost object may begin, or the object itself.
    #[inline(never)]
    fn field_begins(&mut self, byte: u8, i: usize) -> Result<(), JsonError> {
        if self.depth == 0 && !matches!(byte, b'{' | b' ' | b'\n' | b'\r' | b'\t') {
            return self.fail(i, "an object");
        }
        self.value_start = self.at + i;
        Ok(())
    }

    /// Passes over white space, which may stand between any two parts of a document.
    #[inline(always)]
    fn space<S: Simd>(
        &self,
        piece: &mut Piece<'_, S>,
        i: usize,
        expected: &'static str,
    ) -> Result<usize, JsonError> {
        let (at, _) = piece.solid(i, b':');
        if at == i { self.fail(i, expected) } else { Ok(at) }
    }
}
