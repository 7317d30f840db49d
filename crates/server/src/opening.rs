//! A connection's first bytes, which do not take for ever.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// What an HTTP/2 client begins with. Until a connection's beginning differs from it, nobody knows
/// which protocol it speaks, and the patience of neither holds.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A connection that fails if it does not say in time which protocol it speaks.
pub(crate) struct Opening<S> {
    stream: S,
    /// How much of the preface has come; gone with the alarm when the protocol is known.
    undecided: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<S> Opening<S> {
    pub(crate) fn new(stream: S, patience: Duration) -> Self {
        Self { stream, undecided: Some((0, Box::pin(sleep(patience)))) }
    }

    /// Looks at what has just come.
    fn note(&mut self, new: &[u8]) {
        let Some((seen, _)) = &mut self.undecided else { return };
        let rest = &PREFACE[*seen..];
        *seen += new.len();
        if new.is_empty() || *seen >= PREFACE.len() || !rest.starts_with(new) {
            self.undecided = None;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Opening<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buffer) {
            self.note(&buffer.filled()[before..]);
            return Poll::Ready(read);
        }
        if let Some((_, alarm)) = &mut self.undecided {
            ready!(alarm.as_mut().poll(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Opening<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::{Instant, timeout};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(75);

    /// How reading goes on after a client has said this and no more.
    async fn after(said: &[u8]) -> Option<io::ErrorKind> {
        let (mut client, server) = duplex(64);
        client.write_all(said).await.unwrap();
        let mut opening = Opening::new(server, PATIENCE);
        let mut heard = vec![0; said.len()];
        opening.read_exact(&mut heard).await.unwrap();
        let begun = Instant::now();
        let read = timeout(PATIENCE * 2, opening.read_u8()).await.ok()?;
        assert_eq!(begun.elapsed(), PATIENCE);
        Some(read.unwrap_err().kind())
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_say_what_it_speaks_is_not_waited_for() {
        for said in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n"] {
            assert_eq!(after(said).await, Some(io::ErrorKind::TimedOut), "{said:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_has_said_it_is_left_to_the_protocol() {
        for said in [&b"G"[..], b"POST /", b"PRX", b"GET / HTTP/1.0\r\n\r\n", PREFACE] {
            assert_eq!(after(said).await, None, "{said:?}");
        }
    }
}
