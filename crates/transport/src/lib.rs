//! The one way out of the process: connections, TLS, proxies, timeouts, and the check of where they
//! lead.
//!
//! A [`Connector`] makes two things. An [`Upstream`](ferro_core::Upstream) leads to one origin, the
//! target's own. A [`Transport`](ferro_core::Transport) leads to any public host, and carries what
//! its request carries: never a target's credential. Both have the connector's TLS, proxies and
//! check of addresses, and keep to the same limits.
//!
//! An upstream is the path of every prompt and every token, and is as short as it can be: a
//! connection to one origin, and nothing between it and the request. Over HTTP/1.1 that is our own,
//! for the reasons that stand in `http1.rs`; over HTTP/2 it is hyper's. A transport fetches what lies
//! beside that path: discovery documents, tokens of OAuth, media by URL, webhooks, later OTLP and
//! MCP. That is a few requests to many hosts that nobody knows beforehand, and wants a general client
//! with a pool over all of them, which reqwest is; the inference path wants none of that. reqwest
//! stays without whatever it would do by itself (redirects, decoding, sending again, reading the
//! environment), and is set up with the first request, so that who never leaves the targets pays
//! nothing for it.
//!
//! ```
//! use std::time::Duration;
//!
//! use ferro_core::Origin;
//! use ferro_transport::{Connector, Proxies, Timeouts};
//!
//! let vars = |name: &str| std::env::var(name).ok();
//! let connector = Connector::builder().proxies(Proxies::from_vars(&vars)?).build();
//! let (origin, _path) = Origin::split("https://api.example.com/v1")?;
//! let timeouts = Timeouts { idle: Duration::from_secs(60), ..Timeouts::default() };
//! let upstream = connector.upstream(&origin, timeouts);
//! assert!(format!("{upstream:?}").contains("api.example.com"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The way of a request
//!
//! * **Protocol.** HTTP/2 where an origin offers it by ALPN, else HTTP/1.1. An upstream's HTTP/1.1
//!   connection is polled inside the task of the request that holds it: no hand-over to another task.
//!   Its HTTP/2 connection is shared and driven by a task that ends with the upstream, and a second
//!   one is opened when all the streams that the origin allows are taken.
//! * **Cancelling.** Dropping the call or the reply closes it at once: the socket over HTTP/1.1, the
//!   stream over HTTP/2.
//! * **Pool.** Each origin has its own, bounded in number and in time; see
//!   [`ConnectorBuilder::keep_idle`]. A request that a pooled connection turns out not to have taken
//!   is sent again over another. One whose bytes may have been seen never is: that is for whoever
//!   knows what it does.
//! * **Framing.** An HTTP/1.1 answer that two readers could end at different places is
//!   [`Malformed`](ferro_core::ErrorKind::Malformed): a length beside chunks, lengths that differ, a
//!   coding that is not known. A connection on which anything comes that was not asked for, behind an
//!   answer or while it is idle, is not used again.
//! * **Limits.** Each step has its own in [`Timeouts`]. A head has at most 100 headers, and 64 KiB
//!   with the hints before it. reqwest does not tell when it is connected, so a public host is given
//!   up only when the time for a connection and the time for the first byte are over together.
//! * **Answers** are passed on as they are. Redirects are not followed. Bodies are asked for with
//!   `accept-encoding: identity`, and an answer that is encoded all the same is
//!   [`Malformed`](ferro_core::ErrorKind::Malformed): whoever reads it would take it for noise.
//!
//! # Who checks where it leads
//!
//! Addresses are checked when they are dialled, after their name was resolved, so that a name cannot
//! mean one thing when it is checked and another when it is used. A target is anywhere but
//! link-local, where clouds serve the machine's own credentials; a public host has a public address.
//! No redirect leads around this, since none is followed.
//!
//! Behind a proxy that resolves names (HTTP and `socks5h`) only the proxy knows what a name means,
//! and it is the proxy that must refuse; what is refused here are addresses, and numbers that stand
//! for one. Behind `socks5` names are resolved and checked here. The proxy itself is the operator's,
//! and may be anywhere that a target may be; no public host has the name of a proxy.
//!
//! Two more ways lead to whoever issues credentials: the operator's own choice, as a target's, and the
//! addresses at which a cloud serves a machine its credentials, and no other, past every proxy.
//!
//! # Errands
//!
//! What must be sent although nobody waits for an answer (the cancelling of what a client has left) is
//! sent by the [upstream](ferro_core::Upstream::errands) in tasks that end with it: 64 of an origin at
//! once, each in ten seconds. Those that cannot be sent are counted. [`Connector::errands_over`] waits
//! for them.
//!
//! # Tracing
//!
//! At `debug`, one event tells of each connection (`dns_ms`, `connect_ms`, `proxy_ms`, `tls_ms`) and
//! one of each answer's head (`first_byte_ms`), both with their `origin`; a connection that could not
//! be opened is told of too. A public host's connection has no event of its own, and the time it took
//! is a part of the answer's. No event holds a path, a query or a header; no error holds a URL.
//!
//! # Limitations
//!
//! Bodies are not capped here: whoever collects one stops where it is too long. HTTP/2 is spoken
//! over TLS alone, never to an `http` origin. A request that an origin refuses over HTTP/2 without
//! having looked at it is reported, not sent again. Pieces of a body over HTTP/2, and of a public
//! host's, are read by the connection's task: those that it has read are ready back to back, while
//! the socket may hold more. The URL of a public host is normalised as a browser would (`/a/../b`
//! is `/b`), and its idle connections are bounded for each host and in time, not in the number of
//! hosts. An `https` proxy may be spoken to in HTTP/2 for a public `http` host. Proxies
//! authenticate by name and password; SOCKS4, and proxy settings outside the variables, are not
//! known. System certificates are read once, at the first connection over TLS.

mod alarm;
mod chunks;
mod client;
mod connector;
mod dial;
mod dress;
mod egress;
mod errands;
mod extent;
mod failure;
mod flow;
mod head;
mod http1;
mod http2;
mod leg;
mod outgoing;
mod pool;
mod proxy;
mod public;
mod resolve;
mod tasks;
mod timeouts;
mod tls;
mod upstream;
mod watch;

pub use connector::{Connector, ConnectorBuilder};
pub use proxy::{Proxies, ProxyError};
pub use resolve::Resolve;
pub use timeouts::Timeouts;
pub use tls::RootsError;
