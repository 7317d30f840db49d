//! A reply in one piece.

use bytes::Bytes;

use crate::Script;

/// A reply in one piece: a status, headers, a body whose length is said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    head: String,
    body: Bytes,
    length: Option<usize>,
}

impl Reply {
    /// A reply whose body is JSON.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// A reply of any content type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let head = format!(
            "HTTP/1.1 {status} Scripted\r\ncontent-type: {content_type}\r\n\
             x-request-id: req-scripted\r\n"
        );
        Self { head, body: body.into(), length: None }
    }

    /// The same reply with one more header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// The same reply, lying about its length; the connection closes after it.
    pub fn claiming(self, length: usize) -> Self {
        Self { length: Some(length), ..self }
    }
}

impl From<Reply> for Script {
    fn from(reply: Reply) -> Self {
        let length = reply.length.unwrap_or(reply.body.len());
        let mut bytes = Vec::with_capacity(reply.head.len() + reply.body.len() + 32);
        bytes.extend_from_slice(reply.head.as_bytes());
        bytes.extend_from_slice(format!("content-length: {length}\r\n\r\n").as_bytes());
        bytes.extend_from_slice(&reply.body);
        let script = Self::new().write(bytes);
        if length == reply.body.len() { script } else { script.close() }
    }
}
