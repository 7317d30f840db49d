//! One frame, read where it stands: nothing is copied.

use super::{
    FrameError, Value,
    header::Headers,
    prelude::{CHECKSUM, PRELUDE, Prelude, number},
};

/// A frame whose checksums and headers were found right.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Frame<'a> {
    headers: &'a [u8],
    payload: &'a [u8],
}

/// The frames of a buffer, in order. It ends behind the first that is wrong, because where the next
/// one would begin is then not known; bytes that end inside a frame are such a one.
pub fn frames(bytes: &[u8]) -> impl Iterator<Item = Result<Frame<'_>, FrameError>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        match Frame::read(rest) {
            Ok((frame, behind)) => {
                rest = behind;
                Some(Ok(frame))
            }
            Err(error) => {
                rest = &[];
                Some(Err(error))
            }
        }
    })
}

impl<'a> Frame<'a> {
    /// The first frame of a buffer, and what stands behind it.
    fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), FrameError> {
        let incomplete = |length| FrameError::Incomplete { there: bytes.len(), length };
        let prelude = Prelude::read(bytes)?.ok_or(incomplete(None))?;
        let (frame, rest) =
            bytes.split_at_checked(prelude.length).ok_or(incomplete(Some(prelude.length)))?;
        let (summed, checksum) = frame.split_at(frame.len() - CHECKSUM);
        let (said, counted) = (number(checksum), crc32fast::hash(summed));
        if said != counted {
            return Err(FrameError::MessageChecksum { said, counted });
        }
        let (headers, payload) = summed[PRELUDE..].split_at(prelude.headers);
        match Headers::of(headers).find_map(Result::err) {
            Some(error) => Err(error),
            None => Ok((Self { headers, payload }, rest)),
        }
    }

    /// The headers, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        // All of them were read when the frame was.
        Headers::of(self.headers).map_while(Result::ok)
    }

    /// The value of a header; the first one if there are several.
    pub fn header(&self, name: &str) -> Option<Value<'a>> {
        self.headers().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The value of a header that is text.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        match self.header(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The payload.
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}
