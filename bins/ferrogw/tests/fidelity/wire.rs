//! A client with a bare socket: what is sent and what is answered, byte for byte.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::process::{DEADLINE, Gateway, MASTER_KEY};

/// An answer under way.
pub(crate) struct Client {
    socket: TcpStream,
    seen: Vec<u8>,
}

/// An answer that is over.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Status line and headers.
    pub(crate) head: String,
    /// The body without its framing.
    pub(crate) body: String,
    /// Whether it ended as HTTP says that it does, and did not break off.
    pub(crate) is_complete: bool,
}

impl Client {
    /// Sends a chat request with this body, exactly.
    pub(crate) async fn ask(gateway: &Gateway, body: &str) -> Self {
        Self::ask_as(gateway, "nobody-in-particular", body).await
    }

    /// The same, with a name for the request.
    pub(crate) async fn ask_as(gateway: &Gateway, id: &str, body: &str) -> Self {
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             authorization: Bearer {MASTER_KEY}\r\nx-request-id: {id}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut socket = TcpStream::connect(gateway.address()).await.unwrap();
        socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        Self { socket, seen: Vec::new() }
    }

    /// Reads until `text` has come.
    pub(crate) async fn until(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.seen).contains(text) {
            let read = timeout(DEADLINE, self.socket.read_buf(&mut self.seen)).await;
            let seen = String::from_utf8_lossy(&self.seen);
            assert_ne!(read.expect("in time").unwrap(), 0, "no {text} in {seen}");
        }
    }

    /// Reads to the end.
    pub(crate) async fn answer(mut self) -> Answer {
        let read = timeout(DEADLINE, self.socket.read_to_end(&mut self.seen)).await;
        read.expect("in time").unwrap();
        let seen = String::from_utf8(self.seen).unwrap();
        let (head, body) = seen.split_once("\r\n\r\n").unwrap();
        let head = head.to_ascii_lowercase();
        let (body, is_complete) = match head.contains("transfer-encoding: chunked") {
            true => unchunked(body),
            false => (body.to_owned(), head.contains(&format!("content-length: {}", body.len()))),
        };
        Answer { head, body, is_complete }
    }
}

/// Asks, and reads the answer.
pub(crate) async fn chat(gateway: &Gateway, body: &str) -> Answer {
    Client::ask(gateway, body).await.answer().await
}

impl Answer {
    /// The data of every event, in order.
    pub(crate) fn events(&self) -> Vec<&str> {
        self.body.lines().filter_map(|line| line.strip_prefix("data: ")).collect()
    }
}

/// The chunks joined, and whether the last one came.
fn unchunked(mut body: &str) -> (String, bool) {
    let mut joined = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return (joined, true);
        }
        joined.push_str(&rest[..size]);
        body = &rest[size + 2..];
    }
    (joined, false)
}
