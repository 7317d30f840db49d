//! One connection of the load driver: HTTP/1.1 by hand, and every reply is checked.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::chunked::Chunked;

/// A connection that sends one request after the other.
pub struct Connection {
    stream: TcpStream,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

/// How long a reply's body is.
enum Framing {
    Length(usize),
    Chunked(Chunked),
}

impl Connection {
    /// Opens one.
    pub async fn open(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await;
        let stream = stream.map_err(|error| format!("{address} cannot be reached: {error}"))?;
        stream.set_nodelay(true).map_err(said)?;
        Ok(Self { stream, bytes: vec![0; 32 << 10], start: 0, end: 0 })
    }

    /// Sends a request, and leaves the reply where it is.
    pub async fn send(&mut self, request: &[u8]) -> Result<(), String> {
        self.stream.write_all(request).await.map_err(said)
    }

    /// Sends a request and hands over the reply's body as it comes, until `see` has seen enough
    /// (it says `false`) or the reply has ended.
    pub async fn exchange(
        &mut self,
        request: &[u8],
        mut see: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), String> {
        self.send(request).await?;
        let mut framing = self.head().await?;
        loop {
            let arrived = &self.bytes[self.start..self.end];
            let (used, is_over) = match &mut framing {
                Framing::Length(left) => {
                    let used = arrived.len().min(*left);
                    *left -= used;
                    if used > 0 && !see(&arrived[..used]) {
                        return Ok(());
                    }
                    (used, *left == 0)
                }
                Framing::Chunked(chunked) => {
                    let mut goes_on = true;
                    let used = chunked.read(arrived, |data| goes_on &= see(data))?;
                    if !goes_on {
                        return Ok(());
                    }
                    (used, chunked.is_over())
                }
            };
            self.start += used;
            if is_over {
                return Ok(());
            }
            self.fill().await?;
        }
    }

    async fn head(&mut self) -> Result<Framing, String> {
        loop {
            if let Some((length, framing)) = head(&self.bytes[self.start..self.end])? {
                self.start += length;
                return Ok(framing);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), String> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.end == self.bytes.len() {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        match self.stream.read(&mut self.bytes[self.end..]).await.map_err(said)? {
            0 => Err("the connection was closed in the middle of a reply".to_owned()),
            read => {
                self.end += read;
                Ok(())
            }
        }
    }
}

/// The length of a head and how its body is framed, once it is there.
fn head(bytes: &[u8]) -> Result<Option<(usize, Framing)>, String> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = response.parse(bytes).map_err(said)? else {
        return Ok(None);
    };
    if response.code != Some(200) {
        let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        let shown = String::from_utf8_lossy(line);
        return Err(format!("an answer that is not 200: {shown}"));
    }
    let value = |name: &str| {
        let header = response.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name));
        header.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let framing = match value("content-length").map(str::parse) {
        Some(length) => Framing::Length(length.map_err(said)?),
        None if value("transfer-encoding") == Some("chunked") => {
            Framing::Chunked(Chunked::default())
        }
        None => return Err("a reply without a length".to_owned()),
    };
    Ok(Some((length, framing)))
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
