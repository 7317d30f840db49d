//! A request on its way out: which bytes are to be written next.

use std::{
    io::IoSlice,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use ferro_core::{BodyError, Payload};
use ferro_wire::Rope;
use http::{HeaderMap, Method, Request, header::CONTENT_LENGTH};
use http_body::Body as _;

/// How many pieces are written at once.
pub(crate) const MOST_SLICES: usize = 16;

/// How the other side knows where the body ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Measure {
    /// There is none.
    Nothing,
    /// So many bytes.
    Length(u64),
    /// It is told piece by piece.
    Chunked,
}

impl Measure {
    /// That of a body that goes with these headers: what is held is measured, and of what is passed
    /// on it is believed what is said of it.
    pub(crate) fn of(body: &Payload, headers: &HeaderMap) -> Self {
        match body {
            Payload::Rope(rope) if rope.is_empty() => Self::Nothing,
            _ => {
                let said = || headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
                body.length().or_else(said).map_or(Self::Chunked, Self::Length)
            }
        }
    }
}

/// Why a request cannot be written on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unwritable {
    #[error("the body of the request broke off")]
    Body(#[source] BodyError),
    #[error("the body of the request is not as long as its content-length says")]
    Length,
}

/// A request that is being written.
pub(crate) struct Outgoing {
    /// Its body is what is written, or where that comes from; the rest is kept for as long as it
    /// may have to be sent again.
    request: Request<Payload>,
    measure: Measure,
    /// The head; after that, what stands in front of a piece.
    before: Vec<u8>,
    /// A piece of a body that is passed on.
    piece: Rope,
    behind: &'static [u8],
    /// How much of these is written.
    written: usize,
    has_begun: bool,
    is_complete: bool,
}

impl Outgoing {
    pub(crate) fn new(request: Request<Payload>, head: Vec<u8>, measure: Measure) -> Self {
        let is_complete = matches!(request.body(), Payload::Rope(_));
        Self {
            request,
            measure,
            before: head,
            piece: Rope::default(),
            behind: &[],
            written: 0,
            has_begun: false,
            is_complete,
        }
    }

    pub(crate) fn method(&self) -> &Method {
        self.request.method()
    }

    /// Whether any of it was written.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// The request's headers, which have been written.
    pub(crate) fn into_headers(self) -> HeaderMap {
        self.request.into_parts().0.headers
    }

    /// The request.
    pub(crate) fn take_back(self) -> Request<Payload> {
        self.request
    }

    /// Ready with whether there is something to write; if not, all of it was written.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Unwritable>> {
        while self.is_written() {
            if self.is_complete {
                return Poll::Ready(Ok(false));
            }
            let frame = ready!(Pin::new(self.request.body_mut()).poll_frame(cx));
            let frame = frame.transpose().map_err(Unwritable::Body)?;
            self.follow(frame.map(|frame| frame.into_data().unwrap_or_default()))?;
        }
        Poll::Ready(Ok(true))
    }

    fn is_written(&self) -> bool {
        self.written == self.before.len() + self.body().len() + self.behind.len()
    }

    /// What is written between `before` and `behind`.
    fn body(&self) -> &Rope {
        match self.request.body() {
            Payload::Rope(rope) => rope,
            _ => &self.piece,
        }
    }

    /// Goes on with the next piece of a body that is passed on, or with its end.
    fn follow(&mut self, piece: Option<Bytes>) -> Result<(), Unwritable> {
        self.is_complete = piece.is_none();
        let piece = piece.unwrap_or_default();
        self.before.clear();
        (self.behind, self.written) = (&[], 0);
        match &mut self.measure {
            Measure::Nothing => {}
            Measure::Length(left) => {
                *left = left.checked_sub(piece.len() as u64).ok_or(Unwritable::Length)?;
                if self.is_complete && *left > 0 {
                    return Err(Unwritable::Length);
                }
            }
            Measure::Chunked if self.is_complete => self.behind = b"0\r\n\r\n",
            Measure::Chunked if piece.is_empty() => {} // which would say that it is the end
            Measure::Chunked => {
                self.before.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
                self.behind = b"\r\n";
            }
        }
        self.piece = piece.into();
        Ok(())
    }

    /// What is to be written next, in as many pieces as there is room for. Returns how many.
    pub(crate) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>; MOST_SLICES]) -> usize {
        let body = self.body().parts().map(AsRef::as_ref);
        let parts = [&*self.before].into_iter().chain(body).chain([self.behind]);
        let (mut passed, mut count) = (self.written, 0);
        for part in parts {
            let rest = &part[passed.min(part.len())..];
            passed -= part.len() - rest.len();
            if !rest.is_empty() && count < MOST_SLICES {
                slices[count] = IoSlice::new(rest);
                count += 1;
            }
        }
        count
    }

    /// So much of that was written.
    pub(crate) fn advance(&mut self, written: usize) {
        self.has_begun |= written > 0;
        self.written += written;
    }
}
