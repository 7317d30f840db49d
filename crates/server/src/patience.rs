//! How long a client is waited for that sends no request, or takes no reply.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// What an HTTP/2 client begins with. Until a connection's beginning differs from it, nobody knows
/// which protocol it speaks, and the patience of neither holds.
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A connection whose reading fails if no request's head arrives in time: after the connection is
/// made, or after the last request's reply has been written; and whose writing fails if for as long
/// the client takes nothing of what is written: it would keep the reply, and the call that it comes
/// from, for ever.
///
/// hyper's own limit makes, sets and cancels a timer for every request. Here one alarm per
/// connection stays set, and when it rings it is seen whether it rang too early.
pub(crate) struct Patient<S> {
    stream: S,
    patience: Duration,
    turns: Turns,
    beginning: Beginning,
    /// Gone when the protocol is HTTP/2, which looks after its connections by itself.
    alarm: Option<Pin<Box<Sleep>>>,
    /// Set while the client takes nothing.
    stall: Option<Pin<Box<Sleep>>>,
}

/// What a connection's first bytes say of its protocol.
enum Beginning {
    /// So many of them are the preface's.
    Undecided(usize),
    Known,
}

/// How many requests of a connection are under way, and since when there was none. Clones are the
/// same.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Mutex<Count>>);

struct Count {
    underway: usize,
    /// Means something while nothing is under way.
    idle_since: Instant,
}

/// A request that is under way until this is dropped.
pub(crate) struct Turn(Turns);

impl Turns {
    fn new(since: Instant) -> Self {
        Self(Arc::new(Mutex::new(Count { underway: 0, idle_since: since })))
    }

    /// Begins a request.
    pub(crate) fn begin(&self) -> Turn {
        self.count().underway += 1;
        Turn(self.clone())
    }

    fn idle_since(&self) -> Option<Instant> {
        let count = self.count();
        (count.underway == 0).then_some(count.idle_since)
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut count = self.0.count();
        count.underway -= 1;
        count.idle_since = now;
    }
}

impl<S> Patient<S> {
    /// A connection that has been open since then.
    pub(crate) fn new(stream: S, since: Instant, patience: Duration) -> Self {
        let alarm = Some(Box::pin(sleep_until(since + patience)));
        let beginning = Beginning::Undecided(0);
        Self { stream, patience, turns: Turns::new(since), beginning, alarm, stall: None }
    }

    /// Where requests that come by this connection say that they are under way.
    pub(crate) fn turns(&self) -> Turns {
        self.turns.clone()
    }

    /// Looks at what has just come.
    fn note(&mut self, new: &[u8]) {
        let Beginning::Undecided(seen) = &mut self.beginning else { return };
        let rest = &PREFACE[*seen..];
        *seen += new.len();
        if new.is_empty() || !rest.starts_with(&new[..new.len().min(rest.len())]) {
            self.beginning = Beginning::Known;
        } else if new.len() >= rest.len() {
            self.beginning = Beginning::Known;
            self.alarm = None;
        }
    }

    /// Ready when the client has had its time.
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(alarm) = &mut self.alarm else { return Poll::Pending };
        while alarm.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            let due = self.turns.idle_since().unwrap_or(now) + self.patience;
            if due <= now {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(due);
        }
        Poll::Pending
    }

    /// What was written, or that the client has had its time.
    fn poll_stall(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let patience = self.patience;
        let begins = || Box::pin(sleep_until(Instant::now() + patience));
        let stall = self.stall.get_or_insert_with(begins);
        stall.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
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
        match self.poll_alarm(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.poll_stall(cx, written)
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
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.poll_stall(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::{sleep, timeout};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(75);

    /// How reading goes on after a client has said this and no more.
    async fn after(said: &[u8]) -> Option<io::ErrorKind> {
        let (mut client, server) = duplex(64);
        client.write_all(said).await.unwrap();
        let mut patient = Patient::new(server, Instant::now(), PATIENCE);
        let mut heard = vec![0; said.len()];
        patient.read_exact(&mut heard).await.unwrap();
        timed_out(&mut patient, PATIENCE).await
    }

    /// How reading fails after exactly so long; `None` if it does not in three times the patience.
    async fn timed_out(
        patient: &mut Patient<DuplexStream>,
        wait: Duration,
    ) -> Option<io::ErrorKind> {
        let begun = Instant::now();
        let read = timeout(PATIENCE * 3, patient.read_u8()).await.ok()?;
        assert_eq!(begun.elapsed(), wait);
        Some(read.unwrap_err().kind())
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_says_nothing_more_is_not_waited_for_whatever_it_speaks() {
        for said in
            [&b""[..], b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n", b"G", b"POST / HTTP/1.1\r\n", b"PRX"]
        {
            assert_eq!(after(said).await, Some(io::ErrorKind::TimedOut), "{said:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn http_2_looks_after_itself() {
        let more = [PREFACE, &b"and its first frame"[..]].concat();
        for said in [&PREFACE[..], &more] {
            assert_eq!(after(said).await, None, "{said:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_takes_its_time_and_the_wait_for_the_next_begins_with_its_end() {
        let (_client, server) = duplex(64);
        let mut patient = Patient::new(server, Instant::now(), PATIENCE);
        let (turns, begun) = (patient.turns(), Instant::now());
        let (turn, other) = (turns.begin(), turns.begin());
        drop(other);
        assert!(timeout(PATIENCE * 3, patient.read_u8()).await.is_err(), "it is under way");
        sleep(Duration::from_secs(7)).await;
        drop(turn);
        assert_eq!(timed_out(&mut patient, PATIENCE).await, Some(io::ErrorKind::TimedOut));
        assert_eq!(begun.elapsed(), PATIENCE * 4 + Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_comes_in_crumbs_gets_no_more_time() {
        let (mut client, server) = duplex(64);
        let mut patient = Patient::new(server, Instant::now(), PATIENCE);
        let begun = Instant::now();
        let crumbs = async {
            loop {
                client.write_all(b"x").await.unwrap();
                sleep(Duration::from_secs(10)).await;
            }
        };
        let reading = async { while patient.read_u8().await.is_ok() {} };
        tokio::select! {
            () = crumbs => {}
            () = reading => {}
        }
        assert_eq!(begun.elapsed(), PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_not_waited_for_and_one_that_takes_a_little_is() {
        let (mut client, server) = duplex(64);
        let mut patient = Patient::new(server, Instant::now(), PATIENCE);
        let begun = Instant::now();
        let reply = [b'x'; 128];
        let takes_a_little = async {
            sleep(PATIENCE / 2).await;
            client.read_exact(&mut [0; 32]).await.unwrap();
        };
        let (written, ()) = tokio::join!(patient.write_all(&reply), takes_a_little);
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed(), PATIENCE / 2 + PATIENCE);
        client.read_exact(&mut [0; 64]).await.unwrap();
        patient.write_all(&[b'x'; 32]).await.unwrap();
    }
}
