//! What every request to an origin wears: its address in the form that the connection wants, and a
//! few headers.

use base64::{Engine, prelude::BASE64_STANDARD};
use ferro_core::{Origin, Payload};
use http::{
    HeaderMap, HeaderValue, Request, Uri,
    header::{
        ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, HOST, PROXY_AUTHORIZATION, USER_AGENT,
    },
    uri::{Authority, PathAndQuery, Scheme},
};
use percent_encoding::percent_decode_str;

use crate::proxy::{Proxy, Work};

/// Who asks.
const AGENT: &str = concat!("ferrogw/", env!("CARGO_PKG_VERSION"));

/// One origin's address and headers.
pub(crate) struct Dress {
    scheme: Scheme,
    authority: Authority,
    host: HeaderValue,
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
            host: HeaderValue::from_str(&authority).expect("an authority is a header value"),
            authority: authority.parse().expect("a part of an authority is one"),
            userinfo: origin.userinfo().map(basic),
            is_forwarded: forwarded.is_some(),
            proxy_login: forwarded.flatten(),
        }
    }

    /// What holds on any connection.
    pub(crate) fn put_on(&self, request: &mut Request<Payload>) {
        if let Payload::Rope(rope) = request.body()
            && !rope.is_empty()
        {
            let length = length(rope.len());
            request.headers_mut().insert(CONTENT_LENGTH, length);
        }
        put_on(request.headers_mut(), self.userinfo.as_ref());
    }

    /// HTTP/1.1: a path, and the host beside it; for a forwarding proxy the whole address.
    pub(crate) fn for_http1(&self, request: &mut Request<Payload>) {
        request.headers_mut().insert(HOST, self.host.clone());
        if let Some(login) = &self.proxy_login {
            request.headers_mut().insert(PROXY_AUTHORIZATION, login.clone());
        }
        if self.is_forwarded {
            self.name_origin(request);
        } else if request.uri().scheme().is_some() {
            *request.uri_mut() = Uri::from(path(request));
        }
    }

    /// HTTP/2: the whole address, from which the host is read.
    pub(crate) fn for_http2(&self, request: &mut Request<Payload>) {
        request.headers_mut().remove(HOST);
        self.name_origin(request);
    }

    fn name_origin(&self, request: &mut Request<Payload>) {
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
    // Bodies are passed on as they are, so they must come as what they are.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
    if let Some(userinfo) = userinfo {
        headers.entry(AUTHORIZATION).or_insert(userinfo.clone());
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
