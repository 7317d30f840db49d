//! The bundled upstream: HTTP/1.1 by hand, so that it costs little beside what is measured.

mod ledger;

use std::{io, sync::Arc, time::Duration};

use ledger::Ledger;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinSet, yield_now},
    time::{Instant, sleep_until},
};

pub use self::ledger::Departures;
use crate::{
    Wish,
    script::{Dialect, Stream, Whole},
};

/// Answers whoever comes, for as long as it is polled.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    let mut connections = JoinSet::new();
    let ledger = Arc::new(Ledger::default());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A peer that leaves in the middle is what happens when a run is over.
        let ledger = Arc::clone(&ledger);
        connections.spawn(async move { drop(converse(stream, &ledger).await) });
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(mut stream: TcpStream, ledger: &Ledger) -> io::Result<()> {
    let mut inbox = Inbox { bytes: vec![0; 16 << 10], filled: 0 };
    let mut prepared: Option<(Asked, Prepared)> = None;
    while let Some(asked) = inbox.request(&mut stream).await? {
        // Whoever asks for nothing wants to know what happened so far.
        let Some(asked @ (_, wish)) = asked else {
            stream.write_all(ledger.told().as_bytes()).await?;
            continue;
        };
        ledger.arrive();
        let begun = Instant::now();
        if !wish.delay.is_zero() {
            pause(&stream, wish.delay, ledger).await?;
        }
        let waited = begun.elapsed().as_micros().try_into().unwrap_or(u64::MAX);
        if prepared.as_ref().is_none_or(|(known, _)| *known != asked) {
            prepared = Some((asked, Prepared::new(asked)));
        }
        match &mut prepared {
            Some((_, Prepared::Whole(whole))) => stream.write_all(whole.waited(waited)).await?,
            Some((_, Prepared::Stream(events))) => {
                events.waited(waited);
                speak(&mut stream, (&wish, events), ledger).await?;
            }
            None => {}
        }
    }
    Ok(())
}

/// A request: the dialect in which it is asked, and for what.
type Asked = (Dialect, Wish);

enum Prepared {
    Whole(Whole),
    Stream(Stream),
}

impl Prepared {
    fn new((dialect, wish): Asked) -> Self {
        match wish.is_stream() {
            true => Self::Stream(Stream::new(dialect, &wish)),
            false => Self::Whole(Whole::new(dialect, &wish)),
        }
    }
}

async fn speak(
    stream: &mut TcpStream,
    (wish, events): (&Wish, &mut Stream),
    ledger: &Ledger,
) -> io::Result<()> {
    stream.write_all(Stream::HEAD).await?;
    stream.write_all(events.first()).await?;
    for _ in 0..wish.events / wish.per_write {
        stream.write_all(events.block()).await?;
        match wish.pause.is_zero() {
            true => yield_now().await,
            false => pause(stream, wish.pause, ledger).await?,
        }
    }
    stream.write_all(events.last()).await
}

/// Waits, and notices when the peer leaves meanwhile: whoever waits long writes too seldom to see it
/// otherwise.
async fn pause(stream: &TcpStream, time: Duration, ledger: &Ledger) -> io::Result<()> {
    let over = Instant::now() + time;
    loop {
        tokio::select! {
            // Both arms may be dropped: neither takes anything from the socket.
            () = sleep_until(over) => return Ok(()),
            readable = stream.readable() => readable?,
        }
        match stream.try_read(&mut [0; 1]) {
            // It had only been readable before.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            _ => {
                ledger.leave();
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// What has arrived and was not looked at yet.
struct Inbox {
    bytes: Vec<u8>,
    filled: usize,
}

impl Inbox {
    /// The next request, if it asks for something; none once the peer has left between two.
    async fn request(&mut self, stream: &mut TcpStream) -> io::Result<Option<Option<Asked>>> {
        let (start, length, dialect) = loop {
            if let Some(found) = head(&self.bytes[..self.filled])? {
                break found;
            }
            if self.fill(stream).await? == 0 {
                return Ok(None);
            }
        };
        let end = start + length;
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        while self.filled < end {
            if self.fill(stream).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let wish = Wish::of(&self.bytes[start..end]);
        self.bytes.copy_within(end..self.filled, 0);
        self.filled -= end;
        if length > 0 && wish.is_none() {
            return Err(io::Error::other("a request whose model is not one of ours"));
        }
        Ok(Some(wish.map(|wish| (dialect, wish))))
    }

    async fn fill(&mut self, stream: &mut TcpStream) -> io::Result<usize> {
        if self.filled == self.bytes.len() {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        let read = stream.read(&mut self.bytes[self.filled..]).await?;
        self.filled += read;
        Ok(read)
    }
}

/// Where the body begins, how long it is, and in which dialect, once the head is there.
fn head(bytes: &[u8]) -> io::Result<Option<(usize, usize, Dialect)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(start) = request.parse(bytes).map_err(io::Error::other)? else {
        return Ok(None);
    };
    let length = request.headers.iter().find(|h| h.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse().ok());
    let length = length.unwrap_or(0);
    if request.headers.iter().any(|h| h.name.eq_ignore_ascii_case("transfer-encoding")) {
        return Err(io::Error::other("a request whose length is not said"));
    }
    let dialect = Dialect::of(request.path.unwrap_or_default());
    Ok(Some((start, length, dialect)))
}
