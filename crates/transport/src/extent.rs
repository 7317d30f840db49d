//! How far the body of an answer reaches: bytes in, its bytes out, and no I/O.

use std::ops::Range;

use crate::{chunks::Chunks, head::Odd};

/// How far a body reaches from where it was read to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Extent {
    /// So many bytes more.
    Length(u64),
    /// As far as its chunks.
    Chunked(Chunks),
    /// Until the connection ends.
    ToTheEnd,
}

/// What was taken of the bytes that had arrived.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Taken {
    /// Where the body's bytes are, now in one piece.
    pub(crate) data: Range<usize>,
    /// How many bytes belong to the body. What lies behind them was not asked for.
    pub(crate) length: usize,
}

impl Extent {
    /// There is no body, or nothing more of it.
    pub(crate) const NOTHING: Self = Self::Length(0);

    pub(crate) const fn chunked() -> Self {
        Self::Chunked(Chunks::new())
    }

    /// Takes what has arrived of the body.
    pub(crate) fn take(&mut self, arrived: &mut [u8]) -> Taken {
        match self {
            Self::Chunked(chunks) => chunks.take(arrived),
            Self::ToTheEnd => Taken { data: 0..arrived.len(), length: arrived.len() },
            Self::Length(left) => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(arrived.len());
                *left -= length as u64;
                Taken { data: 0..length, length }
            }
        }
    }

    /// The connection has ended. Returns whether the body has too.
    pub(crate) fn end(&mut self) -> bool {
        if *self == Self::ToTheEnd {
            *self = Self::NOTHING;
        }
        self.is_over()
    }

    /// Whether there is nothing more.
    pub(crate) fn is_over(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunked(chunks) => chunks.is_over(),
            Self::ToTheEnd => false,
        }
    }

    /// What is wrong with the body where it was read to.
    pub(crate) fn odd(&self) -> Option<Odd> {
        match self {
            Self::Chunked(chunks) => chunks.odd(),
            Self::Length(_) | Self::ToTheEnd => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::head::Heads;

    /// What was read: status, headers, body, bytes behind it, and whether it was read to its end.
    type Read = (u16, Vec<(String, Vec<u8>)>, Vec<u8>, Vec<u8>, bool);

    /// Reads an answer that arrives in pieces of these sizes, the last of which is repeated.
    fn read(bytes: &[u8], sizes: &[usize]) -> Result<Read, Odd> {
        let (mut heads, mut sizes, mut rest) = (Heads::default(), sizes.iter().copied(), bytes);
        let mut size = 1;
        let mut next = || {
            size = sizes.next().unwrap_or(size).max(1).min(rest.len());
            let (piece, behind) = rest.split_at(size);
            rest = behind;
            Some(piece.to_vec()).filter(|piece| !piece.is_empty())
        };
        let (head, mut arrived) = loop {
            let Some(piece) = next() else { return Err(Odd::Status) };
            if let Some((head, length)) = heads.read(&piece)? {
                break (head, piece[length..].to_vec());
            }
        };
        let (mut extent, mut body, mut behind) = (head.extent, Vec::new(), Vec::new());
        loop {
            let Taken { data, length } = extent.take(&mut arrived);
            body.extend_from_slice(&arrived[data]);
            behind.extend_from_slice(&arrived[length..]);
            if let Some(odd) = extent.odd() {
                return Err(odd);
            }
            let Some(piece) = next() else { break };
            arrived = piece;
        }
        let is_whole = extent.end();
        let headers = head.response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
        Ok((head.response.status().as_u16(), headers.collect(), body, behind, is_whole))
    }

    /// A body in chunks of these sizes.
    fn chunked(body: &[u8], sizes: &[usize], extension: &str, trailer: &str) -> Vec<u8> {
        let (mut framed, mut rest) = (Vec::new(), body);
        for size in sizes.iter().copied().chain([usize::MAX]) {
            let (chunk, behind) = rest.split_at(size.max(1).min(rest.len()));
            if !chunk.is_empty() {
                framed.extend(format!("{:X}{extension}\r\n", chunk.len()).bytes());
                framed.extend_from_slice(chunk);
                framed.extend_from_slice(b"\r\n");
            }
            rest = behind;
        }
        framed.extend(format!("0\r\n{trailer}\r\n").bytes());
        framed
    }

    fn body() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(any::<u8>(), 0..300)
    }

    fn sizes() -> impl Strategy<Value = Vec<usize>> {
        prop::collection::vec(1..40_usize, 0..30)
    }

    proptest! {
        #[test]
        fn an_answer_is_the_same_in_whichever_pieces_it_arrives(
            (body, chunks, cuts) in (body(), sizes(), sizes()),
            extension in "(;[a-z]{0,9}(=\"[ -!#-~]{0,9}\")?)?",
            trailer in "([a-z]{1,9}: [ -~]{0,9}\r\n){0,3}",
            hints in 0..3_usize,
            frame in 0..3_u8,
            behind in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            let mut bytes = b"HTTP/1.1 103 Early\r\nx: 1\r\n\r\n".repeat(hints);
            bytes.extend_from_slice(b"HTTP/1.1 200 OK\r\nX-One: a\r\nx-none:\r\nx-one: b\r\n");
            let (said, framed) = match frame {
                0 => (format!("content-length: {}", body.len()), body.clone()),
                1 => ("transfer-encoding: Chunked".to_owned(),
                      chunked(&body, &chunks, &extension, &trailer)),
                _ => ("connection: close".to_owned(), body.clone()),
            };
            bytes.extend(format!("{said}\r\n\r\n").bytes());
            bytes.extend_from_slice(&framed);
            if frame < 2 {
                bytes.extend_from_slice(&behind);
            }
            let whole = read(&bytes, &[usize::MAX]).unwrap();
            prop_assert_eq!(&whole.2, &body);
            prop_assert!(whole.4);
            prop_assert_eq!(&whole.3, if frame < 2 { &behind } else { &whole.3 });
            prop_assert_eq!(whole.1.len(), 4);
            prop_assert_eq!(&read(&bytes, &cuts).unwrap(), &whole);
        }

        #[test]
        fn no_bytes_are_a_panic_and_all_are_read_alike_in_whichever_pieces_they_arrive(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            cuts in sizes(),
            start in prop::sample::select(vec![
                "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n",
            ]),
        ) {
            let bytes = [start.as_bytes(), &bytes].concat();
            let whole = read(&bytes, &[usize::MAX]);
            prop_assert_eq!(read(&bytes, &cuts).ok(), whole.ok());
        }

        #[test]
        fn no_mutation_of_a_chunked_body_is_read_in_two_ways(
            (body, chunks, cuts) in (body(), sizes(), sizes()),
            (at, byte) in (any::<prop::sample::Index>(), prop::sample::select(b"\r\n;0aF \t:x".to_vec())),
        ) {
            let mut framed = chunked(&body, &chunks, "", "x: 1\r\n");
            let at = at.index(framed.len());
            framed[at] = byte;
            let bytes = [&b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"[..], &framed].concat();
            let whole = read(&bytes, &[usize::MAX]);
            prop_assert_eq!(read(&bytes, &cuts), whole);
        }
    }

    #[test]
    fn a_length_is_counted_down_and_what_lies_behind_is_not_taken() {
        let mut extent = Extent::Length(5);
        assert_eq!(extent.take(&mut [1, 2, 3]), Taken { data: 0..3, length: 3 });
        assert!(!extent.is_over());
        assert_eq!(extent.take(&mut [4, 5, 6]), Taken { data: 0..2, length: 2 });
        assert!(extent.is_over());
        assert_eq!(extent.take(&mut [7]), Taken { data: 0..0, length: 0 });
    }

    #[test]
    fn the_end_of_a_connection_ends_what_reaches_to_it_and_nothing_else() {
        for (mut extent, expected) in [
            (Extent::ToTheEnd, true),
            (Extent::NOTHING, true),
            (Extent::Length(1), false),
            (Extent::chunked(), false),
        ] {
            assert_eq!(extent.end(), expected, "{extent:?}");
        }
    }
}
