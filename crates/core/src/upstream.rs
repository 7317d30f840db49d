//! The ways out of the process, as contracts. One crate implements them.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use async_trait::async_trait;
use bytes::Bytes;
use ferro_wire::Rope;
use futures_util::Stream;
use http::Uri;
use http_body::{Body, Frame, SizeHint};

use crate::{BodyError, ProviderError, Spooled};

/// What is sent.
#[non_exhaustive]
pub enum Payload {
    /// Bytes that are held: can be sent again.
    Rope(Rope),
    /// Bytes that lie in a file: can be sent again.
    Spool(Spooled),
    /// Bytes that are passed on as they arrive: sent once.
    Stream(crate::Body),
}

impl Payload {
    /// No body at all.
    pub fn empty() -> Self {
        Self::Rope(Rope::default())
    }

    /// How many bytes are left to be sent, where that is known without having been told.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Rope(rope) => Some(rope.len() as u64),
            Self::Spool(spooled) => Some(spooled.left()),
            Self::Stream(_) => None,
        }
    }
}

impl<T: Into<Rope>> From<T> for Payload {
    fn from(bytes: T) -> Self {
        Self::Rope(bytes.into())
    }
}

/// What is held has an exact length. What is passed on fails where it did not arrive here whole.
impl Body for Payload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Rope(rope) => Pin::new(rope).poll_frame(cx).map_err(|never| match never {}),
            Self::Spool(spooled) => Pin::new(spooled).poll_next(cx).map(framed),
            Self::Stream(stream) => stream.as_mut().poll_next(cx).map(framed),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.length() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.length().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// A piece as a body hands it on.
fn framed(piece: Option<Result<Bytes, BodyError>>) -> Option<Result<Frame<Bytes>, BodyError>> {
    piece.map(|piece| piece.map(Frame::data))
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rope(rope) => write!(f, "Rope({} bytes)", rope.len()),
            Self::Spool(spooled) => spooled.fmt(f),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// An upstream's body, in pieces as they arrive.
///
/// Law: pieces that have arrived are `Ready` back to back; `Pending` means that the socket is empty.
/// Who reads may therefore join what comes without a pause and write it at once, delaying nothing.
/// Dropping it closes the upstream call.
pub type Inflow = Pin<Box<dyn Stream<Item = Result<Bytes, ProviderError>> + Send>>;

/// One origin: its pool, TLS, host header, egress check and timeouts.
///
/// Requests carry a path only, so a credential cannot leave for another host. Redirects are answers
/// like any other and never followed. Bodies are not decompressed: none is asked for compressed.
#[async_trait]
pub trait Upstream: Send + Sync + fmt::Debug {
    /// Sends `request` and returns the answer as soon as its head has arrived, whatever its status.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future, or the inflow, closes the exchange; nothing goes on in the background.
    async fn send(
        &self,
        request: http::Request<Payload>,
    ) -> Result<http::Response<Inflow>, ProviderError>;

    /// Who takes requests for this origin that outlive a call; `None` if nobody does.
    fn errands(&self) -> Option<Arc<dyn Errands>> {
        None
    }
}

/// Takes requests whose answer nobody awaits, such as the one that ends what a client has left.
pub trait Errands: Send + Sync {
    /// Sends `request` to the origin. Returns at once, and may be called where nothing can be
    /// awaited. What goes wrong is nobody's concern any more; what is not over when the upstream is
    /// dropped is abandoned.
    fn send_off(&self, request: http::Request<Payload>);
}

/// The way to any allowed host: media by URL, discovery documents, webhooks, token endpoints.
///
/// The host is checked when it is dialled, after its name has been resolved. No redirect is followed
/// with a credential.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `request`, whose URI is absolute.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future, or the inflow, closes the exchange.
    async fn send(
        &self,
        request: http::Request<Payload>,
    ) -> Result<http::Response<Inflow>, ProviderError>;
}

/// Where a target lives: scheme and authority, and nothing else.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Origin {
    scheme: http::uri::Scheme,
    authority: http::uri::Authority,
}

/// A base URL that cannot be one.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{url}` is not a base URL: {reason}; write it like `https://api.example.com/v1`")]
pub struct OriginError {
    url: String,
    reason: &'static str,
}

impl Origin {
    /// Splits a base URL into its origin and its path, the latter without a trailing slash.
    ///
    /// ```
    /// let (origin, path) = ferro_core::Origin::split("https://api.example.com:8443/v1/").unwrap();
    /// assert_eq!((origin.to_string().as_str(), path.as_str()), ("https://api.example.com:8443", "/v1"));
    /// ```
    pub fn split(base_url: &str) -> Result<(Self, String), OriginError> {
        let fail = |reason| OriginError { url: hide_userinfo(base_url), reason };
        if base_url.contains('#') {
            return Err(fail("it has a fragment"));
        }
        let uri: Uri = base_url.trim().parse().map_err(|_| fail("it does not parse as a URL"))?;
        let parts = uri.into_parts();
        let scheme = parts.scheme.ok_or_else(|| fail("it has no scheme"))?;
        if scheme != http::uri::Scheme::HTTP && scheme != http::uri::Scheme::HTTPS {
            return Err(fail("its scheme is neither http nor https"));
        }
        let authority = parts.authority.ok_or_else(|| fail("it has no host"))?;
        if authority.host().is_empty() {
            return Err(fail("it has no host"));
        }
        let path = parts.path_and_query.ok_or_else(|| fail("it has no path"))?;
        if path.query().is_some() {
            return Err(fail("it has a query"));
        }
        Ok((Self { scheme, authority }, path.path().trim_end_matches('/').to_owned()))
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &http::uri::Scheme {
        &self.scheme
    }

    /// Whether the origin is spoken to over TLS.
    pub fn is_tls(&self) -> bool {
        self.scheme == http::uri::Scheme::HTTPS
    }

    /// The host: a name or an address.
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// The port, said or implied.
    pub fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(if self.is_tls() { 443 } else { 80 })
    }

    /// Name and password in front of the host, which some gateways want as basic authentication.
    pub fn userinfo(&self) -> Option<&str> {
        Some(self.authority.as_str().rsplit_once('@')?.0)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host())?;
        self.authority.port_u16().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn hide_userinfo(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            format!("{}://[REDACTED]{}", &url[..scheme], &url[at..])
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_an_origin_and_a_path() {
        let split = |url| Origin::split(url).map(|(o, p)| (o.to_string(), o.port(), p));
        assert_eq!(
            split("http://127.0.0.1:9").unwrap(),
            ("http://127.0.0.1:9".into(), 9, String::new())
        );
        assert_eq!(split("https://h/a/b/").unwrap(), ("https://h".into(), 443, "/a/b".into()));
        for bad in [
            "",
            "api.example.com/v1",
            "ftp://h/v1",
            "https://h/v1?x=1",
            "https://h/#f",
            "https:///v1",
        ] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_not_printed() {
        let (origin, _) = Origin::split("https://me:pass@h/v1").unwrap();
        assert_eq!(
            (origin.to_string().as_str(), origin.userinfo()),
            ("https://h", Some("me:pass"))
        );
        let error = Origin::split("https://me:pass@h/v1?q").unwrap_err().to_string();
        assert!(!error.contains("pass@"), "{error}");
    }
}
