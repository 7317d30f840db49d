//! The headers of a frame: names, and values of ten kinds.

use super::FrameError;

/// A header's value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Value<'a> {
    /// Yes or no: a kind each.
    Bool(bool),
    /// A number of 8 bits.
    Byte(i8),
    /// A number of 16 bits.
    Short(i16),
    /// A number of 32 bits.
    Integer(i32),
    /// A number of 64 bits.
    Long(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text.
    Text(&'a str),
    /// Milliseconds since 1970 began, in UTC.
    Timestamp(i64),
    /// A UUID, as its sixteen bytes.
    Uuid([u8; 16]),
}

/// Reads one header after the other, and ends after the first that is wrong.
#[derive(Clone, Debug)]
pub(super) struct Headers<'a> {
    rest: &'a [u8],
    index: usize,
}

impl<'a> Headers<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, index: 0 }
    }

    fn read(&mut self) -> Result<(&'a str, Value<'a>), FrameError> {
        let index = self.index;
        self.index += 1;
        let wrong = |problem| FrameError::HeaderName { index, problem };
        let name = self.sized::<1>().ok_or_else(|| wrong("cut short"))?;
        if name.is_empty() {
            return Err(wrong("empty"));
        }
        let name = std::str::from_utf8(name).map_err(|_| wrong("not UTF-8"))?;
        let wrong = |problem| FrameError::HeaderValue { name: name.to_owned(), problem };
        let [kind] = self.array().ok_or_else(|| wrong("missing"))?;
        let value = match kind {
            0 => Some(Value::Bool(true)),
            1 => Some(Value::Bool(false)),
            2 => self.array().map(i8::from_be_bytes).map(Value::Byte),
            3 => self.array().map(i16::from_be_bytes).map(Value::Short),
            4 => self.array().map(i32::from_be_bytes).map(Value::Integer),
            5 => self.array().map(i64::from_be_bytes).map(Value::Long),
            6 => self.sized::<2>().map(Value::Bytes),
            7 => match self.sized::<2>().map(std::str::from_utf8) {
                Some(Err(_)) => return Err(wrong("not UTF-8")),
                text => text.and_then(Result::ok).map(Value::Text),
            },
            8 => self.array().map(i64::from_be_bytes).map(Value::Timestamp),
            9 => self.array().map(Value::Uuid),
            _ => return Err(FrameError::HeaderKind { name: name.to_owned(), kind }),
        };
        value.map(|value| (name, value)).ok_or_else(|| wrong("cut short"))
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*array)
    }

    /// Bytes behind their length, which has `N` bytes itself.
    fn sized<const N: usize>(&mut self) -> Option<&'a [u8]> {
        let length: [u8; N] = self.array()?;
        let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = Result<(&'a str, Value<'a>), FrameError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let header = self.read();
        if header.is_err() {
            self.rest = &[];
        }
        Some(header)
    }
}
