//! A request, read exactly as it came.

use std::io;

use bytes::{Buf, BytesMut};
use httparse::{EMPTY_HEADER, Header, Status};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

/// More headers than this are not read.
const MAX_HEADERS: usize = 128;
/// A longer head is not read.
const MAX_HEAD: usize = 1 << 20;

/// A request as it was received.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The path, with its query.
    pub path: String,
    /// The headers, in order, their names as they were written.
    pub headers: Vec<(String, String)>,
    /// The head, exactly: request line, headers, and the empty line.
    pub head: Vec<u8>,
    /// The body, exactly; without the framing if it came in chunks.
    pub body: Vec<u8>,
    /// Which connection it came on, counted from nought.
    pub connection: usize,
    /// When all of it was there.
    pub at: Instant,
}

impl Received {
    /// The first header of that name, however it was written.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Whether a header says a word.
    pub(crate) fn says(&self, name: &str, word: &str) -> bool {
        self.header(name).is_some_and(|value| value.to_ascii_lowercase().contains(word))
    }

    /// Reads the next request; nothing if the peer is gone. `buffer` holds what arrived beyond it.
    pub(crate) async fn read(
        stream: &mut TcpStream,
        buffer: &mut BytesMut,
        connection: usize,
    ) -> io::Result<Option<Self>> {
        let mut received = loop {
            if let Some((received, length)) = head(buffer, connection)? {
                buffer.advance(length);
                break received;
            }
            if fill(stream, buffer).await? == 0 {
                return Ok(None);
            }
        };
        if received.says("expect", "100-continue") {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        received.body = if received.says("transfer-encoding", "chunked") {
            chunks(stream, buffer).await?
        } else {
            let length = received.header("content-length").unwrap_or("0");
            let length = length.parse().map_err(|_| malformed("content-length is no number"))?;
            take(stream, buffer, length).await?
        };
        received.at = Instant::now();
        Ok(Some(received))
    }
}

/// A head, if all of it is there, and its length.
fn head(buffer: &[u8], connection: usize) -> io::Result<Option<(Received, usize)>> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(buffer).map_err(|error| malformed(error.to_string()))? {
        Status::Complete(length) => length,
        Status::Partial if buffer.len() > MAX_HEAD => {
            return Err(malformed("the head is too long"));
        }
        Status::Partial => return Ok(None),
    };
    let text = |header: &Header<'_>| {
        (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned())
    };
    let received = Received {
        method: request.method.unwrap_or_default().to_owned(),
        path: request.path.unwrap_or_default().to_owned(),
        headers: request.headers.iter().map(text).collect(),
        head: buffer[..length].to_vec(),
        body: Vec::new(),
        connection,
        at: Instant::now(),
    };
    Ok(Some((received, length)))
}

async fn chunks(stream: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let parsed = httparse::parse_chunk_size(buffer);
        let (start, size) = match parsed.map_err(|_| malformed("a chunk without its size"))? {
            Status::Complete(found) => found,
            Status::Partial => {
                more(stream, buffer).await?;
                continue;
            }
        };
        buffer.advance(start);
        let size = usize::try_from(size).map_err(|_| malformed("a chunk too large to hold"))?;
        body.append(&mut take(stream, buffer, size).await?);
        // Every chunk ends with an empty line, the last one too: nobody here sends trailers.
        take(stream, buffer, 2).await?;
        if size == 0 {
            return Ok(body);
        }
    }
}

async fn take(stream: &mut TcpStream, buffer: &mut BytesMut, length: usize) -> io::Result<Vec<u8>> {
    buffer.reserve(length.saturating_sub(buffer.len()));
    while buffer.len() < length {
        more(stream, buffer).await?;
    }
    Ok(buffer.split_to(length).to_vec())
}

async fn more(stream: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<()> {
    match fill(stream, buffer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// Takes in what has arrived; nought at the end.
///
/// # Cancel safety
///
/// What was read is in the buffer.
pub(crate) async fn fill(stream: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<usize> {
    buffer.reserve(4 << 10); // else a full buffer grows by a few bytes at a time
    stream.read_buf(buffer).await
}

fn malformed(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}
