//! What every request to an origin wears: its address in the form that the connection wants, and a
//! few headers.

use std::io::Write;

use base64::{Engine, prelude::BASE64_STANDARD};
use ferro_core::{Origin, Payload};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Uri,
    header::{
        ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, EXPECT, HOST, PROXY_AUTHORIZATION,
        TRANSFER_ENCODING, USER_AGENT,
    },
    uri::{Authority, PathAndQuery, Scheme},
};
use percent_encoding::percent_decode_str;

use crate::{
    outgoing::Measure,
    proxy::{Proxy, Work},
};

/// Who asks.
const AGENT: &str = concat!("ferrogw/", env!("CARGO_PKG_VERSION"));

/// Bodies are passed on as they are, so they must come as what they are.
const IDENTITY: &str = "identity";
/// What of a head over HTTP/1.1 is said here, whatever the request says.
const OWN: [HeaderName; 5] = [ACCEPT_ENCODING, CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING];
/// For what of a head is said here.
const ROOM: usize = 256;

/// One origin's address and headers.
pub(crate) struct Dress {
    scheme: Scheme,
    authority: Authority,
    userinfo: Option<HeaderValue>,
    /// A forwarding proxy reads the origin from the request, and may want to know who asks.
    is_forwarded: bool,
    proxy_login: Option<HeaderValue>,
}

impl Dress {
    pub(crate) fn new(origin: &Origin, proxy: Option<&Proxy>) -> Self {
        let is_default_port = origin.port() == if origin.is_tls() { 443 } else { 80 };
        let authority = match is_default_port {
            true => origin.host().to_owned(),
            false => format!("{}:{}", origin.host(), origin.port()),
        };
        let forwarded = proxy.and_then(|proxy| match &proxy.work {
            Work::Forward(login) => Some(login.clone()),
            Work::Tunnel(_) | Work::Socks { .. } => None,
        });
        Self {
            scheme: origin.scheme().clone(),
            authority: authority.parse().expect("a part of an authority is one"),
            userinfo: origin.userinfo().map(basic),
            is_forwarded: forwarded.is_some(),
            proxy_login: forwarded.flatten(),
        }
    }

    /// HTTP/1.1: the head as it is written. A path, and the host beside it; for a forwarding proxy the
    /// whole address. Where the body ends is said by `measure` alone, and nobody is asked whether he
    /// would take it.
    pub(crate) fn head(&self, request: &Request<Payload>, measure: Measure) -> Vec<u8> {
        let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        let headers = request.headers();
        let length = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
        let mut head = Vec::with_capacity(ROOM + path.len() + length.sum::<usize>());
        head.extend_from_slice(request.method().as_str().as_bytes());
        head.push(b' ');
        if self.is_forwarded {
            for part in [self.scheme.as_str(), "://", self.authority.as_str()] {
                head.extend_from_slice(part.as_bytes());
            }
        }
        head.extend_from_slice(path.as_bytes());
        head.extend_from_slice(b" HTTP/1.1\r\n");
        let (mut has_agent, mut has_login) = (false, false);
        for (name, value) in headers {
            if !OWN.contains(name) {
                line(&mut head, name, value.as_bytes());
            }
            has_agent |= name == USER_AGENT;
            has_login |= name == AUTHORIZATION;
        }
        match measure {
            Measure::Nothing => {}
            Measure::Length(length) => {
                write!(head, "content-length: {length}\r\n").expect("a vector takes everything");
            }
            Measure::Chunked => line(&mut head, &TRANSFER_ENCODING, b"chunked"),
        }
        line(&mut head, &ACCEPT_ENCODING, IDENTITY.as_bytes());
        if !has_agent {
            line(&mut head, &USER_AGENT, AGENT.as_bytes());
        }
        if let Some(login) = self.userinfo.as_ref().filter(|_| !has_login) {
            line(&mut head, &AUTHORIZATION, login.as_bytes());
        }
        line(&mut head, &HOST, self.authority.as_str().as_bytes());
        if let Some(login) = &self.proxy_login {
            line(&mut head, &PROXY_AUTHORIZATION, login.as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// HTTP/2: the whole address, from which the host is read.
    pub(crate) fn for_http2(&self, request: &mut Request<Payload>) {
        if let Payload::Rope(rope) = request.body()
            && !rope.is_empty()
        {
            let length = length(rope.len());
            request.headers_mut().insert(CONTENT_LENGTH, length);
        }
        put_on(request.headers_mut(), self.userinfo.as_ref());
        request.headers_mut().remove(HOST);
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path(request));
        *request.uri_mut() = Uri::from_parts(parts).expect("all three parts are there");
    }
}

/// What hyper would say of a body by itself, in half the allocations.
fn length(bytes: usize) -> HeaderValue {
    HeaderValue::try_from(bytes.to_string()).expect("digits are a header value")
}

/// The headers that a request to any host wears.
pub(crate) fn put_on(headers: &mut HeaderMap, userinfo: Option<&HeaderValue>) {
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(IDENTITY));
    headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
    if let Some(userinfo) = userinfo {
        headers.entry(AUTHORIZATION).or_insert(userinfo.clone());
    }
}

fn line(head: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    for part in [name.as_str().as_bytes(), b": ", value, b"\r\n"] {
        head.extend_from_slice(part);
    }
}

fn path(request: &Request<Payload>) -> PathAndQuery {
    let path = request.uri().path_and_query().cloned();
    path.unwrap_or_else(|| PathAndQuery::from_static("/"))
}

/// Basic authentication from the name and password in a URL, where they stand percent-encoded.
pub(crate) fn basic(userinfo: &str) -> HeaderValue {
    let (name, word) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let mut login = percent_decode_str(name).collect::<Vec<u8>>();
    login.push(b':');
    login.extend(percent_decode_str(word));
    let value = format!("Basic {}", BASE64_STANDARD.encode(login));
    let mut value = HeaderValue::from_str(&value).expect("base64 is a header value");
    value.set_sensitive(true);
    value
}
