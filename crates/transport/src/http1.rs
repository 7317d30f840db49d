//! One HTTP/1.1 connection, read and written inside the task of the request that holds it.
//!
//! A connection of our own, because this is the way of every prompt and every token, and of what a
//! general one is for only this is wanted: one request at a time, and its answer. hyper's passes
//! requests and bodies through channels between a connection and its user, which here are one task.
//! Without it a small request takes 70,600 instructions instead of 80,100, an event that comes alone
//! 9,640 instead of 11,650, and no connection that is in use has a block of 10 kB for the channel
//! (`cargo xtask bench --instructions`).
//!
//! [`Outgoing`] says which bytes are to be written, [`Heads`] and [`Extent`] what those are that come.
//! They do no I/O, so they can be tested, and fuzzed, alone.
//!
//! It holds no buffer. What has arrived is read into a space on the stack and copied out in the size
//! that it has, so that a thousand connections that wait cost what their sockets cost.
//!
//! What it does not do: pipelining, upgrades, `CONNECT`, `Expect`, trailers (they are read and
//! dropped), codings other than `chunked`.

use std::{
    io::{self, IoSlice},
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use ferro_core::Payload;
use http::{Request, Response};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use crate::{
    alarm::Alarm,
    dial::Connection,
    extent::{Extent, Taken},
    head::{Heads, Odd},
    outgoing::{MOST_SLICES, Outgoing, Unwritable},
};

/// As much as is read at once.
const SPACE: usize = 16 << 10;

/// A connection. Dropping it closes the socket.
pub(crate) struct Link {
    socket: Box<dyn Connection>,
    /// Gone once it is written.
    outgoing: Option<Outgoing>,
    /// Why the request could not be written to its end. An answer may be there all the same.
    unwritten: Option<io::Error>,
    heads: Heads,
    /// Of the body that is read.
    extent: Extent,
    /// What came of the body together with its head.
    first: Bytes,
    /// Whether it may be used again once the answer is read.
    keeps_open: bool,
    /// Whether an answer was read before: until the next request nothing is to be heard.
    is_used: bool,
    /// Goes with the connection from one request to the next.
    alarm: Alarm,
}

/// Why there is no answer, or no more of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Break {
    #[error("the connection was closed before the answer was whole")]
    Closed,
    #[error(transparent)]
    Socket(#[from] io::Error),
    #[error(transparent)]
    Odd(#[from] Odd),
    #[error(transparent)]
    Request(#[from] Unwritable),
}

/// A request without an answer.
pub(crate) enum Failed {
    /// It took too long.
    Late,
    /// The connection ended. It gives the request back if none of it was sent.
    Broken(Break, Option<Box<Request<Payload>>>),
}

impl Link {
    pub(crate) fn new(socket: Box<dyn Connection>) -> Box<Self> {
        Box::new(Self {
            socket,
            outgoing: None,
            unwritten: None,
            heads: Heads::default(),
            extent: Extent::NOTHING,
            first: Bytes::new(),
            keeps_open: true,
            is_used: false,
            alarm: Alarm::default(),
        })
    }

    /// Takes a request, which is sent as soon as the answer is polled for.
    pub(crate) fn send(&mut self, outgoing: Outgoing) {
        self.heads.answer(outgoing.method().clone());
        self.outgoing = Some(outgoing);
    }

    /// Sends the request, and reads until the head of the answer is there or `due` has come.
    ///
    /// Whoever gives up before must drop the link.
    pub(crate) fn poll_answer(
        &mut self,
        due: Instant,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<()>, Failed>> {
        match self.poll_exchange(cx) {
            Poll::Ready(Ok(response)) => Poll::Ready(Ok(response)),
            Poll::Ready(Err(why)) => {
                let unsent = self.outgoing.take().filter(|outgoing| !outgoing.has_begun());
                let unsent = unsent.map(|outgoing| Box::new(outgoing.take_back()));
                Poll::Ready(Err(Failed::Broken(why, unsent)))
            }
            Poll::Pending => self.alarm.poll_due(due, cx).map(|()| Err(Failed::Late)),
        }
    }

    fn poll_exchange(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<()>, Break>> {
        if self.is_used && !self.has_begun() && self.is_stale(cx) {
            return Poll::Ready(Err(Break::Closed));
        }
        self.write(cx)?;
        match ready!(self.poll_head(cx)) {
            // Why it could not be written says more than that nothing came then.
            Err(Break::Closed | Break::Socket(_)) if self.unwritten.is_some() => {
                Poll::Ready(Err(self.unwritten.take().expect("it is there").into()))
            }
            answer => Poll::Ready(answer),
        }
    }

    /// Whether a connection that nobody used was closed meanwhile, or says what nobody asked for.
    fn is_stale(&mut self, cx: &mut Context<'_>) -> bool {
        let mut space = [MaybeUninit::uninit(); 1];
        Pin::new(&mut self.socket).poll_read(cx, &mut ReadBuf::uninit(&mut space)).is_ready()
    }

    /// Writes what can be written of the request. A socket that takes no more of it may have an answer
    /// still, so that is noted; an error is what the request itself is to blame for, or that it was
    /// not sent at all.
    fn write(&mut self, cx: &mut Context<'_>) -> Result<(), Break> {
        match self.poll_write(cx) {
            Poll::Pending => Ok(()),
            Poll::Ready(Ok(())) => {
                if let Some(outgoing) = self.outgoing.take() {
                    self.heads.make_room(outgoing.into_headers());
                }
                Ok(())
            }
            Poll::Ready(Err(Break::Socket(error))) if self.has_begun() => {
                (self.outgoing, self.unwritten) = (None, Some(error));
                Ok(())
            }
            Poll::Ready(Err(why)) => Err(why),
        }
    }

    /// Whether the other side may have seen anything of the request.
    fn has_begun(&self) -> bool {
        self.outgoing.as_ref().is_none_or(Outgoing::has_begun)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Break>> {
        let Some(outgoing) = &mut self.outgoing else { return Poll::Ready(Ok(())) };
        while ready!(outgoing.poll_next(cx))? {
            let mut slices = [IoSlice::new(&[]); MOST_SLICES];
            let count = outgoing.slices(&mut slices);
            let socket = Pin::new(&mut self.socket);
            match ready!(socket.poll_write_vectored(cx, &slices[..count]))? {
                0 => return Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero).into())),
                written => outgoing.advance(written),
            }
        }
        Pin::new(&mut self.socket).poll_flush(cx).map_err(Break::Socket)
    }

    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<()>, Break>> {
        loop {
            let mut space = [MaybeUninit::uninit(); SPACE];
            let mut arrived = ReadBuf::uninit(&mut space);
            ready!(Pin::new(&mut self.socket).poll_read(cx, &mut arrived))?;
            if arrived.filled().is_empty() {
                return Poll::Ready(Err(Break::Closed));
            }
            if let Some((head, length)) = self.heads.read(arrived.filled())? {
                // Whoever answers before he has heard everything may not want to hear the rest.
                let was_heard = self.outgoing.is_none() && self.unwritten.is_none();
                (self.extent, self.keeps_open) = (head.extent, head.keeps_open && was_heard);
                self.first = self.take(&mut arrived.filled_mut()[length..]);
                return Poll::Ready(Ok(head.response));
            }
        }
    }

    /// Takes what has arrived of the body. Bytes behind its end answer nothing that was asked, and
    /// would be taken for the answer to what is asked next.
    fn take(&mut self, arrived: &mut [u8]) -> Bytes {
        let Taken { data, length } = self.extent.take(arrived);
        self.keeps_open &= length == arrived.len();
        Bytes::copy_from_slice(&arrived[data])
    }

    /// The next of the body, or its end. `Pending` means that nothing more has arrived.
    pub(crate) fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Break>>> {
        if self.outgoing.is_some() {
            self.write(cx)?; // somebody may answer as he hears
        }
        loop {
            if !self.first.is_empty() {
                return Poll::Ready(Some(Ok(std::mem::take(&mut self.first))));
            }
            if let Some(odd) = self.extent.odd() {
                return Poll::Ready(Some(Err(odd.into())));
            }
            if self.extent.is_over() {
                return Poll::Ready(None);
            }
            let mut space = [MaybeUninit::uninit(); SPACE];
            let mut arrived = ReadBuf::uninit(&mut space);
            ready!(Pin::new(&mut self.socket).poll_read(cx, &mut arrived))?;
            if arrived.filled().is_empty() && !self.extent.end() {
                return Poll::Ready(Some(Err(Break::Closed)));
            }
            self.first = self.take(arrived.filled_mut());
        }
    }

    /// Whether the answer was read to its end.
    pub(crate) fn is_over(&self) -> bool {
        self.first.is_empty() && self.extent.is_over()
    }

    /// The connection's timer.
    pub(crate) fn alarm(&mut self) -> &mut Alarm {
        &mut self.alarm
    }

    /// Lets go of an exchange that was read to its end. Returns whether the next may begin.
    pub(crate) fn rest(&mut self) -> bool {
        self.is_used = true;
        self.keeps_open && self.is_over()
    }
}
