//! Takes the framing out of a chunked body: bytes in, bytes out, and no I/O.
//!
//! Strict: a size is digits, and every line ends with both bytes that end one. What else is said on
//! the line of a size, and in trailers, is bounded and dropped.

use crate::{
    extent::Taken,
    head::{MAX_HEAD, Odd},
};

/// The most that is read on the line of a size.
const MAX_EXTENSION: u32 = 4 << 10;

/// A chunked body that is being read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Chunks {
    state: State,
    /// What is left of the chunk; while its size is read, the size so far.
    left: u64,
    /// How much has been read that nobody wants: of this line, or of all trailers.
    unwanted: u32,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// A digit of a size, the first.
    Size,
    /// Another digit, or what ends them.
    Digit,
    /// Spaces behind a size, and then what ends them.
    Padding,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// A trailer, or the empty line at the end.
    Line,
    Trailer,
    TrailerLf,
    LastLf,
    Over,
    Broken(Odd),
}

impl Chunks {
    pub(crate) const fn new() -> Self {
        Self { state: State::Size, left: 0, unwanted: 0 }
    }

    /// Whether the body was read to its end.
    pub(crate) fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// What is wrong with the body, from where it was wrong on.
    pub(crate) fn odd(&self) -> Option<Odd> {
        match self.state {
            State::Broken(odd) => Some(odd),
            _ => None,
        }
    }

    /// Takes what has arrived of the body, and leaves its data in one piece.
    pub(crate) fn take(&mut self, arrived: &mut [u8]) -> Taken {
        let (mut at, mut data) = (0, 0..0);
        while at < arrived.len() && !self.is_over() && self.odd().is_none() {
            if self.state != State::Data {
                self.state = self.step(arrived[at]).unwrap_or_else(State::Broken);
                at += 1;
                continue;
            }
            let left = usize::try_from(self.left).unwrap_or(usize::MAX);
            let run = at..at.saturating_add(left).min(arrived.len());
            (self.left, at) = (self.left - run.len() as u64, run.end);
            if self.left == 0 {
                self.state = State::DataCr;
            }
            if data.is_empty() {
                data = run;
            } else {
                data.end += run.len();
                arrived.copy_within(run.clone(), data.end - run.len());
            }
        }
        Taken { data, length: at }
    }

    /// What comes behind a byte that is not data.
    fn step(&mut self, byte: u8) -> Result<State, Odd> {
        Ok(match (self.state, byte) {
            (State::Size | State::Digit, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).expect("it is a digit");
                let size = self.left.checked_mul(16).ok_or(Odd::ChunkSize)?;
                self.left = size | u64::from(digit);
                self.pass(State::Digit)?
            }
            (State::Digit | State::Padding | State::Extension, b'\r') => {
                self.unwanted = 0;
                State::SizeLf
            }
            (State::Digit | State::Padding, b' ' | b'\t') => self.pass(State::Padding)?,
            (State::Digit | State::Padding, b';') => State::Extension,
            (State::Extension, b'\n') => return Err(Odd::ChunkSize),
            (State::Extension, _) => self.pass(State::Extension)?,
            (State::SizeLf, b'\n') if self.left == 0 => State::Line,
            (State::SizeLf, b'\n') => State::Data,
            (State::Size | State::Digit | State::Padding | State::SizeLf, _) => {
                return Err(Odd::ChunkSize);
            }
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size,
            (State::DataCr | State::DataLf, _) => return Err(Odd::ChunkEnd),
            (State::Line, b'\r') => State::LastLf,
            (State::LastLf, b'\n') => State::Over,
            (State::Trailer, b'\r') => State::TrailerLf,
            (State::TrailerLf, b'\n') => State::Line,
            (State::LastLf | State::TrailerLf, _) | (State::Line | State::Trailer, b'\n') => {
                return Err(Odd::Trailers);
            }
            (State::Line | State::Trailer, _) => self.trail()?,
            (State::Data | State::Over | State::Broken(_), _) => {
                unreachable!("these are not read byte by byte")
            }
        })
    }

    fn pass(&mut self, state: State) -> Result<State, Odd> {
        self.unwanted += 1;
        if self.unwanted > MAX_EXTENSION { Err(Odd::LongExtension) } else { Ok(state) }
    }

    fn trail(&mut self) -> Result<State, Odd> {
        self.unwanted += 1;
        if self.unwanted > MAX_HEAD { Err(Odd::Trailers) } else { Ok(State::Trailer) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_that_arrive_together_are_one_piece() {
        let mut chunks = Chunks::new();
        let mut arrived = *b"2\r\nab\r\n3;x\r\ncde\r\n1\r\nf";
        let Taken { data, length } = chunks.take(&mut arrived);
        assert_eq!((&arrived[data], length), (&b"abcdef"[..], arrived.len()));
        let mut arrived = *b"\r\n0\r\nx: 1\r\n\r\nHTTP/1.1";
        let Taken { data, length } = chunks.take(&mut arrived);
        assert_eq!((&arrived[data], length), (&b""[..], arrived.len() - 8));
        assert!(chunks.is_over());
    }

    #[test]
    fn what_came_before_a_mistake_is_taken_and_what_comes_behind_it_never() {
        let mut chunks = Chunks::new();
        let mut arrived = *b"2\r\nab\r\nx\r\n2\r\ncd\r\n";
        let Taken { data, .. } = chunks.take(&mut arrived);
        assert_eq!(&arrived[data], b"ab");
        assert_eq!(chunks.odd(), Some(Odd::ChunkSize));
        assert_eq!(chunks.take(&mut b"2\r\ncd\r\n".to_vec()), Taken { data: 0..0, length: 0 });
        assert!(!chunks.is_over());
    }

    #[test]
    fn the_largest_size_is_one_and_a_larger_one_is_none() {
        let mut chunks = Chunks::new();
        chunks.take(&mut b"ffffffffffffffff\r\nabc".to_vec());
        assert_eq!((chunks.odd(), chunks.left), (None, u64::MAX - 3));
        let mut chunks = Chunks::new();
        chunks.take(&mut b"10000000000000000\r\n".to_vec());
        assert_eq!(chunks.odd(), Some(Odd::ChunkSize));
    }
}
