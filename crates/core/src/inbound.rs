//! A request as it arrived, before anybody understood it.

use std::{borrow::Cow, fmt, pin::Pin};

use bytes::Bytes;
use ferro_wire::{Joined, JsonDoc, JsonError, Rope, Scanner};
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderMap, Method, StatusCode, Uri, header};

use crate::{Spool, excerpt::without_values};

/// A client's request: its headers and its body, which may still be arriving.
pub struct Inbound {
    /// What is asked for, where it is more than the path of a surface says. Most requests leave it out,
    /// and so have no room for it.
    pub asked: Option<Box<Asked>>,
    /// What came with it. Credentials are already taken out.
    pub headers: HeaderMap,
    /// The body, in pieces.
    pub body: Body,
}

/// What a request asks for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Asked {
    /// How.
    pub method: Method,
    /// The path below wherever the data plane is mounted, and the query.
    pub uri: Uri,
}

/// A client's body, in pieces as they arrive.
pub type Body = Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>;

/// The client's body could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The connection broke.
    #[error("the connection closed before the whole body had arrived")]
    Closed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The client took too long.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// What came of it while it was passed on is not what it should be.
    #[error("{0}")]
    Refused(String),
    /// It was taken in, and cannot be read where it lies.
    #[error("the body cannot be read from where it was put")]
    Spool(#[source] std::io::Error),
    /// It was passed on as it arrived, and somebody has it already.
    #[error("the body was sent already, and was not held")]
    Sent,
}

/// As much of a body that is refused as is read so that its sender hears why.
const MOST_REFUSED: u64 = 64 << 20;

/// Small pieces are joined up to this size, so that a body that comes in crumbs does not make a rope
/// in which every look is a long search.
const BLOCK: usize = 64 << 10;

/// Nobody reads this status: whoever would is gone.
const CLIENT_LEFT: StatusCode = match StatusCode::from_u16(499) {
    Ok(status) => status,
    Err(_) => StatusCode::BAD_REQUEST,
};

/// How much of a request is read.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a body that is held in memory.
    pub body: usize,
    /// Bytes of a body with files in it.
    pub upload: u64,
    /// Where such a body is put that is too large for memory. Without it, it is passed on as it
    /// arrives, once.
    pub spool: Option<Spool>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 10 << 20, upload: 25 << 20, spool: None }
    }
}

impl Limits {
    /// The same, for bodies in memory of at most this many bytes.
    pub fn with_body(self, body: usize) -> Self {
        Self { body, ..self }
    }

    /// The same, for bodies with files in them of at most this many bytes.
    pub fn with_upload(self, upload: u64) -> Self {
        Self { upload, ..self }
    }

    /// The same, where such bodies are put here.
    pub fn with_spool(self, spool: Option<Spool>) -> Self {
        Self { spool, ..self }
    }

    /// How large a body with files in it may be: no less than any other.
    pub(crate) fn upload(&self) -> u64 {
        self.upload.max(self.body as u64)
    }
}

/// A request that cannot be understood: the client's to mend.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BadRequest {
    /// 400, or 413 for a body that is too large, 408 for one that did not arrive in time, 499 for one
    /// that its sender did not finish, or 500 for one that the gateway has lost.
    pub status: StatusCode,
    /// The error's code, in the vocabulary of the client's dialect.
    pub code: &'static str,
    /// What is wrong, with the field, the value, and what would be right.
    pub message: String,
    /// The field, if it is one field's fault.
    pub param: Option<Cow<'static, str>>,
}

impl BadRequest {
    /// A request whose `param` is wrong.
    pub fn field(param: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { param: Some(param.into()), ..Self::new(message) }
    }

    /// A request that is wrong as a whole. Of a value that stands in the message only the beginning is
    /// kept.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "invalid_request",
            message: without_values(message.into()),
            param: None,
        }
    }

    fn too_large(limit: u64, setting: &str) -> Self {
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            code: "request_too_large",
            ..Self::new(format!("the request body is larger than {limit} bytes ({setting})"))
        }
    }
}

impl BadRequest {
    /// Whether there is nobody who could mend it: the client left before its body had arrived.
    pub fn is_abandoned(&self) -> bool {
        self.status == CLIENT_LEFT
    }
}

impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BadRequest {}

impl From<BodyError> for BadRequest {
    fn from(error: BodyError) -> Self {
        let bad = Self::new(error.to_string());
        match error {
            BodyError::Closed(_) => Self { status: CLIENT_LEFT, ..bad },
            BodyError::TooSlow => Self { status: StatusCode::REQUEST_TIMEOUT, ..bad },
            BodyError::Spool(_) => {
                Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "internal_error", ..bad }
            }
            BodyError::Refused(_) | BodyError::Sent => bad,
        }
    }
}

impl From<JsonError> for BadRequest {
    fn from(error: JsonError) -> Self {
        Self::new(format!("the request body is not valid JSON: {error}"))
    }
}

impl Inbound {
    /// A request whose body is already here, of nothing in particular.
    pub fn new(headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let body = Box::pin(stream::once(async move { Ok(body) }));
        Self { asked: None, headers, body }
    }

    /// The same, for this.
    pub fn with_asked(self, method: Method, uri: Uri) -> Self {
        Self { asked: Some(Box::new(Asked { method, uri })), ..self }
    }

    /// Reads the whole body, refusing one that is longer than `limits` allow: before the first byte
    /// where its length is announced, at the first byte too many where it is not.
    pub async fn collect(&mut self, limits: &Limits) -> Result<Rope, BadRequest> {
        self.collect_and(limits, |_| ()).await
    }

