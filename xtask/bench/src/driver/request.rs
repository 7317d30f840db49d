//! A request as it goes over the wire, made once for a run, and what its reply has to be like.

use std::net::SocketAddr;

use super::connection::Connection;
use crate::{
    Wish,
    script::{STAMP, WAITED, now, number_after},
};

/// Where requests go.
#[derive(Clone, Debug)]
pub struct Goal {
    /// The system's address.
    pub address: SocketAddr,
    /// A header that it asks for, as `name: value`.
    pub header: Option<String>,
}

/// A request, and what it asks for.
#[derive(Clone, Debug)]
pub struct Prepared {
    wish: Wish,
    bytes: Vec<u8>,
}

/// What one exchange showed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// How long the upstream waited before it answered, in microseconds.
    pub waited: u64,
    /// Events of a stream's text.
    pub events: usize,
    /// When the first of them had arrived, in nanoseconds on the machine's clock.
    pub first_at: u64,
}

impl Prepared {
    /// A request to a system, with so many bytes of text in its prompt.
    pub fn new(goal: &Goal, wish: Wish, prompt: usize) -> Self {
        let body = wish.body(prompt);
        let header = goal.header.as_ref().map(|line| format!("{line}\r\n")).unwrap_or_default();
        let bytes = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             accept: */*\r\nuser-agent: ferro-bench\r\n{header}content-length: {}\r\n\r\n{body}",
            wish.path(),
            goal.address,
            body.len()
        );
        Self { wish, bytes: bytes.into_bytes() }
    }

    /// Whether the moment of each event is read: only where that costs nothing.
    pub(crate) fn is_stamped(&self) -> bool {
        self.wish.is_stream() && !self.wish.pause.is_zero()
    }

    /// Sends it, and checks the reply. `each` hears of events as they arrive: how many, and the delay
    /// of the newest in nanoseconds where moments are read.
    pub async fn send(
        &self,
        connection: &mut Connection,
        mut each: impl FnMut(usize, Option<u64>),
    ) -> Result<Seen, String> {
        if !self.wish.is_stream() {
            return self.whole(connection).await;
        }
        let mut reader = Reader::new(self.is_stamped());
        let see = |data: &[u8]| {
            reader.read(data, &mut each);
            true
        };
        connection.exchange(&self.bytes, see).await?;
        reader.finished(&self.wish)
    }

    /// Sends it, and leaves the reply where it is once its first event has arrived.
    pub async fn begin(&self, connection: &mut Connection) -> Result<Seen, String> {
        let mut reader = Reader::new(true);
        let first = |data: &[u8]| {
            reader.read(data, &mut |_, _| ());
            reader.seen.events == 0
        };
        connection.exchange(&self.bytes, first).await?;
        Ok(reader.seen)
    }

    /// Sends it, and leaves the reply where it is: that of a stream once its first event has arrived,
    /// a whole one at once.
    pub async fn start(&self, connection: &mut Connection) -> Result<(), String> {
        match self.wish.is_stream() {
            true => self.begin(connection).await.map(|_| ()),
            false => connection.send(&self.bytes).await,
        }
    }

    async fn whole(&self, connection: &mut Connection) -> Result<Seen, String> {
        let (mut length, mut waited) = (0, None);
        let see = |data: &[u8]| {
            if length == 0 {
                waited = number_after(WAITED, data);
            }
            length += data.len();
            true
        };
        connection.exchange(&self.bytes, see).await?;
        let waited = waited.ok_or("a reply that is not the upstream's")?;
        if length < self.wish.least() {
            return Err(format!("{length} bytes of reply are not all of it"));
        }
        Ok(Seen { waited, ..Seen::default() })
    }
}

/// Reads a stream of events, in whatever pieces it comes.
struct Reader {
    seen: Seen,
    waited: Option<u64>,
    is_stamped: bool,
    /// The last bytes of the piece before, in which a mark may begin.
    tail: Vec<u8>,
    /// The last bytes so far.
    ending: Vec<u8>,
}

/// As long as what says that a stream has ended, and what may follow it.
const ENDING: usize = 16;

impl Reader {
    fn new(is_stamped: bool) -> Self {
        let (tail, ending) = (Vec::new(), Vec::new());
        Self { seen: Seen::default(), waited: None, is_stamped, tail, ending }
    }

    fn read(&mut self, data: &[u8], each: &mut impl FnMut(usize, Option<u64>)) {
        if self.seen.first_at == 0 {
            self.seen.first_at = now();
        }
        // A mark that was cut in two stands in the next event again.
        if self.waited.is_none() {
            self.waited = number_after(WAITED, data);
            self.seen.waited = self.waited.unwrap_or_default();
        }
        let found = count(&mut self.tail, data, STAMP);
        self.seen.events += found;
        self.ending.extend_from_slice(&data[data.len().saturating_sub(ENDING)..]);
        self.ending.drain(..self.ending.len().saturating_sub(ENDING));
        if found > 0 {
            each(found, self.is_stamped.then(|| delay(data)).flatten());
        }
    }

    fn finished(self, wish: &Wish) -> Result<Seen, String> {
        let expected = wish.events / wish.per_write * wish.per_write;
        if memchr::memmem::find(&self.ending, b"[DONE]").is_none() {
            return Err("a stream without its end".to_owned());
        }
        if self.waited.is_none() {
            return Err("a stream that is not the upstream's".to_owned());
        }
        match self.seen.events == expected {
            true => Ok(self.seen),
            false => Err(format!("{} of {expected} events came", self.seen.events)),
        }
    }
}

/// How long ago the newest event in a piece was written; none if its moment was cut in two.
fn delay(data: &[u8]) -> Option<u64> {
    const LONGEST: usize = STAMP.len() + 20;
    let at = memchr::memmem::rfind(data, STAMP)?;
    let written = number_after(STAMP, data.get(at..at + LONGEST)?)?;
    Some(now().saturating_sub(written))
}

/// How often `mark` ends in `data`, over the border to what came before.
fn count(tail: &mut Vec<u8>, data: &[u8], mark: &[u8]) -> usize {
    let mut found = memchr::memmem::find_iter(data, mark).count();
    let keep = mark.len() - 1;
    tail.extend_from_slice(&data[..data.len().min(keep)]);
    found += memchr::memmem::find_iter(tail, mark).count();
    if data.len() >= keep {
        tail.clear();
        tail.extend_from_slice(&data[data.len() - keep..]);
    } else {
        tail.drain(..tail.len().saturating_sub(keep));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_however_the_stream_is_cut() {
        let text = br#"{"content":"t1"},{"content":"t2"},{"content":"x"},{"content":"t3"}"#;
        for cut in 1..text.len() {
            let mut tail = Vec::new();
            let pieces = text.chunks(cut);
            let found: usize = pieces.map(|piece| count(&mut tail, piece, STAMP)).sum();
            assert_eq!(found, 3, "{cut}");
        }
    }
}
