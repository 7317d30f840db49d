//! A dialect as clients speak it: its paths, its headers, the shape of its errors.

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::{Problem, SurfaceKind};

/// What the data plane must know of a dialect. A value of this type stands in the dialect's crate;
/// the data plane iterates over the values that a build has, and names none of them.
#[derive(Clone, Copy, Debug)]
pub struct Ingress {
    /// The dialect's name, for logs.
    pub name: &'static str,
    /// What is served where.
    pub routes: &'static [Route],
    /// Headers that may carry a client's key, in order of preference; `authorization` carries it
    /// behind `Bearer `.
    pub credential_headers: &'static [&'static str],
    /// Headers that name a client's session.
    pub session_headers: &'static [&'static str],
    /// An upstream's headers that clients of this dialect may see, by name or by prefix ending
    /// with `*`.
    pub reply_headers: &'static [&'static str],
    /// A header by which clients of this dialect are known at addresses that other dialects have too: it
    /// has the rest of the paths for them alone, and they read the list of models in pages, each model in a
    /// shape of their own.
    pub told_by: Option<&'static str>,
    /// A problem in this dialect's envelope. An upstream's own words are kept where it speaks the
    /// same dialect.
    pub error: fn(&Problem) -> Bytes,
    /// A problem in the middle of a stream, as one whole event.
    pub error_event: fn(&Problem) -> Bytes,
    /// What is written into a stream, between two frames, to show that it is alive.
    pub keep_alive: &'static [u8],
    /// The content type of a streamed reply.
    pub stream_content_type: &'static str,
}

/// One path of a dialect.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, below wherever the data plane is mounted: `/v1/chat/completions`. One that ends with
    /// `*` is all that begin like it and that nobody else has.
    pub path: &'static str,
    /// What is served there.
    pub surface: SurfaceKind,
}

impl Ingress {
    /// Whether clients of this dialect may see an upstream's header.
    pub fn shows(&self, header: &str) -> bool {
        self.reply_headers.iter().any(|shown| match shown.strip_suffix('*') {
            Some(prefix) => header.starts_with(prefix),
            None => header == *shown,
        })
    }

    /// The session that a client names: what the first of the headers says that says anything.
    pub fn session<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let says = |name: &&str| headers.get(*name)?.to_str().ok().map(str::trim);
        self.session_headers.iter().filter_map(says).find(|session| !session.is_empty())
    }
}