    /// The same, and shows each piece as it arrives.
    async fn collect_and(
        &mut self,
        limits: &Limits,
        mut show: impl FnMut(&[u8]),
    ) -> Result<Rope, BadRequest> {
        let limit = limits.body as u64;
        if self.announced().is_some_and(|length| length > limit) {
            return Err(self.refuse_rest(limit, "max_request_bytes").await);
        }
        let (mut rope, mut block) = (Rope::default(), Joined::default());
        while let Some(piece) = self.body.next().await {
            let piece = piece?;
            if rope.len() + block.len() + piece.len() > limits.body {
                return Err(self.refuse_rest(limit, "max_request_bytes").await);
            }
            show(&piece);
            if block.len() + piece.len() > BLOCK {
                rope.push(block.take());
            }
            block.push(piece, BLOCK);
        }
        rope.push(block.take());
        Ok(rope)
    }

    /// Throws the rest of a body away that is too large. A client that is still writing does not
    /// read the answer, and closing on it would lose the answer; but patience has an end.
    pub(crate) async fn refuse_rest(&mut self, limit: u64, setting: &str) -> BadRequest {
        let mut patience = limit.saturating_mul(8).min(MOST_REFUSED);
        while let Some(Ok(piece)) = self.body.next().await {
            patience = patience.saturating_sub(piece.len() as u64);
            if patience == 0 {
                break;
            }
        }
        BadRequest::too_large(limit, setting)
    }

    /// How long the body will be, if its sender says so.
    pub(crate) fn announced(&self) -> Option<u64> {
        self.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    }

    /// Reads the whole body as one JSON object: each piece as it arrives, because by the time that the
    /// last one is there the first are in no cache any more. One that is no JSON is heard to its end too.
    pub async fn json(&mut self, limits: &Limits) -> Result<JsonDoc, BadRequest> {
        let (mut scanner, mut seen) = (Scanner::default(), Ok(()));
        let read = |piece: &[u8]| {
            if seen.is_ok() {
                seen = scanner.push(piece);
            }
        };
        let body = self.collect_and(limits, read).await?;
        seen?;
        Ok(scanner.finish(body)?)
    }
}

impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound").field("headers", &self.headers).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_the_gateway_has_lost_is_not_its_senders_fault() {
        let told = |error: BodyError| {
            let problem = crate::Problem::from(&BadRequest::from(error));
            (problem.status.as_u16(), problem.kind, problem.code.into_owned())
        };
        let lost = BodyError::Spool(std::io::Error::other("the disk is gone"));
        assert_eq!(told(lost), (500, "server_error", "internal_error".to_owned()));
        let slow = (408, "invalid_request_error", "invalid_request".to_owned());
        assert_eq!(told(BodyError::TooSlow), slow);
    }

    fn inbound(pieces: Vec<Bytes>) -> Inbound {
        let body = Box::pin(stream::iter(pieces.into_iter().map(Ok)));
        Inbound { body, ..Inbound::new(HeaderMap::new(), Bytes::new()) }
    }

    async fn collected(pieces: Vec<Bytes>) -> Rope {
        inbound(pieces).collect(&Limits::default()).await.unwrap()
    }

    #[tokio::test]
    async fn a_body_in_crumbs_becomes_few_pieces_and_large_pieces_stay_as_they_came() {
        let crumbs = vec![Bytes::from_static(b"crumb"); 100_000];
        let rope = collected(crumbs).await;
        assert_eq!(rope.len(), 500_000);
        assert!(rope.parts().count() < 10, "{}", rope.parts().count());

        let one = Bytes::from(b"{}".to_vec());
        assert_eq!(
            collected(vec![one.clone()]).await.parts().next().unwrap().as_ptr(),
            one.as_ptr()
        );
        let large = vec![Bytes::from(vec![b'a'; 100_000]), Bytes::from(vec![b'b'; 100_000])];
        let rope = collected(large.clone()).await;
        assert!(rope.parts().map(|part| part.as_ptr()).eq(large.iter().map(|part| part.as_ptr())));
    }

    #[tokio::test]
    async fn an_object_is_read_as_it_arrives_and_what_is_none_is_heard_to_its_end() {
        let read = |pieces: &[&'static str]| {
            let mut inbound = inbound(pieces.iter().copied().map(Bytes::from).collect());
            async move {
                let read = inbound.json(&Limits::default()).await;
                assert!(inbound.body.next().await.is_none(), "nothing is left unread");
                read
            }
        };
        let doc = read(&["{\"mo", "del\":\"m\", \"n\"", ":1}"]).await.unwrap();
        assert_eq!(doc.to_rope().to_bytes(), r#"{"model":"m", "n":1}"#);
        assert_eq!(doc.get::<u8>("n").unwrap(), Some(1));
        for broken in
            [&["{\"a\":", "x", "}"][..], &["{\"a\":", "1"], &["{\"a\":1,", "\"a\":2}"], &[]]
        {
            let whole = JsonDoc::parse(broken.concat().into_bytes()).unwrap_err();
            assert_eq!(read(broken).await.unwrap_err(), BadRequest::from(whole), "{broken:?}");
        }
    }

    #[tokio::test]
    async fn the_first_byte_too_many_refuses() {
        let limits = Limits::default().with_body(3);
        let pieces = |last: &'static str| vec![Bytes::from_static(b"{\"a"), Bytes::from(last)];
        assert_eq!(inbound(pieces("")).collect(&limits).await.err(), None);
        let bad = inbound(pieces("b")).collect(&limits).await.unwrap_err();
        assert_eq!(bad.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
}
