//! A caller with a bare socket: forms out, and whatever comes back.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::process::{DEADLINE, Gateway, MASTER_KEY};

/// So much of a body is kept.
const KEPT: usize = 64 << 10;

/// A form, part by part.
pub(crate) struct Form(Vec<Part>);

enum Part {
    Text(&'static str, &'static str),
    File(usize),
}

impl Form {
    pub(crate) const CONTENT_TYPE: &str = "multipart/form-data; boundary=form-of-a-test";

    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn text(mut self, name: &'static str, text: &'static str) -> Self {
        self.0.push(Part::Text(name, text));
        self
    }

    /// A file of so many bytes.
    pub(crate) fn file(mut self, length: usize) -> Self {
        self.0.push(Part::File(length));
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for part in &self.0 {
            all.extend_from_slice(b"--form-of-a-test\r\ncontent-disposition: form-data; name=");
            match part {
                Part::Text(name, text) => {
                    all.extend_from_slice(format!("\"{name}\"\r\n\r\n{text}\r\n").as_bytes());
                }
                Part::File(length) => {
                    all.extend_from_slice(b"\"file\"; filename=\"a.wav\"\r\n\r\n");
                    all.extend((0..*length).map(|at| u8::try_from(at % 251).expect("it is small")));
                    all.extend_from_slice(b"\r\n");
                }
            }
        }
        all.extend_from_slice(b"--form-of-a-test--\r\n");
        all
    }
}

/// A request under way.
pub(crate) struct Caller {
    socket: TcpStream,
    seen: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    /// The beginning of the body, without its framing.
    pub(crate) body: String,
    /// How long the body was.
    pub(crate) length: usize,
    /// Whether it ended as HTTP says that it does, and did not break off.
    pub(crate) is_complete: bool,
}

impl Caller {
    pub(crate) async fn speak(gateway: &Gateway) -> Self {
        let body = br#"{"model":"tts-1","input":"Hello.","voice":"alloy"}"#;
        Self::post(gateway, "/v1/audio/speech", "application/json", body).await
    }

    pub(crate) async fn upload(gateway: &Gateway, path: &str, form: &Form) -> Self {
        Self::post(gateway, path, Form::CONTENT_TYPE, &form.bytes()).await
    }

    async fn post(gateway: &Gateway, path: &str, content_type: &str, body: &[u8]) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             authorization: Bearer {MASTER_KEY}\r\ncontent-type: {content_type}\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        let mut socket = TcpStream::connect(gateway.address()).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(body).await.unwrap();
        Self { socket, seen: Vec::new() }
    }

    /// Reads until `text` has come.
    pub(crate) async fn until(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.seen).contains(text) {
            let read = timeout(DEADLINE, self.socket.read_buf(&mut self.seen)).await;
            assert_ne!(read.expect("in time").unwrap(), 0, "no {text}");
        }
    }

    /// Reads to the end, and keeps the beginning.
    pub(crate) async fn answer(mut self) -> Answer {
        self.until("\r\n\r\n").await;
        let end = self.seen.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(self.seen[..end].to_vec()).unwrap().to_ascii_lowercase();
        let mut body = self.seen.split_off(end + 4);
        let mut length = body.len();
        let mut piece = vec![0; KEPT];
        // A connection that is reset ends as well.
        while let Ok(read @ 1..) =
            timeout(DEADLINE, self.socket.read(&mut piece)).await.expect("in time")
        {
            length += read;
            body.extend_from_slice(&piece[..read.min(KEPT.saturating_sub(body.len()))]);
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let (body, length, is_complete) = if head.contains("transfer-encoding: chunked") {
            unchunked(&body)
        } else {
            let is_complete = head.contains(&format!("content-length: {length}"));
            (body, length, is_complete)
        };
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status, head, body, length, is_complete }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line = |line: &'_ str| line.split_once(": ").is_some_and(|(own, _)| own == name);
        Some(self.head.lines().find(|it| line(it))?.split_once(": ")?.1)
    }
}

/// The chunks joined, how long they are, and whether the last one came.
fn unchunked(mut body: &[u8]) -> (Vec<u8>, usize, bool) {
    let mut joined = Vec::new();
    while let Some(end) = body.windows(2).position(|bytes| bytes == b"\r\n") {
        let size = std::str::from_utf8(&body[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            let length = joined.len();
            return (joined, length, true);
        }
        joined.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 2 + size + 2..];
    }
    let length = joined.len();
    (joined, length, false)
}
