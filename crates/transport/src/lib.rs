//! The one way out of the process: connections, TLS, timeouts, and the check of where they lead.
//!
//! A [`Connector`] makes two things. An [`Upstream`](ferro_core::Upstream) leads to one origin, the
//! target's own, over hyper's connection polled inside the request's own task: no hand-over to
//! another task, and dropping the request closes the socket. A
//! [`Transport`](ferro_core::Transport) leads to any public host, and never carries a target's
//! credential.
//!
//! ```
//! use ferro_core::Origin;
//! use ferro_transport::{Connector, Timeouts};
//!
//! let (origin, _) = Origin::split("https://api.example.com/v1")?;
//! let upstream = Connector::new().upstream(&origin, Timeouts::default());
//! assert!(format!("{upstream:?}").contains("api.example.com"));
//! # Ok::<(), ferro_core::OriginError>(())
//! ```
//!
//! # Limitations
//!
//! Upstreams are spoken to over HTTP/1.1; an upstream that only speaks HTTP/2 is not reached. Proxy
//! variables of the environment are honoured by the `Transport` alone.

mod connector;
mod dial;
mod egress;
mod flow;
mod outbound;
mod public;
mod timeouts;
mod upstream;

pub use connector::Connector;
pub use timeouts::Timeouts;
